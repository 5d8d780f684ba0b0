-- golive: phase=exand
SELECT 1;
