-- id: 1.1.3
-- title: Database: Amazon RDS for PostgreSQL (Multi-AZ recommended)
-- title.ja: Database: Amazon RDS for PostgreSQL（Multi-AZ 推奨）
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Keep the database as stacks/data.yaml makes it: encrypted, in two zones, protected, backed up; sizing and
--    retention are keys of golive.yaml. `golive plan --env {env}` shows the effect.
-- remedy.ja: データベースは stacks/data.yaml のまま（暗号化・Multi-AZ・削除保護・バックアップ）にし、サイズと保持日数は golive.yaml で変える。`golive plan --env {env}` で確認。
-- aliases: CKV_AWS_16 CKV_AWS_17 CKV_AWS_118 CKV_AWS_157 CKV_AWS_133 CKV_AWS_293 CKV2_AWS_60
-- references: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html
-- depends: 1.1.1

-- rule: template instance
-- The instance is PostgreSQL, encrypted, private; AWS keeps its master password. In production it stands in two zones
-- and is protected from deletion.
with want(path, value, only) as (values
    ('Engine', 'postgres', null), ('MultiAZ', 'true', 'prod'), ('StorageEncrypted', 'true', null), ('PubliclyAccessible', 'false', null),
    ('DeletionProtection', 'true', 'prod'), ('CopyTagsToSnapshot', 'true', null), ('ManageMasterUserPassword', 'true', null)
)
select r.id as resource,
       case when w.only <> run.env and run.platform = 'aws' then 'not_applicable' else verdict(known(r.id, w.path), prop(r.id, w.path) = w.value) end as status,
       case when w.only <> run.env and run.platform = 'aws' then msg('{1} is free outside of {2}', w.path, w.only)
            else msg('{1} is {2}; {3} is wanted', w.path, prop(r.id, w.path), w.value) end as reason,
       r.file as file, line(r.id, w.path) as line, prop(r.id, w.path) as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance' join want w;

-- rule: template numbers
-- Backups are kept for at least 7 days, and the storage can grow by half.
select r.id as resource,
       verdict(known(r.id, 'BackupRetentionPeriod'), cast(prop(r.id, 'BackupRetentionPeriod') as integer) >= 7) as status,
       msg('backups are kept for {1} days; 7 are needed', coalesce(prop(r.id, 'BackupRetentionPeriod'), '0')) as reason,
       r.file as file, line(r.id, 'BackupRetentionPeriod') as line, prop(r.id, 'BackupRetentionPeriod') as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance'
union all
select r.id,
       verdict(known(r.id, 'MaxAllocatedStorage') and known(r.id, 'AllocatedStorage'),
               cast(prop(r.id, 'MaxAllocatedStorage') as real) >= 1.5 * cast(prop(r.id, 'AllocatedStorage') as real)),
       msg('the storage may grow from {1} to {2} GiB; half as much again is needed', prop(r.id, 'AllocatedStorage'), prop(r.id, 'MaxAllocatedStorage')),
       r.file, line(r.id, 'MaxAllocatedStorage'), prop(r.id, 'MaxAllocatedStorage')
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance';

-- rule: template final-snapshot
-- Nothing deletes or replaces the instance without a snapshot.
select r.id as resource,
       case when coalesce(r.deletion_policy, '') in ('Snapshot', 'Retain') and coalesce(r.update_replace_policy, '') in ('Snapshot', 'Retain')
            then 'pass' else 'fail' end as status,
       msg('DeletionPolicy is {1}, UpdateReplacePolicy is {2}', coalesce(r.deletion_policy, 'Delete'), coalesce(r.update_replace_policy, 'Delete')) as reason,
       r.file as file, r.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance';

-- rule: template tls
-- The server refuses connections without TLS.
select r.id as resource,
       verdict(known(g.id, 'Parameters.rds.force_ssl'), prop(g.id, 'Parameters.rds.force_ssl') = '1') as status,
       case when g.id is null then msg('it has no parameter group of its own')
            else msg('rds.force_ssl is {1}', coalesce(prop(g.id, 'Parameters.rds.force_ssl'), msg('(not set)'))) end as reason,
       coalesce(g.file, r.file) as file, coalesce(line(g.id, 'Parameters.rds.force_ssl'), r.line) as line
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance'
left join resource g on g.id = target(r.id, 'DBParameterGroupName') and g.type = 'AWS::RDS::DBParameterGroup';

-- rule: template subnets
-- It stands in exactly the subnets of the tier database, in at least two zones.
select g.id as resource,
       case when count(s.id) < count(*) then 'fail'
            when count(s.id) <> (select count(*) from subnet x where x.env = run.env and x.tier = 'database') then 'fail'
            when count(distinct s.zone) < 2 then 'fail' else 'pass' end as status,
       msg('{1} of its {2} subnets are of the tier database, in {3} zones; the tier has {4} subnets', count(s.id), count(*), count(distinct s.zone),
           (select count(*) from subnet x where x.env = run.env and x.tier = 'database')) as reason,
       g.file as file, line(g.id, 'SubnetIds') as line
from run join resource g on g.env = run.env and g.type = 'AWS::RDS::DBSubnetGroup'
join property p on p.resource = g.id and p.shape = 'SubnetIds[]'
left join subnet s on s.id = p.target and s.tier = 'database'
group by g.id;

-- rule: aws available
-- The instance is available, its live values equal the template's, nothing waits for the maintenance window, and its
-- engine version is in standard support.

-- rule: database version
-- The server's major version is that of golive.yaml, and this connection was encrypted.
select 'server_version_num' as resource,
       case when cast(s.value as integer) / 10000 = cast(conf('database.engine_version') as integer) then 'pass' else 'fail' end as status,
       msg('the server is PostgreSQL {1}; database.engine_version is {2}', cast(s.value as integer) / 10000, conf('database.engine_version')) as reason,
       conf_file('database.engine_version') as file, conf_line('database.engine_version') as line, s.value as evidence
from run join db_setting s on s.name = 'server_version_num'
union all
select p.role, case p.ssl when 1 then 'pass' else 'fail' end,
       case p.ssl when 1 then msg('the connection of {1} was encrypted', p.role) else msg('the connection of {1} was not encrypted', p.role) end,
       null, null, null
from db_probe p;
