"""Who the officers are, as auditing knows it: it has the log itself, and keeps no table of them beside it."""

from sqlalchemy import Connection, select

from corong.auditing import state
from corong.runtime.arrivals import Arrived
from corong.runtime.keys import StaleKeyStore
from corong.runtime.officer_rows import row_of, unnamed
from corong.runtime.officers_kept import check_units, editions_of
from corong.runtime.opened import opened
from corong.runtime.rows import Row
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.catalogue import BadEvent, UnknownType, decode
from corong_contracts.officer import OfficerChanged

_NAME = f"{OfficerChanged.noun}.{OfficerChanged.verb}"


class LoggedOfficers:
    """Tells the process's roster what the log says."""

    def __init__(self, service: Service) -> None:
        self._directory = service.installation.directory
        self._sealer = service.installation.sealer
        self._service = service
        service.before_start(self.begin)

    def begin(self) -> None:
        """Read the log's entries. Raises `DirectoryError` where an officer's unit is gone."""
        with self._service.database.read() as connection:
            self._take(_rows_of(connection), check=True)

    def appended(self, unit: Unit, batch: list[Arrived]) -> None:
        """Of what was just appended; an entry that is no event changes nothing."""
        rows = []
        for item in batch:
            if item.name != _NAME:
                continue
            try:
                event = opened(item.body)
            except (BadEvent, UnknownType):
                continue
            if isinstance(event.data, OfficerChanged):
                rows.append(row_of(event, event.data))
        if rows:
            unit.after.append(lambda: self._take(rows))

    def _take(self, rows: list[Row], *, check: bool = False) -> None:
        try:
            editions = editions_of(self._sealer, rows)
        except StaleKeyStore:  # here a name is told nowhere: the id does
            editions = [unnamed(row) for row in rows]
        if check:
            check_units(self._directory, editions)
        self._directory.roster.take(editions)


def _rows_of(connection: Connection) -> list[Row]:
    """The newest edition of each officer."""
    table = state.entry.c
    newest: dict[str, Row] = {}
    bodies = select(table.body).where(table.type == OfficerChanged.type).order_by(table.position)
    for body in connection.execute(bodies).scalars():
        event = decode(bytes(body))
        data = event.data
        if isinstance(data, OfficerChanged):
            known = newest.get(data.officer)
            if known is None or known["edition"] < data.edition:
                newest[data.officer] = row_of(event, data)
    return list(newest.values())
