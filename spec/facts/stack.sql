-- Stacks of an environment, as they would be made from the templates, or templates that were given with --template.
-- collector: template, aws
create table stack (
    id text primary key,      -- env/key: "prod/edge@global"; of a given template "given/FILE"
    env text not null,        -- environment; of a given template the judged one
    key text not null,        -- network, edge@global
    name text not null,       -- glanceflow-prod-network
    region text,              -- where it stands, or null
    origin text not null,     -- shipped, ejected, own, given
    file text not null,       -- stacks/network.yaml
    template_sha256 text not null, -- of the template's text, 64 hexadecimal digits
    source text not null,     -- template, aws
    collected_unix_s integer not null
) strict;
