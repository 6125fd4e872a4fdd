"""A template as an officer gives it: what is wrong is told as a refusal."""

from corong.documents.template import BadTemplate, Template
from corong.runtime.refusal import Refused


def read_template(content: str) -> Template:
    """A template out of TOML. Raises `Refused` (422) with all that is wrong, by part and line."""
    try:
        return Template.read(content)
    except BadTemplate as bad:
        indonesian = "; ".join(f"{flaw.part}, baris {flaw.line}: {flaw.indonesian}" for flaw in bad.flaws)
        english = "; ".join(f"{flaw.part}, line {flaw.line}: {flaw.english}" for flaw in bad.flaws)
        raise Refused(
            422, "bad_template", f"Templat tidak dapat dipakai. {indonesian}", f"The template can't be used. {english}",
            ["content"],
        ) from None  # fmt: skip
