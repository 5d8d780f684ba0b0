-- golive: phase=expand
-- golive: rollback=forward rollback-note="keep; no earlier release knows this table"

-- A user without a row has the default settings, which are the application's.
CREATE TABLE settings (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    timezone text NOT NULL,
    status_ttl_minutes integer NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT settings_status_ttl_minutes_range CHECK (status_ttl_minutes BETWEEN 5 AND 10080)
);
