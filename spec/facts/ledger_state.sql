-- Whether the ledger's chain holds: one row.
-- collector: ledger
create table ledger_state (
    events integer not null,
    intact integer not null, -- 1 = every hash fits
    flaw text,               -- what does not fit
    head text not null       -- hash of the last event
) strict;
