-- id: 8.P2.3
-- title: Build CD (staging -> production) with an approval flow
-- title.ja: CD（staging -> production）と承認フローを構築
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Promote what staging ran (`golive promote`); the workflow builds nothing for production.
-- remedy.ja: ステージングで動いたものを昇格する（`golive promote`）。本番用に再ビルドしない。
-- depends: 3.1.2 3.3.4 10.3

-- rule: repo promotes
-- The workflow of production promotes, and builds no image.
select j.file || ' ' || j.job as resource,
       case when exists (select 1 from workflow_step s where s.file = j.file and s.job = j.job and s.run like '%golive promote%')
             and not exists (select 1 from workflow_step s where s.file = j.file and s.job = j.job and s.run regexp 'docker build|cargo build|golive deploy') then 'pass' else 'fail' end as status,
       msg('it promotes: {1}', (select count(*) from workflow_step s where s.file = j.file and s.job = j.job and s.run like '%golive promote%')) as reason, j.file as file, j.line as line
from workflow_job j where j.environment = 'production';

-- rule: ledger same-digest
-- Production's last release has the digest of a verified release of staging, and was approved.
select 'release ' || r.release as resource,
       case when length(r.hotfix) > 0 then 'pass'
            when exists (select 1 from release s join release_step i on i.release_seq = s.seq and i.step = 'image' join environment e on e.env = s.env and e.staging = 1
                         where s.state = 'done' and json_extract(i.facts, '$.digest') = r.from_digest and s.ended_unix_s <= r.begun_unix_s) then 'pass' else 'fail' end as status,
       msg('its image is {1}', coalesce(r.from_digest, msg('(built here)'))) as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done' and run.env = 'prod'
where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy' and x.state = 'done');
