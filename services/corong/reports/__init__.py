"""The statutory register and the yearly service report, folded from the log's events up to a position. Pure.

No clock, no database, no key: what a person wrote is added afterwards, by whoever may open it.
"""

from corong.reports.book import TYPES, Book, may_read
from corong.reports.figures import DisputeFigures, ObjectionFigures, RequestFigures, Yearly, yearly
from corong.reports.record import Record
from corong.reports.register import Row, rows
from corong.reports.standing import End, Standing

__all__ = [
    "TYPES",
    "Book",
    "DisputeFigures",
    "End",
    "ObjectionFigures",
    "Record",
    "RequestFigures",
    "Row",
    "Standing",
    "Yearly",
    "may_read",
    "rows",
    "yearly",
]
