-- case: create_function
create function half(x integer) returns integer language sql as $$ select x / 2 $$;

-- case: replace_function
create or replace function next_code() returns text language plpgsql as $$ begin return 'x'; end $$;

-- case: drop_function
-- breaks: the old version calls it
drop function fixed_code();

-- case: create_trigger
create trigger orders_checked before insert on orders for each row execute function touch();

-- case: drop_trigger
-- breaks: what it did for the old version is no longer done
drop trigger users_touch on users;

-- case: disable_trigger
alter table users disable trigger users_touch;

-- case: enable_trigger
alter table users enable trigger users_touch;

-- case: create_trigger_on_new_table
create table notes (id bigint primary key, updated_at timestamptz);
create trigger notes_touch before update on notes for each row execute function touch();

-- case: do_block_without_ddl
do $$ begin perform 1; end $$;

-- case: do_block_create_table
do $$ begin create table notes (id bigint primary key); end $$;

-- case: do_block_rewrite
do $$ begin alter table users alter column age type bigint; end $$;

-- case: do_block_index
do $$ begin if not exists (select from pg_class where relname = 'orders_total_idx') then create index orders_total_idx on orders (total); end if; end $$;

-- case: set_timeouts
set lock_timeout = '2s';
set statement_timeout = '30s';

-- case: begin_and_commit
begin;
alter table users add column bio text;
commit;
