-- The environments of golive.yaml.
-- collector: config
create table environment (
    env text primary key,     -- local, dev, stg, prod, ...
    platform text not null,   -- aws, local
    judged integer not null,  -- 1 = the environment that this run judges
    staging integer not null, -- 1 = the one that releases come from before they reach the judged one
    line integer              -- of its key in golive.yaml, null for one that is only implied
) strict;
