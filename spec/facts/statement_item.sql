-- What statements of policies name, one row for each: actions, resources, principals.
-- collector: derived from property
create view statement_item as
select s.resource as resource, s.env as env, s.source as source, s.type as type, s.statement as statement, s.kind as kind,
       s.effect as effect,
       p.name as element,   -- Action, NotAction, Resource, NotResource; of principals AWS, Service, Federated, "Principal" for "*"
       p.value as value,    -- "s3:GetObject"; unknown parts as ${SOURCE}
       p.target as target,  -- resource.id, where it is a reference
       p.file as file, p.line as line
from statement s
cross join property p on p.resource = s.resource and p.path > s.statement || '.' and p.path < s.statement || '/'
where substr(case when p.path like '%]' then p.parent else p.path end, length(s.statement) + 1) -- path in the statement, without an index
      in ('.Action', '.NotAction', '.Resource', '.NotResource', '.Principal', '.Principal.AWS', '.Principal.Service', '.Principal.Federated')
order by p.rowid;
create index statement_item_place on statement_item (resource, statement);
