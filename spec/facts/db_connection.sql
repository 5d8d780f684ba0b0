-- Connections to the database: a row for each user and state, and whether they are encrypted.
-- collector: database
create table db_connection (
    role text not null,
    state text,
    own integer not null,  -- 1 = the one that these facts were read through
    ssl integer not null,
    count integer not null
) strict;
