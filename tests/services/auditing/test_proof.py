"""`.tlog-proof` files: what is right is read and verified, everything else is an error."""

import base64
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corong.auditing import tlog
from corong.auditing.note import COSIGNATURE, Checkpoint, NoteError, SigningKey, sign
from corong.auditing.proof import BadProof, LogProof, parse_proof, verify_proof
from corong.auditing.tlog import ProofError
from tests.services.auditing.trees import leaf, mth, node

LOG = SigningKey("log.example/asahan", b"l" * 32)
WITNESSES = [SigningKey(f"saksi{number}.example", bytes([number]) * 32, COSIGNATURE) for number in (1, 2, 3)]
SIZE, INDEX = 21, 13


def made(size: int = SIZE, index: int = INDEX, witnesses: int = 2, extra: bytes = b"") -> LogProof:
    text = Checkpoint(LOG.name, size, mth(0, size)).text
    signed = sign(text, [LOG], others=[witness.sign(text, 1679315147) for witness in WITNESSES[:witnesses]])
    return LogProof(index, tuple(tlog.inclusion_proof(index, size, node)), signed.data, extra)


GOOD = made(extra=b"bukti")
DATA = GOOD.data


def verified(proof: LogProof, index: int = INDEX, **more: Any) -> Checkpoint:
    return verify_proof(proof, leaf(index), LOG.verifier, [item.verifier for item in WITNESSES], **more)[0]


def test_it_is_written_as_the_specification_has_it() -> None:
    lines = DATA.decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "extra " + base64.b64encode(b"bukti").decode()
    assert lines[2] == f"index {INDEX}"
    assert [base64.b64decode(line) for line in lines[3 : 3 + len(GOOD.hashes)]] == list(GOOD.hashes)
    assert lines[3 + len(GOOD.hashes)] == ""
    assert lines[4 + len(GOOD.hashes)] == LOG.name
    assert made().data.decode().split("\n")[1] == f"index {INDEX}", "no extra data, no line"
    assert parse_proof(DATA) == GOOD


def test_every_leaf_of_every_size() -> None:
    for size in range(1, 40):
        for index in range(size):
            proof = parse_proof(made(size, index).data)
            assert verified(proof, index, quorum=2).size == size


def test_witnesses_are_counted() -> None:
    assert verified(made(witnesses=2), quorum=2).size == SIZE
    with pytest.raises(BadProof):
        verified(made(witnesses=2), quorum=3)
    with pytest.raises(NoteError):
        verify_proof(GOOD, leaf(INDEX), WITNESSES[0].verifier, [])


def test_another_leaf_or_place_is_refused() -> None:
    with pytest.raises(ProofError):
        verified(GOOD, INDEX + 1)
    with pytest.raises(ProofError):
        verified(LogProof(INDEX - 1, GOOD.hashes, GOOD.checkpoint))
    with pytest.raises(ProofError):
        verified(LogProof(SIZE, GOOD.hashes, GOOD.checkpoint))


def test_every_flipped_bit_is_found() -> None:
    good = made(witnesses=1).data
    for place in range(len(good) * 8):
        bad = bytearray(good)
        bad[place // 8] ^= 1 << place % 8
        with pytest.raises((BadProof, ProofError, NoteError)):
            verified(parse_proof(bytes(bad)), quorum=1)


HEAD = f"c2sp.org/tlog-proof@v1\nindex {INDEX}\n"
HASHES = "".join(base64.b64encode(item).decode() + "\n" for item in GOOD.hashes)
TAIL = "\n" + GOOD.checkpoint.decode()
ONE = base64.b64encode(bytes(32)).decode()
MALFORMED = {
    "nothing": "",
    "head alone": HEAD + HASHES,
    "no gap": HEAD + HASHES + TAIL[1:],
    "no checkpoint": HEAD + HASHES + "\n",
    "two gaps": HEAD + HASHES + "\n" + TAIL,
    "another version": (HEAD + HASHES + TAIL).replace("@v1", "@v2"),
    "no version": (HEAD + HASHES + TAIL).replace("@v1", ""),
    "space behind the version": (HEAD + HASHES + TAIL).replace("@v1", "@v1 "),
    "no header": HEAD.split("\n")[1] + "\n" + HASHES + TAIL,
    "an empty line first": "\n" + HEAD + HASHES + TAIL,
    "byte order mark": "\ufeff" + HEAD + HASHES + TAIL,
    "no index": "c2sp.org/tlog-proof@v1\n" + HASHES + TAIL,
    "an empty index": HEAD.replace(str(INDEX), "") + HASHES + TAIL,
    "no space": HEAD.replace("index ", "index") + HASHES + TAIL,
    "two spaces": HEAD.replace("index ", "index  ") + HASHES + TAIL,
    "a tab": HEAD.replace("index ", "index\t") + HASHES + TAIL,
    "capitals": HEAD.replace("index ", "Index ") + HASHES + TAIL,
    "leading zero": HEAD.replace(str(INDEX), f"0{INDEX}") + HASHES + TAIL,
    "a sign": HEAD.replace(str(INDEX), f"+{INDEX}") + HASHES + TAIL,
    "below nothing": HEAD.replace(str(INDEX), f"-{INDEX}") + HASHES + TAIL,
    "too large": HEAD.replace(str(INDEX), str(2**63)) + HASHES + TAIL,
    "far too large": HEAD.replace(str(INDEX), "9" * 5000) + HASHES + TAIL,
    "letters": HEAD.replace(str(INDEX), "xiii") + HASHES + TAIL,
    "digits of another alphabet": HEAD.replace(str(INDEX), "١٣") + HASHES + TAIL,
    "index twice": HEAD + f"index {INDEX}\n" + HASHES + TAIL,
    "extra behind the index": HEAD + "extra YQ==\n" + HASHES + TAIL,
    "extra twice": HEAD.replace("index", "extra YQ==\nextra YQ==\nindex") + HASHES + TAIL,
    "extra that is empty": HEAD.replace("index", "extra \nindex") + HASHES + TAIL,
    "extra without anything": HEAD.replace("index", "extra\nindex") + HASHES + TAIL,
    "extra that is not base64": HEAD.replace("index", "extra ?\nindex") + HASHES + TAIL,
    "extra without padding": HEAD.replace("index", "extra YQ\nindex") + HASHES + TAIL,
    "extra with bits behind its end": HEAD.replace("index", "extra YR==\nindex") + HASHES + TAIL,
    "a hash of 31 bytes": HEAD + base64.b64encode(bytes(31)).decode() + "\n" + TAIL,
    "a hash of 33 bytes": HEAD + base64.b64encode(bytes(33)).decode() + "\n" + TAIL,
    "a hash in hexadecimal": HEAD + bytes(32).hex() + "\n" + TAIL,
    "a hash without padding": HEAD + ONE[:-1] + "\n" + TAIL,
    "a hash with bits behind its end": HEAD + ONE[:-2] + "B=\n" + TAIL,
    "space before a hash": HEAD + " " + ONE + "\n" + TAIL,
    "space behind a hash": HEAD + ONE + " \n" + TAIL,
    "two hashes in a line": HEAD + ONE + ONE + "\n" + TAIL,
    "64 hashes": HEAD + (ONE + "\n") * 64 + TAIL,
    "carriage returns": (HEAD + HASHES + TAIL).replace("\n", "\r\n"),
    "letters beyond ASCII": HEAD + "é\n" + HASHES + TAIL,
    "a checkpoint that is none": HEAD + HASHES + "\na\n1\n\n— x AAAAAAA=\n",
    "a checkpoint without signatures": HEAD + HASHES + TAIL.split("\n\n")[0] + "\n",
    "a checkpoint with a line behind": HEAD + HASHES + TAIL + "x\n",
    "a checkpoint without its last line feed": HEAD + HASHES + TAIL[:-1],
    "too big": HEAD.replace("index", f"extra {'YWFh' * 500_000}\nindex") + HASHES + TAIL,
}


@pytest.mark.parametrize("how", sorted(MALFORMED))
def test_malformed_proofs_are_an_error(how: str) -> None:
    with pytest.raises(BadProof):
        parse_proof(MALFORMED[how].encode())


def test_the_plain_form_of_the_malformed_ones_is_right() -> None:
    assert parse_proof((HEAD + HASHES + TAIL).encode()) == LogProof(INDEX, GOOD.hashes, GOOD.checkpoint)


@pytest.mark.parametrize("bad", [LogProof(-1, (), GOOD.checkpoint), LogProof(1, (b"x",), GOOD.checkpoint),
                                 LogProof(1, (), b"x"), LogProof(1, (bytes(32),) * 64, GOOD.checkpoint)])  # fmt: skip
def test_what_could_not_be_read_is_not_written(bad: LogProof) -> None:
    with pytest.raises(BadProof):
        _ = bad.data


PIECES = st.sampled_from(
    ["c2sp.org/tlog-proof@v1", "\n", "\n\n", "index ", "extra ", "13", "0", ONE, "YQ==", TAIL, HEAD, "é"]
)


@settings(deadline=None, max_examples=300)
@given(data=st.binary(max_size=200) | st.lists(PIECES, max_size=12).map(lambda parts: "".join(parts).encode()))
@example(data=DATA)
def test_any_bytes_are_a_proof_that_reads_back_the_same_or_an_error(data: bytes) -> None:
    try:
        proof = parse_proof(data)
    except BadProof:
        return
    assert proof.data == data


@settings(deadline=None, max_examples=300)
@given(place=st.integers(0, len(DATA)), cut=st.integers(0, 60), put=st.binary(max_size=20))
def test_nothing_in_a_proof_changes_unnoticed(place: int, cut: int, put: bytes) -> None:
    bad = DATA[:place] + put + DATA[place + cut :]
    try:
        checkpoint = verified(parse_proof(bad))
    except (BadProof, ProofError, NoteError):
        return
    assert checkpoint.root == mth(0, SIZE)
