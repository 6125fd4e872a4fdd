"""Every act that has a form, by its name in the address and in the life table."""

from collections.abc import Collection
from functools import cache

from corong.desk.acts import decisions, handling, procedure, publishing, rearranging
from corong.desk.acts.form import Act, Subject


@cache
def all_acts() -> dict[str, Act]:
    """By the name in the address."""
    return {act.slug: act for part in _parts() for act in part}


@cache
def _parts() -> tuple[tuple[Act, ...], ...]:
    return tuple(tuple(part.acts()) for part in (decisions, procedure, handling, publishing, rearranging))


def offered(names: set[str], subject: Subject) -> list[tuple[str, list[Act]]]:
    """Those of the life table's `names`, in groups with a title, in the order in which a page offers them.

    What there is nothing for, such as a later message, is left out; so are those of `deciding`, which stand apart.
    """
    _ = subject.translate
    names = names - {act.name for act in deciding(names)}
    titles = (_("Keberatan dan sengketa"), _("Tata cara"), _("Menangani"), _("Menerbitkan"), _("Mengatur"))
    found = [
        (title, [act for act in part if act.name in names and act.possible(subject)])
        for title, part in zip(titles, _parts(), strict=True)
    ]
    return [(title, acts) for title, acts in found if acts]


def deciding(names: Collection[str]) -> list[Act]:
    """Those of the life table's `names` by which a request or an objection is decided, or sent back undecided."""
    return [act for act in all_acts().values() if act.leads_to is not None and act.name in names]
