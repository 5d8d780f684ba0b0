-- Files of the repository that are data: workflows, manifests, lock files (their packages only: name, version, source).
-- One row for each leaf.
-- collector: repo
create table document (
    file text not null,   -- relative to the repository
    kind text not null,   -- workflow, action, ruleset, package_json, package_lock, cargo_toml, cargo_lock, rust_toolchain, audit_toml, codeowners
    path text not null,   -- jobs.test.steps[0].run
    shape text not null,  -- jobs.test.steps[].run
    parent text not null, -- jobs.test.steps[0]
    name text not null,   -- run
    value text,
    line integer          -- 1-based, null where it is not known
) strict;
create index document_kind on document (kind, file);
create index document_path on document (file, path);
