-- Which collectors ran. A rule whose source was not collected is unknown, for the reason given here.
-- collector: golive
create table source (
    name text primary key,            -- config, template, repo, migrations, database, ledger, attestation, aws, endpoint, github
    state text not null,              -- collected, absent (there is nothing to look at), failed
    reason text,                      -- why it is absent or failed; of one that was collected: what had to be left out
    collected_unix_s integer not null -- when it was looked at, seconds since 1970
) strict;
