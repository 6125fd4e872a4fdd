"""Who else has a case open, in the reader's words."""

from collections.abc import Sequence

from corong.desk.acts.all_acts import all_acts
from corong.desk.context import Desk
from corong.desk.live.presence import Present
from corong.runtime.kind_names import Translate


class PresenceWords:
    """For one reader."""

    def __init__(self, desk: Desk, translate: Translate) -> None:
        self._desk = desk
        self._translate = translate

    def names(self, present: Sequence[Present]) -> str:
        """`Siti, Budi`; empty where nobody is there."""
        people = (self._desk.person(one.officer) for one in present)
        return ", ".join(person.name for person in people if person is not None)

    def of_case(self, kind: str | None, present: Sequence[Present]) -> dict[str, str]:
        """Who has a case of the kind open, and who is writing what."""
        _ = self._translate
        names = self.names(present)
        writing, answers = [], False
        for one in present:
            for act in (all_acts()[slug] for slug in one.writes):
                told = {"name": self.names([one]), "act": act.title_of(kind, _)}
                writing.append(_("%(name)s sedang menulis di sini (%(act)s).") % told)
                answers = answers or act.goes_out
        if answers:
            writing.append(_("Bicarakan dahulu, supaya warga tidak mendapat dua jawaban."))
        opened = _("Sedang dibuka juga oleh %(names)s.") % {"names": names} if names else ""
        return {"open": opened, "writing": " ".join(writing)}
