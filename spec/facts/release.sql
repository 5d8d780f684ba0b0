-- Deploys and rollbacks: a row for each, the newest with the largest seq.
-- collector: derived from event
create view release as
select b.seq as seq,                                         -- of its release.begin
       b.env as env, b.release as release,                   -- the release that is to serve
       json_extract(b.data, '$.operation') as operation,     -- deploy, rollback
       json_extract(b.data, '$.version') as version,
       json_extract(b.data, '$.commit') as commit_,
       json_extract(b.data, '$.tree') as tree,               -- hash of the released tree
       json_extract(b.data, '$.author') as author,           -- people[].id, or null
       json_extract(b.data, '$.starter') as starter,         -- people[].id, or null
       json_extract(b.data, '$.previous') as previous,       -- release that served before, 0 = none
       json_extract(b.data, '$.config_hash') as config_hash,
       json_extract(b.data, '$.templates') as templates,     -- hash of the stacks' templates
       json_extract(b.data, '$.hotfix') as hotfix,           -- reason, or null
       json_extract(b.data, '$.promotion.env') as from_env,  -- promoted from, or null
       json_extract(b.data, '$.promotion.release') as from_release,
       json_extract(b.data, '$.promotion.digest') as from_digest,
       b.time_unix_ms / 1000 as begun_unix_s,
       e.time_unix_ms / 1000 as ended_unix_s,                -- null while it runs, or after a kill
       case e.kind when 'release.done' then 'done' when 'release.undone' then 'undone' else 'unfinished' end as state
from event b
left join event e on e.seq = (select min(x.seq) from event x
    where x.env = b.env and x.kind in ('release.done', 'release.undone') and json_extract(x.data, '$.op') = b.seq)
where b.kind = 'release.begin';
