-- case: create_table
create table notes (id bigint generated always as identity primary key, body text not null check (body <> ''), at timestamptz not null default clock_timestamp());

-- case: create_table_like
create table orders_copy (like orders including all);

-- case: create_table_as
create table big_orders as select * from orders where total > 4000;

-- case: create_table_if_not_exists
create table if not exists users (id bigint primary key);

-- case: create_table_inherits
create table vip_users (discount integer) inherits (users);

-- case: create_partition
-- either: the lock is brief, and a table that is attached needs none
create table measurements_2028 partition of measurements for values from ('2028-01-01') to ('2029-01-01');

-- case: create_partition_beside_default
create table visits_2028 partition of visits for values from ('2028-01-01') to ('2029-01-01');

-- case: create_first_partition
create table events (id bigint, at date) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');

-- case: attach_partition
alter table measurements attach partition measurements_2026 for values from ('2026-01-01') to ('2027-01-01');

-- case: attach_partition_proven
alter table measurements attach partition measurements_2027 for values from ('2027-01-01') to ('2028-01-01');

-- case: attach_new_table
create table measurements_2028 (like measurements);
alter table measurements attach partition measurements_2028 for values from ('2028-01-01') to ('2029-01-01');

-- case: detach_partition
-- either: the lock is brief, and CONCURRENTLY needs none
alter table measurements detach partition measurements_2024;

-- case: detach_partition_concurrently
-- no-transaction
alter table measurements detach partition measurements_2024 concurrently;

-- case: drop_table
-- breaks: the old version reads it
drop table audit_log;

-- case: drop_table_of_this_file
create table notes (id bigint primary key);
drop table notes;

-- case: drop_table_if_exists_missing
drop table if exists no_such_table;

-- case: drop_column
-- breaks: the old version names it
alter table users drop column legacy_code;

-- case: drop_column_of_this_file
alter table users add column bio text;
alter table users drop column bio;

-- case: drop_view
-- breaks: the old version reads it
drop view active_users;

-- case: drop_materialized_view
-- breaks: the old version reads it
drop materialized view user_totals;

-- case: drop_schema
-- breaks: the old version reads what is in it
drop schema archive cascade;

-- case: drop_sequence
-- breaks: the old version takes numbers from it
drop sequence ticket_number;

-- case: rename_table
-- breaks: the old version names it
alter table orders rename to purchases;

-- case: rename_column
-- breaks: the old version names it
alter table users rename column nickname to display_name;

-- case: rename_schema
-- breaks: the old version names it
alter schema archive rename to history;

-- case: rename_view
-- breaks: the old version names it
alter view active_users rename to live_users;

-- case: rename_sequence
-- breaks: the old version names it
alter sequence ticket_number rename to ticket_numbers;

-- case: set_schema
-- breaks: the old version does not find it
alter table audit_log set schema archive;

-- case: truncate
truncate cache;

-- case: truncate_cascade
truncate products cascade;

-- case: truncate_of_this_file
create table notes (id bigint primary key);
truncate notes;

-- case: set_unlogged
alter table audit_log set unlogged;

-- case: set_logged
alter table cache set logged;

-- case: set_tablespace
-- setup:
create tablespace faster location '';
-- statement:
alter table orders set tablespace faster;

-- case: set_storage
alter table orders alter column note set storage external;

-- case: set_statistics
alter table orders alter column user_id set statistics 500;

-- case: set_fillfactor
alter table orders set (fillfactor = 80);

-- case: set_autovacuum
alter table orders set (autovacuum_vacuum_scale_factor = 0.02);

-- case: set_owner
alter table orders owner to current_user;

-- case: replica_identity
alter table orders replica identity full;

-- case: enable_row_security
-- breaks: the old version sees no rows any more
alter table orders enable row level security;

-- case: disable_row_security
alter table orders disable row level security;

-- case: create_policy
create policy own_orders on orders using (user_id = 1);

-- case: comment
comment on table orders is 'what was bought';

-- case: grant
grant select on orders to public;

-- case: revoke
-- breaks: the old version may not read it any more
-- setup:
grant select on orders to public;
-- statement:
revoke select on orders from public;

-- case: lock_table_and_read
lock table orders in access exclusive mode;
create table order_count as select count(*) from orders;

-- case: no_inherit
-- setup:
create table vip_users (discount integer) inherits (users);
-- statement:
alter table vip_users no inherit users;

-- case: create_view
create view big_orders as select * from orders where total > 4000;

-- case: replace_view
create or replace view active_users as select id, email from users where status <> 'closed';

-- case: create_materialized_view
create materialized view order_days as select placed_on, count(*) from orders group by placed_on;

-- case: refresh_materialized_view
refresh materialized view user_totals;

-- case: refresh_materialized_view_concurrently
refresh materialized view concurrently user_totals;

-- case: create_sequence
create sequence invoice_number;

-- case: alter_sequence
alter sequence ticket_number increment by 10;

-- case: create_extension
create extension if not exists pg_trgm;

-- case: create_schema
create schema reports;

-- case: create_publication
create publication changes for table orders;
