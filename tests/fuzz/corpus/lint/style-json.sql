CREATE TABLE c (a json);
