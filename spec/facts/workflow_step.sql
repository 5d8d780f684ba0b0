-- Steps of jobs of GitHub workflows, in their order.
-- collector: derived from document
create view workflow_step as
with s as (
    select distinct file, substr(path, 1, instr(path, ']')) as path
    from document where kind = 'workflow' and shape like 'jobs.%.steps[]%'
)
select s.file as file, s.path as path,                                  -- jobs.test.steps[0]
       substr(s.path, 6, instr(s.path, '.steps[') - 6) as job,
       cast(substr(s.path, instr(s.path, '.steps[') + 7) as integer) as position, -- 0-based
       n.value as name, u.value as uses, r.value as run, i.value as condition, c.value as continue_on_error,
       w.value as working_directory,
       coalesce(r.line, u.line, n.line) as line
from s
left join document n on n.file = s.file and n.path = s.path || '.name'
left join document u on u.file = s.file and u.path = s.path || '.uses'
left join document r on r.file = s.file and r.path = s.path || '.run'
left join document i on i.file = s.file and i.path = s.path || '.if'
left join document c on c.file = s.file and c.path = s.path || '.continue-on-error'
left join document w on w.file = s.file and w.path = s.path || '.working-directory';
