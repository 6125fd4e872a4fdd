"""Keys, notes, checkpoints and proofs: the standards' own examples are read, everything malformed is refused."""

import ast
import base64
import contextlib
import hashlib
import random
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corong.auditing.standalone import corong_verify as verifier
from tests.services.auditing.handmade import (
    COSIGNER,
    LOG,
    HandmadeLog,
    Signer,
    audit_path,
    checkpoint,
    events,
    leaf,
    mth,
)

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
KEYS = [verifier.Key.parse(LOG.vkey), verifier.Key.parse(COSIGNER.vkey)]
SIZE = 300
BODIES = events(SIZE)
LEAVES = [leaf(body) for body in BODIES]
BARE = checkpoint(SIZE, mth(LEAVES))
TEXT = BARE[: BARE.rindex(b"\n\n") + 1]
WHOLE = BARE + COSIGNER.line(TEXT, 1_700_000_000)


def proof(index: int, *, note: bytes = WHOLE, extra: bytes | None = None) -> bytes:
    lines = ["c2sp.org/tlog-proof@v1", *([] if extra is None else [f"extra {base64.b64encode(extra).decode()}"])]
    lines += [f"index {index}", *(base64.b64encode(step).decode() for step in audit_path(index, LEAVES))]
    return "\n".join(lines).encode() + b"\n\n" + note


def refused(data: bytes, event: bytes | None = None) -> int:
    """The code with which it is refused: anything but a `Trouble` is a fault."""
    try:
        if event is None:
            verifier.open_checkpoint(data, KEYS)
        else:
            verifier.verify_proof(data, event, KEYS)
    except verifier.Trouble as trouble:
        return trouble.code
    raise AssertionError(f"accepted: {data[:100]!r}")


def test_it_needs_nothing_but_python_and_cryptography() -> None:
    tree = ast.parse(Path(verifier.__file__).read_text())
    roots = {name.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    roots |= {(node.module or ".").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert roots - sys.stdlib_module_names == {"cryptography"}
    assert not [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) in ("eval", "exec")
    ]


def test_the_example_of_signed_note() -> None:
    key = verifier.Key.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    text, lines = verifier.parse_note(
        "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZ"
        "XsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n".encode()
    )
    assert key.check(text, base64.b64decode(lines[0].split(" ")[2])[4:]) is None
    with pytest.raises(verifier.Trouble):
        key.check(text + b"x", base64.b64decode(lines[0].split(" ")[2])[4:])


def test_the_empty_text_between_lines_belongs_to_the_note() -> None:
    assert verifier.parse_note("a\n\nb\n\n— x AAAAAAA=\n".encode())[0] == b"a\n\nb\n"


@pytest.mark.parametrize("index", [0, 1, 255, 256, 298, 299])
def test_a_proof_of_an_entry(index: int) -> None:
    assert verifier.verify_proof(proof(index), BODIES[index], KEYS)[0] == index
    assert verifier.verify_proof(proof(index, extra=b"anything"), BODIES[index], KEYS)[0] == index
    assert refused(proof(index), BODIES[index - 1]) == verifier.TAMPERED
    assert refused(proof(index), BODIES[index] + b"\n") == verifier.TAMPERED


def test_every_leaf_of_every_size_to_70() -> None:
    for size in range(1, 71):
        root = mth(LEAVES[:size])
        for index in range(size):
            path = audit_path(index, LEAVES[:size])
            assert verifier.root_by_inclusion(LEAVES[index], index, size, path) == root
            assert verifier.root_by_inclusion(LEAVES[index], index, size, [*path, root]) is None
            if path:
                assert verifier.root_by_inclusion(LEAVES[index], index, size, path[:-1]) is None


def test_every_bit_of_a_proof() -> None:
    whole = proof(7, note=BARE)
    keys = KEYS[:1]
    assert verifier.verify_proof(whole, BODIES[7], keys)[0] == 7
    for place in range(len(whole) * 8):
        data = bytearray(whole)
        data[place // 8] ^= 1 << place % 8
        with pytest.raises(verifier.Trouble) as told:
            verifier.verify_proof(bytes(data), BODIES[7], keys)
        assert told.value.code == verifier.TAMPERED


def _lines(*lines: str) -> bytes:
    text = "".join(f"{line}\n" for line in lines).encode()
    return text + b"\n" + LOG.line(text)


ROOT = base64.b64encode(mth(LEAVES)).decode()
MALFORMED_TEXTS = [
    (LOG.name,), (LOG.name, "300"), ("", "300", ROOT), (LOG.name, "", ROOT), (LOG.name, "300", ""),
    (LOG.name, "0300", ROOT), (LOG.name, "+300", ROOT), (LOG.name, "-1", ROOT), (LOG.name, " 300", ROOT),
    (LOG.name, "300 ", ROOT), (LOG.name, "3e2", ROOT), (LOG.name, "0x12c", ROOT), (LOG.name, "٣٠٠", ROOT),
    (LOG.name, "9223372036854775808", ROOT), (LOG.name, "9" * 5000, ROOT), (LOG.name, "300", ROOT[:-1]),
    (LOG.name, "300", ROOT + "="), (LOG.name, "300", ROOT[:-4]), (LOG.name, "300", " " + ROOT),
    (LOG.name, "300", ROOT.replace("=", "")), (LOG.name, "300", base64.b64encode(bytes(31)).decode()),
    (LOG.name, "300", base64.b64encode(bytes(33)).decode()), (LOG.name, "300", ROOT, ""),
    (LOG.name, "300", ROOT, "", "x"),
    (LOG.name, "0", ROOT), (LOG.name, "300", hashlib.sha256(b"").hexdigest()), ("log.lain.example", "300", ROOT),
    (LOG.name + " ", "300", ROOT), (LOG.name, "300\r", ROOT), (LOG.name, "300", ROOT + "\r"),
    ("\t" + LOG.name, "300", ROOT),
    (LOG.name, "300", ROOT.replace("A", "-").replace("B", "_") + "!"),
]  # fmt: skip


@pytest.mark.parametrize("lines", MALFORMED_TEXTS)
def test_a_text_that_is_no_checkpoint_is_refused_though_it_is_signed(lines: tuple[str, ...]) -> None:
    assert refused(_lines(*lines)) == verifier.TAMPERED


def test_extension_lines_are_signed_and_passed_over() -> None:
    assert verifier.open_checkpoint(_lines(LOG.name, "300", ROOT, "anything", "more"), KEYS, 0).size == SIZE


def test_notes_that_are_none_by_the_hundred() -> None:
    line = LOG.line(TEXT)
    end = line.index(b" ", 5) + 1
    found: list[bytes] = [
        b"", b"\n", b"\n\n", TEXT, TEXT + b"\n", TEXT + line, TEXT + b"\n" + line[:-1], TEXT + b"\n\n" + line,
        TEXT + b"\n" + line + b"\n", TEXT + b"\n" + line + b"x", b"\n" + line, TEXT[:-1] + b"\n" + line,
        TEXT + b"\n" + line.replace("—".encode(), b"-"), TEXT + b"\n" + line.replace("—".encode(), "–".encode()),
        TEXT + b"\n" + line.replace("— ".encode(), "—".encode()), TEXT + b"\n" + line.replace(b" ", b"  "),
        TEXT + b"\n" + line[:end] + b"\n", TEXT + b"\n" + line[:end] + b"AAAA\n",
        TEXT + b"\n" + line[:end] + b"AAAAAA==\n",
        TEXT + b"\n" + line + "— a+b AAAAAAAA\n".encode(), TEXT + b"\n" + line + "— a\u00a0b AAAAAAAA\n".encode(),
        TEXT + b"\n" + line + "—  AAAAAAAA\n".encode(), TEXT + b"\n" + line + "— a A\n".encode(),
        (TEXT + b"\n" + line).replace(b"\n", b"\r\n"), TEXT + b"\n" + line + b"\xff\n", b"\xef\xbb\xbf" + BARE,
        BARE.replace(b"300", b"301"), BARE + b"\x00", "\ud800".encode("utf-16", "surrogatepass") + BARE,
        b"x\n" * 400_000 + BARE, TEXT + b"\n" + line[:-2] + b"\n", TEXT + b"\n" + line[:-1] + b" \n", b"\0" * 1000,
    ]  # fmt: skip
    chance = random.Random(5)
    for _ in range(400):  # cuts, doublings, and other bytes in the signed part
        start, stop = sorted(chance.sample(range(len(BARE)), 2))
        found += [BARE[:start] + BARE[stop:], BARE[:stop] + BARE[start:]]
    for data in found:
        if data != BARE:
            with pytest.raises(verifier.Trouble):
                verifier.open_checkpoint(data, KEYS[:1])


def test_keys_that_are_none() -> None:
    good = LOG.vkey
    name, identity, key = good.split("+", 2)
    ecdsa = b"\x02" + bytes(32)
    of_ecdsa = hashlib.sha256(name.encode() + b"\n" + ecdsa).digest()[:4].hex()
    for text in (
        "", "+", "++", name, f"{name}+{identity}", f"{name}+{identity}+",
        f"+{identity}+{key}", f"{name} x+{identity}+{key}",
        f"{name}+{identity.upper()}+{key}", f"{name}+00000000+{key}",
        f"{name}+{identity}+{key[:-4]}", f"{name}x+{identity}+{key}",
        f"{name}+{identity[:-1]}+{key}", f"{name}+{identity}+{key}=", good.replace(key, key[::-1]),
        f"{name}+{of_ecdsa}+{base64.b64encode(ecdsa).decode()}", f" {good}", f"{good}\n", "\udcff" + good,
    ):  # fmt: skip
        with pytest.raises(verifier.Trouble) as told:
            verifier.Key.parse(text)
        assert told.value.code == verifier.NOT_CHECKED, text
    assert verifier.Key.parse(good) == KEYS[0]


def test_sixteen_signatures_and_more_are_read() -> None:
    others = b"".join(Signer(f"saksi{number}.example", number + 3).line(TEXT) for number in range(40))
    assert verifier.open_checkpoint(BARE + others + COSIGNER.line(TEXT, 5), KEYS).signed[KEYS[1]] == 5


def test_proofs_that_are_none() -> None:
    good = proof(7)
    head, _, note = good.partition(b"\n\n")
    lines = head.split(b"\n")
    for data in (
        b"", b"\n\n", head, note, good[1:],
        b"c2sp.org/tlog-proof@v2" + good[22:], good.replace(b"index 7", b"index 07"),
        good.replace(b"index 7", b"index 8"),
        good.replace(b"index 7", b"index -7"), good.replace(b"index 7", b"index 300"),
        good.replace(b"index 7", b"index 9223372036854775808"),
        good.replace(b"index 7\n", b""), good.replace(b"index", b"extra"),
        b"\n".join(lines[:-1]) + b"\n\n" + note, b"\n".join([*lines, lines[-1]]) + b"\n\n" + note,
        b"\n".join([*lines, *lines[-1:] * 70]) + b"\n\n" + note,
        b"\n".join([lines[0], b"extra !", *lines[1:]]) + b"\n\n" + note,
        b"\n".join([*lines[:2], *reversed(lines[2:])]) + b"\n\n" + note, head + b"\n\n\n" + note, head + b"\n" + note,
        b"\n".join([*lines[:2], b"AAAA", *lines[3:]]) + b"\n\n" + note, b"\xff" + good, good.replace(b"\n", b"\r\n"),
    ):  # fmt: skip
        assert refused(data, BODIES[7]) == verifier.TAMPERED, data


@settings(PATIENT)
@given(st.binary(max_size=400), st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_anything_in_a_checkpoint_is_refused_or_means_the_same(junk: bytes, start: int, stop: int) -> None:
    data = WHOLE[:start] + junk + WHOLE[stop:]
    with contextlib.suppress(verifier.Trouble):
        found = verifier.open_checkpoint(data, KEYS, 0)
        assert (found.origin, found.size, found.root) == (LOG.name, SIZE, mth(LEAVES))


@settings(PATIENT)
@given(st.binary(max_size=400), st.integers(0, 800), st.integers(0, 800))
def test_anything_in_a_proof_is_refused_or_means_the_same(junk: bytes, start: int, stop: int) -> None:
    whole = proof(7)
    with contextlib.suppress(verifier.Trouble):
        index, _ = verifier.verify_proof(whole[:start] + junk + whole[stop:], BODIES[7], KEYS, 0)
        assert index == 7


@settings(PATIENT)
@given(st.binary(max_size=600), st.integers(1, 256))
def test_anything_may_stand_in_a_bundle(data: bytes, width: int) -> None:
    bodies, end = verifier.split_bundle(data, width)
    assert len(bodies) <= width
    assert b"".join(len(body).to_bytes(2, "big") + body for body in bodies) == data[:end]


@settings(PATIENT)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=12), st.binary(max_size=300), st.data())
def test_anything_may_stand_in_a_logs_files(bodies: list[bytes], junk: bytes, draw: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        log = HandmadeLog(Path(folder), bodies).publish()
        name = draw.draw(st.sampled_from(log.files()))
        before = (log.folder / name).read_bytes()
        start, stop = draw.draw(st.integers(0, len(before))), draw.draw(st.integers(0, len(before)))
        after = before[:start] + junk + before[stop:]
        log.write(name, after)
        report = verifier.verify(verifier.Folder(folder), KEYS, quorum=0, events=False, processes=1)
        if after == before:
            assert report.code == verifier.SOUND
        elif name != "checkpoint" and not report.withheld:
            assert report.code == verifier.TAMPERED
        verifier.as_text(report)


def test_one_witness_given_twice_is_one_witness() -> None:
    other = verifier.Key.parse(Signer("saksi.lain.example", 77, 4).vkey)
    for keys in ([*KEYS, KEYS[1]], [*KEYS, other, KEYS[1]]):
        with pytest.raises(verifier.Trouble) as told:
            verifier.open_checkpoint(WHOLE, keys, 2)
        assert told.value.code == verifier.NOT_CHECKED
