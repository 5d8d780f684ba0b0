-- Relations that rules ask for by name (tables of migration tools).
-- collector: database
create table db_object (
    schema_ text not null,
    name text not null
) strict;
