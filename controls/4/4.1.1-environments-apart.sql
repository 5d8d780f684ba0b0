-- id: 4.1.1
-- title: Separate values completely between `dev/stg/prod`
-- title.ja: `dev/stg/prod` で値を完全分離
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Give each environment its own account (environments.*.account_id) and its own secrets_path; nothing of one
--    may stand in another.
-- remedy.ja: 環境ごとにアカウント（environments.*.account_id）と secrets_path を分け、他環境の値を混ぜない。
-- references: https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_securely_operate_multi_accounts.html

-- rule: config three
-- There are dev, stg and prod.
select 'environments.' || w.column1 as resource, case when e.env is not null then 'pass' else 'fail' end as status,
       case when e.env is not null then msg('the environment {1} is there', w.column1) else msg('there is no environment {1}', w.column1) end as reason,
       'golive.yaml' as file, e.line as line
from (values ('dev'), ('stg'), ('prod')) w left join environment e on e.env = w.column1
where exists (select 1 from environment where platform = 'aws');

-- rule: config accounts
-- Production has an account of its own, or a decision says why not.
select e.env || ' account_id' as resource,
       case when conf_of(e.env, 'account_id') <> conf_of('prod', 'account_id') then 'pass'
            when d.key is not null and d.flaw is null and conf('accounts.layout') = 'single' then 'pass' else 'fail' end as status,
       msg('{1} is in the account {2}, production in {3}', e.env, conf_of(e.env, 'account_id'), conf_of('prod', 'account_id')) as reason,
       'golive.yaml' as file, e.line as line
from run join environment e on e.platform = 'aws' and e.env <> 'prod' left join decision d on d.env = run.env and d.key = 'accounts.layout'
where exists (select 1 from environment where env = 'prod');

-- rule: config paths
-- No environment's secrets lie below another's.
select e.env || ' secrets_path' as resource, case when o.env is null then 'pass' else 'fail' end as status,
       case when o.env is null then msg('its secrets are below {1}', conf_of(e.env, 'secrets_path')) else msg('{1} begins with {2} of {3}', conf_of(e.env, 'secrets_path'), conf_of(o.env, 'secrets_path'), o.env) end as reason,
       'golive.yaml' as file, e.line as line
from environment e
left join environment o on o.env <> e.env and o.platform = 'aws' and conf_of(o.env, 'account_id') is conf_of(e.env, 'account_id')
 and (conf_of(e.env, 'secrets_path') || '/') like (conf_of(o.env, 'secrets_path') || '/%')
where e.platform = 'aws';

-- rule: template own-names
-- Roles and containers name nothing of another environment: no path, domain or account.
with foreign_(env, word) as (
    select e.env, conf_of(e.env, 'secrets_path') || '/' from run join environment e on e.env <> run.env and e.platform = 'aws'
    union select e.env, conf_of(e.env, 'domain.api') from run join environment e on e.env <> run.env and e.platform = 'aws'
    union select e.env, conf_of(e.env, 'domain.app') from run join environment e on e.env <> run.env and e.platform = 'aws'
    union select e.env, conf_of(e.env, 'account_id') from run join environment e on e.env <> run.env and e.platform = 'aws'
     where conf_of(e.env, 'account_id') is not conf_of(run.env, 'account_id')
), own(id, file, line) as (
    select r.id, r.file, r.line from run join resource r on r.env = run.env
     and (r.type = 'AWS::ECS::TaskDefinition' or r.type = 'AWS::AppRunner::Service' or r.type = 'AWS::IAM::Role' and r.stack like '%/service')
)
select r.id as resource, case when p.path is null then 'pass' else 'fail' end as status,
       case when p.path is null then msg('it names nothing of another environment') else msg('{1} names {2} of {3}', p.path, p.word, p.env) end as reason,
       r.file as file, coalesce(p.line, r.line) as line
from own r
left join (select p.resource, p.path, p.line, f.word, f.env from own cross join property p on p.resource = own.id cross join foreign_ f on p.value like '%' || f.word || '%') p
  on p.resource = r.id
group by r.id;

-- rule: ledger own-values
-- No secret has the same value in two environments, but those marked shared with a reason.
with newest(env, name, hmac) as (
    select e.env, json_extract(e.data, '$.name'), json_extract(e.data, '$.hmac') from event e
    where e.kind = 'secret.set' and e.seq = (select max(x.seq) from event x where x.kind = e.kind and x.env = e.env and json_extract(x.data, '$.name') = json_extract(e.data, '$.name'))
)
select n.env || ' ' || n.name as resource,
       case when o.env is null then 'pass'
            when exists (select 1 from config v where v.env = run.env and v.shape = 'env_vars[].name' and v.value = n.name and conf(v.parent || '.shared') = 'true'
                         and length(conf(v.parent || '.shared_reason')) > 0) then 'pass' else 'fail' end as status,
       case when o.env is null then msg('no other environment has its value') else msg('{1} has the same value', o.env) end as reason, null as file, null as line
from run join newest n left join newest o on o.env <> n.env and o.name = n.name and o.hmac = n.hmac;

-- rule: repo no-values
-- No environment's names stand in the frontend's sources.
select coalesce(c.file || ':' || c.line, run.app || ' frontend') as resource, case when c.file is null then 'pass' else 'fail' end as status,
       case when c.file is null then msg('its sources name no environment') else msg('{1} stands in the sources', c.value) end as reason, c.file as file, c.line as line
from run left join code c on c.kind = 'absolute_url' and c.area = 'frontend' and c.test = 0
 and exists (select 1 from environment e where c.value in (conf_of(e.env, 'domain.api'), conf_of(e.env, 'domain.app')))
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');
