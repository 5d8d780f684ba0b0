-- What statements of policies name, one row for each: actions, resources, principals.
-- collector: derived from property
create view statement_item as
with element(name, suffix) as (
    values ('Action', '.Action'), ('NotAction', '.NotAction'), ('Resource', '.Resource'), ('NotResource', '.NotResource'), ('Principal', '.Principal'),
           ('AWS', '.Principal.AWS'), ('Service', '.Principal.Service'), ('Federated', '.Principal.Federated')
), item as (
    select p.*, e.suffix, case when p.path like '%]' then p.parent else p.path end as whole -- path without an index
    from property p cross join element e on e.name = p.name where p.name in (select name from element)
)
select s.resource as resource, s.env as env, s.source as source, s.type as type, s.statement as statement, s.kind as kind,
       s.effect as effect,
       p.name as element,   -- Action, NotAction, Resource, NotResource; of principals AWS, Service, Federated, "Principal" for "*"
       p.value as value,    -- "s3:GetObject"; unknown parts as ${SOURCE}
       p.target as target,  -- resource.id, where it is a reference
       p.file as file, p.line as line
from item p
cross join statement s on s.resource = p.resource and s.statement = substr(p.whole, 1, length(p.whole) - length(p.suffix))
where substr(p.whole, -length(p.suffix)) = p.suffix;
create index statement_item_place on statement_item (resource, statement);
