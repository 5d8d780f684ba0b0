-- Rows of _sqlx_migrations.
-- collector: database
create table db_migration (
    version integer primary key,
    success integer not null,
    checksum text not null,              -- 96 hexadecimal digits
    installed_unix_s integer not null
) strict;
