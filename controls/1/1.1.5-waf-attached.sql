-- id: 1.1.5
-- title: Edge security: AWS WAF (attached to CloudFront or the ALB)
-- title.ja: Edge Security: AWS WAF（CloudFront または ALB にアタッチ）
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Attach a web ACL to every public entrance: stacks/edge.yaml and frontend.yaml do (edge.waf in golive.yaml).
-- remedy.ja: 公開入口すべてに Web ACL を付ける。stacks/edge.yaml と frontend.yaml が行う（golive.yaml の edge.waf）。
-- aliases: CKV_AWS_68 CKV2_AWS_28 CKV2_AWS_47
-- references: https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html

-- rule: template distributions
-- Every distribution has a web ACL.
select r.id as resource, case when prop(r.id, 'DistributionConfig.WebACLId') is not null then 'pass' else 'fail' end as status,
       msg('its web ACL is {1}', coalesce(prop(r.id, 'DistributionConfig.WebACLId'), msg('(none)'))) as reason,
       r.file as file, line(r.id, 'DistributionConfig.WebACLId') as line
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::Distribution';

-- rule: template entrances
-- Every load balancer that faces the internet, and every App Runner service, has one; a load balancer behind a VPC
-- origin needs none.
select r.id as resource,
       case when r.type = 'AWS::ElasticLoadBalancingV2::LoadBalancer' and prop(r.id, 'Scheme') = 'internal' then 'not_applicable'
            when a.resource is not null then 'pass' else 'fail' end as status,
       case when a.resource is not null then msg('{1} attaches a web ACL', a.resource)
            when prop(r.id, 'Scheme') = 'internal' then msg('it does not face the internet')
            else msg('no web ACL is attached to it') end as reason,
       r.file as file, r.line as line
from run join resource r on r.env = run.env and r.type in ('AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::AppRunner::Service')
left join property a on a.path = 'ResourceArn' and a.target = r.id
 and exists (select 1 from resource x where x.id = a.resource and x.type = 'AWS::WAFv2::WebACLAssociation');

-- rule: aws attached
-- GetWebACLForResource returns an ACL for each entrance, and its rules equal the template.
