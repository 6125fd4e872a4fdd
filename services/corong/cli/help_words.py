"""The words that typer itself puts into a help page, in Indonesian."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from corong.cli.words import language


def translate_help() -> None:
    """Call it before a help page is shown: what is replaced here takes a quarter of a second to load."""
    if language() != "id":
        return
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = "Argumen"
    rich_utils.OPTIONS_PANEL_TITLE = "Opsi"
    rich_utils.COMMANDS_PANEL_TITLE = "Perintah"
    rich_utils.DEFAULT_STRING = "[bawaan: {}]"
    rich_utils.ENVVAR_STRING = "[variabel: {}]"
    rich_utils.REQUIRED_LONG_STRING = "[wajib]"
    rich_utils.DEPRECATED_STRING = "(usang) "


_TYPES = {
    "str": "teks", "int": "angka", "int range": "angka", "float": "angka", "float range": "angka",
    "path": "berkas", "Path": "berkas",
    "list[str]": "teks", "list[path]": "berkas", "list[Path]": "berkas", "bool": "ya/tidak",
}  # fmt: skip

_ERRORS = (
    (r"Missing argument (.+)\.", "Argumen {} belum diisi."),
    (r"Missing option (.+)\.", "Opsi {} wajib diisi."),
    (r"Missing command\.", "Perintahnya belum disebut."),
    (r"No such command (.+)\. Did you mean (.+)\?", "Tidak ada perintah {}. Maksudnya {}?"),
    (r"No such command (.+)\.", "Tidak ada perintah {}."),
    (r"No such option: (\S+) Did you mean (.+)\?", "Tidak ada opsi {}. Maksudnya {}?"),
    (r"No such option: (\S+) \(Possible options: (.+)\)", "Tidak ada opsi {}. Maksudnya salah satu dari {}?"),
    (r"No such option: (\S+)", "Tidak ada opsi {}."),
    (r"Option (.+) requires an argument\.", "Opsi {} perlu nilai."),
    (r"Option (.+) requires (\d+) arguments\.", "Opsi {} perlu {} nilai."),
    (r"Option (.+) does not take a value\.", "Opsi {} tidak memakai nilai."),
    (r"Got unexpected extra argument\S* \((.+)\)", "Kelebihan argumen: {}"),
    (r"Invalid value for (.+): .*'(.*)' is not one of (.+)", "Nilai {} tidak sah: {}; pilih salah satu dari {}"),
    (r"Invalid value for (.+): .*valid integer.*", "Nilai {} tidak sah: harus bilangan bulat"),
    (r"Invalid value for (.+): .*greater than or equal to (\S+)", "Nilai {} tidak sah: paling kecil {}"),
    (r"Invalid value for (.+): .*less than or equal to (\S+)", "Nilai {} tidak sah: paling besar {}"),
    (r"Invalid value for (.+): .*does not exist.*", "Nilai {} tidak sah: tidak ada"),
    (r"Invalid value for (.+): (?s:.*)", "Nilai {} tidak sah"),
)


def speak(command: Any, name: str = "corong") -> None:
    """Indonesian for the words of typer itself that its help pages and usage lines take from a command."""
    if language() != "id":
        return
    import typer

    command.options_metavar = "[OPSI]"
    usage = command.get_usage
    command.get_usage = lambda ctx: usage(ctx).replace("Usage:", "Pemakaian:", 1)
    helping = command.get_help_option(typer.Context(command, info_name=name))
    if helping is not None:
        helping.help = "Tampilkan bantuan ini."
    for parameter in (*command.params, *([helping] if helping is not None else [])):
        parameter.display_type = _typed(parameter.display_type)
    if hasattr(command, "commands"):
        command.subcommand_metavar = "PERINTAH [ARGUMEN]..."
        for part, inner in command.commands.items():
            speak(inner, part)


def _typed(english: Callable[[Any], str]) -> Callable[[Any], str]:
    def display_type(ctx: Any) -> str:
        shown = english(ctx)
        return f"<{_TYPES.get(shown[1:-1], shown[1:-1])}>"

    return display_type


def names_a_group(command: Any, words: Sequence[str]) -> bool:
    """Whether a command line stops at a group, whose help page is then shown."""
    for word in words:
        command = getattr(command, "commands", {}).get(word)
    return hasattr(command, "commands")


def wrong_usage(message: str) -> str:
    """What is wrong with a command line, in the reader's language."""
    if language() == "id":
        for pattern, words in _ERRORS:
            if found := re.fullmatch(pattern, message):
                return words.format(*found.groups())
    return message
