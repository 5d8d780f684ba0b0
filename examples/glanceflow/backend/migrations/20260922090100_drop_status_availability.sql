-- golive: phase=contract expands=20260915090300
-- golive: rollback=restore rollback-note="to release 3, which does not know the column; release 2 needs a restored backup"

-- Release 2 was the last one that used it; `mood` has had all of its content since the backfill.
-- The constraint on the column goes with it.
ALTER TABLE statuses DROP COLUMN availability;
