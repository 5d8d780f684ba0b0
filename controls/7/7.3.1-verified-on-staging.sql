-- id: 7.3.1
-- title: Overall verification on a staging-equivalent domain before the production cutover
-- title.ja: 本番切替前にステージング相当ドメインで総合検証
-- severity: critical
-- phase: 4
-- judged: go
-- remedy: Verify on staging's own names, then against production's addresses before the switch.
-- remedy.ja: ステージングのドメインで検証し、切替前に本番アドレスへ直接確認する。
-- depends: 6.2.1

-- rule: config names
-- Staging has names of its own.
select s.env || ' ' || w.column1 as resource,
       case when conf_of(s.env, w.column1) is not null and conf_of(s.env, w.column1) <> conf(w.column1) then 'pass' else 'fail' end as status,
       msg('{1}; production has {2}', coalesce(conf_of(s.env, w.column1), msg('(none)')), conf(w.column1)) as reason, 'golive.yaml' as file, s.line as line
from run join environment s on s.staging = 1 join (values ('domain.app'), ('domain.api')) w where run.env = 'prod'
union all
select run.env, 'not_applicable', msg('it is asked of {1}', 'prod'), null, null from run where run.env <> 'prod';

-- rule: ledger staging
-- Staging serves the tree that production is to get, and was verified within 72 hours.
select 'release ' || r.release as resource,
       case when r.ended_unix_s < run.now_unix_s - 72 * 3600 then 'fail' else 'pass' end as status, msg('staging serves {1} since {2}', r.version, datetime(r.ended_unix_s, 'unixepoch')) as reason, null as file, null as line
from run join environment s on s.staging = 1 join release r on r.env = s.env and r.state = 'done'
where r.seq = (select max(x.seq) from release x where x.env = s.env and x.state = 'done');

-- rule: endpoint forced
-- Production's addresses answer correctly to its names before DNS leads there.
