-- id: 2.4.4
-- title: Store WAF logs in S3/CloudWatch and review them regularly
-- title.ja: WAF ログを S3/CloudWatch に保存し定期レビュー
-- severity: high
-- phase: 3
-- judged: release
-- attest: role=security valid_days=30 binds=config
-- question: Have you looked through the blocked and counted requests of the last 30 days, and dealt with what you
--    found?
-- question.ja: 直近 30 日のブロック・カウントされたリクエストを確認し、必要な対応を済ませたか。
-- remedy: Keep the web ACLs' logs (edge.waf.log) and look through them every edge.waf.log.review_days days; sign it
--    with golive attest 2.4.4.
-- remedy.ja: WAF ログを保存し（edge.waf.log）、edge.waf.log.review_days ごとに確認して golive attest 2.4.4 で署名する。
-- aliases: CKV2_AWS_31
-- references: https://docs.aws.amazon.com/waf/latest/developerguide/logging.html
-- depends: 2.4.1

-- rule: template logged
-- Every web ACL writes logs, without credentials, and they are kept for 90 days.
select r.id as resource,
       case when l.resource is null then 'fail'
            when not exists (select 1 from property d where d.resource = l.resource and d.shape = 'LogDestinationConfigs[]' and d.value like '%aws-waf-logs-%') then 'fail'
            when (select count(distinct h.value) from property h where h.resource = l.resource and h.shape = 'RedactedFields[].SingleHeader.Name' and h.value in ('authorization', 'cookie')) < 2 then 'fail'
            else 'pass' end as status,
       case when l.resource is null then msg('it writes no logs')
            else msg('it writes to {1}, without {2}', prop(l.resource, 'LogDestinationConfigs[0]'),
                     (select group_concat(h.value) from property h where h.resource = l.resource and h.shape = 'RedactedFields[].SingleHeader.Name')) end as reason,
       r.file as file, coalesce(l.line, r.line) as line
from run join resource r on r.env = run.env and r.type = 'AWS::WAFv2::WebACL'
left join property l on l.path = 'ResourceArn' and l.target = r.id and exists (select 1 from resource x where x.id = l.resource and x.type = 'AWS::WAFv2::LoggingConfiguration');

-- rule: template kept
-- The logs are kept for at least 90 days.
select r.id as resource, verdict(known(r.id, 'RetentionInDays'), cast(prop(r.id, 'RetentionInDays') as integer) >= 90) as status,
       msg('logs are kept for {1} days; 90 are needed', coalesce(prop(r.id, 'RetentionInDays'), msg('an unstated number of'))) as reason,
       r.file as file, line(r.id, 'RetentionInDays') as line
from run join resource r on r.env = run.env and r.type = 'AWS::Logs::LogGroup' and prop(r.id, 'LogGroupName') like 'aws-waf-logs-%'
union all
select r.id, verdict(coalesce(p.known, 1), cast(p.value as integer) >= 90), msg('logs are kept for {1} days; 90 are needed', coalesce(p.value, msg('an unstated number of'))), r.file, coalesce(p.line, r.line)
from run join resource r on r.env = run.env and r.type = 'AWS::S3::Bucket' and prop(r.id, 'BucketName') like 'aws-waf-logs-%'
left join property p on p.resource = r.id and p.shape = 'LifecycleConfiguration.Rules[].ExpirationInDays';

-- rule: ledger reviewed
-- The newest review of the logs is not older than edge.waf.log.review_days, and has a reviewer and a conclusion.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 86400 * cast(conf('edge.waf.log.review_days') as integer) then 'fail'
            when length(json_extract(e.data, '$.reviewer')) > 0 and length(json_extract(e.data, '$.conclusion')) > 0 then 'pass' else 'fail' end as status,
       msg('reviewed on {1} by {2}', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.reviewer')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'waf.review'
where e.seq = (select max(seq) from event x where x.env = e.env and x.kind = e.kind);

-- rule: attestation reviewed
-- Security says that the logs were looked through.
