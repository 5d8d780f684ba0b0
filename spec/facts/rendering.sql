-- Documents that golive generates (golive generate runbooks), as it would leave them now: a file with another hash is out
-- of date. Only for prod, which they are of.
-- collector: rendering
create table rendering (
    path text primary key, -- docs/runbooks/cutover.md
    sha256 text not null,  -- 64 hexadecimal digits
    touched text           -- parts of golive's that somebody changed, which stay so; (all) for a file that is not golive's; or null
) strict;
