"""Auditing's own record made again from a published log: entries, tree and the checkpoint that was signed over them."""

from sqlalchemy import Connection, insert

from corong.auditing import entry_keys, state
from corong.auditing.note import NoteError, parse_checkpoint, parse_note
from corong.auditing.rules import NotAnEntry, read
from corong.auditing.tiles import WIDTH, Edge, Tile
from corong.auditing.tlog import leaf_hash
from corong.replay.envelope import envelope
from corong.replay.logs import FolderLog, Log, NotALog
from corong.runtime.coverage import START, chained, leaf_of
from corong.runtime.rows import write_many

BATCH = 2000
_INTO = insert(state.entry)


def fill_log(connection: Connection, log: Log) -> dict[str, int]:
    """Write entries, tiles, edge and head; writer → its last number. Raises `NotALog`.

    The tree must be the checkpoint's. Who signed that is looked at when auditing starts, and whether a larger tree was
    signed before.
    """
    if not isinstance(log, FolderLog):
        raise NotALog("auditing is restored from a published folder: say --from DIR")
    taken: dict[str, int] = {}
    edge = Edge()
    full: list[tuple[Tile, bytes]] = []
    rows: list[dict[str, object]] = []
    named: list[tuple[int, str, str]] = []
    signed_at = ""
    chains: dict[str, tuple[int, str]] = {}
    for position, body in log.entries():
        head = envelope(body)
        try:
            entry = read(body, head.writer, head.number)
        except NotAnEntry as error:
            raise NotALog(f"entry {position}: {error}") from None
        rows.append({"position": position, **entry._asdict(), "body": body})
        full += edge.append([leaf_hash(body)])
        number, digest = chains.get(head.writer, (0, START))
        if head.number == number + 1:  # behind bytes that the log refused nothing more is let go of
            chains[head.writer] = (head.number, chained(digest, [leaf_of(body)]))
        taken[head.writer] = max(head.number, taken.get(head.writer, 0))
        signed_at = max(signed_at, head.recorded)
        named.append((position, entry.id, entry.case_id))
        if len(rows) == BATCH:
            write_many(connection, _INTO, rows)
            rows = []
    if rows:
        write_many(connection, _INTO, rows)
    entry_keys.add(connection, named, entry_keys.TIERS[-1])
    note = log.note()
    try:
        checkpoint = parse_checkpoint(parse_note(note).text)
    except NoteError as error:
        raise NotALog(f"{log.folder / 'checkpoint'}: {error}") from None
    if (checkpoint.size, checkpoint.root) != (edge.size, edge.root()):
        raise NotALog(f"the entries in {log.folder} are not those of its checkpoint: see `corong audit verify`")
    if full:
        tiles = [{"level": tile.level, "place": tile.index, "hashes": data} for tile, data in full]
        write_many(connection, insert(state.tile), tiles)
    for level, hashes in enumerate(edge.partial):
        place = (edge.size >> (8 * level)) // WIDTH
        connection.execute(insert(state.edge).values(level=level, place=place, hashes=b"".join(hashes)))
    connection.execute(
        insert(state.head).values(id=0, size=edge.size, root=edge.root(), note=note, signed_at=signed_at)
    )
    if chains:
        kept = [{"writer": writer, "number": number, "digest": digest} for writer, (number, digest) in chains.items()]
        connection.execute(insert(state.chain), kept)
    return taken
