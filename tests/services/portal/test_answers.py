"""Published answers: found by stems, the newest or the best first, and gone when they are withdrawn."""

from collections.abc import Iterator
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Connection

from corong.portal import state
from corong.portal.answers import Answers
from corong.portal.tables import public_answer, registered
from corong.runtime.directory import Directory
from corong.runtime.installation import example_folder
from corong.runtime.rows import Rows
from tests.services.stores import BACKENDS, Store

pytestmark = pytest.mark.parametrize("backend", BACKENDS)

SPACE = UUID(int=0x7A)
KTP = "Bagaimana cara mengurus KTP elektronik yang hilang?"
ROAD = "Kapan lubang di jalan depan pasar diperbaiki?"
WATER = "Ke mana mengadukan air bersih yang keruh?"
SAID = {
    KTP: "Bawa surat kehilangan ke loket. Jalan masuk dari samping.",
    ROAD: "Sepekan setelah ditinjau.",
    WATER: "Ke loket PDAM.",
}


@pytest.fixture
def connection(store: Store) -> Iterator[Connection]:
    database = store.make(state.metadata)
    with database.write() as opened:
        for number, question in enumerate(SAID):
            put(opened, question, at=f"2026-03-1{number}T00:00:00.000000Z")
        put(opened, "Apakah ini latihan?", demo=True)
        yield opened


def put(
    connection: Connection, question: str, *, edition: int = 1, shown: bool = True, demo: bool = False,
    at: str = "2026-03-17T00:00:00.000000Z", answer: str = "",
) -> None:  # fmt: skip
    identity = str(uuid5(SPACE, question))
    rows = Rows(connection)
    rows.put(
        registered,
        {
            "case_id": identity, "registration": identity[:30], "channel": "web", "registered_at": at, "demo": demo,
            "receipt_check": "",
        },
    )  # fmt: skip
    rows.put(
        public_answer,
        {
            "answer_id": identity, "case_id": identity, "unit": "dinas-pupr" if question == ROAD else "diskominfo",
            "kind": "question", "question": question, "answer": answer or SAID.get(question, "Ya."), "first_at": at,
            "changed_at": at, "edition": edition, "shown": shown,
        },
    )  # fmt: skip
    rows.flush()


def answers(*, demo: bool = False) -> Answers:
    return Answers(Directory.load(example_folder()), demo=demo)


def found(book: Answers, connection: Connection, asked: str = "", unit: str = "", skip: int = 0) -> list[str]:
    return [one.question for one in book.find(connection, asked, unit, most=2, skip=skip).answers]


def test_the_newest_come_first_page_by_page(connection: Connection) -> None:
    book = answers()
    assert found(book, connection) == [WATER, ROAD]
    assert found(book, connection, skip=2) == [KTP]
    assert book.find(connection, "", "", most=2).count == 3
    assert found(book, connection, unit="dinas-pupr") == [ROAD]
    assert set(book.units(connection)) == {"diskominfo", "dinas-pupr"}


def test_words_are_found_in_all_their_forms_and_the_question_tells_more(connection: Connection) -> None:
    book = answers()
    assert found(book, connection, "kehilangan urusan KTP") == [KTP]
    assert found(book, connection, "jalanan") == [ROAD, KTP]
    assert found(book, connection, "loket") == [WATER, KTP]
    assert found(book, connection, "loket", unit="dinas-pupr") == []
    assert found(book, connection, "zirafah") == found(book, connection, "12345") == []


def test_what_is_published_mended_or_withdrawn_later_is_seen(connection: Connection) -> None:
    book = answers()
    assert found(book, connection, "loket") == [WATER, KTP]
    put(connection, KTP, edition=2, answer="Bawa surat ke kantor camat.")
    assert found(book, connection, "loket") == [WATER]
    assert found(book, connection, "camat") == [KTP]
    put(connection, KTP, edition=3, shown=False)
    assert found(book, connection, "camat") == []
    assert book.one(connection, uuid5(SPACE, KTP)) is None
    assert book.one(connection, uuid5(SPACE, ROAD)) is not None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Selamat pagi, KTP saya hilang di pasar. Bagaimana mengurusnya?", [KTP]),
        ("Jalan di depan pasar rusak parah, ada lubang besar sejak dua pekan, sudah ada yang jatuh.", [ROAD]),
        ("Air di rumah kami keruh", [WATER]),
        ("Mohon salinan perda tentang tata ruang", []),
        ("Bagaimana, kapan, dan ke mana ya?", []),
        ("", []),
    ],
)
def test_a_message_is_shown_what_may_answer_it(connection: Connection, message: str, expected: list[str]) -> None:
    assert [one.question for one in answers().similar(connection, message)] == expected


def test_training_and_what_is_real_are_not_shown_together(connection: Connection) -> None:
    assert found(answers(demo=True), connection) == ["Apakah ini latihan?"]
    assert "Apakah ini latihan?" not in found(answers(), connection, "latihan")
