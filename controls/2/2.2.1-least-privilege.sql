-- id: 2.2.1
-- title: Design roles by `least privilege` (ECS task role, GitHub Actions role)
-- title.ja: `least privilege` でロール設計（ECS タスクロール、GitHub Actions 用ロール）
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Name actions and resources in every policy; where an action has no resource level, keep it in a statement of
--    its own. `golive plan --env {env} --stack NAME` shows a policy.
-- remedy.ja: ポリシーには操作と対象を具体的に書き、リソースレベルのない操作は独立した文にする。`golive plan --env {env} --stack NAME` で確認。
-- aliases: CKV_AWS_60 CKV_AWS_61 CKV_AWS_107 CKV_AWS_108 CKV_AWS_109 CKV_AWS_110 CKV_AWS_111 CKV_AWS_274
-- references: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege

-- rule: template actions
-- No policy allows all actions of a service.
select a.resource || ' ' || a.statement as resource,
       case when a.value = '*' or a.value like '%:*' then 'fail' else 'pass' end as status,
       msg('it allows {1}', group_concat(a.value, ' ')) as reason, a.file as file, a.line as line
from run join statement_item a on a.env = run.env and a.kind = 'permission' and a.effect = 'Allow' and a.element = 'Action'
where not exists (select 1 from property b where b.target = a.resource and b.path = 'PermissionsBoundary')
group by a.resource, a.statement, a.value = '*' or a.value like '%:*';

-- rule: template resources
-- A statement that allows something on every resource has only actions that know no resources, or a condition that
-- narrows it.
with everywhere(resource, statement, file, line) as (
    select i.resource, i.statement, i.file, i.line from run join statement_item i on i.env = run.env and i.kind = 'permission' and i.effect = 'Allow'
    and i.element = 'Resource' and i.value = '*'
    where not exists (select 1 from property b where b.target = i.resource and b.path = 'PermissionsBoundary')
)
select e.resource || ' ' || e.statement as resource,
       case when exists (select 1 from statement_condition c where c.resource = e.resource and c.statement = e.statement) then 'pass'
            when a.value regexp '^(ecr:GetAuthorizationToken|ecr:DescribeRegistry|ecr:GetRegistryScanningConfiguration|ecs:(RegisterTaskDefinition|DeregisterTaskDefinition|DescribeTaskDefinition|ListTaskDefinitions)|logs:DescribeLogGroups|cloudwatch:(PutMetricData|DescribeAlarms|GetMetricData|GetMetricStatistics|ListMetrics)|ec2:Describe[A-Za-z]*|elasticloadbalancing:Describe[A-Za-z]*|acm:List[A-Za-z]*|sts:GetCallerIdentity|sts:DecodeAuthorizationMessage|xray:Put[A-Za-z]*|cloudfront:List[A-Za-z]*|route53:List[A-Za-z]*|rds:Describe[A-Za-z]*|[a-z0-9-]+:(List|Describe|Get)[A-Za-z]*)$'
                 then 'pass' else 'fail' end as status,
       msg('on every resource it allows {1}', a.value) as reason, e.file as file, e.line as line, a.value as evidence
from everywhere e join statement_item a on a.resource = e.resource and a.statement = e.statement and a.element in ('Action', 'NotAction');

-- rule: template no-exceptions
-- No statement allows everything but something.
select s.resource || ' ' || s.statement as resource, case when n.element is null then 'pass' else 'fail' end as status,
       case when n.element is null then msg('it names what it allows') else msg('it allows all but {1} ({2})', n.value, n.element) end as reason,
       s.file as file, coalesce(n.line, s.line) as line
from run join statement s on s.env = run.env and s.kind = 'permission' and s.effect = 'Allow'
left join statement_item n on n.resource = s.resource and n.statement = s.statement and n.element in ('NotAction', 'NotResource');

-- rule: template pass-role
-- Roles are passed by name, to named services.
select a.resource || ' ' || a.statement as resource,
       case when exists (select 1 from statement_item r where r.resource = a.resource and r.statement = a.statement and r.element = 'Resource' and r.value in ('*', 'arn:aws:iam::*:role/*'))
            then 'fail'
            when not exists (select 1 from statement_condition c where c.resource = a.resource and c.statement = a.statement and lower(c.key) = 'iam:passedtoservice')
            then 'fail' else 'pass' end as status,
       case when exists (select 1 from statement_condition c where c.resource = a.resource and c.statement = a.statement and lower(c.key) = 'iam:passedtoservice')
            then msg('it passes roles to named services') else msg('it passes roles to any service') end as reason,
       a.file as file, a.line as line
from run join statement_item a on a.env = run.env and a.kind = 'permission' and a.effect = 'Allow' and a.element = 'Action' and a.value in ('iam:PassRole', 'iam:*', 'iam:Pass*')
where not exists (select 1 from property b where b.target = a.resource and b.path = 'PermissionsBoundary');

-- rule: template managed
-- No role carries a managed policy of an administrator, but the one for emergencies.
select r.id as resource,
       case when p.value is null then 'pass' when r.logical_id like '%Breakglass%' then 'pass'
            when p.value regexp '(AdministratorAccess|PowerUserAccess|IAMFullAccess|FullAccess)$' then 'fail' else 'pass' end as status,
       msg('it carries {1}', coalesce(p.value, msg('no managed policy'))) as reason, r.file as file, coalesce(p.line, r.line) as line
from run join resource r on r.env = run.env and r.type = 'AWS::IAM::Role'
left join property p on p.resource = r.id and p.shape = 'ManagedPolicyArns[]';

-- rule: template task-roles
-- What starts the application and what it may do itself are two roles; the second reads no images and no secrets of
-- others.
select r.id as resource,
       case when r.stack like '%migration-task' then 'not_applicable'
            when target(r.id, 'TaskRoleArn') is null or target(r.id, 'ExecutionRoleArn') is null or target(r.id, 'TaskRoleArn') = target(r.id, 'ExecutionRoleArn') then 'fail'
            when a.value is not null then 'fail' else 'pass' end as status,
       case when a.value is not null then msg('its task role may {1}', a.value)
            else msg('its task role is {1}, its execution role is {2}', target(r.id, 'TaskRoleArn'), target(r.id, 'ExecutionRoleArn')) end as reason,
       r.file as file, line(r.id, 'TaskRoleArn') as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::TaskDefinition'
left join statement_item a on a.resource = target(r.id, 'TaskRoleArn') and a.kind = 'permission' and a.effect = 'Allow' and a.element = 'Action'
 and (a.value like 'ecr:%' or a.value like 'iam:%'
      or a.value = 'secretsmanager:GetSecretValue' and not exists (select 1 from statement_item i where i.resource = a.resource and i.statement = a.statement
         and i.element = 'Resource' and i.value like '%' || conf('secrets_path') || '/%'));

-- rule: template principals
-- Who may take a role or use a resource is named: never everybody, no account but those of golive.yaml.
select i.resource || ' ' || i.statement as resource,
       case when i.value like '%*%' then 'fail'
            when i.element in ('AWS', 'Principal') and i.value regexp '(^|::)[0-9]{12}($|:)' and not exists (
                select 1 from config c where c.name = 'account_id' and i.value like '%' || c.value || '%') then 'fail'
            when i.element = 'Service' and i.value not like '%.amazonaws.com' then 'fail' else 'pass' end as status,
       msg('it is open to {1}', i.value) as reason, i.file as file, i.line as line, i.value as evidence
from run join statement_item i on i.env = run.env and i.kind in ('trust', 'resource') and i.effect = 'Allow'
 and i.element in ('AWS', 'Principal', 'Federated', 'Service');

-- rule: template deputies
-- A service that acts for many customers is let in for this account only.
select i.resource || ' ' || i.statement || ' ' || i.value as resource,
       case when exists (select 1 from statement_condition c where c.resource = i.resource and c.statement = i.statement
                         and lower(c.key) in ('aws:sourceaccount', 'aws:sourcearn') and c.value like '%' || run.account_id || '%' and c.value not like '*%') then 'pass'
            else 'fail' end as status,
       msg('{1} is let in; a condition must bind it to account {2}', i.value, run.account_id) as reason, i.file as file, i.line as line
from run join statement_item i on i.env = run.env and i.effect = 'Allow' and i.element = 'Service'
 and (i.type = 'AWS::S3::BucketPolicy' or i.kind = 'trust' and i.value in ('ecs-tasks.amazonaws.com', 'vpc-flow-logs.amazonaws.com', 'monitoring.rds.amazonaws.com'));

-- rule: template private-buckets
-- Every bucket refuses to become public, by any list or policy.
with want(path) as (values ('PublicAccessBlockConfiguration.BlockPublicAcls'), ('PublicAccessBlockConfiguration.BlockPublicPolicy'),
    ('PublicAccessBlockConfiguration.IgnorePublicAcls'), ('PublicAccessBlockConfiguration.RestrictPublicBuckets'))
select r.id as resource, verdict(known(r.id, w.path), prop(r.id, w.path) = 'true') as status,
       msg('{1} is {2}; {3} is wanted', w.path, prop(r.id, w.path), 'true') as reason,
       r.file as file, line(r.id, w.path) as line, prop(r.id, w.path) as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::S3::Bucket' join want w;

-- rule: template transport
-- Every bucket's policy refuses whoever comes without TLS, at every object.
select r.id as resource,
       case when exists (
            select 1 from statement_condition c
            join statement_item p on p.resource = c.resource and p.statement = c.statement and p.element in ('Principal', 'AWS') and p.value = '*'
            join statement_item a on a.resource = c.resource and a.statement = c.statement and a.element = 'Action' and a.value in ('s3:*', '*')
            where c.resource = r.id and c.effect = 'Deny' and lower(c.key) = 'aws:securetransport' and c.value = 'false'
              and exists (select 1 from statement_item o where o.resource = c.resource and o.statement = c.statement and o.element = 'Resource'
                          and (o.value = '*' or o.value like '%/*' and o.value not like '%/%/*'))) then 'pass' else 'fail' end as status,
       msg('without TLS its policy must refuse everything (aws:SecureTransport)') as reason, r.file as file, r.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::S3::BucketPolicy';

-- rule: aws as-made
-- The live policies are those of the stacks; Access Analyzer finds no unused rights older than 90 days.
