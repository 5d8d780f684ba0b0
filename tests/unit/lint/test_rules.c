/* Each rule: SQL that it finds, and SQL that comes near and that it must not find. */
#include "fixture.h"

#define T                                                                                          \
    "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c timestamptz, d numeric(10,2));"

struct sample {
    const char *rule;
    const char *before; /* files before, separated by "\n----\n" */
    const char *sql;
};

/* clang-format off */
static const struct sample found[] = {
    {"add-column-volatile-default", NULL, "ALTER TABLE t ADD COLUMN u uuid DEFAULT gen_random_uuid();"},
    {"add-column-volatile-default", NULL, "ALTER TABLE t ADD u float DEFAULT random() * 10;"},
    {"add-column-volatile-default", NULL, "ALTER TABLE t ADD u timestamptz DEFAULT clock_timestamp();"},
    {"add-column-volatile-default", NULL, "ALTER TABLE t ADD u text DEFAULT app.make_token();"},
    {"add-column-volatile-default", "CREATE FUNCTION tok() RETURNS text LANGUAGE sql AS 'SELECT 1::text';", "ALTER TABLE t ADD u text DEFAULT tok();"},
    {"add-column-auto-number", NULL, "ALTER TABLE t ADD COLUMN n serial;"},
    {"add-column-auto-number", NULL, "ALTER TABLE t ADD COLUMN n bigserial;"},
    {"add-column-auto-number", NULL, "ALTER TABLE t ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY;"},
    {"add-column-generated", NULL, "ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS (a * 2) STORED;"},
    {"add-column-domain", "CREATE DOMAIN pos AS int CHECK (VALUE > 0);", "ALTER TABLE t ADD COLUMN n pos;"},
    {"add-column-not-null", NULL, "ALTER TABLE t ADD COLUMN n int NOT NULL;"},
    {"add-column-unique", NULL, "ALTER TABLE t ADD COLUMN n int UNIQUE;"},
    {"add-column-unique", NULL, "ALTER TABLE t ADD COLUMN n int PRIMARY KEY;"},
    {"add-column-check", NULL, "ALTER TABLE t ADD COLUMN n int CHECK (n > 0);"},
    {"add-column-references", NULL, "ALTER TABLE t ADD COLUMN n int REFERENCES p;"},
    {"add-foreign-key", NULL, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p;"},
    {"add-foreign-key", T, "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id);"},
    {"foreign-key-without-index", NULL, "CREATE TABLE c (id int, p_id int REFERENCES p);"},
    {"foreign-key-without-index", NULL, "CREATE TABLE c (id int, p_id int, FOREIGN KEY (p_id) REFERENCES p); CREATE INDEX ON c (id, p_id);"},
    {"add-check", NULL, "ALTER TABLE t ADD CHECK (a > 0);"},
    {"add-check", NULL, "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0);"},
    {"validate-in-transaction", T, "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT k;"},
    {"validate-in-transaction", NULL, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT t_a_fkey;"},
    {"add-unique", NULL, "ALTER TABLE t ADD UNIQUE (a);"},
    {"add-unique", NULL, "ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a, b);"},
    {"primary-key-nullable", "CREATE TABLE n (a int);\n----\n-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY k ON n (a);", "ALTER TABLE n ADD CONSTRAINT k PRIMARY KEY USING INDEX k;"},
    {"add-exclude", NULL, "ALTER TABLE t ADD EXCLUDE USING gist (r WITH &&);"},
    {"set-not-null", NULL, "ALTER TABLE t ALTER COLUMN a SET NOT NULL;"},
    {"set-not-null", T "\n----\nALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL) NOT VALID;", "ALTER TABLE t ALTER a SET NOT NULL;"},
    {"set-not-null", T "\n----\nALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL OR a > 1);", "ALTER TABLE t ALTER a SET NOT NULL;"},
    {"drop-not-null", NULL, "ALTER TABLE t ALTER a DROP NOT NULL;"},
    {"alter-column-type", T, "ALTER TABLE t ALTER a TYPE bigint;"},
    {"alter-column-type", T, "ALTER TABLE t ALTER b TYPE varchar(10);"},
    {"alter-column-type", T, "ALTER TABLE t ALTER d TYPE numeric(12,4);"},
    {"alter-column-type", T, "ALTER TABLE t ALTER d TYPE numeric(8,2);"},
    {"alter-column-type", T, "ALTER TABLE t ALTER b TYPE text USING lower(b);"},
    {"alter-column-type", T, "SET TIME ZONE 'Asia/Tokyo'; ALTER TABLE t ALTER c TYPE timestamp;"},
    {"alter-column-type", T "\n----\nALTER TABLE t ADD CHECK (b <> '');", "ALTER TABLE t ALTER b TYPE varchar(40);"},
    {"alter-column-type", NULL, "ALTER TABLE t ALTER a TYPE bigint;"},
    {"alter-domain", NULL, "ALTER DOMAIN pos ADD CONSTRAINT k CHECK (VALUE > 1);"},
    {"alter-domain", NULL, "ALTER DOMAIN pos SET NOT NULL;"},
    {"create-index", NULL, "CREATE INDEX i ON t (a);"},
    {"create-index", T, "CREATE UNIQUE INDEX IF NOT EXISTS i ON t (lower(b)) WHERE a > 1;"},
    {"create-index", "CREATE TABLE q (a int) PARTITION BY RANGE (a);", "CREATE INDEX i ON q (a);"},
    {"concurrent-index-unnamed", NULL, "-- no-transaction\nCREATE INDEX CONCURRENTLY ON t (a);"},
    {"concurrent-if-not-exists", NULL, "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);"},
    {"concurrent-on-partitioned", "CREATE TABLE q (a int) PARTITION BY RANGE (a);", "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON q (a);"},
    {"drop-index", NULL, "DROP INDEX i;"},
    {"drop-index", T "CREATE INDEX i ON t (a);", "DROP INDEX IF EXISTS i, j;"},
    {"reindex", NULL, "REINDEX INDEX i;"},
    {"reindex", NULL, "REINDEX TABLE t;"},
    {"attach-partition", "CREATE TABLE q (a int) PARTITION BY RANGE (a); CREATE TABLE q1 (a int);", "ALTER TABLE q ATTACH PARTITION q1 FOR VALUES FROM (1) TO (2);"},
    {"detach-partition", NULL, "ALTER TABLE q DETACH PARTITION q1;"},
    {"create-partition", NULL, "CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (1) TO (2);"},
    {"refresh-materialized-view", NULL, "REFRESH MATERIALIZED VIEW m;"},
    {"cluster", NULL, "CLUSTER t USING i;"},
    {"vacuum-full", NULL, "-- no-transaction\nVACUUM FULL t;"},
    {"vacuum-full", NULL, "-- no-transaction\nVACUUM (FULL true) t;"},
    {"rewrite-storage", NULL, "ALTER TABLE t SET UNLOGGED;"},
    {"rewrite-storage", NULL, "ALTER TABLE t SET LOGGED;"},
    {"rewrite-storage", NULL, "ALTER TABLE t SET TABLESPACE x;"},
    {"rewrite-storage", NULL, "ALTER TABLE t SET ACCESS METHOD heap2;"},
    {"lock-table", NULL, "LOCK TABLE t;"},
    {"lock-table", NULL, "LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE;"},
    {"brief-lock", NULL, "ALTER TABLE t OWNER TO x;"},
    {"brief-lock", NULL, "ALTER TABLE t FORCE ROW LEVEL SECURITY;"},
    {"brief-lock", NULL, "CREATE POLICY p ON t USING (true);"},
    {"brief-lock", NULL, "DROP TRIGGER g ON t;"},
    {"trigger-lock", NULL, "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();"},
    {"trigger-lock", NULL, "ALTER TABLE t DISABLE TRIGGER g;"},
    {"drop-foreign-key", T "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p;", "ALTER TABLE t DROP CONSTRAINT f;"},
    {"several-tables-locked", NULL, "ALTER TABLE t ADD x int; ALTER TABLE u ADD x int;"},
    {"scan-after-lock", NULL, "ALTER TABLE t ADD x int; SELECT count(*) FROM t;"},
    {"backfill-with-ddl", NULL, "ALTER TABLE t ADD x int; UPDATE t SET x = 1 WHERE a = 1;"},
    {"backfill-with-ddl", NULL, "ALTER TABLE t ADD x int; INSERT INTO u SELECT * FROM t;"},
    {"backfill-with-ddl", T, "ALTER TABLE t ADD x int; UPDATE t SET x = 1 WHERE id > 1;"},
    {"change-all-rows", NULL, "UPDATE t SET a = 1;"},
    {"change-all-rows", NULL, "DELETE FROM t;"},
    {"truncate", NULL, "TRUNCATE t;"},
    {"truncate", NULL, "TRUNCATE TABLE t, u CASCADE;"},
    {"drop-column", NULL, "ALTER TABLE t DROP COLUMN a;"},
    {"drop-column", NULL, "ALTER TABLE t ADD x int, DROP a;"},
    {"drop-table", NULL, "DROP TABLE t;"},
    {"drop-table", T, "DROP TABLE IF EXISTS t CASCADE;"},
    {"drop-schema", NULL, "DROP SCHEMA s CASCADE;"},
    {"drop-schema", NULL, "-- no-transaction\nDROP DATABASE d;"},
    {"drop-object", NULL, "DROP VIEW v;"},
    {"drop-object", NULL, "DROP FUNCTION f(int);"},
    {"drop-object", NULL, "DROP TYPE y;"},
    {"rename-column", NULL, "ALTER TABLE t RENAME COLUMN a TO b;"},
    {"rename-column", NULL, "ALTER TABLE t RENAME a TO b;"},
    {"rename-table", NULL, "ALTER TABLE t RENAME TO u;"},
    {"rename-table", NULL, "ALTER VIEW v RENAME TO w;"},
    {"rename-table", NULL, "ALTER TABLE t SET SCHEMA s;"},
    {"rename-schema", NULL, "ALTER SCHEMA s RENAME TO r;"},
    {"rename-enum-value", NULL, "ALTER TYPE y RENAME VALUE 'a' TO 'b';"},
    {"expand-breaks", NULL, "-- golive: phase=expand\nALTER TABLE t DROP COLUMN a;"},
    {"expand-breaks", NULL, "-- golive: phase=expand\nALTER TABLE t ALTER a SET NOT NULL;"},
    {"expand-breaks", T, "-- golive: phase=expand\nALTER TABLE t ALTER b TYPE varchar(10);"},
    {"expand-breaks", NULL, "-- golive: phase=expand\nALTER TABLE t ADD n int NOT NULL;"},
    {"expand-breaks", NULL, "-- golive: phase=expand\nALTER TABLE t ALTER a DROP DEFAULT;"},
    {"enum-value-used", NULL, "ALTER TYPE y ADD VALUE 'new'; UPDATE t SET s = 'new' WHERE id = 1;"},
    {"not-in-transaction", NULL, "CREATE INDEX CONCURRENTLY i ON t (a);"},
    {"not-in-transaction", NULL, "DROP INDEX CONCURRENTLY i;"},
    {"not-in-transaction", NULL, "REINDEX TABLE CONCURRENTLY t;"},
    {"not-in-transaction", NULL, "REINDEX SCHEMA s;"},
    {"not-in-transaction", NULL, "VACUUM t;"},
    {"not-in-transaction", NULL, "ALTER TABLE q DETACH PARTITION q1 CONCURRENTLY;"},
    {"not-in-transaction", NULL, "ALTER SYSTEM SET work_mem = '1MB';"},
    {"not-in-transaction", NULL, "CREATE DATABASE d;"},
    {"several-without-transaction", NULL, "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);\nCREATE INDEX CONCURRENTLY j ON t (b);"},
    {"transaction-control", NULL, "BEGIN; SELECT 1;"},
    {"transaction-control", NULL, "SELECT 1; COMMIT;"},
    {"duplicate-assignment", NULL, "UPDATE t SET a = 1, b = 2, a = 3 WHERE id = 1;"},
    {"duplicate-assignment", NULL, "INSERT INTO t (a, b, a) VALUES (1, 2, 3);"},
    {"identifier-too-long", NULL, "SELECT 1 AS a123456789012345678901234567890123456789012345678901234567890123;"},
    {"unterminated", NULL, "SELECT 'a;"},
    {"unterminated", NULL, "SELECT 1; /* no end"},
    {"psql-command", NULL, "\\set x 1\nSELECT 1;"},
    {"psql-command", NULL, "COPY t FROM stdin;\n1\t2\n\\.\nSELECT 1;"},
    {"syntax-error", NULL, "SELECT 1; SELEC 2;"},
    {"syntax-error", NULL, "CREATE TABLE t (a int,);"},
    {"newer-syntax", NULL, "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID;"},
    {"newer-syntax", NULL, "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL);"},
    {"newer-syntax", NULL, "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2));"},
    {"newer-syntax", NULL, "SELECT * FROM JSON_TABLE('[]', '$' COLUMNS (a int));"},
    {"newer-syntax", NULL, "SELECT 1_000;"},
    {"newer-syntax", NULL, "ALTER TABLE t ADD b int GENERATED ALWAYS AS ((a + 1) * 2) VIRTUAL;"},
    {"newer-syntax", NULL, "CREATE TABLE t (a text STORAGE MAIN);"},
    {"newer-syntax", NULL, "CREATE TABLE t (a varchar(20) STORAGE external NOT NULL);"},
    {"newer-syntax", NULL, "ALTER TABLE t ADD FOREIGN KEY (a, PERIOD p) REFERENCES u (a, PERIOD p);"},
    {"newer-syntax", NULL, "CREATE TABLE t (a int, p daterange, FOREIGN KEY (a, PERIOD \"p\") REFERENCES s.u);"},
    {"syntax-error", NULL, "ALTER TABLE t ADD COLUM period int;"},
    {"syntax-error", NULL, "ALTER TABLE t ADD COLUM virtual int;"},
    {"syntax-error", NULL, "CREATE TABLE t (period int, virtual int, storage main, a int,);"},
    {"syntax-error", NULL, "CREATE TABLE t (a int REFERENCES u (period), storage int,);"},
    {"dynamic-sql", NULL, "DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$;"},
    {"byte-order-mark", NULL, "\xEF\xBB\xBFSELECT 1;"},
    {"unreadable-file", NULL, "SELECT '\xFF';"},
    {"empty-file", NULL, ""},
    {"empty-file", NULL, "-- no-transaction\n-- golive: phase=contract\n/* later */ ;\n"},
    {"empty-file", NULL, "-- migrate:up\n\n-- migrate:down\nDROP TABLE t;\n"},
    {"empty-file", NULL, "-- +goose Up\n\n-- +goose Down\nDROP TABLE t;\n"},
    {"carriage-return", NULL, "SELECT 1;\r\n"},
    {"header-comment", NULL, "-- golive: phase=exand\nSELECT 1;"},
    {"allow-comment", NULL, "-- golive-lint: allow=create-index\nCREATE INDEX i ON t (a);"},
    {"allow-comment", NULL, "-- golive-lint: allow=create-indx reason=\"x\"\nCREATE INDEX i ON t (a);"},
    {"allow-comment", NULL, "-- golive-lint: ignore\nSELECT 1;"},
    {"unused-allow", NULL, "-- golive-lint: allow=create-index reason=\"small\"\nSELECT 1;"},
    {"drop-default", NULL, "ALTER TABLE t ALTER a DROP DEFAULT;"},
    {"drop-default", "CREATE TABLE n (a int NOT NULL DEFAULT 1);", "ALTER TABLE n ALTER a DROP DEFAULT;"},
    {"rename-object", NULL, "ALTER SEQUENCE s RENAME TO r;"},
    {"rename-object", NULL, "ALTER TYPE y RENAME TO z;"},
    {"enable-row-security", NULL, "ALTER TABLE t ENABLE ROW LEVEL SECURITY;"},
    {"rewrite-storage", NULL, "ALTER INDEX i SET TABLESPACE x;"},
    {"revoke", NULL, "REVOKE SELECT ON t FROM r;"},
    {"alter-domain", NULL, "ALTER DOMAIN pos VALIDATE CONSTRAINT k;"},
    {"alter-column-type", T "CREATE INDEX i ON t (b);", "ALTER TABLE t ALTER b TYPE varchar(20) COLLATE \"C\";"},
    {"alter-column-type", T "CREATE DOMAIN w AS text CHECK (VALUE <> '');", "ALTER TABLE t ALTER b TYPE w;"},
    {"scan-after-lock", NULL, "ALTER TABLE t ADD x int; ALTER TABLE u VALIDATE CONSTRAINT k;"},
    {"create-index", NULL, "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'i') THEN CREATE INDEX i ON t (a); END IF; END $$;"},
    {"drop-table", NULL, "DO $x$ DECLARE a int := 1; BEGIN PERFORM 1; DROP TABLE t; EXCEPTION WHEN OTHERS THEN NULL; END $x$;"},
    {"style-json", NULL, "CREATE TABLE c (a json);"},
    {"style-char", NULL, "ALTER TABLE t ADD x char(3);"},
    {"style-timestamp", NULL, "CREATE TABLE c (a timestamp);"},
    {"style-money", NULL, "CREATE TABLE c (a money);"},
    {"style-small-key", NULL, "CREATE TABLE c (a int PRIMARY KEY);"},
    {"style-small-key", NULL, "CREATE TABLE c (a serial PRIMARY KEY);"},
    {"style-enum", NULL, "CREATE TYPE y AS ENUM ('a');"},
};

static const struct sample near[] = {
    {"add-column-volatile-default", NULL, "ALTER TABLE t ADD COLUMN u timestamptz DEFAULT now();"},
    {"add-column-volatile-default", NULL, "ALTER TABLE t ADD COLUMN u timestamptz DEFAULT CURRENT_TIMESTAMP;"},
    {"add-column-volatile-default", NULL, "ALTER TABLE t ADD COLUMN u text DEFAULT upper('x') || current_user;"},
    {"add-column-volatile-default", NULL, "ALTER TABLE t ALTER COLUMN u SET DEFAULT gen_random_uuid();"},
    {"add-column-volatile-default", NULL, "CREATE TABLE t (u uuid DEFAULT gen_random_uuid());"},
    {"add-column-volatile-default", "CREATE FUNCTION tok() RETURNS text STABLE LANGUAGE sql AS 'SELECT 1::text';", "ALTER TABLE t ADD u text DEFAULT tok();"},
    {"add-column-volatile-default", NULL, T "ALTER TABLE t ADD COLUMN u uuid DEFAULT gen_random_uuid();"},
    {"add-column-auto-number", NULL, "CREATE TABLE x (n serial);"},
    {"add-column-generated", NULL, "ALTER TABLE t ADD COLUMN n int DEFAULT 2;"},
    {"add-column-domain", "CREATE DOMAIN word AS text;", "ALTER TABLE t ADD COLUMN n word;"},
    {"add-column-not-null", NULL, "ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 0;"},
    {"add-column-not-null", NULL, "ALTER TABLE t ADD COLUMN n int NULL;"},
    {"add-column-unique", NULL, T "ALTER TABLE t ADD COLUMN n int UNIQUE;"},
    {"add-column-check", NULL, "ALTER TABLE t ADD COLUMN n int; ALTER TABLE t ADD CHECK (n > 0) NOT VALID;"},
    {"add-column-references", NULL, "CREATE TABLE n (a int REFERENCES p);"},
    {"add-foreign-key", NULL, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p NOT VALID;"},
    {"add-foreign-key", NULL, "CREATE TABLE c (a int); ALTER TABLE c ADD FOREIGN KEY (a) REFERENCES p;"},
    {"foreign-key-without-index", NULL, "CREATE TABLE c (id int, p_id int REFERENCES p); CREATE INDEX ON c (p_id, id);"},
    {"foreign-key-without-index", NULL, "CREATE TABLE c (p_id int PRIMARY KEY REFERENCES p);"},
    {"foreign-key-without-index", NULL, "ALTER TABLE unknown ADD FOREIGN KEY (a) REFERENCES p NOT VALID;"},
    {"add-check", NULL, "ALTER TABLE t ADD CHECK (a > 0) NOT VALID;"},
    {"validate-in-transaction", T "\n----\nALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;", "ALTER TABLE t VALIDATE CONSTRAINT k;"},
    {"add-unique", NULL, "ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX k;"},
    {"primary-key-nullable", "CREATE TABLE n (a int NOT NULL);\n----\n-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY k ON n (a);", "ALTER TABLE n ADD CONSTRAINT k PRIMARY KEY USING INDEX k;"},
    {"primary-key-nullable", NULL, "ALTER TABLE n ADD CONSTRAINT k PRIMARY KEY USING INDEX k;"},
    {"add-exclude", NULL, "CREATE TABLE x (r int4range, EXCLUDE USING gist (r WITH &&));"},
    {"set-not-null", T "\n----\nALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL) NOT VALID;\n----\nALTER TABLE t VALIDATE CONSTRAINT k;", "ALTER TABLE t ALTER a SET NOT NULL;"},
    {"set-not-null", "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0 AND a IS NOT NULL);", "ALTER TABLE t ALTER a SET NOT NULL;"},
    {"set-not-null", T, "ALTER TABLE t ALTER id SET NOT NULL;"},
    {"set-not-null", NULL, T "ALTER TABLE t ALTER a SET NOT NULL;"},
    {"drop-not-null", NULL, "ALTER TABLE t ALTER a DROP DEFAULT;"},
    {"alter-column-type", T, "ALTER TABLE t ALTER b TYPE varchar(40);"},
    {"alter-column-type", T, "ALTER TABLE t ALTER b TYPE varchar;"},
    {"alter-column-type", T, "ALTER TABLE t ALTER b TYPE text;"},
    {"alter-column-type", T, "ALTER TABLE t ALTER b TYPE text USING b::text;"},
    {"alter-column-type", T, "ALTER TABLE t ALTER d TYPE numeric(14,2);"},
    {"alter-column-type", T, "ALTER TABLE t ALTER d TYPE numeric;"},
    {"alter-column-type", T "CREATE INDEX i ON t (b);", "ALTER TABLE t ALTER b TYPE text;"},
    {"alter-column-type", "CREATE TABLE n (a cidr);", "ALTER TABLE n ALTER a TYPE inet;"},
    {"alter-column-type", "CREATE TABLE n (a timestamp);", "SET TIME ZONE 'UTC'; ALTER TABLE n ALTER a TYPE timestamptz;"},
    {"alter-column-type", "CREATE TABLE n (a timestamp(3));", "ALTER TABLE n ALTER a TYPE timestamp(6);"},
    {"alter-domain", NULL, "ALTER DOMAIN pos ADD CONSTRAINT k CHECK (VALUE > 1) NOT VALID;"},
    {"alter-domain", NULL, "ALTER DOMAIN pos SET DEFAULT 1;"},
    {"create-index", NULL, "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);"},
    {"create-index", NULL, T "CREATE INDEX i ON t (a);"},
    {"create-index", NULL, "CREATE TEMP TABLE x (a int); CREATE INDEX i ON x (a);"},
    {"create-index", "CREATE TABLE q (a int) PARTITION BY RANGE (a);", "CREATE INDEX i ON ONLY q (a);"},
    {"concurrent-index-unnamed", NULL, T "CREATE INDEX ON t (a);"},
    {"concurrent-on-partitioned", T, "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);"},
    {"drop-index", NULL, T "CREATE INDEX i ON t (a); DROP INDEX i;"},
    {"drop-index", NULL, "-- no-transaction\nDROP INDEX CONCURRENTLY i;"},
    {"reindex", NULL, "-- no-transaction\nREINDEX INDEX CONCURRENTLY i;"},
    {"attach-partition", NULL, "CREATE TABLE q1 (a int); ALTER TABLE q ATTACH PARTITION q1 FOR VALUES FROM (1) TO (2);"},
    {"attach-partition", "CREATE TABLE q1 (a int); ALTER TABLE q1 ADD CONSTRAINT k CHECK (a >= 1 AND a < 2);", "ALTER TABLE q ATTACH PARTITION q1 FOR VALUES FROM (1) TO (2);"},
    {"detach-partition", NULL, "-- no-transaction\nALTER TABLE q DETACH PARTITION q1 CONCURRENTLY;"},
    {"create-partition", NULL, "CREATE TABLE q (a int) PARTITION BY RANGE (a); CREATE TABLE q1 PARTITION OF q DEFAULT;"},
    {"refresh-materialized-view", NULL, "REFRESH MATERIALIZED VIEW CONCURRENTLY m;"},
    {"vacuum-full", NULL, "-- no-transaction\nVACUUM ANALYZE t;"},
    {"vacuum-full", NULL, "ANALYZE t;"},
    {"rewrite-storage", NULL, "ALTER TABLE t SET (fillfactor = 70);"},
    {"lock-table", NULL, "LOCK TABLE t IN ROW EXCLUSIVE MODE;"},
    {"brief-lock", NULL, T "ALTER TABLE t FORCE ROW LEVEL SECURITY;"},
    {"trigger-lock", NULL, T "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();"},
    {"drop-foreign-key", T, "ALTER TABLE t DROP CONSTRAINT t_pkey;"},
    {"several-tables-locked", NULL, "ALTER TABLE t ADD x int; ALTER TABLE t ADD y int;"},
    {"several-tables-locked", NULL, "ALTER TABLE t ADD x int; CREATE TABLE u (a int); ALTER TABLE u ADD x int;"},
    {"scan-after-lock", NULL, "SELECT count(*) FROM t; ALTER TABLE t ADD x int;"},
    {"scan-after-lock", NULL, "ALTER TABLE t ADD x int; SELECT set_config('a.b', 'c', true);"},
    {"backfill-with-ddl", NULL, "UPDATE t SET x = 1 WHERE a = 1;"},
    {"backfill-with-ddl", T, "ALTER TABLE t ADD x int; UPDATE t SET x = 1 WHERE id = 1;"},
    {"backfill-with-ddl", NULL, "ALTER TABLE t ADD x int; INSERT INTO u VALUES (1);"},
    {"change-all-rows", NULL, "UPDATE t SET a = 1 WHERE id = 1;"},
    {"change-all-rows", NULL, T "UPDATE t SET a = 1;"},
    {"truncate", NULL, "CREATE TEMP TABLE x (a int); TRUNCATE x;"},
    {"drop-column", NULL, T "ALTER TABLE t DROP COLUMN a;"},
    {"drop-column", NULL, "ALTER TABLE t ALTER a DROP DEFAULT;"},
    {"drop-table", NULL, T "DROP TABLE t;"},
    {"drop-object", NULL, "DROP VIEW v; CREATE VIEW v AS SELECT 1;"},
    {"drop-object", NULL, "DROP FUNCTION IF EXISTS f(int); CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';"},
    {"rename-column", NULL, T "ALTER TABLE t RENAME a TO z;"},
    {"rename-table", NULL, "ALTER INDEX i RENAME TO j;"},
    {"rename-table", NULL, "ALTER TABLE t RENAME CONSTRAINT a TO b;"},
    {"rename-enum-value", NULL, "ALTER TYPE y ADD VALUE 'b';"},
    {"expand-breaks", NULL, "-- golive: phase=expand\nALTER TABLE t ADD n int NOT NULL DEFAULT 0;"},
    {"expand-breaks", NULL, "-- golive: phase=contract\nALTER TABLE t DROP COLUMN a;"},
    {"expand-breaks", T, "-- golive: phase=expand\nALTER TABLE t ALTER b TYPE varchar(80);"},
    {"expand-breaks", NULL, "-- golive: phase=expand\nDROP INDEX i;"},
    {"enum-value-used", NULL, "CREATE TYPE y AS ENUM ('new'); CREATE TABLE e (y y DEFAULT 'new');"},
    {"enum-value-used", "ALTER TYPE y ADD VALUE 'new';", "UPDATE t SET s = 'new' WHERE id = 1;"},
    {"not-in-transaction", NULL, "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);"},
    {"not-in-transaction", NULL, "ANALYZE t;"},
    {"not-in-transaction", NULL, "ALTER TYPE y ADD VALUE 'b';"},
    {"several-without-transaction", NULL, "SELECT 1; SELECT 2;"},
    {"several-without-transaction", NULL, "-- no-transaction\nSELECT 1; -- the only one\n"},
    {"transaction-control", NULL, "SAVEPOINT a; RELEASE a;"},
    {"transaction-control", NULL, "DO $$ BEGIN COMMIT; END $$;"},
    {"duplicate-assignment", NULL, "UPDATE t SET a = 1, b = a WHERE id = 1;"},
    {"identifier-too-long", NULL, "SELECT '0123456789012345678901234567890123456789012345678901234567890123456789';"},
    {"identifier-too-long", NULL, "SELECT 1 AS \"a12345678901234567890123456789012345678901234567890123456789012\";"},
    {"unterminated", NULL, "SELECT $a$ ' $a$;"},
    {"psql-command", NULL, "SELECT E'\\\\n', '\n\\x';"},
    {"psql-command", NULL, "COPY t TO stdout;"},
    {"syntax-error", NULL, "SELECT 1;;"},
    {"syntax-error", NULL, ""},
    {"newer-syntax", NULL, "CREATE TABLE t (period int, storage int);"},
    {"dynamic-sql", NULL, "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'x'; END $$;"},
    {"empty-file", NULL, "-- later\nSELECT 1"},
    {"empty-file", NULL, "DO $$ BEGIN END $$;"},
    {"empty-file", NULL, "/* no end"},
    {"empty-file", NULL, "\\i other.sql\n"},
    {"empty-file", NULL, "no SQL"},
    {"empty-file", NULL, "\xFF"},
    {"empty-file", NULL, "-- migrate:up\nSELECT 1;\n-- migrate:down\n"},
    {"carriage-return", NULL, "SELECT 1;\n"},
    {"header-comment", NULL, "-- golive: phase=expand\nSELECT 1;"},
    {"allow-comment", NULL, "-- golive-lint: allow=create-index reason=\"small\"\nCREATE INDEX i ON t (a);"},
    {"unused-allow", NULL, "-- golive-lint: allow=create-index reason=\"small\"\nCREATE INDEX i ON t (a);"},
    {"drop-default", "CREATE TABLE n (a int DEFAULT 1);", "ALTER TABLE n ALTER a DROP DEFAULT;"},
    {"drop-default", NULL, "ALTER TABLE t ALTER a SET DEFAULT 1;"},
    {"drop-default", NULL, "ALTER TABLE t ALTER a DROP DEFAULT; ALTER TABLE t ALTER a ADD GENERATED BY DEFAULT AS IDENTITY;"},
    {"rename-object", NULL, "ALTER TABLE t RENAME TO u;"},
    {"rename-object", NULL, "ALTER INDEX i RENAME TO j;"},
    {"enable-row-security", NULL, "ALTER TABLE t DISABLE ROW LEVEL SECURITY;"},
    {"drop-object", NULL, "CREATE TYPE y AS ENUM ('a'); DROP TYPE y;"},
    {"revoke", NULL, "GRANT SELECT ON t TO r;"},
    {"revoke", NULL, "CREATE TABLE c (a int); REVOKE ALL ON c FROM PUBLIC;"},
    {"drop-column", NULL, "ALTER TABLE t ADD x int; ALTER TABLE t DROP x;"},
    {"create-index", T "CREATE INDEX i ON t (a);", "CREATE INDEX IF NOT EXISTS i ON t (a);"},
    {"create-index", NULL, "DO $$ BEGIN CREATE TABLE c (a int); CREATE INDEX i ON c (a); END $$;"},
    {"create-index", NULL, "DO $$ BEGIN RAISE NOTICE 'CREATE INDEX i ON t (a);'; END $$;"},
    {"alter-column-type", "CREATE DOMAIN w AS text CHECK (VALUE <> ''); CREATE TABLE n (a w);", "ALTER TABLE n ALTER a TYPE text;"},
    {"alter-column-type", "CREATE DOMAIN w AS text; CREATE TABLE n (a text);", "ALTER TABLE n ALTER a TYPE w;"},
    {"style-json", NULL, "CREATE TABLE c (a jsonb);"},
    {"style-char", NULL, "CREATE TABLE c (a varchar(3));"},
    {"style-timestamp", NULL, "CREATE TABLE c (a timestamptz);"},
    {"style-money", NULL, "CREATE TABLE c (money numeric);"},
    {"style-small-key", NULL, "CREATE TABLE c (a bigint PRIMARY KEY, b int);"},
    {"style-enum", NULL, "CREATE TYPE y AS (a int);"},
};

/* clang-format on */

static void each_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(found); i++)
        expect_found(found[i].before, found[i].sql, found[i].rule);
}

static void near_misses_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(near); i++)
        expect_not_found(near[i].before, near[i].sql, near[i].rule);
}

static bool has_sample(const struct sample *samples, size_t count, const char *rule)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(samples[i].rule, rule) == 0)
            return true;
    }
    return false;
}

/* A statement of more than a MiB is in test_text.c, what a database knows in test_database.c. */
static bool is_tested_elsewhere(const char *rule)
{
    return strcmp(rule, "not-judged") == 0 || strcmp(rule, "applied-file-edited") == 0 ||
           strcmp(rule, "version-out-of-order") == 0;
}

static void every_rule_is_tested(void **state)
{
    (void)state;
    for (size_t i = 0; i < gl_lint_rule_count(); i++) {
        const char *id = gl_lint_rule_at(i)->id;
        if (!is_tested_elsewhere(id) && !has_sample(found, GL_COUNT(found), id))
            fail_msg("no sample for %s", id);
    }
    for (size_t i = 0; i < GL_COUNT(near); i++)
        assert_non_null(gl_lint_rule_find(near[i].rule));
}

static void every_rule_explains_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < gl_lint_rule_count(); i++) {
        const struct gl_lint_about *rule = gl_lint_rule_at(i);
        if (!rule->title || !rule->happens || !rule->safe)
            fail_msg("%s says too little", rule->id);
        assert_int_equal(strspn(rule->id, "abcdefghijklmnopqrstuvwxyz-"), strlen(rule->id));
        assert_ptr_equal(gl_lint_rule_find(rule->id), rule);
    }
}

/* `scripts/lint-docs` writes the sections. */
static void every_rule_is_documented(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf docs = {0};
    gl_autofree char *path = gl_path_join(getenv("SOURCE_ROOT"), "docs/lint.md");
    assert_int_equal(gl_read_file(path, 0, &docs, &err), 0);
    for (size_t i = 0; i < gl_lint_rule_count(); i++) {
        const struct gl_lint_about *rule = gl_lint_rule_at(i);
        gl_autofree char *title = gl_asprintf("\n### %s\n", rule->id);
        const char *section = strstr(gl_buf_text(&docs), title);
        if (!section || !strstr(section, rule->happens) || !strstr(section, rule->safe))
            fail_msg("docs/lint.md does not say what %s is: run scripts/lint-docs", rule->id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found),
        cmocka_unit_test(near_misses_are_not),
        cmocka_unit_test(every_rule_is_tested),
        cmocka_unit_test(every_rule_explains_itself),
        cmocka_unit_test(every_rule_is_documented),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
