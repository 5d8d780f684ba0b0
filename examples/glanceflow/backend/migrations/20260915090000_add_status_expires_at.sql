-- golive: phase=expand
-- golive: rollback=forward rollback-note="keep; the previous release ignores the column, its statuses never expire"

-- Release 3 sets it for new statuses. It stays nullable: null means that a status was written by
-- an earlier release and does not expire.
ALTER TABLE statuses ADD COLUMN expires_at timestamptz;
