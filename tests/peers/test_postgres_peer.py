"""PostgreSQL from the wheel works as tests need it: databases of their own, durable, and back after a crash."""

import asyncio

import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from tests.peers.postgres import PostgresServer

pytestmark = pytest.mark.postgres


def test_gives_each_caller_an_empty_database(postgres: PostgresServer) -> None:
    first, second = (sqlalchemy.create_engine(postgres.make_database()) for _ in range(2))
    with first.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE laporan (isi text)"))
    assert sqlalchemy.inspect(first).get_table_names() == ["laporan"]
    assert sqlalchemy.inspect(second).get_table_names() == []
    first.dispose()
    second.dispose()


def test_is_durable_unless_asked(postgres: PostgresServer) -> None:
    assert [postgres.ask("SHOW fsync"), postgres.ask("SHOW synchronous_commit")] == [[("on",)], [("on",)]]
    with PostgresServer(fast=True, settings={"max_connections": "17"}) as fast:
        assert [fast.ask("SHOW fsync"), fast.ask("SHOW max_connections")] == [[("off",)], [("17",)]]


def test_async_urls_work(postgres: PostgresServer) -> None:
    async def read() -> object:
        engine = create_async_engine(postgres.make_database("async"))
        async with engine.connect() as connection:
            answer = (await connection.execute(sqlalchemy.text("SELECT 'Corong' || chr(9658)"))).scalar_one()
        await engine.dispose()
        return answer

    assert asyncio.run(read()) == "Corong►"


def test_keeps_what_was_committed_through_a_crash() -> None:
    with PostgresServer() as server:
        database = server.make_database().rpartition("/")[2]
        with server.connect(database) as connection:
            connection.execute("CREATE TABLE laporan (isi text)")
            connection.execute("INSERT INTO laporan VALUES ('lampu mati')")
        server.stop(crash=True)
        server.start()
        assert server.ask("SELECT isi FROM laporan", database) == [("lampu mati",)]
