-- Every value of golive.yaml, merged for each environment with the schema's defaults.
-- collector: config
create table config (
    env text not null,     -- environment for which it holds
    key text not null,     -- people[0].id
    shape text not null,   -- people[].id: the key without its indexes
    parent text not null,  -- people[0]: the key of the map or list around it
    name text not null,    -- id: the last name of the key; of an item of a list, the list's
    value text,            -- as text; null for null and for empty lists and maps
    kind text not null,    -- text, number, bool, null, list (empty), map (empty)
    origin text not null,  -- default, file, environment, command_line
    file text,             -- golive.yaml as it was given, null for defaults
    line integer           -- 1-based, null for defaults
) strict;
create index config_key on config (env, key);
create index config_shape on config (env, shape);
create index config_parent on config (env, parent);
