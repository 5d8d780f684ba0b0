-- golive: phase=expand
-- golive: rollback=forward rollback-note="keep; the previous release ignores the column"

-- Release 2 replaces `availability` by `mood`, which knows more values. It writes both columns and
-- reads coalesce(mood, availability). Nullable, because release 1 is still writing rows without it;
-- adding it changes the catalog only.
ALTER TABLE statuses ADD COLUMN mood text;
