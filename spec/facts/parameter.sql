-- Parameters of templates, with the values they were evaluated with.
-- collector: template
create table parameter (
    stack text not null references stack (id),
    name text not null,
    type text not null,       -- String, Number, CommaDelimitedList, AWS::SSM::..., ...
    no_echo integer not null, -- 1 = its value is hidden by CloudFormation
    has_default integer not null, -- 1 = the template has a Default
    value text,               -- null where it is hidden or only known after `golive up`
    known integer not null,   -- 0 = only known after `golive up`
    file text not null,
    line integer not null
) strict;
create index parameter_stack on parameter (stack, name);
