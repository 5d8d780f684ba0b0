-- id: 4.1.2
-- title: Do not use `.env` in production; keep everything in Secrets Manager/SSM
-- title.ja: `.env` を本番で使用せず、Secrets Manager/SSM に集約
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Take .env files out of the repository and its history, ignore them, and keep values in the store of secrets.store.
-- remedy.ja: .env をリポジトリと履歴から取り除き .gitignore に入れ、値は secrets.store のストアに置く。
-- aliases: CKV_SECRET_6 CKV_AWS_45

-- rule: repo history
-- No file of values is tracked or ever was; examples without secrets may be.
select coalesce(h.path, run.app) as resource,
       case when rp.shallow = 1 and h.path is null then 'unknown' when h.path is null then 'pass' else 'fail' end as status,
       case when rp.shallow = 1 and h.path is null then msg('the clone is shallow: its history cannot be judged (git fetch --unshallow)')
            when h.path is null then msg('no file of values is in the history') else msg('it was added by the commit {1}', substr(h.commit_, 1, 12)) end as reason,
       h.path as file, null as line, h.commit_ as evidence
from run join repository rp
left join file_history h on h.path regexp '(^|/)[.]env([.].*)?$' and not h.path regexp '[.]env[.](example|sample|test)$';

-- rule: repo keys
-- No private key and no key of AWS is tracked.
select coalesce(c.file || ':' || c.line, run.app) as resource, case when c.file is null then 'pass' else 'fail' end as status,
       case when c.file is null then msg('no key is tracked') when c.kind = 'private_key' then msg('a private key stands here') else msg('an access key stands here') end as reason,
       c.file as file, c.line as line
from run left join code c on c.kind in ('private_key', 'aws_key_id') and c.test = 0
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: repo ignored
-- git ignores .env files.
select run.app || ' .gitignore' as resource, case when count(c.file) > 0 then 'pass' else 'fail' end as status,
       case when count(c.file) > 0 then msg('{1} ignores them', min(c.file)) else msg('no .gitignore names .env') end as reason, coalesce(min(c.file), '.gitignore') as file, min(c.line) as line
from run left join code c on c.kind = 'ignores' and c.file like '%.gitignore' and c.value regexp '^([*][*]/)?[.]env([.]?[*])?$'
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected') group by run.app;

-- rule: repo dotenv
-- The serving program reads no .env file in production.
select coalesce(c.file || ':' || c.line, run.app) as resource, case when c.file is null then 'pass' else 'fail' end as status,
       case when c.file is null then msg('the program reads no .env file') else msg('the program reads a .env file; keep it behind cfg(debug_assertions)') end as reason, c.file as file, c.line as line
from run left join code c on c.kind = 'dotenv' and c.test = 0
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: template container
-- No container takes a file of variables, and no secret in the clear.
select r.id as resource, case when f.path is null and p.path is null then 'pass' else 'fail' end as status,
       case when f.path is not null then msg('it takes variables from a file: {1}', f.value) when p.path is not null then msg('{1} stands in the clear', p.value)
            else msg('it takes no secret in the clear') end as reason,
       r.file as file, coalesce(f.line, p.line, r.line) as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::TaskDefinition'
left join property f on f.resource = r.id and f.shape like 'ContainerDefinitions[].EnvironmentFiles[]%'
left join property p on p.resource = r.id and p.shape = 'ContainerDefinitions[].Environment[].Name'
 and (p.value in (select v.name from env_var v where v.env = run.env and v.kind = 'secret') or p.value regexp '(SECRET|PASSWORD|TOKEN|PRIVATE_KEY|DATABASE_URL)')
group by r.id;

-- rule: template parameters
-- Parameters named like secrets are hidden (NoEcho).
select p.stack || ' ' || p.name as resource, case when p.no_echo = 1 then 'pass' when p.value like 'arn:%' or p.type like 'AWS::SSM::%' then 'pass' else 'fail' end as status,
       msg('the parameter {1} is shown in the clear: NoEcho is not true', p.name) as reason, p.file as file, p.line as line
from run join stack s on s.env = run.env join parameter p on p.stack = s.id
 and p.name regexp '(Password|PrivateKey|SecretValue|DatabaseUrl|ApiToken)' and not p.name regexp '(Arn|Name|Names|Days)$'
union all
select run.env || ' parameters', 'pass', msg('no parameter holds a secret'), null, null
from run where exists (select 1 from stack s where s.env = run.env)
 and not exists (select 1 from stack s join parameter p on p.stack = s.id where s.env = run.env and p.name regexp '(Password|PrivateKey|SecretValue|DatabaseUrl|ApiToken)' and not p.name regexp '(Arn|Name|Names|Days)$');
