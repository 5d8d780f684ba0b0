-- id: 8.P2.1
-- title: Create the CI workflow in GitHub Actions
-- title.ja: GitHub Actions で CI ワークフロー作成
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Generate the workflows (`golive generate workflows`), and keep what you add as strict: pinned actions, few
--    permissions.
-- remedy.ja: `golive generate workflows` でワークフローを生成し、追記部分も同様に（アクション固定・最小権限）。
-- aliases: CKV2_GHA_1 CKV_GHA_7
-- references: https://docs.github.com/en/actions/reference/security/secure-use
-- depends: 3.2.1 3.2.2 3.2.3 3.2.4

-- rule: repo readable
-- Every workflow can be read.
select d.file as resource, 'fail' as status, msg('it cannot be read: {1}', d.value) as reason, d.file as file, d.line as line from document d where d.kind = 'unreadable' and d.file like '.github/workflows/%'
union all
select distinct d.file, 'pass', msg('it can be read'), d.file, null from document d where d.kind = 'workflow';

-- rule: repo permissions
-- Workflows have few permissions at the top, use actions by commit, and do not run strangers' code with secrets.
select w.file as resource,
       case when not exists (select 1 from document p where p.file = w.file and (p.path = 'permissions' or p.path like 'permissions.%')) then 'fail'
            when exists (select 1 from document p where p.file = w.file and (p.path = 'permissions' and p.value in ('write-all') or p.path like 'permissions.%' and p.value = 'write')) then 'fail' else 'pass' end as status,
       msg('permissions at the top: {1}', coalesce((select group_concat(p.name || ' ' || coalesce(p.value, '{}')) from document p where p.file = w.file and (p.path = 'permissions' or p.path like 'permissions.%')), msg('not set, so all'))) as reason, w.file as file, 1 as line
from (select distinct file from document where kind = 'workflow') w
union all
select s.file || ' ' || s.uses, case when s.uses like './%' or s.uses regexp '@[0-9a-f]{40}$' then 'pass' else 'fail' end, msg('the workflow uses {1}', s.uses), s.file, s.line
from workflow_step s where s.uses is not null
union all
select t.file || ' pull_request_target', 'fail', msg('it checks out the head of strangers'' pull requests with secrets at hand'), t.file, t.line
from document t where t.kind = 'workflow' and t.path like 'on.pull_request_target%'
 and exists (select 1 from document r where r.file = t.file and r.name = 'ref' and r.value like '%github.event.pull_request.head%');

-- rule: github required
-- The checks are required on GitHub.
