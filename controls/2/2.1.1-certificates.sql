-- id: 2.1.1
-- title: Issue certificates with ACM (production domain and subdomains)
-- title.ja: ACM で証明書発行（本番ドメイン・サブドメイン）
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Let golive make the certificates (stacks/certificate.yaml), validated by DNS, for domain.app and domain.api;
--    `golive up --env {env}`.
-- remedy.ja: 証明書は golive に発行させる（stacks/certificate.yaml、DNS 検証、domain.app と domain.api）。`golive up --env {env}`。
-- references: https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
-- depends: 1.1.4 7.2.1

-- rule: template names
-- The certificates of each region cover the names that are used there: exactly, or by a wildcard of one label.
with used(resource, certificate, name, file) as (
    select r.id, p.target, conf('domain.api'), r.file from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::Listener'
    join property p on p.resource = r.id and p.shape = 'Certificates[].CertificateArn'
    union all
    select r.id, target(r.id, 'DistributionConfig.ViewerCertificate.AcmCertificateArn'), a.value, r.file
    from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::Distribution'
    join property a on a.resource = r.id and a.shape = 'DistributionConfig.Aliases[]'
), covers(certificate, name) as (
    select p.resource, p.value from property p where p.path = 'DomainName' or p.shape = 'SubjectAlternativeNames[]'
)
select u.resource || ' ' || u.name as resource, case when u.certificate is null then 'unknown' when c.name is not null then 'pass' else 'fail' end as status,
       case when u.certificate is null then msg('its certificate is not of the stacks')
            when c.name is not null then msg('{1} is covered by {2}', u.name, c.name) else msg('{1} does not cover {2}', u.certificate, u.name) end as reason,
       u.file as file, line(u.certificate, 'DomainName') as line
from used u left join covers c on c.certificate = u.certificate
 and (c.name = u.name or c.name like '*.%' and substr(u.name, instr(u.name, '.')) = substr(c.name, 2))
group by u.resource, u.name;

-- rule: template kind
-- Certificates are validated by DNS and have keys that browsers and AWS accept.
select r.id as resource, verdict(known(r.id, 'ValidationMethod'), prop(r.id, 'ValidationMethod') = 'DNS') as status,
       msg('{1} is {2}; {3} is wanted', 'ValidationMethod', coalesce(prop(r.id, 'ValidationMethod'), 'EMAIL'), 'DNS') as reason,
       r.file as file, line(r.id, 'ValidationMethod') as line
from run join resource r on r.env = run.env and r.type = 'AWS::CertificateManager::Certificate'
union all
select r.id, verdict(known(r.id, 'KeyAlgorithm'), coalesce(prop(r.id, 'KeyAlgorithm'), 'RSA_2048') in ('RSA_2048', 'EC_prime256v1', 'EC_secp384r1')),
       msg('its key is {1}', coalesce(prop(r.id, 'KeyAlgorithm'), 'RSA_2048')), r.file, line(r.id, 'KeyAlgorithm')
from run join resource r on r.env = run.env and r.type = 'AWS::CertificateManager::Certificate';

-- rule: aws issued
-- Each certificate is ISSUED and renewed by ACM.

-- rule: endpoint presented
-- What the public names present is that certificate, valid for more than the margin.
