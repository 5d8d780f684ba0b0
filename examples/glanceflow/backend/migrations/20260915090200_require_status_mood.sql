-- golive: phase=expand
-- golive: rollback=forward rollback-note="to release 2, which always writes mood; release 1 could not insert any more"

-- NOT VALID: new rows are checked from now on, the existing ones are not read. Together with
-- checking them, this would keep writers out for as long as the table takes to be scanned.
ALTER TABLE statuses
    ADD CONSTRAINT statuses_mood_present CHECK (mood IS NOT NULL) NOT VALID;
