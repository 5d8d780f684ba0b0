-- no-transaction
-- golive: phase=expand
-- golive: rollback=forward rollback-note="keep; an index changes no answer, only how long it takes"

-- The order of the timeline. CONCURRENTLY lets writers go on while it is built, and is the reason
-- why this file cannot run in a transaction and has to be the only statement in it.
CREATE INDEX CONCURRENTLY statuses_timeline_idx ON statuses (created_at DESC, id DESC);
