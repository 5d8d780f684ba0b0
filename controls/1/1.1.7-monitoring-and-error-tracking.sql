-- id: 1.1.7
-- title: Logging/monitoring: CloudWatch + error tracking (Sentry etc.)
-- title.ja: Logging/Monitoring: CloudWatch + エラートラッキング（Sentry 等）
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Choose an error tracker (observability.error_tracking.provider) and bring the controls of sections 5.1 and
--    5.2 to pass.
-- remedy.ja: observability.error_tracking.provider を選び、5.1・5.2 の各項目を pass にする。
-- depends: 5.1.1 5.1.3 5.2.1

-- rule: config error-tracking
-- An error tracker is chosen; none is possible with a decision and an approved waiver.
select 'observability.error_tracking.provider' as resource,
       case when conf('observability.error_tracking.provider') in ('sentry', 'glitchtip') then 'pass' else 'fail' end as status,
       msg('the error tracker is {1}', coalesce(conf('observability.error_tracking.provider'), 'none')) as reason,
       conf_file('observability.error_tracking.provider') as file, conf_line('observability.error_tracking.provider') as line,
       conf('observability.error_tracking.provider') as evidence
from run;

-- rule: ledger observed
-- The newest results of the controls 5.1.* and 5.2.* for this environment are pass or waived.
select json_extract(e.data, '$.control') as resource,
       case when json_extract(e.data, '$.status') in ('pass', 'waived', 'not_applicable') then 'pass' else 'fail' end as status,
       msg('its newest result is {1}', json_extract(e.data, '$.status')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'control.result'
where (json_extract(e.data, '$.control') like '5.1.%' or json_extract(e.data, '$.control') like '5.2.%')
  and e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind
               and json_extract(x.data, '$.control') = json_extract(e.data, '$.control'));
