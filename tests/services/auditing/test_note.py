"""Signed notes, keys, checkpoints and cosignatures: right ones are read, everything else is an error and no crash."""

import base64
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corong.auditing import note
from corong.auditing.note import (
    COSIGNATURE,
    BadCheckpoint,
    BadKey,
    BadNote,
    BadSignature,
    Checkpoint,
    NoteError,
    Signature,
    SigningKey,
    Unverified,
    VerifierKey,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_note,
    sign,
)
from corong.auditing.tlog import EMPTY_ROOT, leaf_hash

SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = """\
This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()
"""Key and note of the example in C2SP signed-note (c2sp.org/signed-note, CC BY 4.0)."""
SPEC_CHECKPOINT = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
""".encode()  # noqa: E501  # the specification's own lines
"""The example in C2SP tlog-cosignature (c2sp.org/tlog-cosignature, CC BY 4.0); its keys are not told there."""

LOG = SigningKey("log.example/asahan", b"l" * 32)
OTHER = SigningKey("lain.example", b"o" * 32)
WITNESS = SigningKey("saksi.example/w1", b"w" * 32, COSIGNATURE)
TEXT = Checkpoint(LOG.name, 7, leaf_hash(b"x")).text
GOOD = sign(TEXT, [LOG], others=[WITNESS.sign(TEXT, 1679315147)]).data


def test_the_specifications_example() -> None:
    key = VerifierKey.parse(SPEC_KEY)
    assert (key.name, key.key_id.hex(), str(key)) == ("example.com/foo", "530d903a", SPEC_KEY)
    opened = open_note(SPEC_NOTE, [key])
    assert opened.note.text == b"This is an example message.\n"
    assert opened.signers == {key: None}
    assert opened.note.data == SPEC_NOTE


def test_the_specifications_checkpoint() -> None:
    read = parse_note(SPEC_CHECKPOINT)
    checkpoint = parse_checkpoint(read.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == read.text
    assert [signature.name for signature in read.signatures] == [checkpoint.origin, "witness.example.com/w1"]
    assert int.from_bytes(read.signatures[1].value[:8], "big") == 1679315147
    assert read.data == SPEC_CHECKPOINT


def test_a_cosignature_covers_its_time() -> None:
    """The bytes that are signed, as tlog-cosignature writes them out."""
    signature = WITNESS.sign(TEXT, 1679315147)
    assert WITNESS.verifier.verify(TEXT, signature.value) == 1679315147
    plain = VerifierKey(WITNESS.name, WITNESS.verifier.public)
    plain.verify(b"cosignature/v1\ntime 1679315147\n" + TEXT, signature.value[8:])
    later = (1679315148).to_bytes(8, "big") + signature.value[8:]
    with pytest.raises(BadSignature):
        WITNESS.verifier.verify(TEXT, later)
    with pytest.raises(BadSignature):
        WITNESS.verifier.verify(TEXT, b"\x80" + signature.value[1:])


def test_one_key_in_two_uses_has_two_ids() -> None:
    twin = SigningKey(WITNESS.name, WITNESS.seed)
    assert twin.verifier.public == WITNESS.verifier.public
    assert twin.verifier.key_id != WITNESS.verifier.key_id


def test_the_log_and_its_witness() -> None:
    checkpoint, opened = open_checkpoint(GOOD, LOG.verifier, [WITNESS.verifier])
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (LOG.name, 7, leaf_hash(b"x"))
    assert opened.signers == {LOG.verifier: None, WITNESS.verifier: 1679315147}
    assert opened.unknown == ()


def test_unknown_signers_are_passed_over() -> None:
    """Even under a known name with another id, or under another name with a known id."""
    strangers = [
        Signature(LOG.name, b"\0\0\0\0", b"x"),
        Signature("orang.example", LOG.verifier.key_id, bytes(64)),
        OTHER.sign(TEXT),
        OTHER.sign(TEXT),
    ]
    data = sign(TEXT, [LOG], others=strangers).data
    opened = open_note(data, [LOG.verifier])
    assert opened.signers == {LOG.verifier: None}
    assert list(opened.unknown) == strangers[:3]


def test_a_bad_signature_by_a_known_key_spoils_the_note() -> None:
    forged = Signature(WITNESS.name, WITNESS.verifier.key_id, bytes(72))
    data = sign(TEXT, [LOG], others=[forged]).data
    open_note(data, [LOG.verifier])
    with pytest.raises(BadSignature):
        open_note(data, [LOG.verifier, WITNESS.verifier])


def test_a_good_signature_beside_a_bad_one_of_the_same_key_counts_for_nothing() -> None:
    good, bad = LOG.sign(TEXT), Signature(LOG.name, LOG.verifier.key_id, bytes(64))
    for pair in [(good, bad), (bad, good)]:
        with pytest.raises(BadSignature):
            open_note(sign(TEXT, [], others=pair).data, [LOG.verifier])
    opened = open_note(sign(TEXT, [], others=[good, good]).data, [LOG.verifier])
    assert opened.signers == {LOG.verifier: None}


def test_nobody_known() -> None:
    with pytest.raises(Unverified):
        open_note(GOOD, [])
    with pytest.raises(Unverified):
        open_note(GOOD, [OTHER.verifier])
    with pytest.raises(Unverified):
        open_checkpoint(GOOD, OTHER.verifier, [WITNESS.verifier])


def test_two_known_keys_of_one_name_and_id_are_refused() -> None:
    class Twin(VerifierKey):
        @property
        def key_id(self) -> bytes:
            return LOG.verifier.key_id

    with pytest.raises(BadKey):
        open_note(GOOD, [LOG.verifier, Twin(LOG.name, OTHER.verifier.public)])
    open_note(GOOD, [LOG.verifier, LOG.verifier])


def test_another_logs_checkpoint() -> None:
    foreign = sign(Checkpoint("log.example/lain", 7, leaf_hash(b"x")).text, [LOG]).data
    with pytest.raises(BadCheckpoint):
        open_checkpoint(foreign, LOG.verifier)
    assert open_checkpoint(foreign, LOG.verifier, origin="log.example/lain")[0].size == 7
    with pytest.raises(BadCheckpoint):
        open_checkpoint(sign(b"no checkpoint\n", [LOG]).data, LOG.verifier)


def test_sixteen_signatures_and_more_are_read_and_a_hundred_and_one_are_not() -> None:
    many = [Signature(f"saksi{number}", bytes(4), b"x") for number in range(100)]
    assert len(parse_note(sign(TEXT, [], others=many).data).signatures) == 100
    with pytest.raises(BadNote):
        sign(TEXT, [LOG], others=many)


def test_signing_again_replaces_the_older_signature() -> None:
    again = sign(TEXT, [LOG], others=parse_note(GOOD).signatures)
    assert [signature.name for signature in again.signatures] == [WITNESS.name, LOG.name]


def test_every_flipped_bit_is_found() -> None:
    known = [LOG.verifier, WITNESS.verifier]
    whole = open_checkpoint(GOOD, LOG.verifier, [WITNESS.verifier])[1].signers
    for place in range(len(GOOD) * 8):
        bad = bytearray(GOOD)
        bad[place // 8] ^= 1 << place % 8
        try:
            opened = open_note(bytes(bad), known)
        except NoteError:
            continue
        # A witness's name or id that changed is a stranger's; then its word is missing, and the text stands.
        assert opened.signers != whole
        assert opened.note.text == TEXT


def line(name: str = LOG.name, encoded: str = "") -> str:
    return f"— {name} {encoded or parse_note(GOOD).signatures[1].line.split(' ')[2].strip()}\n"


BODY = TEXT.decode()
SIGNED = line()
B64 = SIGNED.split(" ")[2].strip()
MALFORMED = {
    "nothing": "",
    "no signature": BODY,
    "no signature behind the gap": BODY + "\n",
    "no gap": BODY + SIGNED,
    "no end of line": BODY + "\n" + SIGNED[:-1],
    "two ends of line": BODY + "\n" + SIGNED + "\n",
    "an empty line between": BODY + "\n" + SIGNED + "\n" + "x\n",
    "a line that is none": BODY + "\n" + SIGNED + "x\n",
    "a line that is none before": BODY + "\nx\n" + SIGNED,
    "carriage returns": (BODY + "\n" + SIGNED).replace("\n", "\r\n"),
    "a carriage return": BODY + "\r\n" + SIGNED,
    "a tab": "a\tb\n\n" + SIGNED,
    "a NUL": "a\0\n\n" + SIGNED,
    "a bell": "a\x07\n\n" + SIGNED,
    "an escape": "a\x1b[2J\n\n" + SIGNED,
    "a unit separator": "a\x1f\n\n" + SIGNED,
    "a form feed in the signature": BODY + "\n" + SIGNED[:-1] + "\f\n",
    "a hyphen": BODY + "\n" + SIGNED.replace("—", "-"),
    "two hyphens": BODY + "\n" + SIGNED.replace("—", "--"),
    "an en dash": BODY + "\n" + SIGNED.replace("—", "–"),
    "no dash": BODY + "\n" + SIGNED[1:],
    "no space behind the dash": BODY + "\n" + SIGNED.replace("— ", "—"),
    "two spaces behind the dash": BODY + "\n" + SIGNED.replace("— ", "—  "),
    "a hard space behind the dash": BODY + "\n" + SIGNED.replace("— ", "—\xa0"),
    "space before the dash": BODY + "\n " + SIGNED,
    "two spaces before the signature": BODY + "\n" + line(LOG.name + " "),
    "space behind the signature": BODY + "\n" + SIGNED[:-1] + " \n",
    "no name": BODY + "\n" + f"— {B64}\n",
    "an empty name": BODY + "\n" + line(""),
    "a space in the name": BODY + "\n" + line("a b"),
    "a plus in the name": BODY + "\n" + line("a+b"),
    "a hard space in the name": BODY + "\n" + line("a\xa0b"),
    "a wide space in the name": BODY + "\n" + line("a\u3000b"),
    "a thin space in the name": BODY + "\n" + line("a\u2009b"),
    "a line separator in the name": BODY + "\n" + line("a\u2028b"),
    "a next line in the name": BODY + "\n" + line("a\x85b"),
    "no base64": BODY + "\n" + f"— {LOG.name}\n",
    "an empty base64": BODY + "\n" + f"— {LOG.name} \n",
    "four bytes": BODY + "\n" + line(encoded="AAAAAA=="),
    "three bytes": BODY + "\n" + line(encoded="AAAA"),
    "padding missing": BODY + "\n" + line(encoded=B64.rstrip("=")),
    "padding too much": BODY + "\n" + line(encoded=B64 + "="),
    "padding in the middle": BODY + "\n" + line(encoded=B64[:8] + "=" + B64[8:]),
    "bits behind the end": BODY + "\n" + line(encoded=B64[:-2] + chr(ord(B64[-2]) + 1) + "="),
    "url alphabet": BODY + "\n" + line(encoded="AAAA-_AA"),
    "a star": BODY + "\n" + line(encoded="*" + B64[1:]),
    "letters beyond ASCII": BODY + "\n" + line(encoded="é" + B64[1:]),
    "two signatures in a line": BODY + "\n" + SIGNED[:-1] + " " + B64 + "\n",
    "too many signatures": BODY + "\n" + SIGNED * 101,
    "too big": "x" * 1_000_000 + "\n\n" + SIGNED,
}


def test_the_plain_form_of_the_malformed_ones_is_right() -> None:
    assert open_note((BODY + "\n" + SIGNED).encode(), [LOG.verifier]).note.text == TEXT


NOT_TEXT = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x80", b"\xf0\x82\x82\xac"]


@pytest.mark.parametrize("how", sorted(MALFORMED))
def test_malformed_notes_are_an_error(how: str) -> None:
    with pytest.raises(BadNote):
        open_note(MALFORMED[how].encode(), [LOG.verifier])


@pytest.mark.parametrize("part", NOT_TEXT, ids=repr)
def test_what_is_not_utf8_is_no_note(part: bytes) -> None:
    for bad in (part + GOOD, GOOD.replace(b"\n7\n", b"\n" + part + b"\n"), GOOD[:-1] + part + b"\n"):
        with pytest.raises(BadNote):
            open_note(bad, [LOG.verifier])


def test_a_text_may_have_empty_lines_and_letters_of_any_alphabet() -> None:
    for text in ("a\n\n\nb\n\n— x AAAAAAA=\n", "\n", "\n\n", "Kabupaten Asahan — “Meranti” 字 😀\n\x7f\n"):
        assert open_note(sign(text.encode(), [LOG]).data, [LOG.verifier]).note.text == text.encode()


@pytest.mark.parametrize("text", ["", "a", "a\n\nb", "a\r\n", "a\0\n", "\ud800\n"])
def test_what_is_no_text_is_not_signed(text: str) -> None:
    with pytest.raises(BadNote):
        sign(text.encode("utf-8", "surrogatepass"), [LOG])


ROOT = base64.b64encode(leaf_hash(b"x")).decode()
BAD_CHECKPOINTS = [
    "", "\n", "a\n", "a\n1\n", f"a\n1\n{ROOT}", f"\n1\n{ROOT}\n", f"a\n\n{ROOT}\n", "a\n1\n\n", f"a\n1\n{ROOT}\n\n",
    f"a\n1\n{ROOT}\n\nb\n", f"a\n01\n{ROOT}\n", f"a\n00\n{ROOT}\n", f"a\n+1\n{ROOT}\n", f"a\n-1\n{ROOT}\n",
    f"a\n-0\n{ROOT}\n", f"a\n 1\n{ROOT}\n", f"a\n1 \n{ROOT}\n", f"a\n1_0\n{ROOT}\n", f"a\n1.0\n{ROOT}\n",
    f"a\n1e3\n{ROOT}\n", f"a\n0x1\n{ROOT}\n", f"a\n١\n{ROOT}\n", f"a\n²\n{ROOT}\n", f"a\n{2**63}\n{ROOT}\n",
    f"a\n{2**64}\n{ROOT}\n", f"a\n{'9' * 5000}\n{ROOT}\n", f"a\n1\n{ROOT[:-1]}\n", f"a\n1\n{ROOT} \n",
    f"a\n1\n{ROOT}=\n",
    f"a\n1\n{base64.b64encode(bytes(31)).decode()}\n", f"a\n1\n{base64.b64encode(bytes(33)).decode()}\n",
    f"a\n1\n{leaf_hash(b'x').hex()}\n", f"a\n1\n{ROOT[:-2]}{chr(ord(ROOT[-2]) + 1)}=\n", f"a\r\n1\r\n{ROOT}\r\n",
    f"a\t\n1\n{ROOT}\n", f"a\n1\n{ROOT}\nb\tc\n", f"a\n1\t\n{ROOT}\n", f"{ROOT}\n1\na\n", f"1\na\n{ROOT}\n",
    f"a\n1\n{ROOT.replace('=', '')}\n", f"a\n1 2\n{ROOT}\n", f"a\n1\n{ROOT}\nb", "a\n1\n=\n", "a\n1\n====\n",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_CHECKPOINTS, ids=lambda text: repr(text[:24]))
def test_malformed_checkpoints_are_an_error(text: str) -> None:
    with pytest.raises(BadCheckpoint):
        parse_checkpoint(text.encode())


@pytest.mark.parametrize("part", NOT_TEXT, ids=repr)
def test_what_is_not_utf8_is_no_checkpoint(part: bytes) -> None:
    with pytest.raises(BadCheckpoint):
        parse_checkpoint(part + TEXT)


def test_checkpoints_of_every_kind() -> None:
    for checkpoint in (
        Checkpoint("log.example", 0, EMPTY_ROOT),
        Checkpoint("Log milik Kabupaten + 字", 2**63 - 1, bytes(32)),
        Checkpoint("a", 10, bytes(32), ("lain", "— x AAAAAAA=", " ")),
    ):
        assert parse_checkpoint(checkpoint.text) == checkpoint
    for bad in (Checkpoint("", 1, bytes(32)), Checkpoint("a\nb", 1, bytes(32)), Checkpoint("a", -1, bytes(32)),
                Checkpoint("a", 1, bytes(31)), Checkpoint("a", 1, bytes(32), ("",)), Checkpoint("a", 2**63, bytes(32)),
                Checkpoint("a", 1, bytes(32), ("b\nc",))):  # fmt: skip
        with pytest.raises(BadCheckpoint):
            _ = bad.text


def test_keys_are_written_and_read() -> None:
    for key in (LOG, WITNESS):
        assert SigningKey.parse(key.secret) == key
        assert VerifierKey.parse(str(key.verifier)) == key.verifier
        assert base64.b64encode(key.seed).decode()[2:] not in repr(key)
    assert VerifierKey.parse("ü字/x+" + str(VerifierKey("ü字/x", bytes(32))).split("+", 1)[1]).name == "ü字/x"


def test_any_piece_of_a_key_is_none_and_any_changed_letter_too() -> None:
    for parse, text in ((VerifierKey.parse, SPEC_KEY), (SigningKey.parse, LOG.secret)):
        kind: Any = parse
        for start in range(len(text)):
            for end in range(start, len(text) + 1):
                if end - start < len(text):
                    with pytest.raises(BadKey):
                        kind(text[start:end])
        for place in range(len(text)):
            for letter in (chr(ord(text[place]) + 1), " ", "+", "\n", "é"):
                if letter != text[place]:
                    with pytest.raises(BadKey):
                        kind(text[:place] + letter + text[place + 1 :])


def with_id(name: str, content: bytes) -> str:
    identity = note.key_id(name, content[0], content[1:]).hex() if content else "00000000"
    return f"{name}+{identity}+{base64.b64encode(content).decode()}"


@pytest.mark.parametrize(
    "text",
    [with_id("a", b"\x01" + bytes(33)), with_id("a", b"\x01" + bytes(31)), with_id("a", b"\x01"), with_id("a", b""),
     with_id("a", b"\x02" + bytes(32)), with_id("a", b"\x06" + bytes(1312)), with_id("a", b"\xff" + bytes(32)),
     with_id("a b", b"\x01" + bytes(32)), with_id("", b"\x01" + bytes(32)), with_id("a\tb", b"\x01" + bytes(32)),
     with_id("a\x00b", b"\x01" + bytes(32)), with_id("a\u3000", b"\x01" + bytes(32)), SPEC_KEY.replace("530d", "530D"),
     SPEC_KEY.replace("530d", "0530d"), SPEC_KEY + "=", SPEC_KEY + "\n", " " + SPEC_KEY, SPEC_KEY.replace("+", " "),
     "PRIVATE+KEY+" + SPEC_KEY, "\ud800" + SPEC_KEY],
    ids=lambda text: ascii(text[:30]),
)  # fmt: skip
def test_malformed_keys_are_an_error(text: str) -> None:
    with pytest.raises(BadKey):
        VerifierKey.parse(text)


PIECES = st.sampled_from(
    ["\n", "\n\n", "— ", LOG.name, " ", B64, "=", "7", "0", ROOT, "é", "\0", "\r", "+", "cosignature/v1\n", "a", SIGNED]
)


@settings(deadline=None, max_examples=300)
@given(data=st.binary(max_size=200) | st.lists(PIECES, max_size=14).map(lambda parts: "".join(parts).encode()))
@example(data=GOOD)
def test_any_bytes_are_a_note_that_reads_back_the_same_or_an_error(data: bytes) -> None:
    try:
        read = parse_note(data)
    except BadNote:
        return
    assert read.data == data
    for signature in read.signatures:
        assert len(signature.key_id) == 4
    try:
        opened = open_note(data, [LOG.verifier])
    except NoteError:
        return
    assert opened.note == read


@settings(deadline=None, max_examples=300)
@given(data=st.binary(max_size=200) | st.lists(PIECES, max_size=10).map(lambda parts: "".join(parts).encode()))
@example(data=TEXT)
def test_any_bytes_are_a_checkpoint_that_reads_back_the_same_or_an_error(data: bytes) -> None:
    try:
        checkpoint = parse_checkpoint(data)
    except BadCheckpoint:
        return
    assert checkpoint.text == data


@settings(deadline=None, max_examples=300)
@given(place=st.integers(0, len(GOOD)), cut=st.integers(0, 60), put=st.binary(max_size=20))
def test_nothing_in_a_note_changes_unnoticed(place: int, cut: int, put: bytes) -> None:
    bad = GOOD[:place] + put + GOOD[place + cut :]
    try:
        _, opened = open_checkpoint(bad, LOG.verifier, [WITNESS.verifier])
    except NoteError:
        return
    assert opened.note.text == TEXT


def test_a_logs_origin_counts_only_under_its_own_signature() -> None:
    text = Checkpoint(OTHER.name, 7, leaf_hash(b"x")).text
    with pytest.raises(BadCheckpoint):
        open_checkpoint(sign(text, [LOG]).data, [LOG.verifier, OTHER.verifier])
    assert open_checkpoint(sign(text, [OTHER]).data, [LOG.verifier, OTHER.verifier])[0].origin == OTHER.name
