-- Signatures of people under gates (golive gate), one row for each role, each judged: is it genuine, by somebody who may.
-- collector: ledger
create table gate_signature (
    seq integer primary key, -- of its event
    hash text not null,      -- of the gate's evidence
    person text not null,    -- people[].id
    role text not null,      -- of gate.signers, for which it counts
    flaw text                -- why it does not count (forged, other key, not in the role), or null
) strict;
