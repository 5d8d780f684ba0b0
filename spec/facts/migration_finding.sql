-- What the linter finds in migration files (docs/lint.md), what comments allow included.
-- collector: migrations
create table migration_finding (
    file text not null,
    version integer not null,
    line integer not null,
    rule text not null,      -- id of the linter's rule
    severity text not null,  -- info, warning, error
    breaks integer not null, -- 1 = the previous version of the application would fail
    lock text,               -- what it locks, in words, or null
    relation text,           -- table concerned, with its schema, or null
    column_ text,            -- column concerned, or null
    message text not null,
    allowed text             -- why a comment in the file allows it, or null
) strict;
