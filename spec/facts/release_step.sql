-- Steps of deploys and rollbacks that were begun.
-- collector: derived from event
create view release_step as
select json_extract(b.data, '$.op') as release_seq,       -- release.seq
       b.env as env, b.release as release,
       json_extract(b.data, '$.step') as step,            -- build, backup, migrate, shift, smoke, bake, ...
       b.time_unix_ms as begun_unix_ms,
       d.time_unix_ms as done_unix_ms,                    -- null: it failed, or was not finished
       json_extract(d.data, '$.facts') as facts           -- JSON object: what it found and made
from event b
left join event d on d.seq = (select min(x.seq) from event x
    where x.kind = 'step.done' and x.env = b.env and json_extract(x.data, '$.op') = json_extract(b.data, '$.op')
      and json_extract(x.data, '$.step') = json_extract(b.data, '$.step') and x.seq > b.seq)
where b.kind = 'step.begin';
