-- id: 10.2
-- title: Prefer S3 + CloudFront if SvelteKit can be fully static; if SSR is required use a Node platform (ECS/App
--    Runner)
-- title.ja: SvelteKit が完全静的化できるなら S3 + CloudFront を優先。SSR 必須の場合は Node 実行基盤（ECS/App Runner）を採用。
-- severity: high
-- phase: 0
-- judged: plan
-- remedy: Choose frontend.mode: static where every route prerenders, else ssr; record why (golive decide
--    frontend.mode).
-- remedy.ja: frontend.mode を選ぶ（全ルートが事前生成できれば static、できなければ ssr）。golive decide frontend.mode で記録。
-- references: https://svelte.dev/docs/kit/adapter-static

-- rule: config decided
-- frontend.mode is written and decided validly.
select 'frontend.mode' as resource,
       case when conf_given('frontend.mode') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given('frontend.mode') then msg('golive.yaml does not say {1}', 'frontend.mode')
            when d.key is null then msg('decisions says nothing about {1}', 'frontend.mode')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'frontend.mode', d.flaw)
            else msg('decided by {1}', d.by) end as reason,
       coalesce(d.file, conf_file('frontend.mode')) as file, coalesce(d.line, conf_line('frontend.mode')) as line, conf('frontend.mode') as evidence
from run left join decision d on d.env = run.env and d.key = 'frontend.mode';

-- rule: repo possible
-- A static site has nothing that needs a server; one that needs none is static.
with needs(file, line, why) as (
    select f.path, null, msg('{1} runs on a server', f.path) from run join file f on f.path regexp '/src/routes/.*\+(server|page\.server|layout\.server)\.[jt]s$' and f.path like conf('frontend.dir') || '/%'
    where not exists (select 1 from code p where p.file = f.path and p.kind = 'prerender' and p.value = 'true')
    union all select c.file, c.line, msg('it has form actions') from code c where c.kind = 'form_action' and c.area = 'frontend' and c.test = 0
    union all select c.file, c.line, msg('it reads cookies or locals of the request') from code c where c.kind = 'server_state' and c.file like '%hooks.server%'
)
select coalesce(n.file, conf('frontend.dir')) as resource,
       case when conf('frontend.mode') = 'ssr' then 'pass' when n.file is not null then 'fail'
            when exists (select 1 from code p where p.kind = 'prerender' and p.file regexp '/src/routes/\+layout\.[jt]s$' and p.value = 'true') or exists (select 1 from code p where p.kind = 'svelte_adapter' and p.value = 'static') then 'pass' else 'fail' end as status,
       case when n.why is not null then n.why
            when conf('frontend.mode') = 'ssr' or exists (select 1 from code p where p.kind = 'prerender' and p.file regexp '/src/routes/\+layout\.[jt]s$' and p.value = 'true')
                 or exists (select 1 from code p where p.kind = 'svelte_adapter' and p.value = 'static') then msg('every route can be made beforehand')
            else msg('nothing says that its pages are made beforehand: neither adapter-static nor prerender') end as reason, n.file as file, n.line as line
from run left join needs n where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: endpoint served
-- Every page of the site answers as the mode says.
