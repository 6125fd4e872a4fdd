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
    import typer

    from corong.cli.help_words import names_a_group, speak, translate_help, wrong_usage
    from corong.cli.main import build
    from corong.cli.output import print_trouble, tell
    from corong.cli.words import say

    command = typer.main.get_command(build())
    if "--help" in sys.argv or names_a_group(command, sys.argv[1:]):
        translate_help()
    speak(command)
    try:
        sys.exit(command(prog_name="corong", standalone_mode=False))
    except typer.Abort:
        tell(say("Dibatalkan.", "Aborted."))
        sys.exit(FAILED)
    except Trouble as trouble:
        print_trouble(trouble)
        sys.exit(trouble.code)
    except KeyboardInterrupt:
        sys.exit(FAILED)
    except BrokenPipeError:
        # Whoever read the output has enough (`corong audit log | head`); what is buffered has no reader.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except Exception as error:
        # typer's own errors have no public base; a help page that stands for missing arguments is shown already.
        if not hasattr(error, "format_message"):
            raise
        if type(error).__name__ != "NoArgsIsHelpError":
            context = getattr(error, "ctx", None)
            print_trouble(
                Trouble(wrong_usage(error.format_message()), f"{context.command_path} --help" if context else "")
            )
        sys.exit(USAGE)


if __name__ == "__main__":
    main()
