-- Names that ever stood in the history and should not have: files like .env and private keys.
-- collector: repo
create table file_history (
    path text not null,
    commit_ text not null,   -- where it was added
    added_unix_s integer not null
) strict;
