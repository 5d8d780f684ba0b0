-- id: 6.2.3
-- title: Define app-first/app-later order for each change
-- title.ja: アプリ先行/後行の順序を変更内容ごとに定義
-- severity: high
-- phase: 4
-- judged: release
-- remedy: Say the order where it is not expand first (`-- golive: order=app_first`), and let golive keep it.
-- remedy.ja: expand 先行でない場合は順序を書く（`-- golive: order=app_first`）。順序は golive が守る。
-- depends: 3.3.3

-- rule: migrations clear
-- An expand file runs before the application, a contract file after it.
select m.file as resource,
       case when m.phase = 'contract' and coalesce(m.order_, 'app_first') <> 'app_first' then 'fail'
            when m.phase = 'expand' and m.order_ = 'app_first' and length(coalesce(m.rollback_note, '')) < 20 then 'fail' else 'pass' end as status,
       msg('phase {1}, order {2}', m.phase, coalesce(m.order_, case m.phase when 'contract' then 'app_first' else conf('migrations.default_order') end)) as reason, m.file as file, 1 as line
from migration m where m.direction <> 'down';

-- rule: ledger kept
-- The last release ran its steps in this order.
select 'release ' || r.release as resource, case when h.begun_unix_ms is null or m.done_unix_ms <= h.begun_unix_ms then 'pass' else 'fail' end as status,
       msg('migrations ended {1} s before the shift', (h.begun_unix_ms - m.done_unix_ms) / 1000) as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy' and r.state = 'done'
join release_step m on m.release_seq = r.seq and m.step = 'migrate' left join release_step h on h.release_seq = r.seq and h.step = 'shift'
where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy' and x.state = 'done');
