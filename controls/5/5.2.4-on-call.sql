-- id: 5.2.4
-- title: Define severity classes and the on-call procedure
-- title.ja: 重大度分類とオンコール手順を定義
-- severity: high
-- phase: 3
-- judged: release
-- attest: role=service_owner valid_days=90 binds=config
-- question: Does everybody on the rota know when and how they are called, and what to do?
-- question.ja: 当番の全員が、いつ・どのように呼ばれ、何をするかを理解しているか。
-- remedy: Describe severities, the rota and the escalation under incident and oncall in golive.yaml.
-- remedy.ja: golive.yaml の incident・oncall に重大度・当番表・エスカレーションを書く。
-- depends: 8.P0.1 8.P0.4

-- rule: config severities
-- Three severities at least, each with a measurable trigger, SEV1 acknowledged within 15 minutes, SEV2 within an hour.
select 'incident.severities' as resource, case when count(c.key) >= 3 then 'pass' else 'fail' end as status, msg('there are {1} severities; three are needed', count(c.key)) as reason,
       coalesce(min(c.file), 'golive.yaml') as file, min(c.line) as line
from run left join config c on c.env = run.env and c.shape = 'incident.severities[].id' group by run.env
union all
select c.parent || ' ' || c.value,
       case when length(coalesce(conf(c.parent || '.definition'), '')) < 10 or conf(c.parent || '.update_minutes') is null then 'fail'
            when c.value = 'SEV1' and cast(conf(c.parent || '.ack_minutes') as integer) > 15 then 'fail'
            when c.value = 'SEV2' and cast(conf(c.parent || '.ack_minutes') as integer) > 60 then 'fail' when conf(c.parent || '.ack_minutes') is null then 'fail' else 'pass' end,
       msg('{1}: acknowledged within {2} minutes', conf(c.parent || '.definition'), coalesce(conf(c.parent || '.ack_minutes'), '?')), c.file, c.line
from run join config c on c.env = run.env and c.shape = 'incident.severities[].id';

-- rule: config escalation
-- The escalation has two levels at least, and alarms have severities that exist.
select 'oncall.escalation' as resource, case when count(distinct c.value) >= 2 and count(distinct c.value) = count(*) then 'pass' else 'fail' end as status,
       msg('{1} people are called one after the other', count(distinct c.value)) as reason, coalesce(min(c.file), 'golive.yaml') as file, min(c.line) as line
from run left join config c on c.env = run.env and c.shape = 'oncall.escalation[]' group by run.env
union all
select a.parent || ' ' || coalesce(conf(a.parent || '.severity'), '?'),
       case when exists (select 1 from config s where s.env = run.env and s.shape = 'incident.severities[].id' and s.value = conf(a.parent || '.severity')) then 'pass' else 'fail' end,
       case when conf(a.parent || '.severity') is null then msg('golive.yaml does not say {1}', a.parent || '.severity')
            when exists (select 1 from config s where s.env = run.env and s.shape = 'incident.severities[].id' and s.value = conf(a.parent || '.severity'))
            then msg('the alarm {1} has the severity {2}', a.value, conf(a.parent || '.severity'))
            else msg('the alarm {1} has the severity {2}, which is not among incident.severities', a.value, conf(a.parent || '.severity')) end, a.file, a.line
from run join config a on a.env = run.env and a.shape = 'observability.alarms[].id';

-- rule: config rota
-- The rota covers the next 14 days without a gap, always with two different people.
with slot(key, start, stop, first, second, file, line) as (
    select c.parent, unixepoch(c.value), unixepoch(conf(c.parent || '.to')), conf(c.parent || '.primary'), conf(c.parent || '.secondary'), c.file, c.line
    from run join config c on c.env = run.env and c.shape = 'oncall.rotation[].from'
), covered(until, position) as (
    select run.now_unix_s, 0 from run
    union all
    select (select max(s.stop) from slot s where s.start <= c.until and s.stop > c.until), c.position + 1 from covered c
    where c.position < 100 and exists (select 1 from slot s where s.start <= c.until and s.stop > c.until)
)
select 'oncall.rotation' as resource, case when max(c.until) >= run.now_unix_s + 14 * 86400 then 'pass' else 'fail' end as status,

       case when max(c.until) > run.now_unix_s then msg('the rota is without a gap until {1}', datetime(max(c.until), 'unixepoch'))
            when exists (select 1 from slot s where s.start > run.now_unix_s) then msg('nobody is on duty from now until {1}', datetime((select min(s.start) from slot s where s.start > run.now_unix_s), 'unixepoch'))
            else msg('nobody is on duty from now on') end as reason, conf_file('oncall.rotation[0].from') as file, conf_line('oncall.rotation[0].from') as line
from run join covered c
union all
select s.key, case when s.second is not null and s.second <> s.first then 'pass' else 'fail' end, msg('first {1}, second {2}', s.first, coalesce(s.second, msg('(nobody)'))), s.file, s.line
from run join slot s where s.stop > run.now_unix_s;

-- rule: repo documented
-- docs/runbooks/oncall.md is the rendering of golive.yaml.
select g.path as resource, g.status as status, g.reason as reason, g.path as file, null as line from generated g where g.path = 'docs/runbooks/oncall.md';

-- rule: ledger paged
-- The newest page was acknowledged as quickly as SEV1 wants.
select 'event ' || e.seq as resource,
       case when json_extract(e.data, '$.acknowledged_after_s') <= 60 * (select min(cast(a.value as integer)) from config a where a.env = run.env and a.shape = 'incident.severities[].ack_minutes') then 'pass' else 'fail' end as status,
       msg('acknowledged after {1} s', json_extract(e.data, '$.acknowledged_after_s')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'drill.alert' where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: attestation known
-- The service owner says that everybody knows.
