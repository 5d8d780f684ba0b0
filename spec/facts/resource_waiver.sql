-- Waivers that templates give to their resources (Metadata: {golive: {waive: [...]}}).
-- collector: template
create table resource_waiver (
    control text not null,
    resource text not null references resource (id),
    reason text,
    by text,               -- people[].id of who asks
    approved_by text,      -- people[].id of who agrees
    expires text,          -- YYYY-MM-DD, the last day
    file text not null,
    line integer not null
) strict;
