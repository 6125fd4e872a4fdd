"""Command `person.unindex`: nothing of the erased is found by its words any more, and no bytes of that are left.

SQLite: what is deleted is overwritten, and the write-ahead log cut to nothing. PostgreSQL: VACUUM; its own write-ahead
log keeps old rows until it is recycled. Those are hashes under a key that `corong keys rotate` retires.
"""

import asyncio

import structlog

from corong.desk.search.index import Indexing
from corong.desk.search.tables import search_case, search_term
from corong.runtime.commands import officer_of, told
from corong.runtime.policy import Action, Scope, authorise
from corong.runtime.refusal import busy
from corong_contracts.command import Reply, Request, UnindexPersons

log = structlog.get_logger()


class Forgetting:
    """Answers auditing, which asks after the keys were destroyed."""

    def __init__(self, indexing: Indexing) -> None:
        self._indexing = indexing
        self._service = indexing.desk.service
        self._service.subscribe(UnindexPersons.nats_subject(), self.handle)

    async def handle(self, body: bytes) -> bytes:
        """Answer one request. Never raises: what goes wrong is told, and auditing asks again."""
        try:
            request = Request.model_validate_json(body)
            UnindexPersons.model_validate(request.data)
            officer = officer_of(self._service.installation.directory, request.officer)
            authorise(officer, Action.PERSON_ERASE, Scope())
            cases = await self._indexing.clear()
            if not await asyncio.to_thread(self.scrub):
                raise busy()
            reply = Reply(result={"cases": cases})
        except Exception as error:  # whoever asked must get an answer
            reply = Reply(problem=told(error, UnindexPersons))
        return reply.model_dump_json().encode()

    def scrub(self) -> bool:
        """Take what was deleted out of the database's files too; False where it must be tried again."""
        database = self._service.database
        if database.is_sqlite:
            return database.cut_log()
        with database.writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in (search_case, search_term):
                connection.exec_driver_sql(f'VACUUM "{table.name}"')
        return True
