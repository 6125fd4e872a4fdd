"""Each service's versions make exactly the tables of its code, on SQLite and PostgreSQL, and roles keep them apart."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from corong.runtime import tables
from corong.runtime.clock import utc_now
from corong.runtime.database import Database
from corong.runtime.key_erasure import Doomed, KeyEraser
from corong.runtime.keys import Keys, key_table
from corong.runtime.migrate import config_of, migrate, newest_version
from corong.runtime.migrations.generate import metadata_of
from corong_contracts.base import SERVICES
from corong_contracts.topology import USERS
from tests.peers.postgres import PostgresServer, postgres
from tests.programs import ROOT

OWNERS = (*(user for user in USERS if user != "deploy"), "keys")
"""Who has a database, a schema and a role: the services, the sources' positions, the key store."""

BACKENDS = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]

Open = Callable[[str], Database]
postgres_server = postgres


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A new installation's databases: a folder, or an empty database of a real PostgreSQL."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.make_database()


@pytest.fixture
def opened(url: str) -> Iterator[Open]:
    """Opens databases of one installation; the same name again is another process's connection."""
    found: list[Database] = []

    def open_one(service: str) -> Database:
        database = Database(url, service)
        found.append(database)
        return database

    yield open_one
    for database in found:
        database.close()


def bring_up(database: Database) -> None:
    database.create_schema()
    migrate(database)


def differences(database: Database) -> list[Any]:
    """What alembic would still change to come to the tables of the code."""
    # Alembic takes SQLite's empty text for another default than an empty text.
    options = {
        "version_table": "schema_version",
        "compare_type": True,
        "compare_server_default": not database.is_sqlite,
    }
    with database.reading.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(context, metadata_of(database.service))  # type: ignore[arg-type]
        return found


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("service", OWNERS)
def test_versions_make_the_tables_of_the_code(opened: Open, service: str) -> None:
    database = opened(service)
    bring_up(database)
    assert differences(database) == []
    names = {table.name for metadata in metadata_of(service) for table in metadata.tables.values()}
    assert set(inspect(database.reading).get_table_names()) == {*names, "schema_version"}
    with database.reading.connect() as connection:
        version = connection.execute(text("SELECT version_num FROM schema_version")).scalar_one()
    assert version == newest_version(service) == ScriptDirectory.from_config(config_of(service)).get_current_head()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_difference_would_be_seen(opened: Open) -> None:
    database = opened("routing")
    bring_up(database)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE parked DROP COLUMN error"))
    ((what, _, table, column),) = differences(database)
    assert (what, table, column.name) == ("add_column", "parked", "error")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("service", ["intake", "keys"])
def test_a_second_run_changes_nothing(opened: Open, service: str) -> None:
    database = opened(service)
    bring_up(database)
    table = metadata_of(service)[-1].sorted_tables[0]
    row = {column.name: "x" if column.type.python_type is str else 1 for column in table.columns if not column.nullable}
    with database.write() as connection:
        connection.execute(insert(table).values(row))
    bring_up(database)
    bring_up(opened(service))
    with database.read() as connection:
        assert len(connection.execute(select(table)).all()) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_threads_at_once_do_it_once(opened: Open) -> None:
    databases = [opened(service) for service in (*SERVICES, "keys") for _ in range(2)]
    with ThreadPoolExecutor(len(databases)) as threads:
        list(threads.map(bring_up, databases))
    assert [differences(database) for database in databases] == [[]] * len(databases)


MIGRATES_ALL = """
import sys
from corong.runtime.database import Database
from corong.runtime.migrate import migrate
print("ready", flush=True)
sys.stdin.readline()
for service in sys.argv[2:]:
    database = Database(sys.argv[1], service)
    database.create_schema()
    migrate(database)
    database.close()
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_processes_at_once_do_it_once(url: str, opened: Open) -> None:
    command = [sys.executable, "-c", MIGRATES_ALL, url, *OWNERS]
    pipe = subprocess.PIPE
    started = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    for owner in OWNERS:
        assert differences(opened(owner)) == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_services_with_tables_of_one_name_do_not_see_each_others(opened: Open) -> None:
    databases = {service: opened(service) for service in SERVICES}
    for place, database in enumerate(databases.values(), 1):
        bring_up(database)
        with database.write() as connection:
            connection.execute(insert(tables.inbox).values(writer="intake.00", taken=place))
    for place, database in enumerate(databases.values(), 1):
        with database.read() as connection:
            assert connection.execute(select(tables.inbox.c.taken)).scalars().all() == [place]


@pytest.fixture(scope="module")
def url_of(postgres_server: PostgresServer) -> Callable[[str], str]:
    """User → its URL of a database that the script has prepared and every owner has migrated."""
    whole = make_url(postgres_server.make_database("roles"))
    environment = {f"CORONG_DB_{owner.upper()}_PASSWORD": f"word-of-{owner}" for owner in OWNERS}
    for _ in range(2):  # again changes nothing
        postgres_server.run_script(ROOT / "deploy" / "postgres.sql", str(whole.database), environment)

    def of(owner: str) -> str:
        signed = whole.set(username=f"corong_{owner}", password=f"word-of-{owner}")
        return signed.render_as_string(hide_password=False)

    for owner in OWNERS:
        database = Database(of(owner), owner)
        bring_up(database)
        database.close()
    return of


@pytest.mark.postgres
class TestRoles:
    """deploy/postgres.sql: each service signs in as a role of its own."""

    def test_each_owns_its_tables_and_reads_no_other(self, url_of: Callable[[str], str]) -> None:
        for owner, other in itertools.product(OWNERS, OWNERS):
            if other == "keys" and owner != "keys":
                continue
            database = Database(url_of(owner), other)
            table = metadata_of(other)[-1].sorted_tables[0]
            qualified = text(f'SELECT count(*) FROM "{other}"."{table.name}"')
            try:
                with database.reading.connect() as connection:
                    if owner == other:
                        assert connection.execute(qualified).scalar_one() == 0
                        continue
                    with pytest.raises(ProgrammingError, match="permission denied for schema"):
                        connection.execute(qualified)
                    connection.rollback()
                    with pytest.raises(ProgrammingError, match="does not exist"):  # its search_path is empty to it
                        connection.execute(text(f'SELECT count(*) FROM "{table.name}"'))
            finally:
                database.close()

    def test_nobody_makes_anything_elsewhere(self, url_of: Callable[[str], str]) -> None:
        for owner in OWNERS:
            database = Database(url_of(owner), owner)
            try:
                for what in ("SCHEMA spy", "TABLE public.spy (x int)", "ROLE spy", "DATABASE spy"):
                    with (
                        database.writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
                        pytest.raises(ProgrammingError, match="permission denied"),
                    ):
                        connection.execute(text(f"CREATE {what}"))
            finally:
                database.close()

    @pytest.mark.parametrize(
        ("owner", "reads", "makes"),
        [("intake", True, True), ("routing", True, True), ("publishing", True, True), ("desk", True, False),
         ("portal", True, False), ("channels", False, False)],
    )  # fmt: skip
    def test_keys_are_made_by_those_who_seal_and_read_by_those_who_show(
        self, url_of: Callable[[str], str], owner: str, reads: bool, makes: bool
    ) -> None:
        def keys_as(who: str) -> tuple[Database, Keys]:
            database = Database(url_of(who), "keys")
            return database, Keys(database, b"w" * 32, utc_now)

        maker, makers = keys_as("intake")
        known = makers.ensure(["somebody"])["somebody"]
        database, keys = keys_as(owner)
        try:
            if reads:
                assert keys.get(known) == makers.get(known)
            else:
                with pytest.raises(ProgrammingError, match=r"does not exist|permission denied"):
                    keys.get(known)
            if makes:
                assert keys.get(keys.ensure([f"of {owner}"])[f"of {owner}"])
            else:
                with pytest.raises(ProgrammingError, match=r"does not exist|permission denied"):
                    keys.ensure([f"of {owner}"])
            for change in (key_table.update().values(wrapped=None), key_table.delete()):
                with (
                    pytest.raises(ProgrammingError, match=r"does not exist|permission denied"),
                    database.write() as own,
                ):
                    own.execute(change)
        finally:
            maker.close()
            database.close()

    def test_auditing_alone_may_destroy_keys(self, url_of: Callable[[str], str]) -> None:
        maker, database = Database(url_of("intake"), "keys"), Database(url_of("auditing"), "keys")
        try:
            keys = Keys(maker, b"w" * 32, utc_now)
            identity = keys.identify(["to be erased"])["to be erased"]
            eraser = KeyEraser(database, utc_now)
            doomed = Doomed("e1", identity.person, (identity.key,), "2026-07-01T00:00:00.000000Z", "UU 27/2022", "1")
            eraser.destroy([doomed], 1)
            assert eraser.scrub(), "it may write the tables anew"
            keys.look()
            assert keys.get(identity.key) is None
            assert keys.identify(["to be erased"])["to be erased"].person != identity.person
        finally:
            maker.close()
            database.close()

    def test_a_changed_password_is_set_by_running_it_again(
        self, url_of: Callable[[str], str], postgres_server: PostgresServer
    ) -> None:
        asked = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'corong\\_%'"
        before: dict[Any, Any] = dict(postgres_server.ask(asked))  # type: ignore[arg-type]
        assert set(before) == {f"corong_{owner}" for owner in OWNERS}
        assert all(str(word).startswith("SCRAM-SHA-256$") for word in before.values())
        environment = {f"CORONG_DB_{owner.upper()}_PASSWORD": f"new word-of-{owner}'s" for owner in OWNERS}
        name = str(make_url(url_of("intake")).database)
        postgres_server.run_script(ROOT / "deploy" / "postgres.sql", name, environment)
        after: dict[Any, Any] = dict(postgres_server.ask(asked))  # type: ignore[arg-type]
        assert after.keys() == before.keys()
        assert not set(after.values()) & set(before.values())

    def test_a_database_that_mangles_letters_is_refused(self, postgres_server: PostgresServer) -> None:
        with postgres_server.connect() as connection:
            connection.execute("CREATE DATABASE letters ENCODING 'SQL_ASCII' TEMPLATE template0")
        environment = {f"CORONG_DB_{owner.upper()}_PASSWORD": "word" for owner in OWNERS}
        with pytest.raises(AssertionError, match="not in UTF-8: make it anew by createdb -E UTF8"):
            postgres_server.run_script(ROOT / "deploy" / "postgres.sql", "letters", environment)

    @pytest.mark.parametrize(("wrong", "says"), [(None, 'syntax error at or near ":"'), ("", "wanted_word_check")])
    def test_a_missing_password_stops_it_before_anything(
        self, postgres_server: PostgresServer, wrong: str | None, says: str
    ) -> None:
        url = make_url(postgres_server.make_database("stopped"))
        environment = {f"CORONG_DB_{owner.upper()}_PASSWORD": "word" for owner in OWNERS if owner != "desk"}
        if wrong is not None:
            environment["CORONG_DB_DESK_PASSWORD"] = wrong
        with pytest.raises(AssertionError, match=says):
            postgres_server.run_script(ROOT / "deploy" / "postgres.sql", str(url.database), environment)
        found = postgres_server.ask("SELECT nspname FROM pg_namespace WHERE nspname = 'intake'", str(url.database))
        assert found == []
