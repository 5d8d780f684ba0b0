-- id: 8.P4.1
-- title: Hold the release decision meeting (Go/No-Go)
-- title.ja: リリース判定会（Go/No-Go）を実施
-- severity: critical
-- phase: 4
-- judged: go
-- attest: role=service_owner valid_days=1 binds=release
-- question: Do you agree to go live with the state that the gate shows?
-- question.ja: ゲートが示す状態での本番公開に同意するか。
-- remedy: Decide with golive gate: every control passes, and each role of gate.signers signs.
-- remedy.ja: golive gate で判定する: 全項目が pass、gate.signers の各ロールが署名する。

-- rule: ledger decided
-- A gate of the last 24 hours was open, and every role signed it, two people at least.
with gate(seq, hash, at, ok) as (
    select e.seq, json_extract(e.data, '$.hash'), e.time_unix_ms / 1000, json_extract(e.data, '$.go') from run join event e on e.env = run.env and e.kind = 'gate'
    where e.seq = (select max(x.seq) from event x where x.env = run.env and x.kind = 'gate')
), signed(person, role) as (
    select s.person, s.role from gate_signature s join gate g on s.hash = g.hash and s.flaw is null
)
select 'gate' as resource, case when g.at < run.now_unix_s - 86400 then 'fail' when not g.ok then 'fail' when (select count(distinct person) from signed) < 2 then 'fail' else 'pass' end as status,
       msg('gate of {1}: {2}; {3} people signed', datetime(g.at, 'unixepoch'), case when g.ok then 'Go' else 'No-Go' end, (select count(distinct person) from signed)) as reason, null as file, null as line
from run join gate g
union all
select 'gate.signers ' || c.value, case when exists (select 1 from signed s where s.role = c.value) then 'pass' else 'fail' end, msg('the role {1} signed: {2}', c.value, coalesce((select group_concat(s.person) from signed s where s.role = c.value), msg('nobody'))), c.file, c.line
from run join gate g join config c on c.env = run.env and c.shape = 'gate.signers[]';

-- rule: config signers
-- Roles sign, and waivers are complete.
select 'gate.signers' as resource, case when count(c.key) > 0 then 'pass' else 'fail' end as status, msg('{1} roles sign', count(c.key)) as reason, coalesce(min(c.file), 'golive.yaml') as file, min(c.line) as line
from run left join config c on c.env = run.env and c.shape = 'gate.signers[]' group by run.env
union all
select w.parent || ' ' || w.value,
       case when conf(w.parent || '.approved_by') = conf(w.parent || '.by') then 'fail' when julianday(conf(w.parent || '.expires')) - julianday(run.today) > 90 then 'fail'
            when exists (select 1 from config n where n.env = run.env and n.shape = 'gate.no_waiver[]' and n.value = w.value) then 'fail' else 'pass' end,
       msg('waived by {1} and {2} until {3}', conf(w.parent || '.by'), conf(w.parent || '.approved_by'), conf(w.parent || '.expires')), w.file, w.line
from run join config w on w.env = run.env and w.shape = 'waivers[].control';

-- rule: attestation agreed
-- The service owner agrees.
