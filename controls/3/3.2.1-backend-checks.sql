-- id: 3.2.1
-- title: Backend CI: `cargo fmt --check`, `cargo clippy`, `cargo test`
-- title.ja: Backend CI: `cargo fmt --check`, `cargo clippy`, `cargo test`
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Run cargo fmt, clippy and test for every pull request (`golive generate workflows`), pin the toolchain in
--    rust-toolchain.toml and keep Cargo.lock in git.
-- remedy.ja: PR ごとに cargo fmt・clippy・test を実行し（`golive generate workflows`）、rust-toolchain.toml と Cargo.lock を git に入れる。
-- aliases: CKV_GHA_7

-- rule: repo commands
-- A workflow of pull requests formats, lints and tests the backend, and a failure stops it.
with wanted(position, what, pattern) as (values (1, 'cargo fmt', 'cargo fmt( --all)?( --)? .*--check|cargo fmt.*--check'), (2, 'cargo clippy', 'cargo clippy .*--all-targets.*-D warnings'), (3, 'cargo test', 'cargo (test|nextest run).*--locked'))
select w.what as resource,
       case when count(l.file) = 0 then 'fail' when min(l.masked) = 1 then 'fail' else 'pass' end as status,
       case when count(l.file) = 0 then msg('no workflow of pull requests runs it') when min(l.masked) = 1 then msg('its failure is ignored')
            else msg('{1} runs it', min(l.file || ' ' || l.job)) end as reason,
       min(l.file) as file, min(l.line) as line
from wanted w left join check_command l on l.text regexp w.pattern
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected')
group by w.what;

-- rule: repo pinned
-- The toolchain is pinned, the lock file is in git, and actions are used by their commit.
select 'rust-toolchain.toml' as resource, case when count(d.file) > 0 then 'pass' else 'fail' end as status,
       case when count(d.file) > 0 then msg('the toolchain is {1}', min(d.value)) else msg('no rust-toolchain.toml pins a channel') end as reason, min(d.file) as file, min(d.line) as line
from run left join document d on d.kind = 'rust_toolchain' and d.path = 'toolchain.channel'
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected') group by run.app
union all
select 'Cargo.lock', case when max(f.tracked) = 1 then 'pass' else 'fail' end,
       case when max(f.tracked) = 1 then msg('it is in git') else msg('it is not in git') end, min(f.path), null
from run left join file f on f.path in ('Cargo.lock', conf('backend.dir') || '/Cargo.lock')
where exists (select 1 from repository) group by run.app
union all
select s.file || ' ' || s.uses, case when s.uses like './%' or s.uses regexp '@[0-9a-f]{40}$' then 'pass' else 'fail' end,
       msg('the workflow uses {1}', s.uses), s.file, s.line
from workflow_step s where s.uses is not null;

-- rule: ledger green
-- The released commit's checks of the backend had succeeded.
select 'release ' || r.release as resource,
       case json_extract(e.data, '$.checks.backend') when 'success' then 'pass' else 'fail' end as status,
       msg('its check of the backend was {1}', coalesce(json_extract(e.data, '$.checks.backend'), msg('not recorded'))) as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
join event e on e.seq = r.seq
where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy' and x.state = 'done');
