-- id: 5.2.2
-- title: Attach the release version automatically in CI
-- title.ja: release バージョンを CI で自動付与
-- severity: medium
-- phase: 2
-- judged: release
-- remedy: Hand the release's version to the error tracker at build and start (SENTRY_RELEASE, `golive generate
--    workflows`), and publish no source maps.
-- remedy.ja: ビルド時・起動時にリリース名を渡し（SENTRY_RELEASE、`golive generate workflows`）、ソースマップは公開しない。
-- references: https://docs.sentry.io/product/releases/

-- rule: repo release
-- The program says its release, from the environment or the build, not as a literal.
select coalesce(c.file || ':' || c.line, 'sentry_release') as resource,
       case when conf('observability.error_tracking.provider') = 'none' then 'not_applicable' when c.file is null then 'fail' when c.value regexp '^Some\("' then 'fail' else 'pass' end as status,
       case when c.file is null then msg('sentry::init names no release') else msg('its release is {1}', c.value) end as reason, c.file as file, c.line as line
from run left join code c on c.kind = 'sentry_release' and c.area = 'backend' and c.test = 0 and c.value regexp 'release_name!|RELEASE|release'
 and exists (select 1 from code n where n.kind = 'sentry_init' and n.file = c.file)
where exists (select 1 from code i where i.kind = 'sentry_init' and i.area = 'backend');

-- rule: repo workflow
-- Workflows derive it from the commit or the tag.
select s.file || ' ' || s.job as resource, case when s.run like '%github.sha%' or s.run like '%$version%' or s.run like '%GITHUB_SHA%' then 'pass' else 'fail' end as status,
       msg('the workflow names the release') as reason, s.file as file, s.line as line
from workflow_step s where s.run like '%sentry%cli% releases %'
union all
select run.app || ' workflows', 'not_applicable', msg('no workflow tells Sentry about releases'), null, null
from run where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected') and not exists (select 1 from workflow_step s where s.run like '%sentry%cli% releases %');

-- rule: ledger same
-- The release's record, program and bundle say the same.
select 'release ' || r.release as resource, case when length(r.version) > 0 then 'pass' else 'fail' end as status,
       msg('its version is {1}', r.version) as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy' and x.state = 'done');
