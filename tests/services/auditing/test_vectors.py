"""Others' vectors: what RFC 6962, C2SP and the tests of other implementations say comes out, read by both readers.

Facts alone: keys, signatures, hashes. Certificate Transparency's own tree is also in `test_tlog.py`.
"""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from corong.auditing import note, tiles, tlog
from corong.auditing.standalone import corong_verify as verifier

ENTRIES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
LEAVES = [tlog.leaf_hash(entry) for entry in ENTRIES]
NODES = tlog.nodes_of(LEAVES)
A, B, C, D, E, F, G, H, K, ALL = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
INCLUSION = [(0, 1, []), (0, 8, [A, B, C]), (5, 8, [D, E, F]), (2, 3, [G]), (1, 5, [H, B, D])]
CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [K, E, F]), (2, 5, [B, D])]
"""Of the tests of Certificate Transparency's log (google/certificate-transparency, Apache-2.0)."""


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_audit_paths_of_certificate_transparency(index: int, size: int, path: list[str]) -> None:
    root, hashes = tlog.root_of(LEAVES[:size]), [bytes.fromhex(item) for item in path]
    assert tlog.inclusion_proof(index, size, NODES) == hashes
    tlog.verify_inclusion(LEAVES[index], index, size, hashes, root)
    assert verifier.root_by_inclusion(verifier.leaf(ENTRIES[index]), index, size, hashes) == root
    assert verifier.root_of([verifier.leaf(entry) for entry in ENTRIES[:size]]) == root


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_consistency_proofs_of_certificate_transparency(old: int, new: int, path: list[str]) -> None:
    hashes = [bytes.fromhex(item) for item in path]
    assert tlog.consistency_proof(old, new, NODES) == hashes
    tlog.verify_consistency(old, new, tlog.root_of(LEAVES[:old]), tlog.root_of(LEAVES[:new]), hashes)


def test_the_whole_tree_of_certificate_transparency() -> None:
    assert tlog.root_of(LEAVES).hex() == verifier.root_of(LEAVES).hex() == ALL
    assert tlog.root_of([]) == verifier.root_of([]) == hashlib.sha256(b"").digest()


PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
PETERS_TEXT = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETERS_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
ENOCHS_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
).encode()
"""Keys and signatures of the example of golang.org/x/mod/sumdb/note (BSD-3-Clause). Enoch's key is of type 4 there, by
which the standard later came to mean cosignatures: here it is a witness's, which never signed so."""


def test_the_note_of_go() -> None:
    peter, enoch = note.VerifierKey.parse(PETER), note.VerifierKey.parse(ENOCH)
    assert (str(peter), str(enoch)) == (PETER, ENOCH)
    both = PETERS_TEXT + b"\n" + PETERS_LINE + ENOCHS_LINE
    opened = note.open_note(both, [peter])
    assert opened.note.text == PETERS_TEXT
    assert opened.signers == {peter: None}
    assert [signature.name for signature in opened.unknown] == ["EnochRoot"]
    assert note.open_note(PETERS_TEXT + b"\n" + PETERS_LINE * 100, [peter]).signers == {peter: None}
    for bad in (
        PETERS_TEXT, PETERS_TEXT + b"\n", (PETERS_TEXT + b"\n" + PETERS_LINE)[:-1],
        b"\x01" + PETERS_TEXT + b"\n" + PETERS_LINE, b"\xff" + PETERS_TEXT + b"\n" + PETERS_LINE,
        PETERS_TEXT + b"\n" + PETERS_LINE.replace(b"PeterNeumann", b"Bad Name"),
        PETERS_TEXT + b"\n" + PETERS_LINE + b"Unexpected line.\n", PETERS_TEXT + b"\n" + PETERS_LINE * 101,
    ):  # fmt: skip
        with pytest.raises(note.BadNote):
            note.open_note(bad, [peter])
        with pytest.raises(verifier.Trouble):
            verifier.open_checkpoint(bad, [verifier.Key.parse(PETER)])
    with pytest.raises(note.BadSignature):
        note.open_note(PETERS_TEXT + b"\n" + PETERS_LINE[:60] + b"ABCD" + PETERS_LINE[60:], [peter])
    key = verifier.Key.parse(PETER)
    text, lines = verifier.parse_note(both)
    assert text == PETERS_TEXT
    assert key.check(text, base64.b64decode(lines[0].split(" ")[2])[4:]) is None


def test_a_cosignature_made_by_the_letter_of_its_standard() -> None:
    """C2SP tlog-cosignature: key id over type 0x04, 8 bytes of time, Ed25519 over two lines and the note's text."""
    private, name, at = Ed25519PrivateKey.from_private_bytes(bytes(range(32))), "witness.example.com/w1", 1_679_315_147
    public = private.public_key().public_bytes_raw()
    identity = hashlib.sha256(name.encode() + b"\n\x04" + public).digest()[:4]
    text = b"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    value = at.to_bytes(8, "big") + private.sign(b"cosignature/v1\ntime 1679315147\n" + text)
    line = f"— {name} {base64.b64encode(identity + value).decode()}\n".encode()
    vkey = f"{name}+{identity.hex()}+{base64.b64encode(b'%c' % 4 + public).decode()}"
    assert note.open_note(text + b"\n" + line, [note.VerifierKey.parse(vkey)]).signers == {
        note.VerifierKey.parse(vkey): at
    }
    assert verifier.Key.parse(vkey).check(text, value) == at
    assert note.SigningKey(name, bytes(range(32)), note.COSIGNATURE).sign(text, at).line.encode() == line


def test_tiles_by_the_letter_of_their_standard() -> None:
    """C2SP tlog-tiles: the path of index 1234067, and the tiles of trees of 256 and of 70,000 entries."""
    assert tiles.Tile(0, 1_234_067).path == verifier.tile_name(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tiles.parse_path("tile/entries/x001/x234/067.p/8") == tiles.Tile(tiles.ENTRIES, 1_234_067, 8)
    for size, widths in ((256, {0: [256], 1: [1]}), (70_000, {0: [256] * 273 + [112], 1: [256, 17], 2: [1]})):
        found = tiles.new_tiles(0, size)
        assert {level: [tile.width for tile in found if tile.level == level] for level in widths} == widths
        assert max(tile.level for tile in found) == max(widths)
