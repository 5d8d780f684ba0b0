-- id: 1.1.2.2
-- title: Frontend: S3 + CloudFront (static delivery; SSR moves to ECS/App Runner when needed)
-- title.ja: Frontend: S3 + CloudFront（静的配信。必要に応じて SSR は ECS/App Runner へ）
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Deliver from a private bucket through CloudFront, as stacks/frontend.yaml does; use the adapter that
--    frontend.mode needs.
-- remedy.ja: stacks/frontend.yaml のとおり非公開バケットを CloudFront 経由で配信し、frontend.mode に合う adapter を使う。
-- aliases: CKV_AWS_53 CKV_AWS_54 CKV_AWS_55 CKV_AWS_56 CKV_AWS_21
-- references: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
-- depends: 10.2 1.1.4

-- rule: config mode
-- frontend.mode is static or ssr.
select 'frontend.mode' as resource, case when conf('frontend.mode') in ('static', 'ssr') then 'pass' else 'fail' end as status,
       msg('frontend.mode is {1}', conf('frontend.mode')) as reason,
       conf_file('frontend.mode') as file, conf_line('frontend.mode') as line, conf('frontend.mode') as evidence
from run;

-- rule: repo adapter
-- SvelteKit's adapter is the one that frontend.mode needs.
select c.file as resource,
       case when c.value = case conf('frontend.mode') when 'ssr' then 'node' else 'static' end then 'pass' else 'fail' end as status,
       msg('the adapter is {1}, where frontend.mode is {2}', c.value, conf('frontend.mode')) as reason,
       c.file as file, c.line as line, c.value as evidence
from run join code c on c.kind = 'svelte_adapter' and c.test = 0;

-- rule: template private-bucket
-- The site's bucket is private and keeps versions.
with want(path, value) as (values
    ('PublicAccessBlockConfiguration.BlockPublicAcls', 'true'), ('PublicAccessBlockConfiguration.BlockPublicPolicy', 'true'),
    ('PublicAccessBlockConfiguration.IgnorePublicAcls', 'true'), ('PublicAccessBlockConfiguration.RestrictPublicBuckets', 'true'),
    ('VersioningConfiguration.Status', 'Enabled')
), site(id, file) as (
    select distinct r.id, r.file from run join resource r on r.env = run.env and r.type = 'AWS::S3::Bucket'
    join property o on o.target = r.id and o.shape = 'DistributionConfig.Origins[].DomainName'
)
select s.id as resource, verdict(known(s.id, w.path), prop(s.id, w.path) = w.value) as status,
       msg('{1} is {2}; {3} is wanted', w.path, prop(s.id, w.path), w.value) as reason,
       s.file as file, line(s.id, w.path) as line, prop(s.id, w.path) as evidence
from site s join want w;

-- rule: template access-control
-- CloudFront signs every request to the bucket, and the bucket lets nobody else read.
select r.id as resource,
       verdict(known(r.id, 'OriginAccessControlConfig.SigningBehavior'), prop(r.id, 'OriginAccessControlConfig.SigningBehavior') = 'always') as status,
       msg('SigningBehavior is {1}; always is wanted', prop(r.id, 'OriginAccessControlConfig.SigningBehavior')) as reason,
       r.file as file, line(r.id, 'OriginAccessControlConfig.SigningBehavior') as line, null as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::OriginAccessControl'
union all
select p.resource, case when service.value = 'cloudfront.amazonaws.com' and arn.value is not null then 'pass' else 'fail' end,
       case when service.value is not 'cloudfront.amazonaws.com' then msg('{1} may read the bucket', coalesce(service.value, 'somebody else than CloudFront'))
            when arn.value is null then msg('any distribution may read the bucket: AWS:SourceArn is missing')
            else msg('only {1} may read the bucket', arn.value) end,
       p.file, p.line, arn.value
from run
join resource d on d.env = run.env and d.type = 'AWS::CloudFront::Distribution'
join property o on o.resource = d.id and o.shape = 'DistributionConfig.Origins[].DomainName' and o.target is not null
join property b on b.path = 'Bucket' and b.target = o.target
join statement_item p on p.resource = b.resource and p.type = 'AWS::S3::BucketPolicy' and p.effect = 'Allow' and p.element = 'Action'
 and (p.value like 's3:Get%' or p.value in ('s3:*', '*'))
left join statement_item service on service.resource = p.resource and service.statement = p.statement
 and service.element in ('Service', 'Principal', 'AWS') and service.value is not 'cloudfront.amazonaws.com'
   = (select count(*) from statement_item q where q.resource = p.resource and q.statement = p.statement
      and q.element in ('Service', 'Principal', 'AWS') and q.value is not 'cloudfront.amazonaws.com') > 0
left join statement_condition arn on arn.resource = p.resource and arn.statement = p.statement and lower(arn.key) = 'aws:sourcearn';

-- rule: endpoint site
-- The site answers 200 text/html; the bucket itself answers 403.
