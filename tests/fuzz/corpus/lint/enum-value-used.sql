ALTER TYPE y ADD VALUE 'new'; UPDATE t SET s = 'new' WHERE id = 1;
