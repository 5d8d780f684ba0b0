-- id: 5.2.3
-- title: Apply PII masking and send control
-- title.ja: PII マスキング・送信制御を適用
-- severity: high
-- phase: 3
-- judged: release
-- attest: role=security valid_days=180 binds=config
-- question: Have you looked at stored events of the last weeks and found no personal data in them?
-- question.ja: 最近保存されたイベントを確認し、個人情報が含まれていないことを確かめたか。
-- remedy: Send no personal data to the error tracker: send_default_pii false, scrub lists, and before_send in both
--    programs (observability.error_tracking).
-- remedy.ja: エラー監視に個人情報を送らない: send_default_pii: false、scrub、両プログラムの before_send（observability.error_tracking）。
-- references: https://docs.sentry.io/platforms/rust/data-management/sensitive-data/

-- rule: config settings
-- Nothing personal is sent by default, credentials are scrubbed, samples are sensible.
select 'observability.error_tracking.send_default_pii' as resource, case when coalesce(conf('observability.error_tracking.send_default_pii'), 'false') = 'false' then 'pass' else 'fail' end as status,
       msg('send_default_pii is {1}', coalesce(conf('observability.error_tracking.send_default_pii'), 'false')) as reason,
       conf_file('observability.error_tracking.send_default_pii') as file, conf_line('observability.error_tracking.send_default_pii') as line from run
union all
select 'observability.error_tracking.scrub ' || w.column1,
       case when exists (select 1 from config c where c.env = run.env and c.shape = 'observability.error_tracking.scrub[]' and c.value = w.column1) then 'pass' else 'fail' end,
       msg('{1} must be scrubbed', w.column1), conf_file('observability.error_tracking.scrub'), conf_line('observability.error_tracking.scrub')
from run join (values ('authorization'), ('cookie'), ('set-cookie'), ('password'), ('token'), ('email')) w
union all
select 'observability.error_tracking.sample_rate',
       case when cast(conf('observability.error_tracking.sample_rate.errors') as real) = 1.0 and cast(conf('observability.error_tracking.sample_rate.traces') as real) between 0 and 0.2 then 'pass' else 'fail' end,
       msg('errors {1}, traces {2}', conf('observability.error_tracking.sample_rate.errors'), conf('observability.error_tracking.sample_rate.traces')),
       conf_file('observability.error_tracking.sample_rate'), conf_line('observability.error_tracking.sample_rate') from run;

-- rule: repo programs
-- Both programs scrub before they send, and send nothing personal by default.
select w.column1 as resource,
       case when not exists (select 1 from code i where i.kind = 'sentry_init' and i.area = w.column1 and i.test = 0) then 'not_applicable'
            when exists (select 1 from code p where p.kind = 'sentry_pii' and p.area = w.column1 and p.value = 'true' and p.test = 0) then 'fail'
            when not exists (select 1 from code p where p.kind = 'sentry_scrub' and p.area = w.column1 and p.test = 0) then 'fail' else 'pass' end as status,
       case when not exists (select 1 from code i where i.kind = 'sentry_init' and i.area = w.column1 and i.test = 0) then msg('it starts no error tracker')
            when not exists (select 1 from code p where p.kind = 'sentry_scrub' and p.area = w.column1 and p.test = 0) then msg('it sets no before_send') else msg('it scrubs before it sends') end as reason,
       (select min(i.file) from code i where i.kind = 'sentry_init' and i.area = w.column1) as file, (select min(i.line) from code i where i.kind = 'sentry_init' and i.area = w.column1) as line
from (values ('backend'), ('frontend')) w where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: ledger drill
-- In the last 180 days a planted e-mail address, token and cookie did not arrive.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 180 * 86400 then 'fail'
            when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 180 * 86400
            then msg('the newest one is of {1}, more than {2} days ago', date(e.time_unix_ms / 1000, 'unixepoch'), 180)
            when json_extract(e.data, '$.ok') then msg('it succeeded on {1}', date(e.time_unix_ms / 1000, 'unixepoch'))
            else msg('it failed on {1}: {2}', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.why')) end as reason,
       null as file, null as line
from run join event e on e.env = run.env and e.kind = 'drill.pii'
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: attestation looked
-- Security says that stored events hold nothing personal.
