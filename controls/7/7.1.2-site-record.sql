-- id: 7.1.2
-- title: `app.example.com` -> CloudFront
-- title.ja: `app.example.com` -> CloudFront
-- severity: critical
-- phase: 4
-- judged: after
-- remedy: Point domain.app at the distribution by aliases, A and AAAA (stacks/dns.yaml).
-- remedy.ja: domain.app をディストリビューションに A・AAAA エイリアスで向ける（stacks/dns.yaml）。
-- references: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-cloudfront-distribution.html

-- rule: template alias
-- The record is an alias of the distribution, in CloudFront's own zone.
select n.resource as resource,
       case when prop(n.resource, 'AliasTarget.HostedZoneId') is not 'Z2FDTNDATAQYW2' then 'fail' when prop(n.resource, 'AliasTarget.EvaluateTargetHealth') = 'true' then 'fail'
            when t.type is null and known(n.resource, 'AliasTarget.DNSName') then 'fail' when t.type is null then 'unknown' when t.type <> 'AWS::CloudFront::Distribution' then 'fail' else 'pass' end as status,
       msg('{1} {2} leads to {3}', n.value, prop(n.resource, 'Type'), coalesce(t.id, prop(n.resource, 'AliasTarget.DNSName'), msg('(no alias)'))) as reason, n.file as file, n.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::Route53::RecordSet'
join property n on n.resource = r.id and n.path = 'Name' and rtrim(n.value, '.') = conf('domain.app') and prop(r.id, 'Type') in ('A', 'AAAA', 'CNAME')
left join resource t on t.id = target(r.id, 'AliasTarget.DNSName');

-- rule: template names
-- The distribution knows the name, and has both kinds of addresses if it speaks IPv6.
select r.id as resource,
       case when not exists (select 1 from property a where a.resource = r.id and a.shape = 'DistributionConfig.Aliases[]' and a.value = conf('domain.app')) then 'fail'
            when prop(r.id, 'DistributionConfig.IPV6Enabled') = 'true' and not exists (select 1 from property n where n.path = 'Name' and rtrim(n.value, '.') = conf('domain.app') and prop(n.resource, 'Type') = 'AAAA'
                 and n.resource like run.env || '/%') then 'fail' else 'pass' end as status,
       msg('its names are {1}; IPv6 {2}', (select group_concat(a.value) from property a where a.resource = r.id and a.shape = 'DistributionConfig.Aliases[]'), prop(r.id, 'DistributionConfig.IPV6Enabled')) as reason,
       r.file as file, line(r.id, 'DistributionConfig.Aliases') as line
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::Distribution';

-- rule: endpoint resolves
-- Public resolvers give CloudFront's addresses.

-- rule: aws in-sync
-- The zone holds these records.
