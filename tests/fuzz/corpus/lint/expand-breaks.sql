-- golive: phase=expand
ALTER TABLE t DROP COLUMN a;
