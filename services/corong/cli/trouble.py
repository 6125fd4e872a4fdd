"""What goes wrong on the command line: what it is, what to do, and the exit code that tells programs."""

from corong.cli.words import say

DONE = 0
FAILED = 1
USAGE = 2
UNREACHABLE = 3
NOT_ALLOWED = 4
TAMPERED = 6
STOPPED_AT_ONCE = 130

CODES = (
    (DONE, "selesai", "done"),
    (FAILED, "tidak dapat dikerjakan, atau ada yang tidak beres", "it could not be done, or something is not right"),
    (USAGE, "perintah salah tulis", "wrong usage"),
    (UNREACHABLE, "hub atau broker tidak dapat dihubungi", "the hub or the broker could not be reached"),
    (NOT_ALLOWED, "token tidak berlaku, atau tidak berwenang", "the token is not valid, or not allowed"),
    (TAMPERED, "log atau keadaan bukan seperti yang tertulis", "the log or the state is not what was written"),
    (STOPPED_AT_ONCE, "dihentikan seketika oleh Ctrl-C kedua", "stopped at once by a second Ctrl-C"),
)


class Trouble(Exception):
    """Ends the command: `what` happened and what to `do`, both in the reader's language."""

    def __init__(self, what: str, do: str = "", code: int = FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.do = do
        self.code = code


def exit_codes() -> str:
    """For the help."""
    told = "; ".join(f"{code} {say(indonesian, english)}" for code, indonesian, english in CODES)
    return f"{say('Kode keluar', 'Exit codes')}: {told}."
