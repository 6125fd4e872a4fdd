"""Hundreds of checkpoints, notes, proofs, bundles and keys that the standards don't allow, each with a name.

What has a signature is signed after it was bent: so it is the form that has to be refused, not the signature. From the
texts of C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof and tlog-tiles.
"""

import base64
import hashlib
from collections.abc import Iterator

from tests.services.auditing.handmade import COSIGNER, LOG, Signer, audit_path, leaf, mth

SIZE, INDEX = 21, 13
BODIES = [b'{"number":%d,"writer":"intake.00"}' % number for number in range(1, SIZE + 1)]
LEAVES = [leaf(body) for body in BODIES]
ROOT = base64.b64encode(mth(LEAVES)).decode()
TEXT = f"{LOG.name}\n{SIZE}\n{ROOT}\n"
AT = 1_679_315_147

NUMBERS = [
    "", " ", "0{}", "00{}", "+{}", "-{}", "-0", " {}", "{} ", "{}\t", "{}.0", "{}.", "{}e0", "0x{}", "0b1", "{}_0",
    "{},0",
    "{}L", "1 {}", "{}\r", "\ufeff{}", "²", "٢١", "২১", "２１", "Ⅻ", "NaN", "inf", "null", "true", "''",
    "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "9" * 30, "9" * 5000, "1" + "0" * 19,
]  # fmt: skip
"""Instead of a decimal number, which stands where {} is."""

ROOTS = [
    "", " ", "=", "====", "A", "AA", "AAA", "AAAA", "AAA=", "AA==", "{}=", "{}==", "{} ", " {}", "{}A", "A{}",
    "{}\t", "{}\r",
    "{} {}", "{}{}", "\ufeff{}", "{}\u00a0", "*", "null", base64.b64encode(bytes(31)).decode(),
    base64.b64encode(bytes(33)).decode(), base64.b64encode(bytes(64)).decode(), bytes(32).hex(),
    base64.b32encode(bytes(32)).decode(), base64.b64encode(bytes(32)).decode().rstrip("="),
    base64.b64encode(bytes(32)).decode()[:-2] + "B=", base64.b64encode(bytes(32)).decode()[:-2] + "D=",
    base64.urlsafe_b64encode(b"\xfb\xef" + bytes(30)).decode(), base64.b64encode(bytes(32)).decode()[:-1] + "*",
    base64.b64encode(bytes(32)).decode()[:10] + "\\n" + base64.b64encode(bytes(32)).decode()[10:],
    base64.b64encode(bytes(32)).decode()[:20] + "=" + base64.b64encode(bytes(32)).decode()[20:],
    "ＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡＡ=",
]  # fmt: skip
"""Instead of the base64 of 32 bytes."""

CONTROLS = [chr(code) for code in range(0x20) if chr(code) != "\n"]
SPACES = ["\x20", "\x85", "\xa0", "\u1680", "\u2000", "\u2009", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"]
NOT_UTF8 = [b"\xff", b"\xfe", b"\xc0\xaf", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
            b"\xe2\x80",
            b"\xf0\x82\x82\xac", b"\x80"]  # fmt: skip


def signed(text: str | bytes, *more: bytes) -> bytes:
    """A note with the log's own true signature, whatever the text is."""
    data = text.encode() if isinstance(text, str) else text
    return data + b"\n" + LOG.line(data) + b"".join(more)


GOOD = signed(TEXT, COSIGNER.line(TEXT.encode(), AT))


def checkpoints() -> Iterator[tuple[str, bytes]]:
    """Truly signed notes of which the text is no checkpoint of this log."""
    for number in NUMBERS:
        yield f"size {number[:20]!r}", signed(f"{LOG.name}\n{number.replace('{}', str(SIZE))}\n{ROOT}\n")
    for root in ROOTS:
        yield f"root {root[:50]!r}", signed(f"{LOG.name}\n{SIZE}\n{root.replace('{}', ROOT)}\n")
    lines = [LOG.name, str(SIZE), ROOT]
    for place in range(3):
        yield f"without line {place}", signed("".join(f"{line}\n" for line in lines[:place] + lines[place + 1 :]))
        if place < 2:  # the root twice is a checkpoint with an extension line
            yield f"line {place} twice", signed("".join(f"{line}\n" for line in lines[: place + 1] + lines[place:]))
        yield (
            f"an empty line before {place}",
            signed("".join(f"{line}\n" for line in [*lines[:place], "", *lines[place:]])),
        )
        yield f"from line {place} on", signed("".join(f"{line}\n" for line in lines[place:])) if place else GOOD[1:]
        for control in CONTROLS:
            bent = [*lines[:place], lines[place][:3] + control + lines[place][3:], *lines[place + 1 :]]
            yield f"{control!r} in line {place}", signed("".join(f"{line}\n" for line in bent))
    for swap in ([1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]):
        yield f"lines in order {swap}", signed("".join(f"{lines[place]}\n" for place in swap))
    for tail in ("\n", "\n\n", "x\n\n", "\nx\n", "x\n\ny\n"):
        yield f"then {tail!r}", signed(TEXT + tail)
    for origin in ("", LOG.name + "x", LOG.name[:-1], LOG.name.upper(), LOG.name + " ", " " + LOG.name, LOG.name + "/",
                   "https://" + LOG.name, LOG.name + "+", COSIGNER.name, "\u200b" + LOG.name,
                   LOG.name + "\u0301"):  # fmt: skip
        yield f"origin {origin!r}", signed(f"{origin}\n{SIZE}\n{ROOT}\n")
    empty = base64.b64encode(hashlib.sha256(b"\0").digest()).decode()
    for root in (ROOT, empty, base64.b64encode(bytes(32)).decode()):
        yield f"an empty tree with the root {root}", signed(f"{LOG.name}\n0\n{root}\n")


def lines_of_signatures() -> Iterator[tuple[str, str]]:
    """Lines that are no signature, whoever's they are."""
    line = LOG.line(TEXT.encode()).decode()[:-1]
    _, name, encoded = line.split(" ")
    for dash in ("", "-", "--", "–", "―", "— ", " —", "—\t", "\u2014\u2014", "â\x80\x94", "*", ">", "#", "‒"):
        yield f"dash {dash!r}", f"{dash} {name} {encoded}"
    for space in SPACES[1:]:
        yield f"{space!r} behind the dash", f"—{space}{name} {encoded}"
        yield f"{space!r} behind the name", f"— {name}{space}{encoded}"
    for space in [*SPACES, "+", "a+b", " +"]:
        yield f"{space!r} in the name", f"— {name[:4]}{space}{name[4:]} {encoded}"
    for bad in ("", " "):
        yield f"name {bad!r}", f"— {bad} {encoded}"
    yield "no name", f"— {encoded}"
    yield "no signature", f"— {name}"
    for value in ("", "=", "====", "A", "AA", "AA==", "AAA=", "AAAA", "AAAAAA==", encoded + "=", encoded[:-1],
                  encoded + " ",
                  " " + encoded, encoded + "\t", encoded[:4] + "=" + encoded[4:], encoded[:4] + " " + encoded[4:],
                  "*" + encoded,
                  encoded.replace("/", "_").replace("+", "-") + "-", encoded + encoded, "é" + encoded,
                  encoded[:-2] + "*" + "=",
                  encoded[:-2] + chr(ord(encoded[-2]) + 1) + "=", "AAAAAAB=", "AAAAAA", encoded + " x",
                  encoded + "\u2028"):  # fmt: skip
        yield f"signature {value[:9]!r}…{value[-9:]!r}", f"— {name} {value}"
    yield "a word", "x"
    yield "a checkpoint's line", str(SIZE)
    yield "nothing", ""


def notes() -> Iterator[tuple[str, bytes]]:
    """What is no signed note, or not by this log: by its form, its text, or its signatures."""
    line = LOG.line(TEXT.encode()).decode()
    for name, bad in lines_of_signatures():
        yield f"{name}, alone", f"{TEXT}\n{bad}\n".encode("utf-8", "surrogatepass")
        yield f"{name}, behind", f"{TEXT}\n{line}{bad}\n".encode("utf-8", "surrogatepass")
        yield f"{name}, before", f"{TEXT}\n{bad}\n{line}".encode("utf-8", "surrogatepass") if bad else b""
    for part in NOT_UTF8:
        for place in (0, 5, len(TEXT), len(TEXT) + 2, len(GOOD)):
            yield f"{part!r} at {place}", GOOD[:place] + part + GOOD[place:]
        yield f"{part!r} in what is signed", signed(TEXT.encode()[:3] + part + TEXT.encode()[3:])
    for control in CONTROLS:
        yield f"{control!r} at the end", GOOD + control.encode()
        yield f"{control!r} between", f"{TEXT}{control}\n{line}".encode()
        yield f"{control!r} as a line", f"{TEXT}\n{line}{control}\n".encode()
    for end in range(0, len(GOOD) - 1, 7):
        if end != len(TEXT) + 1 + len(line.encode()):
            yield f"the first {end} bytes", GOOD[:end]
            yield f"without the first {end + 1} bytes", GOOD[end + 1 :]
    other = Signer(LOG.name, seed=9)
    yield "another's signature", TEXT.encode() + b"\n" + other.line(TEXT.encode())
    yield "another text's signature", TEXT.encode() + b"\n" + LOG.line(b"another\n")
    yield "the witness alone", TEXT.encode() + b"\n" + COSIGNER.line(TEXT.encode(), AT)
    yield "a witness's false one", signed(TEXT, COSIGNER.line(b"another\n", AT))
    yield "a witness's without time", signed(TEXT, _line(COSIGNER, COSIGNER.private.sign(TEXT.encode())))
    late = (2**63).to_bytes(8, "big")
    message = b"cosignature/v1\ntime %d\n" % 2**63 + TEXT.encode()
    yield "a witness's beyond all time", signed(TEXT, _line(COSIGNER, late + COSIGNER.private.sign(message)))
    yield "a witness's other time", signed(TEXT, _line(COSIGNER, bytes(8) + COSIGNER.private.sign(message)))
    for cut in (1, 7, 8, 9, 63, 64, 71):
        value = base64.b64decode(COSIGNER.line(TEXT.encode(), AT).split(b" ")[2])[4 : 4 + cut]
        yield f"a witness's first {cut} bytes", signed(TEXT, _line(COSIGNER, value))
        yield (
            f"the log's first {min(cut, 63)} bytes",
            TEXT.encode() + b"\n" + _line(LOG, LOG.private.sign(TEXT.encode())[:cut][:63]),
        )
    yield "the log's and one byte", TEXT.encode() + b"\n" + _line(LOG, LOG.private.sign(TEXT.encode()) + b"\0")
    yield "the log's true and its false one", signed(TEXT, LOG.line(b"another\n"))
    yield "the log's false and its true one", TEXT.encode() + b"\n" + LOG.line(b"another\n") + LOG.line(TEXT.encode())
    yield "carriage returns", GOOD.replace(b"\n", b"\r\n")
    yield "in UTF-16", GOOD.decode().encode("utf-16")
    yield "byte order mark", b"\xef\xbb\xbf" + GOOD
    yield "a hundred and one signatures", TEXT.encode() + b"\n" + LOG.line(TEXT.encode()) * 101
    yield "too big", signed(TEXT + "x" * 1_000_000 + "\n")


def _line(signer: Signer, value: bytes) -> bytes:
    return f"— {signer.name} ".encode() + base64.b64encode(signer.id + value) + b"\n"


PATH = [base64.b64encode(step).decode() for step in audit_path(INDEX, LEAVES)]
HEADER = "c2sp.org/tlog-proof@v1"


def proof(*, header: str = HEADER, extra: str | None = None, index: str = f"index {INDEX}",
          path: list[str] | None = None,
          note: bytes = GOOD, gap: str = "\n") -> bytes:  # fmt: skip
    """A `.tlog-proof` with parts of it put in place of the right ones."""
    lines = [header, *([] if extra is None else [extra]), index, *(PATH if path is None else path)]
    return ("".join(f"{line}\n" for line in lines) + gap).encode("utf-8", "surrogatepass") + note


def proofs() -> Iterator[tuple[str, bytes]]:
    """What proves nothing of the event at INDEX."""
    for number in NUMBERS:
        yield f"index {number[:20]!r}", proof(index=f"index {number.replace('{}', str(INDEX))}")
    for number in (*range(SIZE + 3), 2**31, 2**32, 2**63 - 1):
        if number != INDEX:
            yield f"index {number}", proof(index=f"index {number}")
    for word in ("", "Index", "INDEX", "index:", "idx", " index", "index ", "index\t", "index=", "extra"):
        yield f"word {word!r}", proof(index=f"{word} {INDEX}")
    yield "no space", proof(index=f"index{INDEX}")
    for root in ROOTS:
        for place in (0, len(PATH) - 1):
            bent = [*PATH[:place], root.replace("{}", PATH[place]), *PATH[place + 1 :]]
            yield f"hash {place} {root[:50]!r}", proof(path=bent)
    for place in range(len(PATH)):
        yield f"without hash {place}", proof(path=PATH[:place] + PATH[place + 1 :])
        yield f"hash {place} twice", proof(path=PATH[: place + 1] + PATH[place:])
        yield f"hash {place} is another", proof(path=[*PATH[:place], ROOT, *PATH[place + 1 :]])
        yield f"an empty line before hash {place}", proof(path=[*PATH[:place], "", *PATH[place:]])
    yield "no hashes", proof(path=[])
    yield "hashes in the other order", proof(path=PATH[::-1])
    for count in (1, 2, 58, 59, 60, 200):
        yield f"{count} hashes more", proof(path=[*PATH, *[ROOT] * count])
    for header in ("", HEADER + " ", " " + HEADER, HEADER.upper(), HEADER[:-1], HEADER[:-1] + "2", HEADER + "\r",
                   HEADER[1:],
                   HEADER + ".0", "https://" + HEADER, "\ufeff" + HEADER, "c2sp.org/tlog-proof",
                   "c2sp.org/tlog-checkpoint@v1",
                   "extra YQ==", HEADER + "\n"):  # fmt: skip
        yield f"header {header!r}", proof(header=header)
    for extra in ("", "extra", "extra ", "extra  YQ==", "extra YQ", "extra YQ=", "extra YR==", "extra YQ== ",
                  "extra\tYQ==",
                  "extra YQ==\nextra YQ==", "Extra YQ==", "extra: YQ==", "extra *", "extra é", "extra YQ==\r",
                  "extra =",
                  "extra YQ==YQ==", "extra Y Q==", "x", f"index {INDEX}", ROOT):  # fmt: skip
        yield f"extra {extra!r}", proof(extra=extra)
    yield "extra behind the index", proof(index=f"index {INDEX}\nextra YQ==")
    for gap in ("", "\n\n", " \n", "\r\n", "\t\n", "x\n\n"):
        yield f"gap {gap!r}", proof(gap=gap)
    for part in NOT_UTF8:
        yield f"{part!r} first", part + proof()
        yield f"{part!r} in the index", proof().replace(b"index ", b"index " + part)
    for control in CONTROLS:
        yield f"{control!r} behind the header", proof(header=HEADER + control)
        yield f"{control!r} behind a hash", proof(path=[PATH[0] + control, *PATH[1:]])
    whole = proof()
    for end in range(0, whole.index(b"\n\n") + 2, 5):
        yield f"the first {end} bytes", whole[:end]
        yield f"without the first {end + 1} bytes", whole[end + 1 :]
    for name, note in (*every_ninth(checkpoints()), *every_ninth(notes())):
        yield f"checkpoint: {name}", proof(note=note)
    yield "carriage returns", whole.replace(b"\n", b"\r\n")
    yield "too big", proof(extra=f"extra {'YWFh' * 500_000}")


def every_ninth(of: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Some of them."""
    return (item for place, item in enumerate(of) if place % 9 == 0)


def bundles() -> Iterator[tuple[str, bytes, int]]:
    """Bytes that are no bundle of so many entries: what was left out, put in, or counted otherwise."""
    bodies = [b"satu", b"", b"dua", b"x" * 300]
    whole = b"".join(len(body).to_bytes(2, "big") + body for body in bodies)
    for end in range(len(whole)):
        yield f"the first {end} bytes", whole[:end], 4
    for more in (b"\0", b"\0\0", b"\0\1a", b"\n", whole):
        yield f"and {more[:3]!r}", whole + more, 4
    for width in (-1, 0, 1, 2, 3, 5, 255, 256, 257, 65_536):
        yield f"as {width}", whole, width
    starts = [0, 6, 8, 13]
    for start, step in ((start, step) for start in starts for step in (-1, 1, 2, 255, 256, 0xFFFF)):
        length = int.from_bytes(whole[start : start + 2], "big") + step
        if 0 <= length <= 0xFFFF:
            yield f"length at {start} and {step}", whole[:start] + length.to_bytes(2, "big") + whole[start + 2 :], 4
    for start in starts:
        little = whole[start : start + 2][::-1]
        if little != whole[start : start + 2]:
            yield f"little end first at {start}", whole[:start] + little + whole[start + 2 :], 4


def keys() -> Iterator[tuple[str, str]]:
    """What is no verifier key of a type that is known here."""
    name, identity, encoded = LOG.vkey.split("+", 2)
    public = base64.b64decode(encoded)
    for text in ("", "+", "++", name, f"{name}+", f"{name}+{identity}", f"{name}+{identity}+", f"+{identity}+{encoded}",
                 f" {LOG.vkey}", f"{LOG.vkey} ", f"{LOG.vkey}\n", f"{LOG.vkey}\r\n", f"{LOG.vkey}+", f"{LOG.vkey}=",
                 f"{name}+{identity.upper()}+{encoded}", f"{name}+0x{identity}+{encoded}",
                 f"{name}+{identity[1:]}+{encoded}",
                 f"{name}+0{identity}+{encoded}", f"{name}+{identity} +{encoded}", f"{name}+{identity}++{encoded}",
                 f"{name}-{identity}-{encoded}", f"PRIVATE+KEY+{LOG.vkey}", f"{name}+{int(identity, 16)}+{encoded}",
                 "\ufeff" + LOG.vkey, "\udcff" + LOG.vkey, LOG.vkey.replace("+", " "), LOG.vkey[:-1], LOG.vkey[1:],
                 f"{name}+{identity}+{encoded[:-2]}*="):  # fmt: skip
        yield repr(text[:60]), text
    for bad in [*SPACES, *CONTROLS, "\n"]:
        yield f"{bad!r} in the name", vkey(f"log{bad}x", public)
    yield "no name", vkey("", public)
    for kind in (0, 2, 3, 5, 6, 0xFA, 0xFF):
        yield f"type {kind}", vkey(name, bytes([kind]) + public[1:])
    yield "ML-DSA-44", vkey(name, b"\x06" + bytes(1312))
    for length in (0, 1, 2, 16, 31, 33, 64, 65):
        yield f"{length} bytes", vkey(name, b"\x01" + bytes(length))
        yield f"{length} bytes of a witness", vkey(name, b"\x04" + bytes(length))
    yield "nothing", vkey(name, b"")
    yield "the id of another name", f"{name}x+{identity}+{encoded}"
    other = base64.b64encode(b"\x04" + public[1:]).decode()
    yield "the id of another type", f"{name}+{identity}+{other}"


def vkey(name: str, encoded: bytes) -> str:
    """Of any name and content, with the id that belongs to them."""
    identity = hashlib.sha256(name.encode() + b"\n" + encoded).digest()[:4].hex()
    return f"{name}+{identity}+{base64.b64encode(encoded).decode()}"
