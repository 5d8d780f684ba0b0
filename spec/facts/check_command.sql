-- Commands of workflows that run for pull requests.
-- collector: derived from document
create view check_command as
select s.file as file, s.job as job, s.position as position, s.run as text, s.line as line,
       coalesce(s.continue_on_error, '') = 'true' or coalesce(j.continue_on_error, '') = 'true' or s.run like '%|| true%'
       or coalesce(s.condition, '') = 'false' or coalesce(j.condition, '') = 'false' as masked -- 1 = its failure stops nothing
from workflow_step s join workflow_job j on j.file = s.file and j.job = s.job
where s.run is not null
  and s.file in (select t.file from document t where t.kind = 'workflow'
                 and (t.path like 'on.pull_request%' or t.path regexp '^on(\[[0-9]+\])?$' and t.value = 'pull_request'));
