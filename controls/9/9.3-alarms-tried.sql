-- id: 9.3
-- title: Monitoring alerts are enabled and notification has been tested
-- title.ja: 監視アラートが有効で通知テスト済み
-- severity: critical
-- phase: 4
-- judged: go
-- remedy: Let every critical alarm ring once (aws cloudwatch set-alarm-state), and stop tasks on staging to see one ring by itself.
-- remedy.ja: 重要アラームを一度鳴らし（aws cloudwatch set-alarm-state）、ステージングでタスクを止めて実際に鳴ることを確かめる。
-- depends: 5.1.3 5.1.4

-- rule: aws actions
-- The history of each alarm shows that its action was carried out.

-- rule: ledger rang
-- In the last 30 days each way of notifying was acknowledged, and a real fault rang within five minutes.
select e.kind || ' ' || coalesce(json_extract(e.data, '$.destination'), json_extract(e.data, '$.fault')) as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 30 * 86400 then 'fail' when e.kind = 'drill.fault' and json_extract(e.data, '$.rang_after_s') > 300 then 'fail' when json_extract(e.data, '$.ok') = 0 then 'fail' else 'pass' end as status,
       msg('tried on {1}', date(e.time_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join event e on e.env in (run.env, (select s.env from environment s where s.staging = 1)) and e.kind in ('drill.alert', 'drill.fault')
where e.seq = (select max(x.seq) from event x where x.env = e.env and x.kind = e.kind and coalesce(json_extract(x.data, '$.destination'), json_extract(x.data, '$.fault')) = coalesce(json_extract(e.data, '$.destination'), json_extract(e.data, '$.fault')));
