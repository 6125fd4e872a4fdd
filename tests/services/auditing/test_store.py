"""The log in its database: what is signed, what may not be signed, and the folder that is made from it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from corong.auditing import findings, state, tlog
from corong.auditing.head_file import HeadFile
from corong.auditing.note import COSIGNATURE, Checkpoint, SigningKey, open_checkpoint, parse_note, sign
from corong.auditing.publisher import Differs, Publisher, content, snapshot
from corong.auditing.standalone import corong_verify as verifier
from corong.auditing.tiles import ENTRIES, Tile, TileNodes, decode_bundle, decode_tile, new_tiles
from corong.auditing.tree import LogRefused, Tree, read_head, read_tile
from corong.auditing.witnesses import KEPT, BadWitnesses, Witnesses, keys_of
from corong.runtime import tables
from corong.runtime.refusal import Refused
from tests.services.auditing.facts import arrival, body
from tests.services.auditing.logs import KEY, Log
from tests.services.stores import BACKENDS, Store

both = pytest.mark.parametrize("backend", BACKENDS)
sqlite = pytest.mark.parametrize("backend", ["sqlite"])


@pytest.fixture
def log(store: Store, tmp_path: Path) -> Log:
    return Log(store, tmp_path)


def fill(log: Log, first: int, last: int) -> None:
    log.append(*(arrival(body(number), number) for number in range(first, last + 1)))


def again(log: Log, key: SigningKey = KEY, **more: Any) -> Tree:
    """Another process of the same installation, checked."""
    tree = Tree(key, key.name, HeadFile(log.folder / "log-head", **more))
    with log.works.database.read() as connection:
        tree.check(connection)
    return tree


def root_of(log: Log) -> bytes:
    return tlog.root_of([tlog.leaf_hash(item) for item in log.bodies()])


@both
def test_each_commit_signs_what_stands_in_the_log(log: Log) -> None:
    for first, last in [(1, 1), (2, 300), (301, 302), (303, 1100)]:
        fill(log, first, last)
        with log.works.database.read() as connection:
            head = read_head(connection)
        checkpoint, _ = open_checkpoint(head.note, KEY.verifier)
        assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (KEY.name, last, root_of(log))
        assert (log.folder / "log-head").read_bytes() == head.note
    assert [row["position"] for row in log.rows(state.entry)] == list(range(1100))
    assert sorted((row["level"], row["place"]) for row in log.rows(state.tile)) == [(0, n) for n in range(4)]
    again(log)


@both
def test_what_adds_nothing_signs_nothing(log: Log) -> None:
    fill(log, 1, 3)
    before = (log.folder / "log-head").stat().st_mtime_ns, log.rows(state.head)
    fill(log, 1, 3)
    assert ((log.folder / "log-head").stat().st_mtime_ns, log.rows(state.head)) == before


@both
def test_work_that_is_undone_leaves_no_trace_in_the_tree(log: Log) -> None:
    fill(log, 1, 255)
    with pytest.raises(LookupError):
        log.works.commit(lambda unit: _append_and_fail(log, unit))
    fill(log, 256, 256)
    assert again(log).signed.root == root_of(log)


def _append_and_fail(log: Log, unit: object) -> None:
    log.tree.append(unit, [bytes(32)] * 10)  # type: ignore[arg-type]
    raise LookupError


@both
def test_another_process_that_was_ahead_is_taken_up(log: Log) -> None:
    """As when the answer of a commit got lost."""
    fill(log, 1, 10)
    stale = again(log)
    fill(log, 11, 300)
    log.tree = stale
    fill(log, 301, 310)
    assert again(log).signed.root == root_of(log)


@both
def test_an_old_backup_is_refused_with_words(log: Log) -> None:
    fill(log, 1, 10)
    kept = log.rows(state.head), log.rows(state.edge)
    fill(log, 11, 20)
    with log.works.database.write() as connection:
        connection.execute(delete(state.entry).where(state.entry.c.position >= 10))
        for table, rows in zip((state.head, state.edge), kept, strict=True):
            connection.execute(delete(table))
            connection.execute(table.insert(), rows)
    with pytest.raises(LogRefused, match=r"older than what was signed: it has 10 entries, and a tree of 20") as error:
        again(log)
    assert "corong audit restore" in str(error.value)
    with pytest.raises(LogRefused, match="20 were signed"):  # also under a process that runs
        fill(log, 21, 22)
    with log.works.database.write() as connection:
        connection.execute(delete(tables.inbox))
    with pytest.raises(LogRefused):
        fill(log, 1, 1)


@both
def test_an_emptied_database_is_refused(log: Log) -> None:
    fill(log, 1, 10)
    with log.works.database.write() as connection:
        for table in state.log_metadata.sorted_tables:
            connection.execute(delete(table))
    with pytest.raises(LogRefused, match="has 0 entries, and a tree of 10"):
        again(log)


@both
def test_another_history_of_the_same_length_is_refused(log: Log) -> None:
    fill(log, 1, 10)
    signed = (log.folder / "log-head").read_bytes()
    log.clear()
    log.append(*(arrival(body(number, actor="officer:lain"), number) for number in range(1, 15)))
    (log.folder / "log-head").write_bytes(signed)
    with pytest.raises(LogRefused, match="another history"):
        again(log)


@both
def test_rows_taken_out_or_put_in_are_refused(log: Log) -> None:
    fill(log, 1, 300)
    with log.works.database.write() as connection:
        connection.execute(delete(state.entry).where(state.entry.c.position == 7))
    with pytest.raises(LogRefused, match="has 299 entries and has signed 300"):
        again(log)


@both
@pytest.mark.parametrize("table", [state.edge, state.head], ids=lambda table: table.name)
def test_a_changed_edge_or_head_is_refused(log: Log, table: object) -> None:
    fill(log, 1, 10)
    with log.works.database.write() as connection:
        if table is state.edge:
            connection.execute(update(state.edge).values(hashes=bytes(320)))
        else:
            connection.execute(update(state.head).values(root=bytes(32)))
    with pytest.raises(LogRefused):
        again(log)


@both
def test_another_key_or_name_is_refused(log: Log) -> None:
    fill(log, 1, 3)
    for key in (SigningKey(KEY.name, b"z" * 32), SigningKey("log.example/lain", b"k" * 32)):
        with pytest.raises(LogRefused, match=r"another key"):
            again(log, key)


@both
def test_a_head_file_that_is_none_is_refused_and_a_missing_one_is_made(log: Log) -> None:
    fill(log, 1, 3)
    path = log.folder / "log-head"
    path.write_bytes(b"?")
    with pytest.raises(LogRefused, match="holds no checkpoint of this log"):
        again(log)
    path.unlink()
    with pytest.raises(LogRefused, match="CORONG_LOG_ACCEPT=3"):
        again(log)
    assert not path.exists()
    with pytest.raises(LogRefused):
        again(log, accepted=2)
    assert again(log, accepted=3).keep_head()
    assert path.exists()


@both
def test_without_a_head_file_the_published_checkpoint_tells_of_an_old_backup(log: Log) -> None:
    fill(log, 1, 5)
    newest = log.tree.signed.note
    log.clear()
    fill(log, 1, 3)
    (log.folder / "log-head").unlink()
    published = log.folder / "checkpoint"
    published.write_bytes(newest)
    with pytest.raises(LogRefused, match="older than what was signed"):
        again(log, published=published)
    published.write_bytes(log.tree.signed.note)
    assert again(log, published=published).signed.size == 3


@both
def test_a_log_that_begins_is_known_outside_before_its_first_entry(log: Log) -> None:
    (log.folder / "log-head").unlink(missing_ok=True)
    log.tree = again(log)
    assert (log.folder / "log-head").exists()
    log.tree.head_file.write = lambda note: (_ for _ in ()).throw(OSError())  # type: ignore[method-assign]  # killed
    fill(log, 1, 3)
    assert again(log).signed.size == 3


@both
def test_a_head_file_that_cannot_be_written_holds_back_what_may_be_told(log: Log) -> None:
    fill(log, 1, 3)
    path = log.folder / "log-head"
    path.unlink()
    path.mkdir()
    fill(log, 4, 5)
    assert (log.tree.signed.size, log.tree.kept.size) == (5, 3)
    path.rmdir()
    assert log.tree.keep_head()
    assert log.tree.kept.size == 5


@both
def test_a_log_that_is_older_than_its_tree_is_taken_up(log: Log) -> None:
    fill(log, 1, 700)
    log.tree.head_file.path.unlink()
    with log.works.database.write() as connection:
        for table in (state.tile, state.edge, state.head):
            connection.execute(delete(table))
    log.tree = Tree(KEY, KEY.name, HeadFile(log.folder / "log-head"))
    log.works.commit(log.tree.build)
    assert again(log).signed == log.tree.signed
    assert log.tree.signed.root == root_of(log)


def publisher(log: Log) -> Publisher:
    return Publisher(log.works.database, log.folder / "log", KEY.verifier, KEY.name)


def whole(log: Log) -> None:
    """The folder, by itself, is the log."""
    folder = log.folder / "log"
    checkpoint, _ = open_checkpoint((folder / "checkpoint").read_bytes(), KEY.verifier)
    bodies = log.bodies()
    assert checkpoint.size == len(bodies)
    for tile in new_tiles(0, checkpoint.size):
        data = (folder / tile.path).read_bytes()
        if tile.level == ENTRIES:
            assert decode_bundle(data, tile.width) == bodies[tile.start : tile.start + tile.width]
        else:
            decode_tile(data, tile.width)
    nodes = TileNodes(checkpoint.size, lambda tile: (folder / tile.path).read_bytes())
    assert tlog.root_from(checkpoint.size, nodes) == checkpoint.root == root_of(log)


@both
def test_the_folder_follows_the_database(log: Log) -> None:
    maker = publisher(log)
    assert maker.publish().size == 0
    assert not (log.folder / "log" / "checkpoint").exists(), "nothing is signed yet"
    for first, last in [(1, 1), (2, 255), (256, 256), (257, 600)]:
        fill(log, first, last)
        maker.publish()
        whole(log)
    assert not (log.folder / "log" / "tile" / "0" / "000.p").exists(), "partial tiles go when they are full"
    assert not list((log.folder / "log").rglob(".*")), "no drafts are left"


@both
@pytest.mark.parametrize("lost", ["all", "checkpoint", "tile/0/000", "tile/entries/001.p/44"])
def test_what_is_lost_of_the_folder_is_made_again(log: Log, lost: str) -> None:
    fill(log, 1, 300)
    publisher(log).publish()
    if lost == "all":
        shutil.rmtree(log.folder / "log")
    else:
        (log.folder / "log" / lost).unlink()
    publisher(log).publish()
    whole(log)


@both
def test_a_folder_of_another_log_is_not_written_over(log: Log) -> None:
    fill(log, 1, 300)
    publisher(log).publish()
    log.clear()
    log.append(arrival(body(1, actor="officer:lain"), 1))
    before = (log.folder / "log" / "checkpoint").read_bytes()
    with pytest.raises(FileExistsError, match="another log"):
        publisher(log).publish()
    assert (log.folder / "log" / "checkpoint").read_bytes() == before


@both
def test_partial_tiles_of_every_checkpoint_can_be_read_for_ever(log: Log) -> None:
    sizes = [1, 3, 255, 257, 513]
    done = 0
    wanted = set()
    for size in sizes:
        fill(log, done + 1, size)
        wanted |= set(new_tiles(done, size))
        done = size
    with snapshot(log.works.database) as connection:
        for tile in wanted:
            data = content(connection, tile)
            assert len(data) == 32 * tile.width or tile.level == ENTRIES
        for tile in (Tile(0, 2, 2), Tile(1, 0, 3), Tile(5, 0, 1), Tile(ENTRIES, 2, 2), Tile(ENTRIES, 9)):
            with pytest.raises(LookupError):
                content(connection, tile)
        found = connection.execute(select(state.head.c.size)).scalar_one()
        nodes = TileNodes(found, lambda tile: read_tile(connection, tile))
        assert tlog.root_from(257, nodes) == tlog.root_of([tlog.leaf_hash(item) for item in log.bodies()[:257]])


@both
def test_a_changed_entry_is_not_written_over_what_the_folder_has(log: Log) -> None:
    fill(log, 1, 5)
    publisher(log).publish()
    bundle = log.folder / "log" / "tile" / "entries" / "000.p" / "5"
    was = bundle.read_bytes()
    with log.works.database.write() as connection:
        connection.execute(state.entry.update().where(state.entry.c.position == 2).values(body=b"{}"))
    fill(log, 6, 6)
    with pytest.raises(Differs, match="entry 2: auditing's database was changed from outside") as told:
        publisher(log).publish()
    assert bundle.read_bytes() == was
    assert not bundle.with_name("6").exists()
    log.works.commit(lambda unit: findings.changed(unit, told.value))
    (found,) = [row for row in log.rows(state.finding) if row["kind"] == "changed_database"]
    assert (found["writer"], found["first"], found["last"]) == ("tile/entries/000.p/6", 2, 2)
    fill(log, 7, 7)  # the finding itself would come next, and every one after it
    with pytest.raises(Differs) as told:
        publisher(log).publish()
    assert told.value.tile.path == "tile/entries/000.p/7"
    log.works.commit(lambda unit: findings.changed(unit, told.value))
    assert [row for row in log.rows(state.finding) if row["kind"] == "changed_database"] == [found], "told once"


def spoil(path: Path, at: int) -> bytes:
    """Change one bit of a file; what it was."""
    was = path.read_bytes()
    path.write_bytes(was[:at] + bytes([was[at] ^ 1]) + was[at + 1 :])
    return was


@both
@pytest.mark.parametrize(
    ("name", "at", "first"),
    [("tile/entries/000.p/200", -1, 199), ("tile/entries/000.p/200", 40, 0), ("tile/0/000.p/200", 32 * 7, 7)],
)
def test_a_partial_file_that_is_not_the_beginning_of_the_full_one_stays_and_stops_all(
    log: Log, name: str, at: int, first: int
) -> None:
    fill(log, 1, 200)
    maker = publisher(log)
    maker.publish()
    checkpoint = (log.folder / "log" / "checkpoint").read_bytes()
    partial = log.folder / "log" / name
    was = spoil(partial, at)
    fill(log, 201, 300)
    for again in (maker, publisher(log)):
        with pytest.raises(Differs, match=name) as told:
            again.publish()
        assert (told.value.kept_in, told.value.first, told.value.last) == ("folder", first, first)
        log.works.commit(lambda unit: findings.changed(unit, told.value))  # called at once
    assert partial.exists(), "the evidence is kept"
    assert (log.folder / "log" / "checkpoint").read_bytes() == checkpoint, "nothing more was published"
    (row,) = [row for row in log.rows(state.finding) if row["kind"] == "changed_folder"]
    assert (row["writer"], row["first"]) == (name, first), "told once"
    partial.write_bytes(was)
    maker.publish()
    whole(log)
    assert not partial.parent.exists()


@both
def test_a_file_that_lies_there_is_not_written_over(log: Log) -> None:
    """The checkpoint is gone, so everything is written anew; what is there must be what would be written."""
    fill(log, 1, 300)
    publisher(log).publish()
    (log.folder / "log" / "checkpoint").unlink()
    tile = log.folder / "log" / "tile" / "0" / "000"
    was = spoil(tile, 32 * 250)
    with pytest.raises(Differs, match=r"entry 250: the folder's file tile/0/000 ") as told:
        publisher(log).publish()
    assert tile.read_bytes() != was
    assert not (log.folder / "log" / "checkpoint").exists()
    tile.write_bytes(was)
    publisher(log).publish()
    whole(log)
    log.works.commit(lambda unit: findings.changed(unit, told.value))


@both
def test_partial_files_that_a_killed_process_left_are_compared_and_removed(log: Log) -> None:
    fill(log, 1, 200)
    publisher(log).publish()
    kept = log.folder / "kept"
    shutil.copytree(log.folder / "log", kept)
    fill(log, 201, 300)
    publisher(log).publish()
    left = [log.folder / "log" / "tile" / name / "000.p" / "200" for name in ("0", "entries")]
    for path in left:
        path.parent.mkdir()
        shutil.copy(kept / path.relative_to(log.folder / "log"), path)
    (left[0].parent / "README").write_text("a person's note")
    publisher(log).publish()
    assert [path.exists() for path in left] == [False, False]
    assert (left[0].parent / "README").exists(), "what is none of ours stays"
    left[1].parent.mkdir()
    left[1].write_bytes((kept / "tile/entries/000.p/200").read_bytes() + b"more")
    with pytest.raises(Differs, match="entry 199"):
        publisher(log).publish()


ONE, OTHER = (SigningKey(f"saksi.example/{name}", name.encode() * 16, COSIGNATURE) for name in ("w1", "w2"))


def witnesses_of(log: Log, *keys: SigningKey) -> Witnesses:
    """As a process that starts knows them."""
    found = Witnesses(KEY.verifier, KEY.name, [key.verifier for key in keys or (ONE, OTHER)])
    with log.works.database.read() as connection:
        found.load(connection)
    return found


def cosigned(note: bytes, *keys: SigningKey, moment: int = 1_700_000_000) -> bytes:
    parsed = parse_note(note)
    return sign(parsed.text, keys, moment, parsed.signatures).data


def hand_in(log: Log, known: Witnesses, data: bytes) -> None:
    given = known.open(data)
    log.works.commit(lambda unit: known.take(unit, given))


def checked(log: Log, *keys: SigningKey) -> verifier.Report:
    """The folder, as an auditor checks it who trusts these witnesses."""
    given = [verifier.Key.parse(str(key.verifier)) for key in (KEY, *keys)]
    return verifier.verify(verifier.Folder(str(log.folder / "log")), given, events=False, processes=1)


@both
def test_a_cosignature_is_given_out_with_the_checkpoint_and_after_it(log: Log) -> None:
    known = witnesses_of(log)
    maker = Publisher(log.works.database, log.folder / "log", KEY.verifier, KEY.name, known)
    fill(log, 1, 300)
    maker.publish()
    assert checked(log, ONE).code == verifier.NOT_CHECKED
    first = log.tree.signed
    hand_in(log, known, cosigned(first.note, ONE))
    maker.publish()
    for name in ("checkpoint", "checkpoint.witnessed"):
        _, opened = open_checkpoint((log.folder / "log" / name).read_bytes(), KEY.verifier, [ONE.verifier])
        assert opened.signers[ONE.verifier] == 1_700_000_000
    report = checked(log, ONE)
    assert (report.code, report.witnessed) == (verifier.SOUND, None)
    assert known.best_for(299, first).note == known.dressed(first)
    for last in (301, 511, 512, 700):  # the log goes on without it
        fill(log, log.tree.signed.size + 1, last)
        maker.publish()
        whole(log)
        report = checked(log, ONE)
        assert (report.code, report.witnessed and report.witnessed.size) == (verifier.SOUND, 300), report.troubles
        assert any("400" in note for note in report.notes) == (last == 700)
        assert known.best_for(299, log.tree.signed).size == 300
        assert known.best_for(300, log.tree.signed) == log.tree.signed
    assert checked(log, ONE, OTHER).code == verifier.NOT_CHECKED, "the other one has not signed"
    assert checked(log, OTHER).code == verifier.NOT_CHECKED
    # The other one comes by another way, to the same checkpoint; the first one again, later. A new process knows.
    hand_in(log, known, cosigned(first.note, OTHER))
    hand_in(log, known, cosigned(first.note, ONE, moment=1_700_000_009))
    hand_in(log, known, cosigned(first.note, ONE, moment=1_700_000_001))
    fresh = witnesses_of(log)
    assert fresh.best == known.best
    assert fresh.best is not None
    _, opened = open_checkpoint(fresh.best.note, KEY.verifier, [ONE.verifier, OTHER.verifier])
    assert opened.signers == {KEY.verifier: None, ONE.verifier: 1_700_000_009, OTHER.verifier: 1_700_000_000}
    Publisher(log.works.database, log.folder / "log", KEY.verifier, KEY.name, fresh).publish()
    assert checked(log, ONE, OTHER).code == verifier.SOUND
    assert witnesses_of(log, SigningKey("saksi.example/w3", b"w3" * 16, COSIGNATURE)).best is None


@sqlite
@pytest.mark.parametrize("changed", ["text", "log", "witness"])
def test_what_witnesses_signed_can_not_be_changed_in_the_folder(log: Log, changed: str) -> None:
    known = witnesses_of(log)
    fill(log, 1, 300)
    hand_in(log, known, cosigned(log.tree.signed.note, ONE))
    fill(log, 301, 305)
    Publisher(log.works.database, log.folder / "log", KEY.verifier, KEY.name, known).publish()
    file = log.folder / "log" / "checkpoint.witnessed"
    data = bytearray(file.read_bytes())
    line = {"text": 1, "log": -3, "witness": -2}[changed]  # root, and the last letters of both signatures
    place = data.index(b"\n300\n") + 6 if changed == "text" else sum(map(len, data.splitlines(True)[: line + 1])) - 9
    data[place] = ord("B") if data[place] == ord("A") else ord("A")
    file.write_bytes(data)
    report = checked(log, ONE)
    assert (report.code, report.troubles[0].file) == (verifier.TAMPERED, "checkpoint.witnessed")


@sqlite
def test_another_history_that_witnesses_saw_is_found(log: Log) -> None:
    known = witnesses_of(log)
    fill(log, 1, 300)
    Publisher(log.works.database, log.folder / "log", KEY.verifier, KEY.name, known).publish()
    forked = cosigned(sign(Checkpoint(KEY.name, 299, bytes(32)).text, [KEY]).data, ONE)
    (log.folder / "log" / "checkpoint.witnessed").write_bytes(cosigned(log.tree.signed.note, ONE))
    fill(log, 301, 302)
    publisher(log).publish()
    shutil.copytree(log.folder / "log", log.folder / "aside")
    for part in ("entries", "0"):
        shutil.rmtree(log.folder / "log" / "tile" / part / "001.p")
    report = checked(log, ONE)
    assert report.code == verifier.NOT_CHECKED
    assert {trouble.file for trouble in report.troubles} >= {"tile/0/001.p/46", "tile/entries/001.p/46"}
    shutil.rmtree(log.folder / "log")
    (log.folder / "aside").rename(log.folder / "log")
    (log.folder / "log" / "checkpoint.witnessed").write_bytes(forked)
    assert checked(log).code == checked(log, ONE).code == verifier.TAMPERED
    with pytest.raises(Refused) as refused:
        hand_in(log, known, forked)
    assert (refused.value.status, refused.value.code) == (409, "another_history")
    ahead = cosigned(sign(Checkpoint(KEY.name, 303, bytes(32)).text, [KEY]).data, ONE)
    with pytest.raises(Refused, match="another_history"):
        hand_in(log, known, ahead)
    assert log.rows(state.witnessed) == []


@sqlite
def test_what_no_known_witness_has_signed_is_refused(log: Log) -> None:
    fill(log, 1, 3)
    known, note = witnesses_of(log, ONE), log.tree.signed.note
    empty = sign(Checkpoint(KEY.name, 0, tlog.EMPTY_ROOT).text, [KEY]).data
    stranger = SigningKey("lain.example/log", b"l" * 32)
    theirs = sign(Checkpoint("lain.example/log", 3, bytes(32)).text, [stranger]).data
    false = cosigned(note, ONE).replace(b"\n3\n", b"\n2\n")
    other = cosigned(note, ONE)[: -len("\n") - 4] + b"AAA=\n"
    for data, code in [
        (b"", "not_this_log"), (note[:-1], "not_this_log"), (cosigned(theirs, ONE), "not_this_log"),
        (note, "no_witness"), (cosigned(note, OTHER), "no_witness"), (cosigned(empty, ONE), "no_witness"),
        (false, "false_signature"), (other, "false_signature"),
    ]:  # fmt: skip
        with pytest.raises(Refused) as refused:
            known.open(data)
        assert (refused.value.status, refused.value.code) == (422, code), data


@sqlite
def test_a_few_witnessed_checkpoints_are_kept(log: Log) -> None:
    known = witnesses_of(log)
    for size in range(1, KEPT + 3):
        fill(log, size, size)
        hand_in(log, known, cosigned(log.tree.signed.note, ONE, *([OTHER] if size < 3 else [])))
        assert known.best is not None
        assert known.best.size == (size if size in (1, KEPT + 2) else 2 if size > 2 else size)
    assert [row["size"] for row in log.rows(state.witnessed)] == list(range(3, KEPT + 3))
    old = sign(Checkpoint(KEY.name, 1, root_at(log, 1)).text, [KEY]).data
    with pytest.raises(Refused, match="too_old"):
        hand_in(log, known, cosigned(old, ONE))


def root_at(log: Log, size: int) -> bytes:
    return tlog.root_of([tlog.leaf_hash(item) for item in log.bodies()[:size]])


def test_only_keys_of_witnesses_are_taken() -> None:
    given = [str(ONE.verifier), str(OTHER.verifier)]
    assert keys_of("\n ".join(given)) == [ONE.verifier, OTHER.verifier]
    assert keys_of("") == []
    for wrong in (str(KEY.verifier), f"{given[0]}x", ",".join(given), "\n".join(given * 26)):
        with pytest.raises(BadWitnesses, match="CORONG_LOG_WITNESSES"):
            keys_of(wrong)
