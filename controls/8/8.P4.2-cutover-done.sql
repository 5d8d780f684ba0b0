-- id: 8.P4.2
-- title: Carry out the DNS cutover, strengthened monitoring and initial watch
-- title.ja: DNS 切替、モニタリング強化、初期監視を実施
-- severity: critical
-- phase: 4
-- judged: after
-- remedy: Switch within the window, and watch at once (`golive status --env {env}`).
-- remedy.ja: 時間帯内に切り替え、直ちに監視する（`golive status --env {env}`）。
-- depends: 7.3.2 7.3.3

-- rule: ledger done
-- The cutover's steps are done within the window, and watching began within five minutes.
select 'event ' || e.seq as resource,
       case when not json_extract(e.data, '$.ok') then 'fail'
            when e.time_unix_ms / 1000 not between unixepoch(conf('cutover.window.from')) and unixepoch(conf('cutover.window.to')) then 'fail'
            when not exists (select 1 from event w where w.env = e.env and w.kind = 'watch.begin' and w.time_unix_ms between e.time_unix_ms and e.time_unix_ms + 300000) then 'fail' else 'pass' end as status,
       msg('switched at {1}', datetime(e.time_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'cutover.done' where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: endpoint serving
-- The public names serve the new version.

-- rule: aws in-sync
-- Route 53 is in sync.
