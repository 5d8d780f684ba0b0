-- Variables that the templates give to the backend's containers.
-- collector: derived from property
create view container_variable as
select c.resource as resource, c.env as env, p.value as name,
       case when p.shape like '%Secrets[].Name' then 'secret' else 'plain' end as kind,           -- secret, plain
       coalesce(prop(p.resource, p.parent || '.Value'), prop(p.resource, p.parent || '.ValueFrom')) as value, -- of a secret, where it comes from
       p.file as file, p.line as line
from backend_container c
join property p on p.resource = c.resource
 and (p.shape in ('ContainerDefinitions[].Secrets[].Name', 'ContainerDefinitions[].Environment[].Name') and p.parent like c.parent || '.%'
      or p.shape like '%RuntimeEnvironmentSecrets[].Name' or p.shape like '%RuntimeEnvironmentVariables[].Name');
