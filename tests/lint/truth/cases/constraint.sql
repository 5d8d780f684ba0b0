-- case: add_check
alter table orders add constraint orders_quantity_positive check (quantity > 0);

-- case: add_check_not_valid
alter table orders add constraint orders_quantity_positive check (quantity > 0) not valid;

-- case: validate_check
alter table orders validate constraint orders_total_positive;

-- case: add_and_validate_check
alter table orders add constraint orders_quantity_positive check (quantity > 0) not valid;
alter table orders validate constraint orders_quantity_positive;

-- case: add_check_to_new_table
create table notes (id bigint primary key, body text);
alter table notes add constraint notes_body_present check (body <> '');

-- case: add_unique
alter table products add constraint products_sku_key unique (sku);

-- case: add_unique_using_index
-- setup:
create unique index products_sku_idx on products (sku);
-- statement:
alter table products add constraint products_sku_key unique using index products_sku_idx;

-- case: add_primary_key
alter table audit_log add primary key (entry_id);

-- case: add_primary_key_using_index
-- setup:
create unique index audit_log_entry_id_idx on audit_log (entry_id);
-- statement:
alter table audit_log add constraint audit_log_pkey primary key using index audit_log_entry_id_idx;

-- case: add_primary_key_using_index_nullable
-- setup:
create unique index audit_log_actor_idx on audit_log (actor);
-- statement:
alter table audit_log add constraint audit_log_pkey primary key using index audit_log_actor_idx;

-- case: add_foreign_key
alter table audit_log add constraint audit_log_entry_fkey foreign key (entry_id) references orders (id);

-- case: add_foreign_key_not_valid
alter table audit_log add constraint audit_log_actor_fkey foreign key (actor) references users (id) not valid;

-- case: validate_foreign_key
alter table orders validate constraint orders_product_id_fkey;

-- case: add_and_validate_foreign_key
alter table audit_log add constraint audit_log_entry_fkey foreign key (entry_id) references orders (id) not valid;
alter table audit_log validate constraint audit_log_entry_fkey;

-- case: add_foreign_key_to_new_table
create table notes (id bigint primary key, user_id bigint);
alter table notes add constraint notes_user_id_fkey foreign key (user_id) references users (id);

-- case: create_table_with_foreign_key
create table notes (id bigint primary key, user_id bigint not null references users);
create index on notes (user_id);

-- case: add_exclude
alter table orders add constraint orders_room_free exclude using gist (during with &&);

-- case: drop_check
alter table users drop constraint users_status_known;

-- case: drop_foreign_key
alter table orders drop constraint orders_user_id_fkey;

-- case: drop_constraint_if_exists
alter table users drop constraint if exists users_no_such;

-- case: rename_constraint
alter table users rename constraint users_status_known to users_status_check;

-- case: alter_constraint_deferrable
alter table orders alter constraint orders_user_id_fkey deferrable initially deferred;

-- case: replace_check
alter table users drop constraint users_status_known;
alter table users add constraint users_status_known check (status in ('active', 'closed', 'locked'));

-- case: replace_check_not_valid
alter table users drop constraint users_status_known;
alter table users add constraint users_status_known check (status in ('active', 'closed', 'locked')) not valid;

-- case: validate_after_other_lock
alter table users add column bio text;
alter table orders validate constraint orders_total_positive;

-- case: validate_two
alter table orders validate constraint orders_total_positive;
alter table orders validate constraint orders_product_id_fkey;

-- case: add_unique_nulls_deferrable
alter table orders add constraint orders_room_key unique (room) deferrable;
