-- What the scanner saw in source files (src/facts/code_rules.c has the kinds and what each looks for).
-- collector: repo
create table code (
    kind text not null,    -- env_read, secret_fallback, local_url, cors_any, jwt_in_query, migrate_at_start, ...
    file text not null,    -- relative to the project
    line integer not null, -- 1-based
    area text not null,    -- backend, frontend, workflow, other
    test integer not null, -- 1 = in tests, or behind cfg(test) or cfg(debug_assertions)
    value text             -- what it names: the variable, the host, the route; never a secret
) strict;
create index code_kind on code (kind, area);
