-- id: 3.2.5
-- title: Push to ECR (define rules for the tags `sha`, `semver`, `latest`)
-- title.ja: ECR へ push（タグ: `sha`, `semver`, `latest` の運用ルール策定）
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Keep tags of commits and versions immutable and only latest moving (stacks/registry.yaml), deploy by digest,
--    and record the decision (golive decide ci.image_tags).
-- remedy.ja: コミット・バージョンのタグは不変、latest だけ可動にし（stacks/registry.yaml）、digest でデプロイする。golive decide ci.image_tags で記録。
-- aliases: CKV_AWS_51 CKV_AWS_136
-- references: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html

-- rule: config decided
-- ci.image_tags is written and decided validly.
select 'ci.image_tags' as resource,
       case when conf_given('ci.image_tags') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given('ci.image_tags') then msg('golive.yaml does not say {1}', 'ci.image_tags')
            when d.key is null then msg('decisions says nothing about {1}', 'ci.image_tags')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'ci.image_tags', d.flaw)
            else msg('decided by {1}', d.by) end as reason,
       coalesce(d.file, conf_file('ci.image_tags')) as file, coalesce(d.line, conf_line('ci.image_tags')) as line, conf('ci.image_tags') as evidence
from run left join decision d on d.env = run.env and d.key = 'ci.image_tags';

-- rule: config tags
-- Tags of commits and versions are immutable.
select 'ci.image_tags.' || w.column1 as resource, case when conf('ci.image_tags.' || w.column1) = 'immutable' then 'pass' else 'fail' end as status,
       msg('it is {1}', conf('ci.image_tags.' || w.column1)) as reason, conf_file('ci.image_tags.' || w.column1) as file, conf_line('ci.image_tags.' || w.column1) as line
from run join (values ('sha'), ('semver')) w;

-- rule: template registry
-- The registry refuses to move tags, but latest where that is allowed; it encrypts, keeps at least 20 images, and
-- removes untagged ones within 14 days.
select r.id as resource,
       case when conf('ci.image_tags.latest') = 'moving' and prop(r.id, 'ImageTagMutability') = 'IMMUTABLE_WITH_EXCLUSION'
             and prop(r.id, 'ImageTagMutabilityExclusionFilters[0].ImageTagMutabilityExclusionFilterValue') = 'latest'
             and prop(r.id, 'ImageTagMutabilityExclusionFilters[1].ImageTagMutabilityExclusionFilterValue') is null then 'pass'
            when coalesce(conf('ci.image_tags.latest'), 'none') = 'none' and prop(r.id, 'ImageTagMutability') = 'IMMUTABLE' then 'pass' else 'fail' end as status,
       msg('ImageTagMutability is {1}, but for {2}', coalesce(prop(r.id, 'ImageTagMutability'), 'MUTABLE'),
           coalesce(prop(r.id, 'ImageTagMutabilityExclusionFilters[0].ImageTagMutabilityExclusionFilterValue'), msg('nothing'))) as reason,
       r.file as file, line(r.id, 'ImageTagMutability') as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECR::Repository'
union all
select r.id, case when prop(r.id, 'EncryptionConfiguration.EncryptionType') is not null then 'pass' else 'fail' end,
       msg('its encryption is {1}', prop(r.id, 'EncryptionConfiguration.EncryptionType')), r.file, line(r.id, 'EncryptionConfiguration')
from run join resource r on r.env = run.env and r.type = 'AWS::ECR::Repository'
union all
select r.id,
       case when not json_valid(coalesce(prop(r.id, 'LifecyclePolicy.LifecyclePolicyText'), '')) then 'fail'
            when not exists (select 1 from json_each(prop(r.id, 'LifecyclePolicy.LifecyclePolicyText'), '$.rules') j
                 where json_extract(j.value, '$.selection.tagStatus') = 'untagged' and json_extract(j.value, '$.selection.countNumber') <= 14) then 'fail'
            when exists (select 1 from json_each(prop(r.id, 'LifecyclePolicy.LifecyclePolicyText'), '$.rules') j
                 where json_extract(j.value, '$.selection.tagStatus') <> 'untagged' and json_extract(j.value, '$.selection.countType') = 'imageCountMoreThan'
                   and json_extract(j.value, '$.selection.countNumber') < 20) then 'fail' else 'pass' end,
       msg('its lifecycle has {1} rules', case when json_valid(coalesce(prop(r.id, 'LifecyclePolicy.LifecyclePolicyText'), ''))
           then json_array_length(prop(r.id, 'LifecyclePolicy.LifecyclePolicyText'), '$.rules') else 0 end), r.file, line(r.id, 'LifecyclePolicy.LifecyclePolicyText')
from run join resource r on r.env = run.env and r.type = 'AWS::ECR::Repository';

-- rule: template by-digest
-- Task definitions take their image by digest: what a release registers, not a tag.
select p.resource as resource,
       case when p.known = 0 and p.value in ('${image}', '${frontend_image}') then 'pass' when p.value regexp '^.+@sha256:[0-9a-f]{64}$' then 'pass'
            when p.known = 0 then 'unknown' else 'fail' end as status,
       case when p.value in ('${image}', '${frontend_image}') then msg('the release fills in the digest') else msg('its image is {1}', p.value) end as reason,
       p.file as file, p.line as line, p.value as evidence
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::TaskDefinition'
join property p on p.resource = r.id and p.shape = 'ContainerDefinitions[].Image';
