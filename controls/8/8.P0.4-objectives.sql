-- id: 8.P0.4
-- title: Settle SLO/SLA and the operating structure (response times)
-- title.ja: SLO/SLA と運用体制（障害対応時間）を確定
-- severity: high
-- phase: 0
-- judged: plan
-- attest: role=service_owner valid_days=180 binds=config
-- question: Do the objectives still match what users need and what was promised to them?
-- question.ja: 目標値は利用者の必要と約束した内容に今も合っているか。
-- remedy: Set slo, sla, oncall, incident and recovery in golive.yaml, and generate docs/slo.md (golive generate
--    runbooks).
-- remedy.ja: golive.yaml に slo・sla・oncall・incident・recovery を書き、docs/slo.md に説明を書く。

-- rule: config set
-- Every objective is set and possible.
select w.column1 as resource, case when conf(w.column1) is not null then 'pass' else 'fail' end as status, msg('{1} is {2}', w.column1, coalesce(conf(w.column1), msg('(not set)'))) as reason,
       coalesce(conf_file(w.column1), 'golive.yaml') as file, conf_line(w.column1) as line
from run join (values ('slo.availability_pct'), ('slo.error_rate_pct'), ('slo.p95_ms'), ('slo.p99_ms'), ('slo.window_days'), ('recovery.rto_minutes'), ('recovery.rpo_minutes'), ('oncall.coverage'), ('oncall.timezone')) w
union all
select 'sla.availability_pct', case when conf('sla.availability_pct') is null or cast(conf('sla.availability_pct') as real) < cast(conf('slo.availability_pct') as real) then 'pass' else 'fail' end,
       msg('promised are {1} %, aimed at {2} %', coalesce(conf('sla.availability_pct'), msg('none')), conf('slo.availability_pct')), conf_file('sla.availability_pct'), conf_line('sla.availability_pct') from run
union all
select 'recovery.rpo_minutes', case when cast(conf('recovery.rpo_minutes') as integer) >= 5 and cast(coalesce(conf('database.backup_retention_days'), '0') as integer) >= 1 then 'pass' else 'fail' end,
       msg('point-in-time recovery loses up to 5 minutes; {1} are accepted', conf('recovery.rpo_minutes')), conf_file('recovery.rpo_minutes'), conf_line('recovery.rpo_minutes') from run
union all
select 'oncall.coverage', case when conf('oncall.coverage') = 'business_hours' and cast(conf('slo.availability_pct') as real) > 99.9 then 'fail' else 'pass' end,
       msg('somebody is on call {1}; aimed at are {2} %', conf('oncall.coverage'), conf('slo.availability_pct')), conf_file('oncall.coverage'), conf_line('oncall.coverage') from run;

-- rule: repo documented
-- docs/slo.md is the rendering of golive.yaml.
select g.path as resource, g.status as status, g.reason as reason, g.path as file, null as line from generated g where g.path = 'docs/slo.md';

-- rule: attestation right
-- The service owner says that the objectives are right.
