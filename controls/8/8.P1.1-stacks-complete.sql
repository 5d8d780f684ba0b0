-- id: 8.P1.1
-- title: Build VPC, Subnet, SG, IAM, RDS, S3, CloudFront, Route 53 as IaC
-- title.ja: VPC, Subnet, SG, IAM, RDS, S3, CloudFront, Route 53 を IaC で構築
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Make the infrastructure with `golive plan --env {env}` and `golive up --env {env}`; keep what holds data.
-- remedy.ja: `golive plan --env {env}`・`golive up --env {env}` で基盤を作り、データを持つリソースは保持する。
-- depends: 1.1.1 1.1.3 1.1.4 2.2.1 8.P0.2

-- rule: template types
-- The stacks make everything that the application needs.
select w.column1 as resource, case when count(r.id) > 0 then 'pass' when w.column1 = 'AWS::CloudFront::Distribution' and conf('frontend.mode') = 'none' then 'not_applicable' else 'fail' end as status,
       msg('{1} of {2}', count(r.id), w.column1) as reason, min(r.file) as file, min(r.line) as line
from run join (values ('AWS::EC2::VPC'), ('AWS::EC2::Subnet'), ('AWS::EC2::SecurityGroup'), ('AWS::IAM::Role'), ('AWS::RDS::DBInstance'), ('AWS::S3::Bucket'), ('AWS::CloudFront::Distribution'), ('AWS::Route53::RecordSet')) w
left join resource r on r.env = run.env and r.type = w.column1 where exists (select 1 from stack s where s.env = run.env)
group by w.column1;

-- rule: template data-kept
-- What holds data is kept when a stack goes.
select r.id as resource,
       case when coalesce(r.deletion_policy, 'Delete') in ('Retain', 'Snapshot', 'RetainExceptOnCreate') then 'pass' else 'fail' end as status,
       msg('DeletionPolicy is {1}', coalesce(r.deletion_policy, 'Delete')) as reason, r.file as file, r.line as line
from run join resource r on r.env = run.env and (r.type in ('AWS::RDS::DBInstance', 'AWS::KMS::Key', 'AWS::Route53::HostedZone', 'AWS::SecretsManager::Secret', 'AWS::Backup::BackupVault', 'AWS::ECR::Repository')
  or r.type = 'AWS::S3::Bucket') and run.env = 'prod'
union all
select run.env, 'not_applicable', msg('it is asked of {1}', 'prod'), null, null from run where run.env <> 'prod';

-- rule: aws complete
-- Every stack is complete, and its resources exist.
