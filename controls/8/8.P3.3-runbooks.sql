-- id: 8.P3.3
-- title: Prepare runbooks (incident response, recovery)
-- title.ja: Runbook（障害時対応・復旧手順）を整備
-- severity: high
-- phase: 3
-- judged: release
-- attest: role=service_owner valid_days=180 binds=config
-- question: Has somebody who did not write them followed the runbooks and got through?
-- question.ja: 作成者以外がランブックに従って作業し、最後まで実施できたか。
-- remedy: Write the runbook of every alarm: symptoms, check, act, escalate, verify (`golive generate runbooks`), and
--    commit what it wrote.
-- remedy.ja: アラームごとにランブックを書き（`golive generate runbooks`）、コミットする: 症状・確認・対応・エスカレーション・検証。

-- rule: repo there
-- Every alarm names a runbook that is there and complete.
select a.parent || ' ' || a.value as resource,
       case when f.path is null then 'fail' when exists (select 1 from code t where t.file = f.path and t.kind = 'todo') then 'fail'
            when (select count(distinct c.value) from code c where c.file = f.path and c.kind = 'heading' and c.value in ('Symptoms', 'Check', 'Act', 'Escalate', 'Verify')) < 5 then 'fail' else 'pass' end as status,
       case when conf(a.parent || '.runbook') is null then msg('it names no runbook') when f.path is null then msg('there is no {1}', conf(a.parent || '.runbook'))
            when exists (select 1 from code t where t.file = f.path and t.kind = 'todo') then msg('{1} is not finished: it says TODO', f.path)
            else msg('{1} has {2} of the five headings Symptoms, Check, Act, Escalate, Verify', f.path, (select count(distinct c.value) from code c where c.file = f.path and c.kind = 'heading'
                 and c.value in ('Symptoms', 'Check', 'Act', 'Escalate', 'Verify'))) end as reason,
       coalesce(f.path, a.file) as file, case when f.path is null then a.line end as line
from run join config a on a.env = run.env and a.shape = 'observability.alarms[].id' left join file f on f.path = conf(a.parent || '.runbook')
where exists (select 1 from source x where x.name = 'repo' and x.state = 'collected');

-- rule: repo commands
-- What is to be checked and done stands there as commands to type.
select a.parent || ' ' || a.value || ', ' || w.column1 as resource,
       case when exists (select 1 from code h join code c on c.file = h.file and c.kind = 'fence' and c.line > h.line
                         where h.file = f.path and h.kind = 'heading' and h.value = w.column1
                           and not exists (select 1 from code n where n.file = h.file and n.kind = 'heading' and n.line > h.line and n.line < c.line)) then 'pass' else 'fail' end as status,
       msg('{1}: commands below the heading {2}', f.path, w.column1) as reason, f.path as file,
       (select min(h.line) from code h where h.file = f.path and h.kind = 'heading' and h.value = w.column1) as line
from run join config a on a.env = run.env and a.shape = 'observability.alarms[].id' join file f on f.path = conf(a.parent || '.runbook') join (values ('Check'), ('Act')) w
where exists (select 1 from source x where x.name = 'repo' and x.state = 'collected');

-- rule: repo current
-- The runbooks say what golive.yaml and the alarms of the stacks say now.
select g.path as resource, g.status as status, g.reason as reason, g.path as file, null as line from generated g where g.path like 'docs/runbooks/%';

-- rule: template named
-- Every alarm's description leads to its runbook.
select a.id as resource, case when prop(a.id, 'AlarmDescription') regexp 'docs/runbooks/[a-z0-9-]+\.md' then 'pass' else 'fail' end as status,
       msg('its description is: {1}', coalesce(prop(a.id, 'AlarmDescription'), msg('(none)'))) as reason, a.file as file, line(a.id, 'AlarmDescription') as line
from run join resource a on a.env = run.env and a.type in ('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm');

-- rule: attestation followed
-- The service owner says that they were followed.
