-- id: 2.1.2
-- title: Force HTTPS at CloudFront/ALB (HTTP -> HTTPS redirect)
-- title.ja: CloudFront/ALB で HTTPS 強制（HTTP -> HTTPS リダイレクト）
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Redirect HTTP to HTTPS at every entrance, and speak https-only to origins, as the shipped stacks do.
-- remedy.ja: すべての入口で HTTP を HTTPS にリダイレクトし、オリジンとも https-only で通信する（出荷時のスタックのとおり）。
-- aliases: CKV_AWS_34 CKV_AWS_2 CKV_AWS_103 CKV2_AWS_72
-- references: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html

-- rule: template viewers
-- Every behaviour of a distribution redirects to HTTPS, or accepts nothing else.
select p.resource as resource, verdict(p.known, p.value in ('redirect-to-https', 'https-only')) as status,
       msg('{1} is {2}', p.path, p.value) as reason, p.file as file, p.line as line, p.value as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::Distribution'
join property p on p.resource = r.id
 and p.shape in ('DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy', 'DistributionConfig.CacheBehaviors[].ViewerProtocolPolicy')
union all
select t.resource, 'fail', msg('{1} has no ViewerProtocolPolicy: it allows HTTP', t.parent), t.file, t.line, null
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::Distribution'
join property t on t.resource = r.id
 and t.shape in ('DistributionConfig.DefaultCacheBehavior.TargetOriginId', 'DistributionConfig.CacheBehaviors[].TargetOriginId')
where prop(r.id, t.parent || '.ViewerProtocolPolicy') is null;

-- rule: template listeners
-- A listener for HTTP does nothing but redirect to HTTPS, for good.
select r.id as resource,
       case when prop(r.id, 'Protocol') = 'HTTPS' then 'pass'
            when prop(r.id, 'DefaultActions[0].Type') = 'redirect' and prop(r.id, 'DefaultActions[0].RedirectConfig.Protocol') = 'HTTPS'
             and prop(r.id, 'DefaultActions[0].RedirectConfig.StatusCode') = 'HTTP_301' and prop(r.id, 'DefaultActions[1].Type') is null
             and x.resource is null then 'pass' else 'fail' end as status,
       case when prop(r.id, 'Protocol') = 'HTTPS' then msg('it speaks HTTPS')
            when x.resource is not null then msg('{1} answers HTTP', x.resource)
            else msg('its action is {1} to {2}, {3}', prop(r.id, 'DefaultActions[0].Type'), prop(r.id, 'DefaultActions[0].RedirectConfig.Protocol'),
                     prop(r.id, 'DefaultActions[0].RedirectConfig.StatusCode')) end as reason,
       r.file as file, line(r.id, 'DefaultActions[0]') as line
from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::Listener'
left join (select resource, target from property where path = 'ListenerArn') x on x.target = r.id and prop(r.id, 'Protocol') = 'HTTP'
group by r.id;

-- rule: template origins
-- CloudFront speaks https-only to origins that are no buckets.
select r.id as resource,
       case when p.path is null then 'not_applicable' else verdict(p.known, p.value = 'https-only') end as status,
       case when p.path is null then msg('all of its origins are buckets') else msg('{1} is {2}', p.path, p.value) end as reason,
       r.file as file, coalesce(p.line, r.line) as line
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::Distribution'
left join property p on p.resource = r.id and p.shape = 'DistributionConfig.Origins[].CustomOriginConfig.OriginProtocolPolicy';

-- rule: endpoint redirect
-- http:// of every public name answers 301 or 308 to https:// of the same name.
