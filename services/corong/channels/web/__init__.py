"""The web channel: the public form is a door of intake, the receipt's page shows the answer.

The sink has no network to call: an answer is delivered when the page may show it, and the page shows what the log says
was sent. So sending succeeds at once and can be done again without harm.
"""

from corong.channels.web.sink import WebSink
from corong_contracts.channel import Channel

channel = Channel(kind="web", sink=WebSink)

api = Channel(kind="api", sink=WebSink)
"""Programs that hand messages in by the JSON API read the answers where a citizen reads them."""
