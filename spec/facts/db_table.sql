-- Tables of the application.
-- collector: database
create table db_table (
    schema_ text not null,
    name text not null,
    rows integer not null,       -- estimate
    size_bytes integer not null, -- with indexes
    owner text not null
) strict;
