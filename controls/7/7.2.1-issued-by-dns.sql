-- id: 7.2.1
-- title: Automate ACM DNS validation in Route 53
-- title.ja: ACM DNS 検証を Route 53 で自動化
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Let ACM validate by records in the zone, as stacks/certificate.yaml does.
-- remedy.ja: ACM の検証はゾーン内のレコードで行う（stacks/certificate.yaml のとおり）。
-- references: https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html

-- rule: template validated
-- Every name of every certificate is validated by a record in the zone.
select n.resource || ' ' || n.value as resource,
       case when prop(n.resource, 'ValidationMethod') is not 'DNS' then 'fail'
            when not exists (select 1 from property o where o.resource = n.resource and o.shape = 'DomainValidationOptions[].DomainName' and o.value = n.value
                 and prop(n.resource, o.parent || '.HostedZoneId') is not null) then 'fail' else 'pass' end as status,
       msg('{1} is validated by {2}', n.value, coalesce(prop(n.resource, 'ValidationMethod'), 'EMAIL')) as reason, n.file as file, n.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::CertificateManager::Certificate'
join property n on n.resource = r.id and (n.path = 'DomainName' or n.shape = 'SubjectAlternativeNames[]');

-- rule: aws issued
-- Each certificate is ISSUED, each of its names SUCCESS.

-- rule: endpoint chain
-- What is presented is issued by Amazon and complete.
