-- case: create_index
create index orders_placed_on_idx on orders (placed_on);

-- case: create_unique_index
create unique index products_sku_idx on products (sku);

-- case: create_partial_index
create index users_closed_idx on users (id) where status = 'closed';

-- case: create_expression_index
create index users_lower_email_idx on users (lower(email));

-- case: create_gin_index
create index audit_log_details_idx on audit_log using gin (details);

-- case: create_index_if_not_exists
create index if not exists orders_user_id_idx on orders (user_id);

-- case: create_index_concurrently
-- no-transaction
create index concurrently orders_placed_on_idx on orders (placed_on);

-- case: create_unique_index_concurrently
-- no-transaction
create unique index concurrently products_sku_idx on products (sku);

-- case: create_index_concurrently_in_transaction
create index concurrently orders_placed_on_idx on orders (placed_on);

-- case: create_index_on_new_table
create table notes (id bigint primary key, user_id bigint);
create index notes_user_id_idx on notes (user_id);

-- case: create_index_on_partitioned
create index measurements_sensor_idx on measurements (sensor);

-- case: create_index_on_only_parent
create index measurements_sensor_idx on only measurements (sensor);

-- case: create_index_on_partition
create index measurements_2024_sensor_idx on measurements_2024 (sensor);

-- case: create_index_concurrently_on_partitioned
-- no-transaction
create index concurrently measurements_sensor_idx on measurements (sensor);

-- case: create_index_on_materialized_view
-- either: only a refresh waits for it
create index user_totals_total_idx on user_totals (total);

-- case: create_index_after_add_column
alter table orders add column region text;
create index orders_region_idx on orders (region);

-- case: drop_index
-- either: the lock is brief, and CONCURRENTLY needs none
drop index users_created_at_idx;

-- case: drop_index_concurrently
-- no-transaction
drop index concurrently users_created_at_idx;

-- case: drop_index_concurrently_in_transaction
drop index concurrently users_created_at_idx;

-- case: drop_index_of_new_table
create table notes (id bigint primary key, user_id bigint);
create index notes_user_id_idx on notes (user_id);
drop index notes_user_id_idx;

-- case: reindex_index
reindex index users_created_at_idx;

-- case: reindex_table
reindex table orders;

-- case: reindex_table_concurrently
-- no-transaction
reindex table concurrently orders;

-- case: reindex_index_concurrently
-- no-transaction
reindex index concurrently users_created_at_idx;

-- case: rename_index
alter index users_created_at_idx rename to users_created_idx;

-- case: index_fillfactor
alter index users_created_at_idx set (fillfactor = 80);

-- case: index_tablespace
-- setup:
create tablespace fast location '';
-- statement:
alter index users_created_at_idx set tablespace fast;

-- case: attach_index
-- setup:
create index measurements_sensor_idx on only measurements (sensor);
create index measurements_2024_sensor_idx on measurements_2024 (sensor);
-- statement:
alter index measurements_sensor_idx attach partition measurements_2024_sensor_idx;

-- case: cluster
cluster orders using orders_user_id_idx;

-- case: cluster_on
alter table orders cluster on orders_user_id_idx;

-- case: create_statistics
create statistics orders_placed (dependencies) on user_id, placed_on from orders;
