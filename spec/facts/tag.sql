-- Tags that resources have in their own properties (lists of Key and Value, and maps).
-- collector: derived from property
create view tag as
select k.resource as resource, k.value as key, v.value as value
from property k
join property v on v.resource = k.resource and v.path = k.parent || '.Value'
where k.shape = 'Tags[].Key'
union all
select resource, name, value from property where shape > 'Tags.' and shape < 'Tags/' and parent = 'Tags';
