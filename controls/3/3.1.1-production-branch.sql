-- id: 3.1.1
-- title: Reserve `main` for production deployment
-- title.ja: `main` を本番デプロイ専用に定義
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Let only the branch of ci.branches.production release to production: `golive generate workflows` writes such
--    workflows.
-- remedy.ja: 本番へは ci.branches.production のブランチだけからリリースする。`golive generate workflows` が該当のワークフローを書く。
-- references: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows

-- rule: config branch
-- Production's branch is main.
select 'ci.branches.production' as resource, case when conf('ci.branches.production') = 'main' then 'pass' else 'fail' end as status,
       msg('ci.branches.production is {1}', conf('ci.branches.production')) as reason,
       conf_file('ci.branches.production') as file, conf_line('ci.branches.production') as line, conf('ci.branches.production') as evidence
from run;

-- rule: repo triggers
-- A job of the environment production belongs to a workflow that runs for that branch, for releases, or by hand from
-- that branch only.
select j.file || ' ' || j.job as resource,
       case when exists (select 1 from document t where t.file = j.file and t.kind = 'workflow'
                         and (t.path regexp '^on\.(pull_request|pull_request_target|schedule|workflow_run)' or t.path regexp '^on(\[[0-9]+\])?$' and t.value <> 'workflow_dispatch')) then 'fail'
            when exists (select 1 from document t where t.file = j.file and t.shape in ('on.push.branches[]', 'on.push.branches') and t.value is not conf('ci.branches.production')) then 'fail'
            when exists (select 1 from document t where t.file = j.file and (t.path like 'on.push.branches-ignore%' or t.path = 'on.push')) then 'fail'
            when exists (select 1 from document t where t.file = j.file and (t.path like 'on.workflow_dispatch%' or t.path regexp '^on(\[[0-9]+\])?$' and t.value = 'workflow_dispatch'))
             and coalesce(j.condition, '') not like '%github.ref == %refs/heads/' || conf('ci.branches.production') || '%' then 'fail'
            else 'pass' end as status,
       msg('it runs for {1}, if {2}', (select group_concat(distinct substr(t.path, 4)) from document t where t.file = j.file and t.path like 'on.%'), coalesce(j.condition, msg('(always)'))) as reason,
       j.file as file, j.line as line
from run join workflow_job j on j.environment = 'production';

-- rule: template subject
-- The role that deploys to production trusts jobs of the environment production only.
select c.resource as resource, case when c.value like '%:environment:production' then 'pass' else 'fail' end as status,
       msg('its subject is {1}', c.value) as reason, c.file as file, c.line as line, c.value as evidence
from run join statement_condition c on c.env = run.env and c.kind = 'trust' and c.key like '%:sub'
where prop(c.resource, 'RoleName') like '%deploy%' and run.env = 'prod'
union all
select run.env, 'not_applicable', msg('it is asked of {1}', 'prod'), null, null, null from run where run.env <> 'prod';

-- rule: ledger ancestors
-- Every commit that production ran is on that branch.
select 'release ' || r.release as resource,
       case when c.path is null then 'unknown' when c.merged = 1 then 'pass' else 'fail' end as status,
       msg('its commit is {1}', r.commit_) as reason, null as file, null as line, r.commit_ as evidence
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
left join (select id as path, merged from commit_state) c on c.path = r.commit_;
