-- golive: phase=expand
-- golive: rollback=forward rollback-note="keep; earlier releases ignore the table, and the header"

-- The primary key decides which of several concurrent requests with one key makes the status.
-- A key outlives its status: repeating a request must not bring a deleted status back.
CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status_id uuid REFERENCES statuses (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key),
    CONSTRAINT idempotency_keys_status_id_key UNIQUE (status_id)
);
