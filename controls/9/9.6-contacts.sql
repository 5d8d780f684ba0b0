-- id: 9.6
-- title: Persons in charge, contact routes and duty rota are clear
-- title.ja: 責任者・連絡経路・当番体制が明確
-- severity: critical
-- phase: 4
-- judged: go
-- attest: role=service_owner valid_days=30 binds=config
-- question: Was everybody on the rota reached by the first way within the last 90 days?
-- question.ja: 過去 90 日以内に、当番の全員へ第一連絡手段で連絡がついたか。
-- remedy: Give every person two ways of being reached, and cover the next 30 days (people, oncall).
-- remedy.ja: 全員に連絡手段を 2 つ以上登録し、今後 30 日の当番を埋める（people、oncall）。
-- depends: 8.P0.1 8.P0.4

-- rule: config ways
-- Every person has an e-mail address and a second way.
select c.parent || ' ' || c.value as resource,
       case when conf(c.parent || '.email') is not null and coalesce(conf(c.parent || '.phone'), conf(c.parent || '.slack')) is not null then 'pass' else 'fail' end as status,
       msg('e-mail {1}, telephone or chat {2}', case when conf(c.parent || '.email') is null then msg('none') else msg('known') end, case when coalesce(conf(c.parent || '.phone'), conf(c.parent || '.slack')) is null then msg('none') else msg('known') end) as reason, c.file as file, c.line as line
from run join config c on c.env = run.env and c.shape = 'people[].id';

-- rule: config rota
-- The rota has no gap in the next 30 days; the escalation has two levels, nobody twice; a vendor can be reached.
with slot(start, stop) as (select unixepoch(c.value), unixepoch(conf(c.parent || '.to')) from run join config c on c.env = run.env and c.shape = 'oncall.rotation[].from'),
covered(until, position) as (
    select run.now_unix_s, 0 from run
    union all
    select (select max(s.stop) from slot s where s.start <= c.until and s.stop > c.until), c.position + 1 from covered c
    where c.position < 100 and exists (select 1 from slot s where s.start <= c.until and s.stop > c.until)
)
select 'oncall.rotation' as resource, case when max(c.until) >= run.now_unix_s + 30 * 86400 then 'pass' else 'fail' end as status,
       case when max(c.until) > run.now_unix_s then msg('the rota is without a gap until {1}', datetime(max(c.until), 'unixepoch'))
            when exists (select 1 from slot s where s.start > run.now_unix_s) then msg('nobody is on duty from now until {1}', datetime((select min(s.start) from slot s where s.start > run.now_unix_s), 'unixepoch'))
            else msg('nobody is on duty from now on') end as reason,
       conf_file('oncall.rotation[0].from') as file, conf_line('oncall.rotation[0].from') as line
from run join covered c
union all
select 'oncall.escalation', case when count(c.value) >= 2 and count(distinct c.value) = count(c.value) then 'pass' else 'fail' end, msg('{1} people are called one after the other', count(distinct c.value)), coalesce(min(c.file), 'golive.yaml'), min(c.line)
from run left join config c on c.env = run.env and c.shape = 'oncall.escalation[]' group by run.env
union all
select 'contacts.vendors', case when conf('contacts.vendors[0].route') is not null and conf('contacts.vendors[0].plan') is not null then 'pass' else 'fail' end,
       case when conf('contacts.vendors[0].name') is null then msg('golive.yaml does not say {1}', 'contacts.vendors')
            when conf('contacts.vendors[0].route') is null then msg('golive.yaml does not say {1}', 'contacts.vendors[0].route')
            when conf('contacts.vendors[0].plan') is null then msg('golive.yaml does not say {1}', 'contacts.vendors[0].plan')
            else msg('{1}: {2}', conf('contacts.vendors[0].name'), conf('contacts.vendors[0].route')) end, conf_file('contacts.vendors[0].name'), conf_line('contacts.vendors[0].name') from run;

-- rule: ledger reached
-- In the last 90 days each of them acknowledged by the first way.
select json_extract(e.data, '$.person') as resource, case when e.time_unix_ms / 1000 >= run.now_unix_s - 90 * 86400 then 'pass' else 'fail' end as status,
       msg('reached on {1}', date(e.time_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'drill.contact' where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind and json_extract(x.data, '$.person') = json_extract(e.data, '$.person'));

-- rule: repo documented
-- docs/contacts.md is the rendering of golive.yaml.
select g.path as resource, g.status as status, g.reason as reason, g.path as file, null as line from generated g where g.path = 'docs/contacts.md';

-- rule: attestation reached
-- The service owner says that everybody was reached.
