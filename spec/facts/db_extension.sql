-- Extensions of the database.
-- collector: database
create table db_extension (
    name text primary key,
    version text not null
) strict;
