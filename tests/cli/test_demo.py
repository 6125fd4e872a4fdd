"""`corong demo`: citizens write through the real doors, everything is marked, and nothing gets out."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from corong.demo import Citizens, Feeder, Handed, NotForTraining
from corong.demo.templates import TEMPLATES
from corong.runtime.directory import Directory
from corong.runtime.installation import example_folder
from corong_contracts.case import CaseKind
from corong_contracts.channel import AccountConfig, Channel
from corong_contracts.command import AnswerCase, ApprovePost, ClaimCase, DraftPost, PublishPost
from tests.hubs import RunningHub, running_hub
from tests.processes import HubProcess, clean_environment, corong

RUN = UUID(int=7)
REAL = ("email-ppid", "email-rsud-ham", "mastodon-asahan", "mastodon-puskesmas-air-batu")
MAIN = "ppid-utama"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """The real network's server: it hears every try to connect."""
    with socket.socket() as heard:
        heard.bind(("127.0.0.1", 0))
        heard.listen()
        heard.settimeout(0.2)
        yield heard


@pytest.fixture
def folder(tmp_path: Path, listener: socket.socket) -> Path:
    """The example with every account switched on, and settings that would work."""
    copy = tmp_path / "config"
    shutil.copytree(example_folder(), copy)
    port = listener.getsockname()[1]
    accounts = copy / "accounts.toml"
    lines = [
        line for line in accounts.read_text(encoding="utf-8").splitlines() if not line.startswith(("#", "enabled"))
    ]
    text = "\n".join(lines)
    mail = (
        f'[account.settings]\naddress = "a@b.example"\nimap_host = "127.0.0.1"\nimap_port = {port}\n'
        f'imap_tls = "none"\nsmtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_tls = "none"\n'
        'password = { env = "CORONG_NOT_SET" }\n'
    )
    toot = f'[account.settings]\nbase_url = "http://127.0.0.1:{port}"\ntoken = {{ env = "CORONG_NOT_SET" }}\n'
    parts = text.split("[[account]]")
    for number, part in enumerate(parts):
        if 'channel = "email"' in part or 'channel = "mastodon"' in part:
            parts[number] = f"{part.rstrip()}\n\n{mail if 'email' in part else toot}\n"
    accounts.write_text("[[account]]".join(parts), encoding="utf-8")
    assert len(Directory.load(copy).enabled_accounts()) == 11
    return copy


def _forbidden(account: AccountConfig) -> object:
    raise AssertionError(f"a demo hub made a real channel for {account.id}")


async def _cases(hub: RunningHub) -> list[dict[str, object]]:
    await hub.settled()
    return hub.rows("desk", "SELECT * FROM registered")


async def test_citizens_write_through_every_door_and_all_is_marked(tmp_path: Path) -> None:
    async with running_hub(tmp_path / "data", demo=True) as hub, Feeder(hub.hub, 1) as feeder:
        handed: list[Handed] = []
        await feeder.feed(60, 0, 30, handed.append)
        assert (feeder.taken, feeder.refused, len(handed)) == (60, 0, 60)
        assert {item.writing.account for item in handed} == {"web", "api-contoh", *REAL}
        assert any(item.writing.thread for item in handed)
        assert all(item.registration for item in handed)
        cases = await _cases(hub)
        assert len(cases) == len({item.registration for item in handed}) < 60
        assert all(case["demo"] for case in cases)
        assert {case["account"] for case in cases} == {"web", "api-contoh", *REAL}
        for service in ("intake", "routing", "publishing", "auditing", "desk", "portal"):
            assert hub.rows(service, "SELECT * FROM parked") == []


async def test_no_configured_account_reaches_its_network(tmp_path: Path, folder: Path, listener: socket.socket) -> None:
    """Answers and posts to each real account are told as sent; nobody connected, no secret was read."""
    kinds = {name: Channel(name, source=_forbidden, sink=_forbidden) for name in ("email", "mastodon", "x")}  # type: ignore[arg-type]
    async with running_hub(tmp_path / "data", demo=True, config=folder, kinds=kinds) as hub:
        async with Feeder(hub.hub, 2) as feeder:
            await feeder.feed(60, 0, 60, lambda handed: None)
        cases = {str(case["account"]): str(case["case_id"]) for case in await _cases(hub)}
        for account in REAL:
            case = UUID(cases[account])
            await hub.command(ClaimCase(case_id=case), MAIN)
            await hub.command(AnswerCase(case_id=case, text="Terima kasih."), MAIN)
        draft = DraftPost(unit="diskominfo", text="Layanan buka Sabtu.", label="layanan", accounts=list(REAL))  # type: ignore[arg-type]
        drafted = await hub.command(draft, "operator-diskominfo")
        post = UUID(drafted["events"][0]["subject"].partition("/")[2])
        await hub.settled()
        text_hash = hub.rows("desk", "SELECT text_hash FROM publication WHERE kind = 'post'")[0]["text_hash"]
        await hub.command(ApprovePost(publication_id=post, text_hash=text_hash), MAIN)
        await hub.command(PublishPost(publication_id=post), MAIN)

        def sent() -> bool:
            rows = hub.rows("desk", "SELECT kind, account FROM delivery WHERE state = 'sent'")
            return {(row["kind"], row["account"]) for row in rows} >= {
                (kind, account) for kind in ("reply", "post") for account in REAL
            }

        await hub.until(sent, 30)
    with pytest.raises(TimeoutError):
        listener.accept()


async def test_a_real_hub_is_never_fed(tmp_path: Path) -> None:
    async with running_hub(tmp_path / "data") as hub:
        with pytest.raises(NotForTraining):
            Feeder(hub.hub, 1)


def test_the_same_seed_writes_the_same_and_another_something_else() -> None:
    directory = Directory.load(example_folder())
    accounts = {"web": False, "api-contoh": True}

    def written(seed: int) -> list[object]:
        citizens = Citizens(directory, accounts, seed)
        return [citizens.next(RUN) for _ in range(80)]

    assert written(1) == written(1) != written(2)
    places = {place for unit in directory.units for place in unit.places}
    texts = {getattr(item, "text") for item in written(1)}  # noqa: B009  # object
    assert len(texts) > 50
    assert sum(any(place in text for place in places) for text in texts) > 50
    assert not any("{" in text for text in texts)


def test_templates_are_of_every_kind_that_people_write() -> None:
    kinds = {template.kind for template in TEMPLATES}
    assert kinds == set(CaseKind) - {CaseKind.SPAM, CaseKind.OBJECTION}
    assert all("{place}" in text for template in TEMPLATES for text in template.texts)


@pytest.mark.slow
def test_the_command_feeds_and_leaves(tmp_path: Path, free_port: int) -> None:
    data = tmp_path / "latihan"
    env = clean_environment(
        CORONG_PORT=str(free_port),
        # A real installation's settings lie around: they must not be touched.
        CORONG_DATA=str(tmp_path / "real"),
        CORONG_DATABASE_URL="postgresql+psycopg://corong@127.0.0.1:1/corong",
        CORONG_OBJECTS="s3://corong",
    )
    words = ("demo", "--data", str(data), "--count", "12", "--rate", "0", "--burst", "6", "--exit")
    done = corong(*words, env=env)
    assert done.returncode == 0, done.stderr
    assert "LATIHAN" in done.stdout
    assert "12 pesan diterima" in done.stderr
    assert not (tmp_path / "real").exists()
    other = corong("up", env=clean_environment(CORONG_PORT=str(free_port), CORONG_DATA=str(data)))
    assert other.returncode == 1
    assert "CORONG_DATA" in other.stderr
    assert corong("demo", "--exit").returncode == 2


def test_training_never_works_on_real_data(tmp_path: Path) -> None:
    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        assert hub.stop() == 0
        told = hub.corong("demo", "--data", str(tmp_path / "data"), code=1, err=True)
        assert "latihan dan data sungguhan tidak boleh bercampur" in told
