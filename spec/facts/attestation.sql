-- Answers that people signed (golive attest), each judged: is it genuine, current, by somebody who may.
-- collector: attestation
create table attestation (
    control text not null,
    person text not null,          -- people[].id
    answer text not null,          -- yes, no
    note text,
    signed_unix_s integer not null,
    valid_until_unix_s integer not null,
    binds text not null,           -- config, release, none
    bound text,                    -- hash or release it was given for
    seq integer not null,          -- of its event in the ledger
    flaw text                      -- why it does not count (forged, expired, replayed, other configuration, not in the role), or null
) strict;
create index attestation_control on attestation (control);
