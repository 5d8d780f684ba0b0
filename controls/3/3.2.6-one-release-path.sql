-- id: 3.2.6
-- title: CD: production deployment (ECS service update / App Runner deploy / S3 sync + CloudFront invalidation)
-- title.ja: CD: 本番デプロイ（ECS service update / App Runner deploy / S3 sync + CloudFront invalidation）
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Let the workflow call golive deploy or golive promote and nothing beside it, one release at a time (`golive
--    generate workflows`).
-- remedy.ja: ワークフローは golive deploy / promote だけを呼び、同時に 1 リリースだけにする（`golive generate workflows`）。

-- rule: repo golive-only
-- Jobs that release call golive, and no tool beside it changes services, buckets or the database.
select s.file || ' ' || s.job as resource,
       case when exists (select 1 from workflow_step x where x.file = s.file and x.run regexp 'aws (ecs update-service|s3 (sync|cp)|cloudfront create-invalidation)|sqlx migrate run|terraform apply|cdk deploy') then 'fail'
            else 'pass' end as status,
       case when exists (select 1 from workflow_step x where x.file = s.file and x.run regexp 'aws (ecs update-service|s3 (sync|cp)|cloudfront create-invalidation)|sqlx migrate run|terraform apply|cdk deploy')
            then msg('another tool releases beside golive') else msg('golive releases alone') end as reason,
       s.file as file, s.line as line
from workflow_step s where s.run regexp 'golive (deploy|promote)'
group by s.file, s.job;

-- rule: repo one-at-a-time
-- Releases to production queue up, are not cut off, and end by a time limit.
select j.file || ' ' || j.job as resource,
       case when g.value is null then 'fail' when coalesce(c.value, 'false') <> 'false' then 'fail' when j.timeout_minutes is null then 'fail' else 'pass' end as status,
       msg('its concurrency group is {1}, cancel-in-progress is {2}, timeout-minutes is {3}', coalesce(g.value, msg('(none)')), coalesce(c.value, 'false'), coalesce(j.timeout_minutes, msg('(none)'))) as reason,
       j.file as file, j.line as line
from workflow_job j
left join document g on g.file = j.file and g.path in ('concurrency.group', j.path || '.concurrency.group', 'concurrency', j.path || '.concurrency')
left join document c on c.file = j.file and c.path in ('concurrency.cancel-in-progress', j.path || '.concurrency.cancel-in-progress')
where j.environment = 'production';

-- rule: ledger steps
-- The last release was done, its steps in order, and no other ran beside it.
with last(seq, release, state, begun, ended) as (
    select r.seq, r.release, r.state, r.begun_unix_s, r.ended_unix_s from run join release r on r.env = run.env and r.operation = 'deploy'
    where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy')
), wanted(position, step) as (values (1, 'backup'), (2, 'migrate'), (3, 'shift'), (4, 'smoke'), (5, 'bake'))
select 'release ' || l.release as resource, case l.state when 'done' then 'pass' else 'fail' end as status,
       msg('its state is {1}', l.state) as reason, null as file, null as line
from last l
union all
select 'release ' || l.release || ' ' || w.step,
       case when s.done_unix_ms is null then 'fail'
            when exists (select 1 from wanted p join release_step q on q.release_seq = l.seq and q.step = p.step where p.position < w.position and q.done_unix_ms > s.done_unix_ms) then 'fail'
            else 'pass' end,
       case when s.step is null then msg('the step {1} was not run', w.step) else msg('the step {1} ended at {2}', w.step, datetime(s.done_unix_ms / 1000, 'unixepoch')) end, null, null
from last l join wanted w left join release_step s on s.release_seq = l.seq and s.step = w.step;
