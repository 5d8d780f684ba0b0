-- id: 7.2.2
-- title: Set monitoring of renewal failure
-- title.ja: 更新失敗監視を設定
-- severity: high
-- phase: 3
-- judged: release
-- remedy: Keep the alarms and rules of stacks/observability*.yaml and certificate-events.yaml that watch certificates
--    end.
-- remedy.ja: 証明書の期限を監視するアラームとルール（stacks/observability*.yaml、certificate-events.yaml）を保つ。
-- references: https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-events.html
-- depends: 5.1.4

-- rule: template alarm
-- Every certificate has an alarm in its own region, between the margin and 45 days before its end, that goes to
-- somebody.
select c.id as resource,
       case when a.id is null then 'fail' when prop(a.id, 'Namespace') is not 'AWS/CertificateManager' or prop(a.id, 'Statistic') is not 'Minimum' then 'fail'
            when prop(a.id, 'ComparisonOperator') is not 'LessThanThreshold' or cast(prop(a.id, 'Threshold') as real) not between 7 and 45 then 'fail'
            when prop(a.id, 'AlarmActions[0]') is null then 'fail' when a.region is not c.region then 'fail' else 'pass' end as status,
       case when a.id is null then msg('no alarm watches it end') else msg('{1} alarms {2} days before', a.id, prop(a.id, 'Threshold')) end as reason, coalesce(a.file, c.file) as file, coalesce(line(a.id, 'Threshold'), c.line) as line
from run join resource c on c.env = run.env and c.type = 'AWS::CertificateManager::Certificate'
left join property d on d.shape = 'Dimensions[].Value' and d.target = c.id
left join resource a on a.id = d.resource and a.type = 'AWS::CloudWatch::Alarm' and prop(a.id, 'MetricName') = 'DaysToExpiry'
group by c.id;

-- rule: template events
-- ACM's own warnings are told, and begin early enough.
select w.column1 as resource, case when count(p.resource) > 0 and max(prop(p.resource, 'Targets[0].Arn') is not null) = 1 then 'pass' else 'fail' end as status,
       case when count(p.resource) > 0 then msg('{1} goes to {2}', w.column1, min(coalesce(target(p.resource, 'Targets[0].Arn'), prop(p.resource, 'Targets[0].Arn')))) else msg('nobody is told about {1}', w.column1) end as reason,
       min(p.file) as file, min(p.line) as line
from run join (values ('ACM Certificate Approaching Expiration'), ('ACM Certificate Renewal Action Required')) w
left join property p on p.shape = 'EventPattern.detail-type[]' and p.value = w.column1 and p.resource like run.env || '/%'
where exists (select 1 from stack s where s.env = run.env)
group by w.column1
union all
select r.id, case when cast(prop(r.id, 'ExpiryEventsConfiguration.DaysBeforeExpiry') as integer) >= 7 then 'pass' else 'fail' end,
       msg('events begin {1} days before', prop(r.id, 'ExpiryEventsConfiguration.DaysBeforeExpiry')), r.file, line(r.id, 'ExpiryEventsConfiguration.DaysBeforeExpiry')
from run join resource r on r.env = run.env and r.type = 'AWS::CertificateManager::Account';

-- rule: aws renewal
-- Each certificate is eligible for renewal, and far from its end.

-- rule: endpoint days-left
-- What is presented is valid for more than the margin.
