-- Statements of migration files.
-- collector: migrations
create table migration_statement (
    file text not null,
    version integer not null,
    position integer not null, -- 0-based in its file
    line integer not null,
    text text not null         -- first 200 characters
) strict;
