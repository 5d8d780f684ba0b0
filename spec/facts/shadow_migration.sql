-- What migrations did in a private copy of the database: a row for each that was tried there.
-- collector: database
create table shadow_migration (
    version integer primary key,
    reversible integer,          -- 1 = after up, down and up the schema was the same; null = it was not taken back
    longest_strong_lock_ms real  -- longest time a SHARE, EXCLUSIVE or ACCESS EXCLUSIVE lock on an existing table was held
) strict;
