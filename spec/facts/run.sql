-- What is being judged: one row.
-- collector: golive
create table run (
    app text not null,           -- app.name
    env text not null,           -- environment that is judged
    platform text not null,      -- aws, local
    account_id text,             -- 12 digits, or null
    region text,                 -- AWS region, or null
    now_unix_s integer not null, -- the moment that every rule judges by, seconds since 1970
    today text not null          -- its date in UTC, YYYY-MM-DD
) strict;
