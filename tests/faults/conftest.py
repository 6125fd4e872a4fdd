"""The storms take minutes and two free cores: `make storm` runs them, the ordinary run leaves them out."""

import os

collect_ignore = [] if os.environ.get("CORONG_STORM") else ["test_kill_storm.py"]
