ALTER TABLE t ADD x char(3);
