ALTER TABLE t ADD x int; SELECT count(*) FROM t;
