-- id: 7.3.2
-- title: Write the cutover runbook (people, time, criteria)
-- title.ja: カットオーバー手順書を作成（担当者・時刻・判定基準）
-- severity: high
-- phase: 4
-- judged: go
-- attest: role=release_manager valid_days=14 binds=release
-- question: Is everybody named in the timetable ready at the time, and does the timetable match what will be done?
-- question.ja: 手順書に載る全員が当日対応でき、内容が実際に行う作業と一致しているか。
-- remedy: Write the cutover in golive.yaml (cutover): when, who, steps with what aborts them, criteria; rehearse it on
--    staging.
-- remedy.ja: golive.yaml の cutover に日時・担当・手順と中止条件・判定基準を書き、ステージングで予行する。

-- rule: config plan
-- The time is given and lies in its window, two different people are responsible, and something is announced.
select 'cutover.at' as resource, case when unixepoch(conf('cutover.at')) is not null then 'pass' else 'fail' end as status, msg('the cutover is at {1}', coalesce(conf('cutover.at'), msg('(no time)'))) as reason,
       conf_file('cutover.at') as file, conf_line('cutover.at') as line from run
union all
select 'cutover.window', case when conf('cutover.window.from') is null and conf('cutover.window.to') is null then 'not_applicable'
            when unixepoch(conf('cutover.at')) between unixepoch(conf('cutover.window.from')) and unixepoch(conf('cutover.window.to')) then 'pass' else 'fail' end,
       case when conf('cutover.window.from') is null then msg('golive.yaml does not say {1}', 'cutover.window.from') when conf('cutover.window.to') is null then msg('golive.yaml does not say {1}', 'cutover.window.to')
            else msg('the cutover is at {1}, its window from {2} to {3}', coalesce(conf('cutover.at'), msg('(no time)')), conf('cutover.window.from'), conf('cutover.window.to')) end,
       conf_file('cutover.window.from'), conf_line('cutover.window.from') from run
union all
select 'cutover.operator', case when conf('cutover.operator') is not null and conf('cutover.deputy') is not null and conf('cutover.operator') <> conf('cutover.deputy') then 'pass' else 'fail' end,
       msg('operator {1}, deputy {2}', coalesce(conf('cutover.operator'), msg('(nobody)')), coalesce(conf('cutover.deputy'), msg('(nobody)'))), conf_file('cutover.operator'), conf_line('cutover.operator') from run
union all
select 'cutover.announce', case when conf('cutover.announce[0]') is not null then 'pass' else 'fail' end, msg('it is announced to {1}', coalesce(conf('cutover.announce[0]'), msg('(nobody)'))),
       conf_file('cutover.announce'), conf_line('cutover.announce') from run;

-- rule: config steps
-- Every step has an owner, a command, what is expected, and what aborts it.
select c.parent || ' ' || c.value as resource,
       case when conf(c.parent || '.owner') is not null and length(coalesce(conf(c.parent || '.command'), '')) > 0 and length(coalesce(conf(c.parent || '.expect'), '')) > 0
             and length(coalesce(conf(c.parent || '.abort_if'), '')) > 0 then 'pass' else 'fail' end as status,
       msg('{1}: {2}; expects {3}; aborts if {4}', conf(c.parent || '.owner'), coalesce(conf(c.parent || '.command'), '?'), coalesce(conf(c.parent || '.expect'), '?'), coalesce(conf(c.parent || '.abort_if'), '?')) as reason, c.file as file, c.line as line
from run join config c on c.env = run.env and c.shape = 'cutover.steps[].id'
union all
select 'cutover.steps', 'fail', msg('there are no steps'), conf_file('cutover.at'), conf_line('cutover.at')
from run where not exists (select 1 from config c where c.env = run.env and c.shape = 'cutover.steps[].id');

-- rule: config criteria
-- The criteria can be judged by a machine.
select coalesce(c.parent || ' ' || c.value, 'cutover.criteria') as resource,
       case when c.key is not null and conf(c.parent || '.op') is not null and conf(c.parent || '.threshold') is not null and conf(c.parent || '.window_min') is not null then 'pass' else 'fail' end as status,
       case when c.key is null then msg('there are no criteria') else msg('{1} {2} {3} over {4} minutes', c.value, conf(c.parent || '.op'), conf(c.parent || '.threshold'), conf(c.parent || '.window_min')) end as reason, c.file as file, c.line as line
from run left join config c on c.env = run.env and c.shape = 'cutover.criteria[].metric';

-- rule: repo documented
-- docs/runbooks/cutover.md is the rendering of golive.yaml.
select g.path as resource, g.status as status, g.reason as reason, g.path as file, null as line from generated g where g.path = 'docs/runbooks/cutover.md';

-- rule: ledger rehearsed
-- In the 14 days before, the same steps succeeded on staging.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < unixepoch(conf('cutover.at')) - 14 * 86400 then 'fail' when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       msg('rehearsed on {1}', datetime(e.time_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join environment s on s.staging = 1 join event e on e.env = s.env and e.kind = 'cutover.done' where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: attestation ready
-- The release manager says that everybody is ready.
