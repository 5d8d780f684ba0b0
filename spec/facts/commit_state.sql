-- Commits that releases of the ledger shipped, as the repository knows them.
-- collector: repo
create table commit_state (
    id text primary key,     -- 40 hexadecimal digits
    merged integer not null  -- 1 = an ancestor of the production branch
) strict;
