-- What connecting was like: one row.
-- collector: database
create table db_probe (
    role text not null,           -- current_user
    connect_ms real not null,
    select_ms real not null,      -- of SELECT 1
    ssl integer not null,
    replica_lag_seconds real      -- of the slowest replica, null = there is none
) strict;
