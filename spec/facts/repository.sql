-- The repository of the application: one row, none where it is not kept in git.
-- collector: repo
create table repository (
    head text not null,       -- commit, 40 hexadecimal digits; "" before the first commit
    branch text,              -- null when detached
    shallow integer not null, -- 1 = its history was cut off: nothing can be said about older commits
    remote text,              -- owner/name of its GitHub remote, or null
    dirty integer not null    -- 1 = files differ from the commit
) strict;
