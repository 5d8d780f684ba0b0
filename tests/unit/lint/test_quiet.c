/* Statements that change only the catalogue, or only what nobody else sees: no alarm. */
#include "fixture.h"

/* A schema that has been there for long. */
static const char before[] =
    "CREATE TABLE t (id bigint PRIMARY KEY, a int NOT NULL, b varchar(20), c timestamptz,"
    "  d numeric(10,2), e varchar(5)[], f cidr, g bit varying(4), h text, j timestamp(3));"
    "CREATE TABLE p (id bigint PRIMARY KEY);"
    "CREATE TYPE y AS ENUM ('a', 'b');"
    "CREATE DOMAIN word AS text;"
    "CREATE SEQUENCE s;"
    "CREATE VIEW v AS SELECT id FROM t;"
    "CREATE INDEX i ON t (a);"
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;";

static const char *const quiet[] = {
    "ALTER TABLE t ADD COLUMN n int;",
    "ALTER TABLE t ADD COLUMN IF NOT EXISTS n text;",
    "ALTER TABLE t ADD COLUMN n int DEFAULT 1;",
    "ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 1;",
    "ALTER TABLE t ADD COLUMN n timestamptz NOT NULL DEFAULT now();",
    "ALTER TABLE t ADD COLUMN n jsonb DEFAULT '{}'::jsonb;",
    "ALTER TABLE t ADD COLUMN n text DEFAULT concat('a', 'b');",
    "ALTER TABLE t ADD COLUMN n y DEFAULT 'a';",
    "ALTER TABLE t ADD COLUMN n word;",
    "ALTER TABLE t ADD COLUMN n text[] DEFAULT ARRAY['a'];",
    "ALTER TABLE t ALTER COLUMN h SET DEFAULT 'x';",
    "ALTER TABLE t ALTER COLUMN h SET DEFAULT gen_random_uuid()::text;",
    "DROP TABLE IF EXISTS never_made;",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL;",
    "ALTER TABLE t ALTER COLUMN b TYPE varchar(40);",
    "ALTER TABLE t ALTER COLUMN b TYPE text;",
    "ALTER TABLE t ALTER COLUMN b TYPE varchar;",
    "ALTER TABLE t ALTER COLUMN h TYPE varchar;",
    "ALTER TABLE t ALTER COLUMN h TYPE text;",
    "ALTER TABLE t ALTER COLUMN d TYPE numeric(20,2);",
    "ALTER TABLE t ALTER COLUMN d TYPE numeric;",
    "ALTER TABLE t ALTER COLUMN e TYPE varchar[];",
    "ALTER TABLE t ALTER COLUMN f TYPE inet;",
    "ALTER TABLE t ALTER COLUMN g TYPE bit varying(8);",
    "ALTER TABLE t ALTER COLUMN j TYPE timestamp;",
    "ALTER TABLE t ALTER COLUMN h SET STATISTICS 500;",
    "ALTER TABLE t ALTER COLUMN h SET STORAGE external;",
    "ALTER TABLE t SET (fillfactor = 80);",
    "ALTER TABLE t RESET (fillfactor);",
    "ALTER TABLE t SET (autovacuum_enabled = false);",
    "ALTER TABLE t DROP CONSTRAINT k;",
    "ALTER TABLE t RENAME CONSTRAINT k TO l;",
    "ALTER TABLE t ADD CONSTRAINT l CHECK (a > 1) NOT VALID;",
    "ALTER TABLE t VALIDATE CONSTRAINT k;",
    "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p NOT VALID;",
    "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i;",
    "ALTER TABLE t OWNER TO app;",
    "ALTER TABLE t REPLICA IDENTITY FULL;",
    "ALTER TABLE t CLUSTER ON i;",
    "ALTER INDEX i RENAME TO j;",
    "ALTER INDEX i SET (fillfactor = 70);",
    "ALTER SEQUENCE s RESTART WITH 100;",
    "ALTER SEQUENCE s OWNED BY t.id;",
    "ALTER TYPE y ADD VALUE 'c';",
    "ALTER TYPE y ADD VALUE IF NOT EXISTS 'c' BEFORE 'a';",
    "ALTER DOMAIN word SET DEFAULT 'x';",
    "ALTER DOMAIN word ADD CONSTRAINT w CHECK (VALUE <> '') NOT VALID;",
    "ALTER FUNCTION f() OWNER TO app;",
    "ALTER ROLE app SET statement_timeout = '5s';",
    "COMMENT ON TABLE t IS 'x';",
    "COMMENT ON COLUMN t.a IS 'x';",
    "GRANT SELECT ON t TO app;",
    "ALTER TABLE t ADD COLUMN n bigint REFERENCES p;",
    "CREATE TABLE n (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, p bigint REFERENCES p, "
    "u uuid DEFAULT gen_random_uuid(), CHECK (id > 0), UNIQUE (u)); CREATE INDEX n_p ON n (p);",
    "CREATE TABLE n AS SELECT * FROM t;",
    "CREATE TABLE n (LIKE t INCLUDING ALL);",
    "CREATE TABLE n (a int) PARTITION BY LIST (a); CREATE TABLE n1 PARTITION OF n DEFAULT;",
    "CREATE UNLOGGED TABLE n (a int);",
    "CREATE SEQUENCE q;",
    "CREATE SCHEMA z;",
    "CREATE EXTENSION IF NOT EXISTS pgcrypto;",
    "CREATE TYPE z AS (a int, b int);",
    "CREATE DOMAIN z AS int CHECK (VALUE > 0);",
    "CREATE OR REPLACE VIEW v AS SELECT id FROM t;",
    "CREATE MATERIALIZED VIEW m AS SELECT id FROM t WITH NO DATA;",
    "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';",
    "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';",
    "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();",
    "DROP VIEW v; CREATE VIEW v AS SELECT 1;",
    "DROP TRIGGER IF EXISTS g ON t; CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE "
    "FUNCTION f();",
    "CREATE STATISTICS st ON a, b FROM t;",
    "CREATE PUBLICATION pub FOR TABLE t;",
    "ANALYZE t;",
    "SET lock_timeout = '2s';",
    "SELECT set_config('x.y', 'z', false);",
    "INSERT INTO t (id, a) VALUES (1, 2), (3, 4) ON CONFLICT DO NOTHING;",
    "UPDATE t SET a = 2 WHERE id = 1;",
    "DELETE FROM t WHERE id = 1;",
    "DO $$ BEGIN PERFORM 1; END $$;",
    "CREATE TEMP TABLE n (a int); INSERT INTO n SELECT a FROM t; UPDATE n SET a = 1; DROP TABLE n;",
    "-- no-transaction\nCREATE INDEX CONCURRENTLY n ON t (b);",
    "-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY n ON t (b);",
    "-- no-transaction\nDROP INDEX CONCURRENTLY i;",
    "-- no-transaction\nREINDEX INDEX CONCURRENTLY i;",
    "-- no-transaction\nVACUUM ANALYZE t;",
    "-- golive: phase=contract\nALTER TABLE t DROP COLUMN b;",
    "-- golive: phase=contract\nDROP TABLE t;",
};

static void no_alarm(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(quiet); i++)
        expect_quiet(before, quiet[i]);
}

/* What was read before is quiet, too. */
static void the_schema_itself(void **state)
{
    (void)state;
    expect_quiet(NULL, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_alarm),
        cmocka_unit_test(the_schema_itself),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
