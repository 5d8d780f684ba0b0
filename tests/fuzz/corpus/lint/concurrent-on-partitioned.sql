-- no-transaction
CREATE INDEX CONCURRENTLY i ON q (a);
