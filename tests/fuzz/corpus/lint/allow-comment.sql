-- golive-lint: allow=create-index
CREATE INDEX i ON t (a);
