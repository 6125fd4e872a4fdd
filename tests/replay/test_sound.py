"""A folder is checked before anything is made of it: what was changed in it is found, named, and written nowhere."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from corong.auditing import note, tiles, tlog
from corong.auditing.standalone import corong_verify as verifier
from corong.auditing.tiles import ENTRIES, Tile, decode_bundle, encode_bundle
from corong.cli.log_source import source_of
from corong.replay.log_tables import fill_log
from corong.replay.logs import DatabaseLog, FolderLog, NotALog
from corong.replay.sound import NotSound, _roots, check, check_database
from corong.runtime.database import Database
from corong.runtime.migrate import migrate
from corong_contracts.case import CaseRouted
from tests.bench.replay import history
from tests.processes import clean_environment, corong
from tests.replay.runs import changed, events, execute, finished, url_of
from tests.services.auditing.handmade import COSIGNER, LOG, HandmadeLog
from tests.services.auditing.handmade import events as made_up
from tests.services.auditing.logs import KEY

BODIES = list(history(600))
KEYS = [verifier.Key.parse(LOG.vkey)]


def rewrite(folder: Path, position: int, body: bytes) -> None:
    """Put other bytes in place of an entry, in whichever bundles hold it."""
    index = position // 256
    files = [folder / Tile(ENTRIES, index).path]
    files += files[0].with_name(f"{files[0].name}.p").glob("*")
    for path in filter(Path.is_file, files):
        width = 256 if path == files[0] else int(path.name)
        bodies = decode_bundle(path.read_bytes(), width)
        if position % 256 < width:
            bodies[position % 256] = body
            path.write_bytes(encode_bundle(bodies))


async def test_a_changed_copy_is_named_and_nothing_is_made_of_it(tmp_path: Path) -> None:
    data = await finished(tmp_path, None)
    history = events(url_of(data, None))
    at = next(index for index, event in enumerate(history) if isinstance(event.data, CaseRouted))
    stick = tmp_path / "stick"
    shutil.copytree(data / "log", stick)
    key = str(note.SigningKey.parse((data / "secrets" / "log.key").read_text().strip()).verifier)
    home = clean_environment(CORONG_DATA=str(data), CORONG_LANG="en")
    stranger = clean_environment(CORONG_DATA=str(tmp_path / "elsewhere"), CORONG_LANG="en")

    def run(*words: str, code: int, env: dict[str, str] = home) -> str:
        done = corong("audit", *words, env=env)
        assert done.returncode == code, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    # Sound: by the installation's own key, or by one that is given.
    assert f"Log checked: {len(history)} entries, signed by" in run("replay", str(stick), code=0)
    assert "Log checked" in run("replay", str(stick), "--key", key, code=0, env=stranger)
    assert "It takes the log's public key" in run("replay", str(stick), code=1, env=stranger)
    assert "not signed by the log's key" in run("replay", str(stick), "--key", LOG.vkey, code=6)

    # One word of one entry changed, as canonical as before: another unit had the case.
    honest = FolderLog(stick)
    body = dict(honest.entries())[at]
    rewrite(stick, at, changed(body, unit="diskominfo"))
    database = data / "db" / "routing.sqlite"
    database.unlink()
    before = sorted(path.name for path in database.parent.iterdir())
    for words in (
        ("replay", str(stick)),
        ("as-of", str(history[at].correlationid), "--at", "2099-01-01", "--from", str(stick)),
        ("restore", "routing", "--from", str(stick)),
    ):
        assert f"entry {at}" in run(*words, code=6)
    assert sorted(path.name for path in database.parent.iterdir()) == before, "nothing was written"

    # The way round says aloud what it is. It is the twin of the above: without the check the change goes through.
    told = run("restore", "routing", "--from", str(stick), "--unchecked", code=0)
    assert told.count("NOT CHECKED") == 2, "on both outputs"
    assert '"checked": false' in run("replay", str(stick), "--unchecked", "--json", code=0)
    assert "DIFFERS" in run("replay", code=6)
    assert "a folder alone" in run("replay", "--unchecked", code=2)

    # Auditing's own database is no better, where something is made of it: the same word in the same place.
    execute(url_of(data, None), "auditing", "UPDATE entry SET body = :body WHERE position = :at",
            body=changed(body, unit="diskominfo"), at=at)  # fmt: skip
    database.unlink()
    before = sorted(path.name for path in database.parent.iterdir())
    for words in (("restore", "routing"), ("restore", "--stream")):
        assert f"entry {at}" in run(*words, code=6)
    assert sorted(path.name for path in database.parent.iterdir()) == before, "nothing was written"
    assert run("restore", "routing", "--unchecked", code=0).count("NOT CHECKED") == 2

    # What is not there can't be checked.
    shutil.rmtree(stick / "tile" / "entries")
    assert "missing" in run("replay", str(stick), code=1)
    assert "no folder" in run("restore", "routing", "--from", str(tmp_path / "nowhere"), code=1)


def test_a_folder_that_changes_after_the_check_is_noticed_where_it_changed(tmp_path: Path) -> None:
    bodies = made_up(600)
    folder = HandmadeLog(tmp_path, bodies).publish().folder
    log = check(folder, KEYS)
    assert [body for _, body in log.entries()] == bodies
    assert [position for position, _ in log.entries(300)] == list(range(300, 600))
    rewrite(folder, 290, bodies[291])
    given: list[tuple[int, bytes]] = []
    with pytest.raises(NotSound, match=r"256.511") as told:
        given.extend(log.entries())
    assert told.value.code == verifier.TAMPERED
    assert len(given) == 256, "nothing of the changed bundle was given"
    assert len(list(FolderLog(folder).entries())) == 600, "whoever does not look takes it"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Auditing's, with a signed log of 600 entries."""
    folder = HandmadeLog(tmp_path / "files", BODIES).publish().folder
    made = Database(f"sqlite:///{tmp_path}", "auditing")
    made.create_schema()
    migrate(made)
    with made.write() as connection:
        fill_log(connection, FolderLog(folder))
    yield made
    made.close()


def url(database: Database) -> str:
    return f"sqlite:///{Path(str(database.url.database)).parent}"


def test_a_database_is_checked_as_a_folder_is(database: Database) -> None:
    log = check_database(DatabaseLog(url(database)), KEYS)
    assert [body for _, body in log.entries()] == BODIES
    assert [position for position, _ in log.entries(300)] == list(range(300, 600))
    # What comes behind the checked checkpoint is not part of it, whoever put it there.
    columns = "id, 'desk.00', number, type, case_id, actor, time, body"
    execute(url(database), "auditing", f"INSERT INTO entry SELECT 600, {columns} FROM entry LIMIT 1")
    assert len(list(log.entries())) == len(list(check_database(DatabaseLog(url(database)), KEYS).entries())) == 600
    execute(url(database), "auditing", TAMPERED["a body"][0], x=BODIES[301])
    given: list[tuple[int, bytes]] = []
    with pytest.raises(NotSound, match=r"256.511") as told:
        given.extend(log.entries())
    assert told.value.code == verifier.TAMPERED
    assert len(given) == 256, "nothing of the changed bundle was given"


TAMPERED = {
    "a body": ("UPDATE entry SET body = :x WHERE position = 300", "300"),
    "the newest body": ("UPDATE entry SET body = :x WHERE position = 599", "599"),
    "an emptied body": ("UPDATE entry SET body = CAST('' AS BLOB) WHERE position = 0", "0"),
    "a body too large": ("UPDATE entry SET body = zeroblob(65536) WHERE position = 299", "299"),
    "two bodies": (
        "UPDATE entry SET body = (SELECT body FROM entry AS other WHERE other.position = 35 - entry.position)"
        " WHERE position IN (17, 18)", "17",
    ),
    "a row taken out": ("DELETE FROM entry WHERE position = 513", "513"),
    "the last row": ("DELETE FROM entry WHERE position = 599", "599"),
    "a tile": ("UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0 AND place = 1", "256"),
    "the edge": ("UPDATE edge SET hashes = zeroblob(length(hashes)) WHERE level = 0", "512"),
    "the tile above": ("UPDATE edge SET hashes = zeroblob(length(hashes)) WHERE level = 1", ""),
    "the checkpoint": ("UPDATE head SET note = CAST(replace(CAST(note AS TEXT), '600', '599') AS BLOB)", ""),
}  # fmt: skip
"""SQL behind auditing's back, and the entry that is named."""


@pytest.mark.parametrize("what", TAMPERED)
def test_a_changed_database_is_refused_and_the_entry_is_named(database: Database, what: str) -> None:
    sql, entry = TAMPERED[what]
    execute(url(database), "auditing", sql, **({"x": BODIES[301]} if ":x" in sql else {}))
    with pytest.raises(NotSound, match=f"entri {entry}" if entry else None) as told:
        check_database(DatabaseLog(url(database)), KEYS)
    assert told.value.code == verifier.TAMPERED


def test_a_database_without_a_signed_log_can_not_be_checked(tmp_path: Path, database: Database) -> None:
    with pytest.raises(NotSound) as told:
        check_database(DatabaseLog(url(database)), [verifier.Key.parse(str(KEY.verifier))])
    assert told.value.code == verifier.TAMPERED, "another key"
    execute(url(database), "auditing", "DELETE FROM head")
    with pytest.raises(NotSound, match="checkpoint") as told:
        check_database(DatabaseLog(url(database)), KEYS)
    assert told.value.code == verifier.NOT_CHECKED
    with pytest.raises(NotALog):
        check_database(DatabaseLog(f"sqlite:///{tmp_path / 'nowhere'}"), KEYS)


def test_a_hub_that_goes_on_publishing_moves_nothing(tmp_path: Path) -> None:
    """Its last bundle is written anew, and its partial ones go, while somebody reads."""
    bodies = made_up(600)
    log = HandmadeLog(tmp_path, bodies).publish(520)
    sound = check(log.folder, KEYS)
    log.publish(600)
    assert [body for _, body in sound.entries()] == bodies[:520]
    assert sound.size() == 520
    assert sound.note() == log.checkpoint(520)


def test_a_log_whose_witnesses_came_before_its_last_entries_is_folded_whole(tmp_path: Path) -> None:
    bodies = made_up(600)
    log = HandmadeLog(tmp_path / "log", bodies).publish(520)
    keys = [*KEYS, verifier.Key.parse(COSIGNER.vkey)]
    with pytest.raises(NotSound) as told:
        check(log.folder, keys)
    assert told.value.code == verifier.NOT_CHECKED
    for size in (500, 520, 530):  # the last one: the folder was copied file by file while the hub went on
        log.write("checkpoint.witnessed", log.checkpoint(size, (COSIGNER, 1_700_000_000)))
        log.publish(size)
        log.write("checkpoint", log.checkpoint(520))
        sound = check(log.folder, keys)
        assert [body for _, body in sound.entries()] == bodies[: sound.size()]
        assert sound.size() == max(520, size)
        source = source_of(log.folder, [LOG.vkey, COSIGNER.vkey], unchecked=False)
        assert source.described["size"] == sound.size()
    log.write("checkpoint.witnessed", HandmadeLog(tmp_path, made_up(500, seed=9)).checkpoint(500, (COSIGNER, 1)))
    with pytest.raises(NotSound) as told:
        check(log.folder, keys)
    assert told.value.code == verifier.TAMPERED


@pytest.mark.parametrize("withheld", [False, True])
def test_what_is_withheld_can_not_be_folded(tmp_path: Path, withheld: bool) -> None:
    log = HandmadeLog(tmp_path, made_up(5)).publish(withheld=frozenset({2}) if withheld else frozenset())
    if not withheld:
        assert check(log.folder, KEYS).size() == 5
        return
    with pytest.raises(NotSound, match="1") as told:
        check(log.folder, KEYS)
    assert told.value.code == verifier.NOT_CHECKED


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 65_792, 65_800])
def test_the_roots_of_bundles_lead_to_the_signed_root(tmp_path: Path, size: int) -> None:
    edge = tiles.Edge()
    full = edge.append(tlog.leaf_hash(b"%d" % number) for number in range(size))
    for tile, data in [*full, *edge.tiles()]:
        path = tmp_path / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    roots = _roots(verifier.Folder(str(tmp_path)), size, edge.root())
    assert len(roots) == 32 * -(-size // 256)
    with pytest.raises(verifier.Trouble):
        _roots(verifier.Folder(str(tmp_path)), size, KEY.verifier.public)
