"""`corong`, `python -m corong`: the command line."""

import os
import sys


def main() -> None:
    """Run one command; ends the process with its exit code (`corong --help` tells them)."""
    from corong.cli.trouble import FAILED, USAGE, Trouble
    from corong.cli.words import UnknownLanguage, take_language

    try:
        sys.argv[1:] = take_language(sys.argv[1:])
    except UnknownLanguage:
        print("--lang: id, en", file=sys.stderr)
        sys.exit(USAGE)
    from corong.cli.help_words import translate_help
    from corong.cli.main import build
    from corong.cli.output import print_trouble

    if len(sys.argv) == 1 or "--help" in sys.argv:
        translate_help()
    try:
        build()()
    except Trouble as trouble:
        print_trouble(trouble)
        sys.exit(trouble.code)
    except KeyboardInterrupt:
        sys.exit(FAILED)
    except BrokenPipeError:
        # Whoever read the output has enough (`corong audit log | head`); what is buffered has no reader.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
