-- golive: phase=expand
-- golive: rollback=forward rollback-note="keep; release 2 reads mood first, so that rows without availability are fine for it"

-- Release 3 does not write `availability` any more.
ALTER TABLE statuses ALTER COLUMN availability DROP NOT NULL;
