"""The portal's wiring: it reads everybody's events into its own tables; its HTTP side is in `pages.py`."""

import asyncio
from collections.abc import Sequence

from corong.portal import state
from corong.portal.answers import Answers, PublicAnswer
from corong.portal.information import InformationLists
from corong.portal.tables import officer, unit_edition
from corong.runtime.broker import Broker
from corong.runtime.installation import Installation
from corong.runtime.officers_kept import KeptOfficers
from corong.runtime.service import Service
from corong.runtime.source import LONG_GATHER
from corong.runtime.units_kept import KeptUnits


class Portal(Service):
    """The service, with what the installation's own files tell the public."""

    def __init__(self, installation: Installation, broker: Broker) -> None:
        """Raises `InformationProblem` where the public information list can't be used."""
        self.lists = InformationLists.load(installation.config_folder, installation.directory)
        super().__init__(
            "portal", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS,
            gather=LONG_GATHER,
        )  # fmt: skip
        KeptUnits(self, unit_edition)
        KeptOfficers(self, officer)
        self.answers = Answers(installation.directory, demo=installation.settings.demo)

    async def similar_answers(self, text: str) -> Sequence[PublicAnswer]:
        """Published answers that a message with these words may have been answered by, the likeliest first."""

        def look() -> list[PublicAnswer]:
            with self.database.read() as connection:
                return self.answers.similar(connection, text)

        return await asyncio.to_thread(look)


def build(installation: Installation, broker: Broker) -> Portal:
    """The service."""
    return Portal(installation, broker)
