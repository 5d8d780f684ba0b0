-- Settings of the database server.
-- collector: database
create table db_setting (
    name text primary key,
    value text, -- as a session begins with
    unit text,
    source text -- where it was set: default, configuration file, database, ...; session = by golive for this connection
) strict;
