-- Resources in CloudFormation's vocabulary: what templates make, and what is found in the account.
-- collector: template, aws
create table resource (
    id text primary key,            -- stack/LogicalId: "prod/network/Vpc"
    env text not null,              -- environment
    stack text not null references stack (id),
    logical_id text not null,       -- Vpc
    type text not null,             -- AWS::EC2::VPC
    exists_ text not null,          -- yes, or maybe: its condition depends on what only the account knows
    deletion_policy text,           -- Delete, Retain, Snapshot, ...; null = the template says none
    update_replace_policy text,     -- the same
    region text,                    -- where it stands, or null
    source text not null,           -- template, aws
    file text,                      -- of the template
    line integer                    -- of its key in the template
) strict;
create index resource_type on resource (env, type);
