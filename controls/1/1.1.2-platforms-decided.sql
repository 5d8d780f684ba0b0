-- id: 1.1.2
-- title: Compute (heading): backend and frontend each have one chosen execution platform
-- title.ja: Compute:
-- severity: high
-- phase: 0
-- judged: plan
-- remedy: Write backend.platform and frontend.mode into golive.yaml, and say in `decisions` who decided it, when and
--    why (golive decide).
-- remedy.ja: backend.platform と frontend.mode を golive.yaml に明記し、decisions に理由・決定者・日付・見直し日を書く（golive decide）。
-- depends: 10.1 10.2

-- rule: config decided
-- Both are written in golive.yaml, not left to defaults, and decided validly.
with wanted(key) as (values ('backend.platform'), ('frontend.mode'))
select w.key as resource,
       case when conf_given(w.key) and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given(w.key) then msg('golive.yaml does not say {1}', w.key)
            when d.key is null then msg('decisions says nothing about {1}', w.key)
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', w.key, d.flaw)
            else msg('{1} is {2}, decided by {3}', w.key, conf(w.key), d.by) end as reason,
       coalesce(d.file, conf_file(w.key)) as file, coalesce(d.line, conf_line(w.key)) as line, conf(w.key) as evidence
from run join wanted w left join decision d on d.env = run.env and d.key = w.key;

-- rule: template one-of-each
-- The stacks make one backend service and one way to deliver the frontend, those of golive.yaml.
with kind(what, type, wanted) as (
    values ('backend', 'AWS::ECS::Service', 'ecs'), ('backend', 'AWS::AppRunner::Service', 'app_runner')
)
select run.env || ' ' || k.type as resource,
       case when (count(r.id) > 0) = (conf('backend.platform') = k.wanted) then 'pass' else 'fail' end as status,
       msg('{1} of {2}, where backend.platform is {3}', count(r.id), k.type, conf('backend.platform')) as reason,
       min(r.file) as file, min(r.line) as line
from run join kind k left join resource r on r.env = run.env and r.type = k.type and r.logical_id not like '%Ssr%' and r.stack not like '%ssr%'
group by k.type;

-- rule: aws one-of-each
-- What runs in production is one backend stack and one frontend stack, those of golive.yaml.
