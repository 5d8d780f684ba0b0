-- case: create_enum
create type color as enum ('red', 'green');

-- case: add_enum_value
alter type mood add value 'asleep';

-- case: add_enum_value_and_use_it
alter type mood add value 'asleep';
update users set mood = 'asleep' where id = 1;

-- case: rename_enum_value
-- breaks: the old version writes and expects the old word
alter type mood rename value 'busy' to 'occupied';

-- case: create_domain
create domain positive_integer as integer check (value > 0);

-- case: domain_add_check
alter domain short_text add constraint short_text_length check (length(value) < 100);

-- case: domain_add_check_not_valid
alter domain short_text add constraint short_text_length check (length(value) < 100) not valid;

-- case: domain_validate
-- setup:
alter domain short_text add constraint short_text_length check (length(value) < 100) not valid;
-- statement:
alter domain short_text validate constraint short_text_length;

-- case: domain_set_not_null
alter domain short_text set not null;

-- case: domain_set_default
alter domain short_text set default '';

-- case: domain_drop_constraint
alter domain email_address drop constraint email_address_check;

-- case: domain_unused_add_check
create domain code as text;
alter domain code add check (value <> '');

-- case: create_composite_type
create type point3 as (x real, y real, z real);

-- case: composite_add_attribute
-- setup:
create type point3 as (x real, y real);
-- statement:
alter type point3 add attribute z real;

-- case: drop_unused_type
create type color as enum ('red');
drop type color;
