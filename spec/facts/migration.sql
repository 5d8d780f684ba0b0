-- Migration files.
-- collector: migrations
create table migration (
    version integer not null,
    direction text not null,         -- simple, up, down
    file text not null,              -- relative to the project
    description text not null,
    phase text not null,             -- expand, contract
    phase_declared integer not null, -- 1 = by a comment in the file, 0 = inferred
    no_transaction integer not null, -- 1 = begins with -- no-transaction
    statements integer not null,
    sha384 text not null,            -- sqlx's checksum, 96 hexadecimal digits
    rollback text,                   -- of the header: down, forward, restore, or null
    rollback_note text,
    order_ text,                     -- of the header: app_first, expand_first, or null
    expands integer                  -- of the header of a contract migration: version that prepared it, or null
) strict;
