-- The slowest statements (pg_stat_statements).
-- collector: database
create table db_statement (
    role text,
    calls integer not null,
    mean_ms real not null,
    total_ms real not null,
    query text not null   -- normalised, without values; first 200 characters
) strict;
