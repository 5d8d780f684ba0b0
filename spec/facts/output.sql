-- Outputs of stacks.
-- collector: template, aws
create table output (
    stack text not null references stack (id),
    name text not null,
    value text,             -- as property.value
    known integer not null, -- as property.known
    target text             -- resource.id it refers to, or null
) strict;
