-- Documents that golive generates, beside what the repository has of them. They are those of prod.
-- collector: derived from rendering, file
create view generated as
select d.path as path,
       case when f.sha256 = d.sha256 and d.touched is null then 'pass' else 'fail' end as status,
       case when f.path is null then msg('there is no {1}: golive generate runbooks writes it', d.path)
            when d.touched is not null then msg('parts of golive''s were changed by hand: {1}', d.touched)
            when f.sha256 is not d.sha256 then msg('it is out of date: golive generate runbooks --diff shows what differs')
            else msg('it is what golive writes now') end as reason
from rendering d left join file f on f.path = d.path
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected')
union all
select f.path, 'not_applicable', msg('the documents are those of {1}', 'prod')
from run join file f on f.path like 'docs/%' where run.env <> 'prod';
