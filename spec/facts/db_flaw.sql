-- What a healthy database has none of: invalid indexes, constraints that were never validated, long transactions, lock queues.
-- collector: database
create table db_flaw (
    kind text not null,       -- invalid_index, unvalidated_constraint, long_transaction, idle_in_transaction, lock_wait, unused_slot
    object text not null,     -- name, or process id
    detail text,
    seconds real              -- how long it lasts, null where that has no meaning
) strict;
