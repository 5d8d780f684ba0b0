-- id: 5.1.4
-- title: Set alert destinations (Slack/SNS/PagerDuty)
-- title.ja: アラート通知先（Slack/SNS/PagerDuty）を設定
-- severity: critical
-- phase: 3
-- judged: release
-- remedy: Name two ways of notifying for critical under observability.notify, one of which wakes somebody, and try them.
-- remedy.ja: observability.notify に critical の通知先を 2 種以上（うち 1 つは呼び出し）登録し、試す。
-- aliases: CKV_AWS_26
-- references: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
-- depends: 8.P0.1 8.P0.4

-- rule: config ways
-- Critical alarms go two different ways, one of which pages, each with an owner.
select 'observability.notify' as resource,
       case when count(distinct k.value) >= 2 and max(k.value in ('pagerduty', 'sms', 'phone', 'opsgenie')) = 1 and min(conf(k.parent || '.owner') is not null) = 1 then 'pass' else 'fail' end as status,
       msg('critical alarms go by {1}', coalesce(group_concat(distinct k.value), msg('nothing'))) as reason, conf_file('observability.notify[0].kind') as file, conf_line('observability.notify[0].kind') as line
from run left join config k on k.env = run.env and k.shape = 'observability.notify[].kind' and conf(k.parent || '.level') = 'critical'
group by run.env;

-- rule: template topics
-- Every critical alarm of a service goes to the critical topic of its own region.
select a.id as resource,
       case when t.id is null then case when exists (select 1 from property p where p.resource = a.id and p.shape = 'AlarmActions[]') then 'unknown' else 'fail' end
            when t.region is not a.region then 'fail' else 'pass' end as status,
       msg('it goes to {1} in {2}', coalesce(t.id, msg('(nobody)')), coalesce(t.region, '?')) as reason, a.file as file, coalesce(p.line, a.line) as line
from run join resource a on a.env = run.env and a.type in ('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm') and a.stack not like '%/service'
 and not prop(a.id, 'AlarmName') regexp 'burn-(fast|slow)-[0-9]+[mh]$'
left join property p on p.resource = a.id and p.path = 'AlarmActions[0]' left join resource t on t.id = p.target;

-- rule: template key
-- A topic that is encrypted uses a key that lets CloudWatch in: AWS's own drops alarms silently.
select t.id as resource,
       case when prop(t.id, 'KmsMasterKeyId') is null then 'pass' when prop(t.id, 'KmsMasterKeyId') like '%alias/aws/sns%' then 'fail'
            when k.value is not null then 'pass' when target(t.id, 'KmsMasterKeyId') is null then 'unknown' else 'fail' end as status,
       msg('its key is {1}', coalesce(prop(t.id, 'KmsMasterKeyId'), msg('none'))) as reason, t.file as file, line(t.id, 'KmsMasterKeyId') as line
from run join resource t on t.env = run.env and t.type = 'AWS::SNS::Topic'
left join statement_item k on k.resource = target(t.id, 'KmsMasterKeyId') and k.effect = 'Allow' and k.element = 'Service' and k.value = 'cloudwatch.amazonaws.com'
group by t.id;

-- rule: ledger drill
-- In the last 30 days each way was tried, and a person acknowledged.
select json_extract(e.data, '$.destination') as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 30 * 86400 then 'fail'
            when json_extract(e.data, '$.acknowledged_after_s') <= 60 * cast(conf('oncall.ack_minutes') as integer) then 'pass' else 'fail' end as status,
       msg('tried on {1}, acknowledged after {2} s', date(e.time_unix_ms / 1000, 'unixepoch'), json_extract(e.data, '$.acknowledged_after_s')) as reason, null as file, null as line
from run join event e on e.env = run.env and e.kind = 'drill.alert'
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind and json_extract(x.data, '$.destination') = json_extract(e.data, '$.destination'));

-- rule: aws subscribed
-- Every subscription of the topics is confirmed.
