"""The words that typer itself puts into a help page, in Indonesian."""

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
