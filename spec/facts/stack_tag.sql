-- Tags that golive gives to stacks and thereby to all resources in them.
-- collector: template, aws
create table stack_tag (
    stack text not null references stack (id),
    key text not null,
    value text
) strict;
create index stack_tag_stack on stack_tag (stack, key);
