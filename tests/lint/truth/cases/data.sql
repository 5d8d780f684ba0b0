-- case: update_all
update orders set note = note || '.';

-- case: update_by_key
update orders set note = 'x' where id = 17;

-- case: update_batch
update orders set note = 'x' where id between 1 and 100;

-- case: delete_all
delete from audit_log;

-- case: delete_by_key
delete from orders where id = 17;

-- case: insert_rows
insert into products (id, sku, price, title) values (9001, 'x', 1, 'x'), (9002, 'y', 2, 'y');

-- case: insert_select
insert into archive.old_orders select id + 100000, total from orders;

-- case: backfill_with_ddl
alter table orders add column region text;
update orders set region = 'jp';

-- case: small_update_after_ddl
alter table products add column stock integer;
update products set stock = 0 where id = 1;

-- case: backfill_new_table
create table user_mails (id bigint primary key, email text);
insert into user_mails select id, email from users;
create index user_mails_email_idx on user_mails (email);

-- case: read_all_after_ddl
alter table users add column bio text;
create table order_count as select count(*) from orders;

-- case: index_after_ddl
alter table users add column bio text;
create index orders_total_idx on orders (total);

-- case: delete_all_of_this_file
create table notes (id bigint primary key);
insert into notes select generate_series(1, 1000);
delete from notes;

-- case: vacuum
-- no-transaction
vacuum orders;

-- case: vacuum_full
-- no-transaction
vacuum full orders;

-- case: vacuum_in_transaction
vacuum orders;

-- case: analyze
analyze orders;

-- case: two_brief_locks
-- either: each lock is brief, both are held to the end
alter table users add column bio text;
alter table orders add column region text;
