-- id: 3.3.4
-- title: Introduce a manual approval step (production only)
-- title.ja: 手動承認ステップ（本番のみ）を導入
-- severity: critical
-- phase: 2
-- judged: release
-- attest: role=release_manager valid_days=1 binds=release
-- question: Did you approve the last production release yourself, knowing what it ships?
-- question.ja: 直近の本番リリースを、内容を把握したうえで承認したか。
-- remedy: Want an approval for production (environments.prod.approval), of two possible approvers at least; `golive
--    approve` signs.
-- remedy.ja: 本番には承認を必須にし（environments.prod.approval、承認者候補 2 名以上）、`golive approve` で署名する。
-- references: https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments

-- rule: config approvers
-- Production wants an approval, and two people can give it; other environments want none.
select e.env || ' approval.min' as resource,
       case when e.env = 'prod' and cast(conf_of(e.env, 'approval.min') as integer) >= 1 then 'pass'
            when e.env <> 'prod' and coalesce(cast(conf_of(e.env, 'approval.min') as integer), 0) = 0 then 'pass' else 'fail' end as status,
       msg('approval.min of {1} is {2}', e.env, coalesce(conf_of(e.env, 'approval.min'), '0')) as reason,
       coalesce(c.file, 'golive.yaml') as file, coalesce(c.line, e.line) as line
from environment e left join config c on c.env = e.env and c.key = 'approval.min' where e.platform = 'aws'
union all
select 'prod approval.approvers',
       case when count(a.key) >= 2 and count(a.key) = count(r.value) then 'pass' else 'fail' end,
       msg('{1} approvers, of which {2} are release_manager or service_owner; two are needed', count(a.key), count(r.value)), min(a.file), min(a.line)
from environment e left join config a on a.env = e.env and a.shape = 'approval.approvers[]'
left join (select distinct env, value from config where shape in ('roles.release_manager[]', 'roles.service_owner[]')) r on r.env = a.env and r.value = a.value
where e.env = 'prod' group by e.env;

-- rule: repo environment
-- The job that releases to production belongs to GitHub's environment production.
select s.file || ' ' || s.job as resource, case when j.environment = 'production' then 'pass' else 'fail' end as status,
       msg('its environment is {1}', coalesce(j.environment, msg('(none)'))) as reason, s.file as file, s.line as line
from workflow_step s join workflow_job j on j.file = s.file and j.job = s.job
where s.run regexp 'golive promote' or s.run regexp 'golive deploy .*prod'
group by s.file, s.job;

-- rule: ledger approved
-- Each release of production had its approvals, of others than who started it and wrote it.
select 'release ' || r.release as resource,
       case when length(r.hotfix) > 0 then 'pass'
            when (select count(distinct a.value) from json_each(coalesce(json_extract(e.data, '$.promotion.approvals'), '[]')) a) >= cast(conf('approval.min') as integer)
             and not exists (select 1 from json_each(coalesce(json_extract(e.data, '$.promotion.approvals'), '[]')) a
                             where case a.type when 'object' then json_extract(a.value, '$.person') else a.value end in (r.author, r.starter)) then 'pass' else 'fail' end as status,
       msg('approved by {1}', coalesce(json_extract(e.data, '$.promotion.approvals'), msg('nobody'))) as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done' and run.env = 'prod' join event e on e.seq = r.seq;

-- rule: attestation approved
-- The release manager says that the last release was approved knowingly.
