-- id: 2.2.3
-- title: Apply MFA, permission boundaries and audit logging to production IAM roles
-- title.ja: 本番 IAM ロールに MFA・権限境界・監査ログを適用
-- severity: critical
-- phase: 1
-- judged: infra
-- attest: role=security valid_days=90 binds=config
-- question: If people enter through IAM Identity Center or SAML: is MFA enforced at every sign-in at the identity
--    provider, for every person in roles? Answer yes as well when nobody does.
-- question.ja: IAM Identity Center や SAML で入る場合: roles の全員について、ID プロバイダーのサインインごとに MFA が強制されているか（該当者なしなら yes）。
-- remedy: Give every role the boundary of stacks/ci.yaml, demand MFA of people (stacks/ops-roles.yaml), and keep the
--    trail of stacks/audit.yaml.
-- remedy.ja: 全ロールに stacks/ci.yaml の権限境界を付け、人には MFA を要求し（stacks/ops-roles.yaml）、stacks/audit.yaml の証跡を保つ。
-- aliases: CKV_AWS_35 CKV_AWS_36 CKV_AWS_67 CKV_AWS_251
-- references: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html

-- rule: template boundary
-- Every role has a permissions boundary.
select r.id as resource, case when prop(r.id, 'PermissionsBoundary') is not null then 'pass' else 'fail' end as status,
       msg('its boundary is {1}', coalesce(prop(r.id, 'PermissionsBoundary'), msg('(none)'))) as reason, r.file as file, line(r.id, 'PermissionsBoundary') as line
from run join resource r on r.env = run.env and r.type = 'AWS::IAM::Role';

-- rule: template people
-- A role that people take demands MFA of the last 4 hours and ends after at most 4 hours. One that only the role of
-- releases to production may take is a machine's: that one trusts GitHub alone, and a session of it has no MFA to show.
with human(resource, statement, file, line) as (
    select distinct i.resource, i.statement, i.file, i.line from run join statement_item i on i.env = run.env and i.kind = 'trust' and i.effect = 'Allow' and i.element = 'AWS'
    where not exists (select 1 from statement_condition c where c.resource = i.resource and c.statement = i.statement and c.operator = 'ArnEquals' and c.key = 'aws:PrincipalArn'
                      and c.value regexp ('^arn:[a-z-]+:iam::[0-9]{12}:role/' || run.app || '-prod-deploy$'))
)
select h.resource as resource,
       case when m.value is not 'true' then 'fail' when age.value is null or cast(age.value as integer) > 14400 then 'fail'
            when cast(coalesce(prop(h.resource, 'MaxSessionDuration'), '3600') as integer) > 14400 then 'fail' else 'pass' end as status,
       case when m.value is not 'true' then msg('it can be taken without MFA')
            when age.value is null or cast(age.value as integer) > 14400 then msg('MFA may lie back by {1} s; 14400 at most', coalesce(age.value, msg('(any number)')))
            else msg('its sessions last up to {1} s', coalesce(prop(h.resource, 'MaxSessionDuration'), '3600')) end as reason,
       h.file as file, h.line as line
from human h left join statement_condition m on m.resource = h.resource and m.statement = h.statement and m.operator = 'Bool' and m.key = 'aws:MultiFactorAuthPresent'
left join statement_condition age on age.resource = h.resource and age.statement = h.statement and age.operator in ('NumericLessThan', 'NumericLessThanEquals')
 and age.key = 'aws:MultiFactorAuthAge';

-- rule: template boundary-denies
-- The boundary denies making users and keys, leaving it, and stopping the trail.
with must(action) as (values ('iam:CreateUser'), ('iam:CreateAccessKey'), ('iam:DeleteRolePermissionsBoundary'), ('cloudtrail:StopLogging'),
    ('cloudtrail:DeleteTrail'), ('organizations:LeaveOrganization')),
boundary(id, file, line) as (
    select distinct b.id, b.file, b.line from run join property p on p.path = 'PermissionsBoundary' join resource b on b.id = p.target and b.env = run.env
)
select b.id || ' ' || m.action as resource, case when d.value is not null then 'pass' else 'fail' end as status,
       case when d.value is not null then msg('it denies {1}', m.action) else msg('it does not deny {1}', m.action) end as reason,
       b.file as file, coalesce(d.line, b.line) as line
from boundary b join must m
left join statement_item d on d.resource = b.id and d.effect = 'Deny' and d.element = 'Action' and d.value = m.action;

-- rule: template trail
-- The trail covers all regions, is on, and its files are validated.
with want(path, value) as (values ('IsMultiRegionTrail', 'true'), ('IsLogging', 'true'), ('EnableLogFileValidation', 'true'), ('IncludeGlobalServiceEvents', 'true'))
select r.id as resource, verdict(known(r.id, w.path), prop(r.id, w.path) = w.value) as status,
       msg('{1} is {2}; {3} is wanted', w.path, prop(r.id, w.path), w.value) as reason,
       r.file as file, line(r.id, w.path) as line, prop(r.id, w.path) as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::CloudTrail::Trail' join want w;

-- rule: template trail-bucket
-- Its bucket keeps versions, is private, and keeps the files for a year.
with bucket(id, file) as (
    select b.id, b.file from run join resource t on t.env = run.env and t.type = 'AWS::CloudTrail::Trail' join resource b on b.id = target(t.id, 'S3BucketName')
), want(path, least) as (values ('VersioningConfiguration.Status', 'Enabled'), ('PublicAccessBlockConfiguration.BlockPublicAcls', 'true'))
select b.id as resource, verdict(known(b.id, w.path), prop(b.id, w.path) = w.least) as status,
       msg('{1} is {2}; {3} is wanted', w.path, prop(b.id, w.path), w.least) as reason, b.file as file, line(b.id, w.path) as line
from bucket b join want w
union all
select b.id, verdict(coalesce(p.known, 1), cast(p.value as integer) >= 365), msg('files are kept for {1} days; 365 are needed', coalesce(p.value, msg('an unstated number of'))),
       b.file, coalesce(p.line, line(b.id, 'LifecycleConfiguration'))
from bucket b left join property p on p.resource = b.id and p.shape = 'LifecycleConfiguration.Rules[].ExpirationInDays';

-- rule: aws trail
-- The trail delivers without error; the root user and everybody with a password has MFA.

-- rule: attestation mfa
-- Security says that the identity provider enforces MFA.
