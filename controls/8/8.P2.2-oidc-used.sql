-- id: 8.P2.2
-- title: Grant AWS deployment rights through OIDC federation
-- title.ja: OIDC 連携で AWS デプロイ権限を付与
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Release to staging from GitHub once: the role is taken by OpenID Connect.
-- remedy.ja: GitHub からステージングへ一度リリースする（ロールは OIDC で引き受ける）。
-- depends: 2.2.2

-- rule: aws role
-- The roles exist and trust GitHub's jobs.

-- rule: ledger used
-- A release of staging was begun by a job's role.
select 'release ' || r.release as resource, case when e.actor like 'runner@%' or json_extract(e.data, '$.run_id') is not null then 'pass' else 'fail' end as status,
       msg('it was begun by {1}', e.actor) as reason, null as file, null as line
from run join environment s on s.staging = 1 join release r on r.env = s.env and r.operation = 'deploy' and r.state = 'done' join event e on e.seq = r.seq
where r.seq = (select max(x.seq) from release x where x.env = s.env and x.operation = 'deploy' and x.state = 'done');
