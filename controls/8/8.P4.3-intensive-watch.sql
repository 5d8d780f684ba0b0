-- id: 8.P4.3
-- title: Set a 24-48 hour intensive monitoring period
-- title.ja: 24-48 時間の重点監視期間を設定
-- severity: high
-- phase: 4
-- judged: after
-- attest: role=release_manager valid_days=7 binds=release
-- question: Was production watched for the planned time, and is everything that showed up dealt with or filed?
-- question.ja: 計画した時間の監視を行い、見つかった事象をすべて対処または起票したか。
-- remedy: Plan 24 to 48 hours of watching (cutover.watch_hours) with people for every hour (oncall.rotation).
-- remedy.ja: 24〜48 時間の重点監視（cutover.watch_hours）と、その間の当番（oncall.rotation）を計画する。

-- rule: config planned
-- Watching lasts 24 to 48 hours, covered by the rota without a gap, nobody for more than 12 hours.
with slot(start, stop, person) as (
    select unixepoch(c.value), unixepoch(conf(c.parent || '.to')), conf(c.parent || '.primary') from run join config c on c.env = run.env and c.shape = 'oncall.rotation[].from'
), covered(until, position) as (
    select unixepoch(conf('cutover.at')), 0 from run
    union all
    select (select max(s.stop) from slot s where s.start <= c.until and s.stop > c.until), c.position + 1 from covered c
    where c.position < 100 and exists (select 1 from slot s where s.start <= c.until and s.stop > c.until)
)
select 'cutover.watch_hours' as resource,
       case when cast(conf('cutover.watch_hours') as integer) not between 24 and 48 then 'fail'
            when max(c.until) < unixepoch(conf('cutover.at')) + 3600 * cast(conf('cutover.watch_hours') as integer) then 'fail' else 'pass' end as status,
       msg('{1} hours from {2}; the rota is without a gap until {3}', conf('cutover.watch_hours'), conf('cutover.at'), datetime(max(c.until), 'unixepoch')) as reason,
       conf_file('cutover.watch_hours') as file, conf_line('cutover.watch_hours') as line
from run join covered c;

-- rule: ledger watched
-- Samples cover the time, and no usual release was begun in it.
select 'event ' || e.seq as resource, case when json_extract(e.data, '$.coverage_pct') >= 99 then 'pass' else 'fail' end as status, msg('samples cover {1} % of the time', json_extract(e.data, '$.coverage_pct')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'watch.end' where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: attestation watched
-- The release manager says that it was watched.
