-- id: 2.3.4
-- title: Define an egress restriction policy (only needed destinations)
-- title.ja: Egress 制限方針（必要な宛先のみ）を定義
-- severity: medium
-- phase: 0
-- judged: plan
-- remedy: Say under network.egress where the application may go and why, and record the decision (golive decide
--    network.egress).
-- remedy.ja: network.egress にアプリの外向き通信先と目的を書き、golive decide network.egress で決定を記録する。
-- aliases: CKV_AWS_382
-- references: https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_network_protection_create_layers.html

-- rule: config decided
-- network.egress is written and decided validly.
select 'network.egress' as resource,
       case when conf_given('network.egress') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given('network.egress') then msg('golive.yaml does not say {1}', 'network.egress')
            when d.key is null then msg('decisions says nothing about {1}', 'network.egress')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'network.egress', d.flaw)
            else msg('decided by {1}', d.by) end as reason,
       coalesce(d.file, conf_file('network.egress')) as file, coalesce(d.line, conf_line('network.egress')) as line, conf('network.egress') as evidence
from run left join decision d on d.env = run.env and d.key = 'network.egress';

-- rule: config entries
-- Each destination has a name, a purpose, a port, and an address range, prefix list or domain.
select n.parent as resource,
       case when length(conf(n.parent || '.purpose')) > 0 and conf(n.parent || '.port') is not null
             and coalesce(conf(n.parent || '.cidr'), conf(n.parent || '.prefix_list'), conf(n.parent || '.domain')) is not null then 'pass' else 'fail' end as status,
       msg('{1}: {2}, port {3}, {4}', n.value, conf(n.parent || '.purpose'), conf(n.parent || '.port'),
           coalesce(conf(n.parent || '.cidr'), conf(n.parent || '.prefix_list'), conf(n.parent || '.domain'))) as reason,
       n.file as file, n.line as line
from run join config n on n.env = run.env and n.shape = 'network.egress.allow[].name'
union all
select 'network.egress.allow', 'not_applicable', msg('it lists no destination'), conf_file('network.egress'), conf_line('network.egress')
from run where not exists (select 1 from config n where n.env = run.env and n.shape = 'network.egress.allow[].name');

-- rule: template application
-- With network.egress.mode restricted the application's groups say where they lead: nowhere with all protocols, and to
-- the world only by 443 where a domain is allowed.
with groups(id) as (
    select p.target from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service'
    join property p on p.resource = r.id and p.shape = 'NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[]'
)
select x.resource as resource,
       case when conf('network.egress.mode') <> 'restricted' then 'not_applicable'
            when x.cidr = '127.0.0.1/32' then 'pass'
            when x.protocol = '-1' then 'fail'
            when x.cidr = '0.0.0.0/0' and not (x.protocol = 'tcp' and x.from_port = 443 and x.to_port = 443
                 and (exists (select 1 from config d where d.env = run.env and d.shape = 'network.egress.allow[].domain') or not conf_given('network.egress.allow'))) then 'fail'
            else 'pass' end as status,
       msg('it leads to {1} by {2} {3} to {4}', coalesce(x.peer, x.cidr, x.cidr6, x.prefix_list), x.protocol, x.from_port, x.to_port) as reason,
       x.file as file, x.line as line
from run join groups g join security_rule x on x.security_group = g.id and x.direction = 'egress'
group by x.resource, x.line;

-- rule: template database
-- The database's groups lead nowhere.
select p.target as resource, case when x.resource is null then 'fail' when x.cidr = '127.0.0.1/32' then 'pass' else 'fail' end as status,
       case when x.resource is null then msg('it has no rule, which lets everything out') else msg('it leads to {1}', coalesce(x.peer, x.cidr, x.cidr6, x.prefix_list)) end as reason,
       x.file as file, x.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::RDS::DBInstance'
join property p on p.resource = r.id and p.shape = 'VPCSecurityGroups[]'
left join security_rule x on x.security_group = p.target and x.direction = 'egress';

-- rule: aws application
-- The same holds in the account.
