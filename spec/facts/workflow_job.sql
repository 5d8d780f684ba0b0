-- Jobs of GitHub workflows.
-- collector: derived from document
create view workflow_job as
with j as (
    select file, substr(path, 6, instr(substr(path, 6) || '.', '.') - 1) as job, min(line) as line
    from document where kind = 'workflow' and path like 'jobs.%' group by 1, 2
)
select j.file as file, 'jobs.' || j.job as path, j.job as job,
       (select value from document e where e.file = j.file and e.path in ('jobs.' || j.job || '.environment', 'jobs.' || j.job || '.environment.name')) as environment,
       (select value from document e where e.file = j.file and e.path = 'jobs.' || j.job || '.if') as condition,
       (select value from document e where e.file = j.file and e.path = 'jobs.' || j.job || '.uses') as uses,
       (select value from document e where e.file = j.file and e.path = 'jobs.' || j.job || '.permissions.id-token') as id_token,
       (select value from document e where e.file = j.file and e.path = 'jobs.' || j.job || '.continue-on-error') as continue_on_error,
       (select value from document e where e.file = j.file and e.path = 'jobs.' || j.job || '.timeout-minutes') as timeout_minutes,
       j.line as line
from j;
