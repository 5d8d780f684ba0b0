-- golive: phase=expand
-- golive: rollback=forward rollback-note="keep; mood says the same as availability in these rows"

-- What release 1 has written. Thanks to the constraint no such rows can follow. It locks rows, not
-- the table; the statuses of a team are few enough for one statement.
UPDATE statuses SET mood = availability WHERE mood IS NULL;
