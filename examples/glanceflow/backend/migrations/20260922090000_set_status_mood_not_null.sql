-- golive: phase=contract expands=20260915090400
-- golive: rollback=forward rollback-note="to release 3 or 2, which always write mood"

-- PostgreSQL sees that the validated constraint implies it, so that the table is not scanned.
ALTER TABLE statuses ALTER COLUMN mood SET NOT NULL;
ALTER TABLE statuses DROP CONSTRAINT statuses_mood_present;
