-- id: 5.2.1
-- title: Introduce Sentry or the like in backend and frontend
-- title.ja: Backend/Frontend に Sentry 等を導入
-- severity: high
-- phase: 3
-- judged: release
-- attest: role=service_owner valid_days=90 binds=none
-- question: Have you seen a test error of the backend and one of the frontend arrive in the error tracker, for the
--    current major version?
-- question.ja: 現行メジャーバージョンで、バックエンドとフロントエンドのテストエラーが届くのを確認したか。
-- remedy: Add sentry to the backend and @sentry/sveltekit to the frontend, initialise both at start, and send a test error.
-- remedy.ja: バックエンドに sentry、フロントエンドに @sentry/sveltekit を入れ、起動時に初期化し、テストエラーを送る。
-- references: https://docs.sentry.io/platforms/rust/ https://docs.sentry.io/platforms/javascript/guides/sveltekit/

-- rule: repo backend
-- The backend has the library and starts it.
select 'Cargo.lock sentry' as resource,
       case when conf('observability.error_tracking.provider') = 'none' then 'not_applicable' when count(d.file) > 0 then 'pass' else 'fail' end as status,
       case when count(d.file) > 0 then msg('{1} has it', min(d.file)) else msg('Cargo.lock has no package sentry') end as reason, min(d.file) as file, min(d.line) as line
from run left join document d on d.kind = 'cargo_lock' and d.shape = 'package[].name' and d.value = 'sentry'
where exists (select 1 from document l where l.kind = 'cargo_lock') group by run.app
union all
select 'sentry::init', case when conf('observability.error_tracking.provider') = 'none' then 'not_applicable' when count(c.file) > 0 then 'pass' else 'fail' end,
       case when count(c.file) > 0 then msg('{1} starts it', min(c.file)) else msg('nothing in {1} calls sentry::init', conf('backend.dir')) end, min(c.file), min(c.line)
from run left join code c on c.kind = 'sentry_init' and c.area = 'backend' and c.test = 0
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected') group by run.app;

-- rule: repo frontend
-- The frontend has the library and starts it.
select 'package-lock.json @sentry/sveltekit' as resource,
       case when conf('observability.error_tracking.provider') = 'none' then 'not_applicable' when count(d.file) > 0 then 'pass' else 'fail' end as status,
       case when count(d.file) > 0 then msg('{1} has it', min(d.file)) else msg('package-lock.json has no @sentry/sveltekit') end as reason, min(d.file) as file, null as line
from run left join document d on d.kind = 'package_lock' and d.path like '@sentry/%'
where exists (select 1 from document l where l.kind = 'package_lock') group by run.app
union all
select 'Sentry.init', case when conf('observability.error_tracking.provider') = 'none' then 'not_applicable' when count(c.file) > 0 then 'pass' else 'fail' end,
       case when count(c.file) > 0 then msg('{1} starts it', min(c.file)) else msg('src/hooks.client does not call Sentry.init') end, min(c.file), min(c.line)
from run left join code c on c.kind = 'sentry_init' and c.area = 'frontend' and c.file like '%hooks.client%'
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected') group by run.app;

-- rule: ledger drill
-- In the last 90 days a test error of both arrived.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 90 * 86400 then 'fail'
            when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 90 * 86400
            then msg('the newest one is of {1}, more than {2} days ago', date(e.time_unix_ms / 1000, 'unixepoch'), 90)
            when json_extract(e.data, '$.ok') then msg('it succeeded on {1}', date(e.time_unix_ms / 1000, 'unixepoch'))
            else msg('it failed on {1}: {2}', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.why')) end as reason,
       null as file, null as line
from run join event e on e.env = run.env and e.kind = 'drill.error'
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: attestation seen
-- The service owner says that errors arrive.
