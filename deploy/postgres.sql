-- One role for each service, which owns its schema and nothing else; run by psql as a superuser in Corong's database:
--   psql -d corong -f deploy/postgres.sql
-- Passwords come from the environment. Run it again to change a password or after an upgrade: it changes only what differs.

\set ON_ERROR_STOP on
\getenv intake CORONG_DB_INTAKE_PASSWORD
\getenv routing CORONG_DB_ROUTING_PASSWORD
\getenv publishing CORONG_DB_PUBLISHING_PASSWORD
\getenv auditing CORONG_DB_AUDITING_PASSWORD
\getenv desk CORONG_DB_DESK_PASSWORD
\getenv portal CORONG_DB_PORTAL_PASSWORD
\getenv channels CORONG_DB_CHANNELS_PASSWORD
\getenv keys CORONG_DB_KEYS_PASSWORD

BEGIN;

DO $$
BEGIN
  IF current_setting('server_encoding') <> 'UTF8' THEN
    RAISE EXCEPTION 'this database is not in UTF-8: make it anew by createdb -E UTF8 -T template0';
  END IF;
END
$$;

CREATE TEMPORARY TABLE wanted (name text PRIMARY KEY, word text NOT NULL CHECK (word <> '')) ON COMMIT DROP;
INSERT INTO wanted VALUES
  ('intake', :'intake'),
  ('routing', :'routing'),
  ('publishing', :'publishing'),
  ('auditing', :'auditing'),
  ('desk', :'desk'),
  ('portal', :'portal'),
  ('channels', :'channels'),
  ('keys', :'keys'); -- the persons' keys; only its migrations sign in as corong_keys

SELECT format('CREATE ROLE %I', 'corong_' || name) FROM wanted
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'corong_' || name)
\gexec
SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD %L', 'corong_' || name, word)
  FROM wanted
\gexec

-- Nobody else gets in, and nobody makes tables outside of its own schema.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database())
\gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'corong_' || name) FROM wanted
\gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;

SELECT format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', name, 'corong_' || name) FROM wanted
\gexec

-- Who seals citizens' words makes keys; who shows them reads keys; auditing erases them, and channels have no business
-- there.
GRANT USAGE ON SCHEMA keys
  TO corong_intake, corong_routing, corong_publishing, corong_desk, corong_portal, corong_auditing;
ALTER DEFAULT PRIVILEGES FOR ROLE corong_keys IN SCHEMA keys
  GRANT SELECT, INSERT ON TABLES TO corong_intake, corong_routing, corong_publishing;
ALTER DEFAULT PRIVILEGES FOR ROLE corong_keys IN SCHEMA keys
  GRANT SELECT ON TABLES TO corong_desk, corong_portal;
ALTER DEFAULT PRIVILEGES FOR ROLE corong_keys IN SCHEMA keys
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO corong_auditing;
-- From PostgreSQL 17 on auditing can write the tables anew after an erasure; before, their owner does (docs/erasure.md).
SELECT 'ALTER DEFAULT PRIVILEGES FOR ROLE corong_keys IN SCHEMA keys GRANT MAINTAIN ON TABLES TO corong_auditing'
  WHERE current_setting('server_version_num')::int >= 170000
\gexec

COMMIT;
