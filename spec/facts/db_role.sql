-- Roles of the database.
-- collector: database
create table db_role (
    name text primary key,
    login integer not null,
    superuser integer not null,
    create_role integer not null,
    valid_until_unix_s integer,  -- null = for ever
    writes integer not null,     -- 1 = may insert, update, delete or truncate some table of the application
    creates integer not null,    -- 1 = may create in some schema
    owns integer not null        -- tables that belong to it
) strict;
