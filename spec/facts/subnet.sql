-- Subnets with their tier (tag golive:tier).
-- collector: derived from property
create view subnet as
select r.id as id, r.env as env, r.source as source,
       t.value as tier,                    -- public, private, database
       z.value as zone,                    -- availability zone; where it is not known its place in the region's list
       c.value as cidr,
       r.file as file, r.line as line
from resource r
left join tag t on t.resource = r.id and t.key = 'golive:tier'
left join property z on z.resource = r.id and z.path = 'AvailabilityZone'
left join property c on c.resource = r.id and c.path = 'CidrBlock'
where r.type = 'AWS::EC2::Subnet';
