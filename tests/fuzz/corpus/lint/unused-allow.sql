-- golive-lint: allow=create-index reason="small"
SELECT 1;
