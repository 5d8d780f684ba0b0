-- id: 7.1.1
-- title: `api.example.com` -> ALB / App Runner
-- title.ja: `api.example.com` -> ALB/App Runner
-- severity: critical
-- phase: 4
-- judged: after
-- remedy: Point domain.api at the load balancer or App Runner by an alias (stacks/dns.yaml; `golive plan --env {env} --stack dns`).
-- remedy.ja: domain.api を ALB / App Runner にエイリアスで向ける（stacks/dns.yaml、`golive plan --env {env} --stack dns`）。
-- references: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html

-- rule: template alias
-- The record is an alias of the load balancer, and follows its health.
select n.resource as resource,
       case when prop(n.resource, 'Type') not in ('A', 'AAAA') or prop(n.resource, 'AliasTarget.DNSName') is null then 'fail'
            when t.type is null and known(n.resource, 'AliasTarget.DNSName') then 'fail' when t.type is null then 'unknown'
            when t.type = 'AWS::ElasticLoadBalancingV2::LoadBalancer' and prop(n.resource, 'AliasTarget.EvaluateTargetHealth') is not 'true' then 'fail'
            when t.type not in ('AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::AppRunner::Service', 'AWS::CloudFront::Distribution') then 'fail' else 'pass' end as status,
       msg('{1} {2} leads to {3}', n.value, prop(n.resource, 'Type'), coalesce(t.id, prop(n.resource, 'AliasTarget.DNSName'), msg('(no alias)'))) as reason, n.file as file, n.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::Route53::RecordSet'
join property n on n.resource = r.id and n.path = 'Name' and rtrim(n.value, '.') = conf('domain.api') and prop(r.id, 'Type') in ('A', 'AAAA', 'CNAME')
left join resource t on t.id = target(r.id, 'AliasTarget.DNSName');

-- rule: endpoint resolves
-- Public resolvers give the load balancer's addresses.

-- rule: aws in-sync
-- The zone holds this record.
