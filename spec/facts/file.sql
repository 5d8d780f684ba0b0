-- Files of the repository: tracked ones, and untracked ones that are not ignored. Without git all files but build output.
-- collector: repo
create table file (
    path text primary key,     -- relative to the project
    tracked integer not null,  -- 1 = in git
    size_bytes integer not null,
    sha256 text                -- of small text files that rules compare (documents, runbooks), else null
) strict;
