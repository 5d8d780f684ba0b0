-- Which resource uses which, also inside texts ("arn:...:${network.VpcId}/*"): a row for each mention.
-- collector: template
create table reference (
    resource text not null references resource (id), -- that has the property
    path text not null,                              -- property.path
    target text not null,                            -- resource.id it mentions
    attribute text                                   -- "Arn"; null for its Ref
) strict;
create index reference_resource on reference (resource, path);
