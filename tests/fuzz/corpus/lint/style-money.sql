CREATE TABLE c (a money);
