-- golive: phase=expand
-- golive: rollback=forward rollback-note="keep; no earlier release knows this table"

CREATE TABLE statuses (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    body text NOT NULL,
    availability text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT statuses_availability_known CHECK (availability IN ('available', 'busy', 'away'))
);

-- For the foreign key: deleting a user must find the statuses. The table is new and empty, so this
-- needs no CONCURRENTLY.
CREATE INDEX statuses_user_id_idx ON statuses (user_id);
