"""A citizen at the pages without a browser, and the officers whom they wait for."""

import re
from html.parser import HTMLParser
from typing import Any

import httpx

from corong_contracts.command import AnswerCase, ApprovePost, ClaimCase, DraftPost, PublishPost
from corong_contracts.life_command import PublishAnswer
from corong_contracts.publication import Label
from tests.hubs import RunningHub

WORDS = {"kind": "complaint", "subject": "Jalan rusak", "text": "Jalan di depan pasar Kisaran rusak parah."}


class Citizen:
    """Keeps cookies, reads forms, sends them."""

    def __init__(self, hub: RunningHub, language: str = "id") -> None:
        headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": language}
        self.client = httpx.AsyncClient(base_url=hub.url, headers=headers, timeout=20)

    async def __aenter__(self) -> "Citizen":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def key(self) -> str:
        """A new form's hidden key."""
        page = await self.client.get("/tulis")
        assert page.status_code == 200, page.text
        return hidden_key(page.text)

    async def send(self, key: str | None = None, files: Any = None, **words: str) -> httpx.Response:
        """Send the form."""
        data = {**WORDS, "key": key if key is not None else await self.key(), **words}
        # Browsers send a part without a name where no file was chosen.
        nothing = [("attachments", ("", b"", "application/octet-stream"))]
        return await self.client.post("/tanda-terima", data=data, files=files or nothing)

    async def receipt(self, **words: Any) -> tuple[str, str]:
        """Send the form; number and secret."""
        answer = await self.send(**words)
        assert answer.status_code == 201, answer.text
        return receipt_of(answer.text)

    async def check(self, number: str, secret: str) -> httpx.Response:
        """Ask for a case."""
        return await self.client.post("/cek", data={"number": number, "secret": secret})


def hidden_key(page: str) -> str:
    """The form's hidden key."""
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found.group(1)


def receipt_of(page: str) -> tuple[str, str]:
    """Number and secret on a receipt."""
    number = re.search(r'id="registration">([^<]+)<', page)
    secret = re.search(r'id="receipt-secret">([^<]+)<', page)
    assert number, "the receipt has no number"
    assert secret, "the receipt has no secret"
    return number.group(1), secret.group(1)


def text_of(page: str) -> str:
    """What a reader sees, with single spaces."""
    reader = _Reader()
    reader.feed(page)
    return " ".join(" ".join(reader.parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


async def answer_case(hub: RunningHub, registration: str, text: str, *, close: bool = True) -> None:
    """The unit's officer claims and answers; returns when the page can show it."""
    await hub.settled()
    query = "SELECT * FROM registered JOIN progress USING (case_id) WHERE registration = :number"
    case = hub.rows("portal", query, number=registration)[0]
    officer = next(item.id for item in hub.hub.installation.directory.officers if item.unit == case["unit"])
    await hub.command(ClaimCase(case_id=case["case_id"]), officer)
    await hub.command(AnswerCase(case_id=case["case_id"], text=text, close=close), officer)
    sent = "SELECT 1 FROM answer WHERE case_id = :case AND sent_at IS NOT NULL"
    await hub.until(lambda: hub.rows("portal", sent, case=case["case_id"]))
    await hub.settled()


async def publish_answer(hub: RunningHub, registration: str, question: str, answer: str) -> str:
    """The main officer makes question and answer public; returns their id when the portal can show them."""
    query = "SELECT case_id FROM registered WHERE registration = :number"
    case = hub.rows("portal", query, number=registration)[0]["case_id"]
    asked = PublishAnswer(case_id=case, question=question, answer=answer)
    made = await hub.command(asked, "ppid-utama")
    await hub.settled()
    return str(made["answer_id"])


async def publish(
    hub: RunningHub,
    text: str,
    title: str = "",
    *,
    label: Label = Label.SERVICE,
    unit: str = "diskominfo",
    accounts: tuple[str, ...] = ("feed",),
    **more: Any,
) -> str:
    """Draft, approve and publish a post; returns its id when the feed can show it."""
    draft = DraftPost(unit=unit, title=title, text=text, label=label, accounts=list(accounts), **more)
    made = await hub.command(draft, "ppid-utama")
    identity = made["publication_id"]
    await hub.command(ApprovePost(publication_id=identity, text_hash=made["text_hash"]), "ppid-utama-2")
    await hub.command(PublishPost(publication_id=identity), "ppid-utama")
    query = "SELECT 1 FROM feed_target WHERE publication_id = :post AND sent_at IS NULL"
    await hub.until(
        lambda: (
            hub.rows("portal", "SELECT 1 FROM post WHERE publication_id = :post", post=identity)
            and not hub.rows("portal", query, post=identity)
        )
    )
    return str(identity)
