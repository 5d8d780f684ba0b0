-- golive: phase=expand
-- golive: rollback=forward rollback-note="keep; it only confirms what is true already"

-- Scans the table under a lock that lets readers and writers pass.
ALTER TABLE statuses VALIDATE CONSTRAINT statuses_mood_present;
