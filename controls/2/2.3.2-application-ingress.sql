-- id: 2.3.2
-- title: Limit ingress of ECS/App Runner to traffic through ALB/CloudFront
-- title.ja: ECS/App Runner への Ingress を ALB/CloudFront 経由に限定
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Let only the load balancer's group into the application's, on backend.port, as stacks/security-groups.yaml
--    does.
-- remedy.ja: アプリには ALB のグループだけを backend.port で許可する（stacks/security-groups.yaml のとおり）。
-- aliases: CKV_AWS_23 CKV_AWS_260
-- references: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html

-- rule: template ingress
-- Each rule of the application's groups opens exactly backend.port to a load balancer's group.
with groups(id) as (
    select p.target from run join resource r on r.env = run.env and r.type = 'AWS::ECS::Service' and r.stack not like '%ssr%'
    join property p on p.resource = r.id and p.shape = 'NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[]'
), balancer(id) as (
    select p.target from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::LoadBalancer'
    join property p on p.resource = r.id and p.shape = 'SecurityGroups[]'
)
select x.resource as resource,
       case when x.protocol = 'tcp' and x.from_port = cast(conf('backend.port') as integer) and x.to_port = x.from_port and x.peer in (select id from balancer)
             and x.cidr is null and x.cidr6 is null and x.prefix_list is null then 'pass' else 'fail' end as status,
       msg('it lets {1} in on {2} {3} to {4}', coalesce(x.peer, x.cidr, x.cidr6, x.prefix_list), x.protocol, x.from_port, x.to_port) as reason,
       x.file as file, x.line as line
from run join groups g join security_rule x on x.security_group = g.id and x.direction = 'ingress';

-- rule: template behind-cloudfront
-- With edge.api_path cloudfront the load balancer answers CloudFront's addresses only, and only with the secret header.
select r.id as resource,
       case when conf('edge.api_path') <> 'cloudfront' or prop(r.id, 'Scheme') = 'internal' then 'not_applicable'
            when x.prefix_list is not null and x.cidr is null and x.cidr6 is null
             and exists (select 1 from property l join property h on h.resource = l.resource and h.shape = 'Conditions[].HttpHeaderConfig.HttpHeaderName'
                         and lower(h.value) = 'x-origin-verify' where l.path = 'ListenerArn') then 'pass' else 'fail' end as status,
       case when conf('edge.api_path') <> 'cloudfront' then msg('edge.api_path is {1}', conf('edge.api_path'))
            when prop(r.id, 'Scheme') = 'internal' then msg('it does not face the internet')
            else msg('{1} opens it to {2}', x.resource, coalesce(x.prefix_list, x.cidr, x.cidr6)) end as reason,
       r.file as file, coalesce(x.line, r.line) as line
from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::LoadBalancer'
left join property s on s.resource = r.id and s.shape = 'SecurityGroups[]'
left join security_rule x on x.security_group = s.target and x.direction = 'ingress';

-- rule: endpoint direct
-- The load balancer answers nobody who comes past CloudFront.
