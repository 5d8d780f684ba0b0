-- id: 2.1.4
-- title: Enable the HSTS header
-- title.ja: HSTS ヘッダーを有効化
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Set edge.hsts.max_age to a year, and include_subdomains before preload; `golive plan --env {env}` shows the
--    headers.
-- remedy.ja: edge.hsts.max_age を 1 年にし、preload の前に include_subdomains を有効にする。`golive plan --env {env}` で確認。
-- references: https://www.rfc-editor.org/rfc/rfc6797
-- depends: 2.1.2

-- rule: config age
-- HSTS holds for a year; in the first 14 days after the cutover a day is enough.
select 'edge.hsts.max_age' as resource,
       case when cast(conf('edge.hsts.max_age') as integer) >= 31536000 then 'pass'
            when cast(conf('edge.hsts.max_age') as integer) >= 86400 and run.now_unix_s < unixepoch(conf('cutover.at')) + 14 * 86400 then 'pass'
            else 'fail' end as status,
       msg('edge.hsts.max_age is {1} s; a year is 31536000', conf('edge.hsts.max_age')) as reason,
       conf_file('edge.hsts.max_age') as file, conf_line('edge.hsts.max_age') as line, conf('edge.hsts.max_age') as evidence
from run;

-- rule: config preload
-- Preloading, which is hard to undo, includes subdomains and was decided.
select 'edge.hsts.preload' as resource,
       case when conf('edge.hsts.preload') <> 'true' then 'not_applicable'
            when conf('edge.hsts.include_subdomains') = 'true' and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when conf('edge.hsts.preload') <> 'true' then msg('edge.hsts.preload is false')
            when conf('edge.hsts.include_subdomains') <> 'true' then msg('edge.hsts.include_subdomains is false')
            when d.key is null then msg('decisions says nothing about {1}', 'edge.hsts.preload')
            else coalesce(d.flaw, msg('decided by {1}', d.by)) end as reason,
       conf_file('edge.hsts.preload') as file, conf_line('edge.hsts.preload') as line
from run left join decision d on d.env = run.env and d.key = 'edge.hsts.preload';

-- rule: template headers
-- The header's policy and the listener for HTTPS say what golive.yaml says.
select r.id as resource,
       verdict(known(r.id, 'ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec'),
               prop(r.id, 'ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec') = conf('edge.hsts.max_age')) as status,
       msg('its HSTS age is {1}; edge.hsts.max_age is {2}',
           prop(r.id, 'ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec'), conf('edge.hsts.max_age')) as reason,
       r.file as file, line(r.id, 'ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec') as line
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::ResponseHeadersPolicy'
union all
select r.id, verdict(coalesce(v.known, 1), v.value like 'max-age=' || conf('edge.hsts.max_age') || '%'),
       msg('its HSTS header is {1}', coalesce(v.value, msg('(none)'))), r.file, coalesce(v.line, r.line)
from run join resource r on r.env = run.env and r.type = 'AWS::ElasticLoadBalancingV2::Listener' and prop(r.id, 'Protocol') = 'HTTPS'
left join property k on k.resource = r.id and k.shape = 'ListenerAttributes[].Key' and k.value = 'routing.http.response.strict_transport_security.header_value'
left join property v on v.resource = r.id and v.path = k.parent || '.Value';

-- rule: template behaviours
-- Every behaviour of a distribution sends them.
select t.resource || ' ' || t.parent as resource,
       case when h.path is not null then 'pass' else 'fail' end as status,
       case when h.path is not null then msg('it sends the headers of {1}', coalesce(h.target, h.value)) else msg('it has no ResponseHeadersPolicyId') end as reason,
       t.file as file, coalesce(h.line, t.line) as line
from run join resource r on r.env = run.env and r.type = 'AWS::CloudFront::Distribution'
join property t on t.resource = r.id
 and t.shape in ('DistributionConfig.DefaultCacheBehavior.TargetOriginId', 'DistributionConfig.CacheBehaviors[].TargetOriginId')
left join property h on h.resource = r.id and h.path = t.parent || '.ResponseHeadersPolicyId';

-- rule: endpoint sent
-- Answers of every public name, errors too, have the header.
