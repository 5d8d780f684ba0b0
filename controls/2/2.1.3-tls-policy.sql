-- id: 2.1.3
-- title: Set the TLS policy to the current recommendation (TLS 1.2+)
-- title.ja: TLS ポリシーを最新推奨に設定（TLS 1.2+）
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Use edge.tls.alb_policy and edge.tls.cloudfront_min with TLS 1.2 or newer, as the defaults are.
-- remedy.ja: edge.tls.alb_policy と edge.tls.cloudfront_min を TLS 1.2 以上（既定値）にする。
-- aliases: CKV_AWS_103 CKV_AWS_174 CKV_AWS_206
-- references: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html

-- rule: template load-balancer
-- Listeners name a policy with TLS 1.2 and 1.3 only; without one AWS uses one with TLS 1.0.
select r.id as resource,
       verdict(known(r.id, 'SslPolicy'), prop(r.id, 'SslPolicy') regexp '^ELBSecurityPolicy-TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?-20[0-9]{2}-[0-9]{2}$') as status,
       msg('its SslPolicy is {1}', coalesce(prop(r.id, 'SslPolicy'), msg('absent, which means TLS 1.0'))) as reason,
       r.file as file, line(r.id, 'SslPolicy') as line, prop(r.id, 'SslPolicy') as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::Listener' and prop(r.id, 'Protocol') in ('HTTPS', 'TLS');

-- rule: template distribution
-- Distributions demand TLS 1.2 of viewers, and use it towards origins.
select r.id as resource,
       verdict(known(r.id, 'DistributionConfig.ViewerCertificate.MinimumProtocolVersion'),
               prop(r.id, 'DistributionConfig.ViewerCertificate.MinimumProtocolVersion') in ('TLSv1.2_2021', 'TLSv1.2_2025', 'TLSv1.3_2025')
               and prop(r.id, 'DistributionConfig.ViewerCertificate.SslSupportMethod') = 'sni-only') as status,
       msg('MinimumProtocolVersion is {1}, SslSupportMethod is {2}', coalesce(prop(r.id, 'DistributionConfig.ViewerCertificate.MinimumProtocolVersion'), 'TLSv1'),
           prop(r.id, 'DistributionConfig.ViewerCertificate.SslSupportMethod')) as reason,
       r.file as file, line(r.id, 'DistributionConfig.ViewerCertificate.MinimumProtocolVersion') as line
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::Distribution'
union all
select p.resource, verdict(p.known, p.value = 'TLSv1.2'), msg('{1} is {2}', p.path, p.value), p.file, p.line
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::Distribution'
join property p on p.resource = r.id and p.shape = 'DistributionConfig.Origins[].CustomOriginConfig.OriginSSLProtocols[]';

-- rule: endpoint handshake
-- Every public name refuses TLS 1.0 and 1.1 and accepts 1.2 or 1.3.
