-- id: 7.1.3
-- title: Prefer `A/AAAA Alias`, minimise CNAME
-- title.ja: `A/AAAA Alias` を優先し CNAME を最小化
-- severity: low
-- phase: 4
-- judged: after
-- remedy: Use aliases instead of CNAME for AWS's own names.
-- remedy.ja: AWS リソースには CNAME ではなくエイリアスを使う。

-- rule: template no-cname
-- No CNAME leads to a load balancer, distribution, App Runner or website of AWS, and no A record to such an address.
select r.id as resource,
       case when prop(r.id, 'Type') = 'CNAME' and exists (select 1 from property v where v.resource = r.id and v.shape = 'ResourceRecords[]'
                 and (v.value regexp '\.(elb\.amazonaws\.com|cloudfront\.net|awsapprunner\.com)\.?$' or v.value like '%.s3-website%' or v.target is not null)) then 'fail'
            when prop(r.id, 'Type') in ('A', 'AAAA') and prop(r.id, 'AliasTarget.DNSName') is null then 'fail' else 'pass' end as status,
       msg('{1} {2}', prop(r.id, 'Name'), prop(r.id, 'Type')) as reason, r.file as file, r.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::Route53::RecordSet';

-- rule: endpoint no-cname
-- Answers to the public names hold no CNAME to AWS.
