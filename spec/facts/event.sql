-- Events of the ledger.
-- collector: ledger
create table event (
    seq integer primary key,
    time_unix_ms integer not null,
    actor text not null,
    kind text not null,     -- release.begin, step.done, ...
    env text not null,      -- "" if none
    release integer not null, -- 0 if none
    data text not null      -- JSON object
) strict;
create index event_kind on event (kind, env, release);
