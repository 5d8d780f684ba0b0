CREATE TABLE c (a timestamp);
