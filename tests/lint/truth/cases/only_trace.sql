-- What no text tells: a linter is not asked about these.

-- case: dynamic_rewrite
-- hidden: the statement is made of pieces
do $$ declare part text := 'alter column age type '; begin execute 'alter table users ' || part || 'bigint'; end $$;

-- case: hidden_in_function
-- hidden: the work is in a function that was there before
-- setup:
create function grow() returns void language plpgsql as $$ begin execute 'alter table users alter column age type bigint'; end $$;
-- statement:
select grow();

-- case: update_of_most
-- hidden: the condition holds for nine rows of ten
update users set nickname = 'x' where status = 'active';

-- case: update_of_few
-- hidden: the condition holds for a few rows
update users set nickname = 'x' where id % 1000 = 0;
