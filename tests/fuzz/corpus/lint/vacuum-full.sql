-- no-transaction
VACUUM FULL t;
