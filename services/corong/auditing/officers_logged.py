"""Which officers and units there are, as auditing knows it: it has the log itself, and keeps no table beside it."""

from sqlalchemy import Connection, select

from corong.auditing import state
from corong.runtime import unit_rows
from corong.runtime.arrivals import Arrived
from corong.runtime.keys import StaleKeyStore
from corong.runtime.officer_rows import row_of, unnamed
from corong.runtime.officers_kept import check_units, editions_of
from corong.runtime.opened import opened
from corong.runtime.rows import Row
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong.runtime.unit_chart import UnitEdition
from corong.runtime.units_kept import take_at_start
from corong_contracts.catalogue import BadEvent, UnknownType, decode
from corong_contracts.officer import OfficerChanged
from corong_contracts.unit import UnitChanged

_NAMES = frozenset(f"{one.noun}.{one.verb}" for one in (OfficerChanged, UnitChanged))


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
            take_at_start(self._directory, _units_of(connection))
            self._take(_rows_of(connection), check=True)

    def appended(self, unit: Unit, batch: list[Arrived]) -> None:
        """Of what was just appended; an entry that is no event changes nothing."""
        rows, units = [], list[UnitEdition]()
        for item in batch:
            if item.name not in _NAMES:
                continue
            try:
                event = opened(item.body)
            except (BadEvent, UnknownType):
                continue
            if isinstance(event.data, OfficerChanged):
                rows.append(row_of(event, event.data))
            elif isinstance(event.data, UnitChanged):
                units.append(unit_rows.edition_of(unit_rows.row_of(event, event.data)))
        if units:
            unit.after.append(lambda: self._directory.chart.take(units))
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


def _units_of(connection: Connection) -> list[UnitEdition]:
    """All editions; the chart keeps the newest of each."""
    table = state.entry.c
    bodies = select(table.body).where(table.type == UnitChanged.type).order_by(table.position)
    events = [decode(bytes(body)) for body in connection.execute(bodies).scalars()]
    return [
        unit_rows.edition_of(unit_rows.row_of(event, event.data))
        for event in events
        if isinstance(event.data, UnitChanged)
    ]
