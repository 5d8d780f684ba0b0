-- id: 2.3.1
-- title: RDS accepts only 5432 from the application security group
-- title.ja: RDS はアプリケーション SG からの 5432 のみ許可
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Let only the groups of the application and of migrations in, on 5432, as stacks/security-groups.yaml does.
-- remedy.ja: DB にはアプリとマイグレーションのグループだけを 5432 で許可する（stacks/security-groups.yaml のとおり）。
-- aliases: CKV_AWS_23 CKV_AWS_260 CKV_AWS_382
-- references: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html

-- rule: template ingress
-- Each rule of the database's groups opens exactly the database's port to a group of tasks, to nobody by address.
with groups(id, database, port) as (
    select p.target, r.id, coalesce(prop(r.id, 'Port'), '5432') from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance'
    join property p on p.resource = r.id and p.shape = 'VPCSecurityGroups[]'
), tasks(id) as (
    select p.target from property p where p.shape = 'NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[]'
    union select r.id from run join resource r on r.env = run.env and r.type = 'AWS::EC2::SecurityGroup' and r.logical_id regexp '^(App|Migration|Ssr|Migrator)'
)
select x.resource as resource,
       case when x.protocol = 'tcp' and x.from_port = cast(g.port as integer) and x.to_port = x.from_port and x.peer in (select id from tasks)
             and x.cidr is null and x.cidr6 is null and x.prefix_list is null then 'pass' else 'fail' end as status,
       msg('it lets {1} in on {2} {3} to {4}', coalesce(x.peer, x.cidr, x.cidr6, x.prefix_list), x.protocol, x.from_port, x.to_port) as reason,
       x.file as file, x.line as line
from groups g join security_rule x on x.security_group = g.id and x.direction = 'ingress';

-- rule: aws ingress
-- The same holds for the groups in the account.
