-- Containers of the backend in task definitions and services.
-- collector: derived from property
create view backend_container as
select n.resource as resource, r.env as env,
       n.parent as parent, -- ContainerDefinitions[0]; what its variables stand in
       n.file as file, n.line as line
from resource r
join property n on n.resource = r.id and n.shape = 'ContainerDefinitions[].Name' and n.value = 'backend'
where r.type = 'AWS::ECS::TaskDefinition' and r.stack not like '%migration-task' and r.stack not like '%ssr'
union all
select r.id, r.env, 'SourceConfiguration.ImageRepository.ImageConfiguration', r.file, r.line
from resource r where r.type = 'AWS::AppRunner::Service';
