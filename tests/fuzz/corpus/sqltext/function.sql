create function f() returns int begin atomic select case when true then 1 end; end;
do $x$ begin drop table t; end $x$;
alter table t drop c, add d text default E'it\'s';
