-- id: 3.2.4
-- title: Docker build (backend/frontend as needed) and vulnerability scan
-- title.ja: Docker build（backend/frontend 必要に応じて）と脆弱性スキャン
-- severity: high
-- phase: 2
-- judged: release
-- remedy: Let golive build the image (no Dockerfile is needed), or pin bases by digest and use a user other than root;
--    scan on push.
-- remedy.ja: イメージは golive に作らせる（Dockerfile 不要）か、ベースを digest で固定し root 以外で動かす。push 時にスキャンする。
-- aliases: CKV_AWS_163 CKV_AWS_336 CKV_DOCKER_2 CKV_DOCKER_3 CKV_DOCKER_7
-- references: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html

-- rule: repo dockerfile
-- A Dockerfile, if there is one, pins its bases, ends as a user other than root, and takes no secrets as arguments.
select c.file || ':' || c.line as resource,
       case c.kind when 'dockerfile_from' then case when c.value like '%@sha256:%' or c.value = 'scratch' then 'pass' else 'fail' end
            when 'dockerfile_user' then case when c.value in ('0', 'root', '') or c.value like '0:%' or c.value like 'root:%' then 'fail' else 'pass' end
            else 'fail' end as status,
       case c.kind when 'dockerfile_from' then msg('its base is {1}', c.value) when 'dockerfile_user' then msg('it runs as {1}', case c.value when '' then 'root' else c.value end)
            else msg('it takes {1} at build time', c.value) end as reason, c.file as file, c.line as line
from code c where c.kind in ('dockerfile_from', 'dockerfile_user', 'dockerfile_secret')
union all
select run.app || ' Dockerfile', 'not_applicable', msg('there is no Dockerfile: golive makes the image'), null, null
from run where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected') and not exists (select 1 from code c where c.kind = 'dockerfile_from');

-- rule: template scan-on-push
-- The registry scans what is pushed.
select r.id as resource, verdict(known(r.id, 'ImageScanningConfiguration.ScanOnPush'), prop(r.id, 'ImageScanningConfiguration.ScanOnPush') = 'true'
         or exists (select 1 from resource x where x.env = run.env and x.type = 'AWS::ECR::RegistryScanningConfiguration' and prop(x.id, 'ScanType') = 'ENHANCED')) as status,
       msg('ScanOnPush is {1}', coalesce(prop(r.id, 'ImageScanningConfiguration.ScanOnPush'), 'false')) as reason, r.file as file, line(r.id, 'ImageScanningConfiguration.ScanOnPush') as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECR::Repository';

-- rule: template container
-- Containers cannot write to their image, are not root, and have no privileges.
select n.resource || ' ' || n.value as resource,
       case when prop(n.resource, n.parent || '.ReadonlyRootFilesystem') is not 'true' then 'fail'
            when coalesce(prop(n.resource, n.parent || '.User'), 'root') regexp '^(0|root)(:|$)' then 'fail'
            when prop(n.resource, n.parent || '.Privileged') = 'true' then 'fail' else 'pass' end as status,
       msg('ReadonlyRootFilesystem is {1}, User is {2}, Privileged is {3}', coalesce(prop(n.resource, n.parent || '.ReadonlyRootFilesystem'), 'false'),
           coalesce(prop(n.resource, n.parent || '.User'), 'root'), coalesce(prop(n.resource, n.parent || '.Privileged'), 'false')) as reason,
       n.file as file, n.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::ECS::TaskDefinition'
join property n on n.resource = r.id and n.shape = 'ContainerDefinitions[].Name';

-- rule: ledger scanned
-- The released image was scanned, and its digest recorded.
select 'release ' || s.release as resource, case when json_extract(s.facts, '$.digest') like 'sha256:%' then 'pass' else 'fail' end as status,
       msg('its image is {1}', json_extract(s.facts, '$.digest')) as reason, null as file, null as line
from run join release_step s on s.env = run.env and s.step = 'image' and s.done_unix_ms is not null
where s.release_seq = (select max(r.seq) from release r where r.env = run.env and r.state = 'done');
