-- Properties of resources, one row for each leaf. Conditions, parameters, mappings and functions are evaluated.
-- collector: template, aws
create table property (
    resource text not null references resource (id),
    path text not null,    -- Tags[0].Key
    shape text not null,   -- Tags[].Key: the path without its indexes
    parent text not null,  -- Tags[0]: the path of the map or list around it; "" at the top
    name text not null,    -- Key: the last name of the path; of an item of a list, the list's
    value text,            -- as text ("true", "5432"); parts that are not known stand in it as ${SOURCE};
                           -- null for null and for empty lists and maps
    kind text not null,    -- text, number, bool, null, list (empty), map (empty)
    known integer not null, -- 1 = known whole, 0 = it or a part of it is only known after `golive up`
    target text,           -- resource.id that it refers to (Ref, Fn::GetAtt, an output of another stack), or null
    attribute text,        -- attribute of the target: "Arn"; null for its Ref
    file text,             -- of the template
    line integer           -- 1-based, in it
) strict;
create index property_path on property (resource, path);
create index property_shape on property (shape, resource);
create index property_target on property (target, path) where target is not null;
