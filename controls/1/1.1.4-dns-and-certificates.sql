-- id: 1.1.4
-- title: DNS/certificates: Route 53 + ACM
-- title.ja: DNS/証明書: Route 53 + ACM
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Let the registrar delegate the zone to the name servers that `golive status --env {env}` shows, and use
--    certificates of ACM only.
-- remedy.ja: レジストラの委任先を `golive status --env {env}` が示すネームサーバーにし、証明書は ACM のものだけを使う。
-- references: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html

-- rule: template acm
-- Every HTTPS listener and every distribution uses a certificate of ACM.
select p.resource as resource,
       case when c.type = 'AWS::CertificateManager::Certificate' then 'pass'
            when p.value like 'arn:%:acm:%' then 'pass' when p.known = 0 and p.target is null then 'unknown' else 'fail' end as status,
       msg('its certificate is {1}', coalesce(p.target, p.value)) as reason,
       p.file as file, p.line as line, p.value as evidence
from run join resource r on r.env = run.env
join property p on p.resource = r.id
 and (r.type = 'AWS::ElasticLoadBalancingV2::Listener' and p.shape = 'Certificates[].CertificateArn'
      or r.type = 'AWS::CloudFront::Distribution' and p.path in ('DistributionConfig.ViewerCertificate.AcmCertificateArn',
         'DistributionConfig.ViewerCertificate.IamCertificateId', 'DistributionConfig.ViewerCertificate.CloudFrontDefaultCertificate'))
left join resource c on c.id = p.target;

-- rule: aws issued
-- The zone exists and is public; every certificate in use is ISSUED; no server certificate of IAM is in use.

-- rule: endpoint delegation
-- The parent zone delegates to the name servers of the zone.
