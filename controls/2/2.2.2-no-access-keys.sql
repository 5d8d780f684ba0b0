-- id: 2.2.2
-- title: Abolish long-lived access keys, adopt OIDC (GitHub Actions -> AWS)
-- title.ja: 長期アクセスキーを廃止し OIDC（GitHub Actions -> AWS）を採用
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Let GitHub's jobs take roles by OpenID Connect (stacks/ci.yaml; `golive generate workflows`), and delete
--    access keys.
-- remedy.ja: GitHub のジョブは OIDC でロールを引き受ける（stacks/ci.yaml、`golive generate workflows`）。アクセスキーは削除する。
-- aliases: CKV_AWS_273 CKV_AWS_358 CKV_GHA_1
-- references: https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
-- depends: 8.P0.1

-- rule: template provider
-- The identity provider is GitHub's, for AWS's token service.
with want(path, value) as (values ('Url', 'https://token.actions.githubusercontent.com'), ('ClientIdList[0]', 'sts.amazonaws.com'))
select r.id as resource, verdict(known(r.id, w.path), prop(r.id, w.path) = w.value) as status,
       msg('{1} is {2}; {3} is wanted', w.path, prop(r.id, w.path), w.value) as reason,
       r.file as file, line(r.id, w.path) as line, prop(r.id, w.path) as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::IAM::OIDCProvider' join want w;

-- rule: template trust
-- A role that GitHub's jobs may take says for which audience, and for which repository's environment, branch or pull
-- requests.
with role(resource, statement, file, line) as (
    select i.resource, i.statement, i.file, i.line from run join statement_item i on i.env = run.env and i.kind = 'trust' and i.effect = 'Allow'
    and i.element = 'Action' and i.value = 'sts:AssumeRoleWithWebIdentity'
)
select role.resource as resource,
       case when aud.value is not 'sts.amazonaws.com' then 'fail' when sub.value is null then 'fail'
            when sub.value like '${%' then 'unknown'
            when sub.value like 'repo:' || conf('app.repo') || ':%' and sub.value not like '%:*' then 'pass'
            when sub.value like 'repo:%@%/%@%:%' and sub.value not like '%*%:%' then 'pass' else 'fail' end as status,
       case when aud.value is not 'sts.amazonaws.com' then msg('its audience is {1}', coalesce(aud.value, msg('(any)')))
            else msg('its subject is {1}', coalesce(sub.value, msg('(any)'))) end as reason,
       role.file as file, coalesce(sub.line, role.line) as line, sub.value as evidence
from role
left join statement_condition aud on aud.resource = role.resource and aud.statement = role.statement and aud.operator = 'StringEquals' and aud.key like '%:aud'
left join statement_condition sub on sub.resource = role.resource and sub.statement = role.statement and sub.operator in ('StringEquals', 'StringLike') and sub.key like '%:sub';

-- rule: template no-keys
-- No stack makes an access key or a user.
select coalesce(r.id, run.env) as resource, case when r.id is null then 'pass' else 'fail' end as status,
       case when r.id is null then msg('no stack makes an access key') else msg('it is a {1}', r.type) end as reason, r.file as file, r.line as line
from run left join resource r on r.env = run.env and r.type in ('AWS::IAM::AccessKey', 'AWS::IAM::User')
where exists (select 1 from stack s where s.env = run.env);

-- rule: repo no-keys
-- No tracked file has an access key of AWS, and no workflow takes one.
select coalesce(c.file || ':' || c.line, run.app) as resource, case when c.file is null then 'pass' else 'fail' end as status,
       case when c.file is null then msg('no tracked file has an access key') when c.kind = 'aws_key_input' then msg('the workflow takes the input {1}', c.value)
            else msg('an access key stands here') end as reason, c.file as file, c.line as line
from run left join code c on c.kind in ('aws_key_id', 'aws_key_input');

-- rule: repo id-token
-- Each job that takes a role says so itself: permissions id-token: write.
select s.file || ' ' || s.job as resource, case when j.id_token = 'write' then 'pass' else 'fail' end as status,
       case when j.id_token = 'write' then msg('it says id-token: write') else msg('it takes a role, but has no permission id-token: write of its own') end as reason,
       s.file as file, s.line as line
from workflow_step s join workflow_job j on j.file = s.file and j.job = s.job
where s.uses like 'aws-actions/configure-aws-credentials@%';

-- rule: aws no-keys
-- No user of the account has an active access key; the root user has none.
