-- id: 3.2.7
-- title: Smoke test after deployment (health check API / main screens load)
-- title.ja: デプロイ後の smoke test（ヘルスチェック API / 主要画面ロード）
-- severity: critical
-- phase: 2
-- judged: release
-- remedy: Describe smoke tests of the API (with its database) and of two pages at least: release.smoke and
--    frontend.smoke_pages.
-- remedy.ja: API（DB 含む）と 2 ページ以上のスモークテストを release.smoke と frontend.smoke_pages に書く。

-- rule: config probes
-- A test asks the API whether its database works, pages are tested, none waits for more than 10 s.
select 'release.smoke of ' || conf('backend.ready_path') as resource,
       case when exists (select 1 from config u where u.env = run.env and u.shape = 'release.smoke[].url'
                         and (u.value like '%' || conf('backend.ready_path') or u.value like '%{backend.ready_path}')
                         and coalesce(conf(u.parent || '.status'), '200') = '200' and conf(u.parent || '.jsonpath') is not null and conf(u.parent || '.equals') is not null)
            then 'pass' else 'fail' end as status,
       msg('one of release.smoke must ask {1} for 200 and a value of its JSON', conf('backend.ready_path')) as reason,
       conf_file('release.smoke[0].url') as file, conf_line('release.smoke[0].url') as line
from run
union all
select 'frontend.smoke_pages', case when count(p.key) >= 2 and max(p.value = '/') = 1 then 'pass' else 'fail' end,
       msg('{1} pages are tested; "/" and another are needed', count(p.key)), conf_file('frontend.smoke_pages[0].path'), conf_line('frontend.smoke_pages[0].path')
from run left join config p on p.env = run.env and p.shape = 'frontend.smoke_pages[].path' group by run.env
union all
select t.key, case when cast(t.value as integer) <= 10000 then 'pass' else 'fail' end, msg('it waits for {1} ms', t.value), t.file, t.line
from run join config t on t.env = run.env and t.shape in ('release.smoke[].timeout_ms', 'frontend.smoke_pages[].timeout_ms');

-- rule: ledger passed
-- The last release passed its tests within 10 minutes after the shift, or went back.
select 'release ' || r.release as resource,
       case when r.state = 'undone' then 'pass' when k.done_unix_ms is null then 'fail' when k.done_unix_ms - h.done_unix_ms > 600000 then 'fail' else 'pass' end as status,
       case when r.state = 'undone' then msg('it went back') else msg('tests ended {1} s after the shift', (k.done_unix_ms - h.done_unix_ms) / 1000) end as reason, null as file, null as line
from run join release r on r.env = run.env and r.operation = 'deploy'
left join release_step h on h.release_seq = r.seq and h.step = 'shift'
left join release_step k on k.release_seq = r.seq and k.step = 'smoke'
where r.seq = (select max(x.seq) from release x where x.env = run.env and x.operation = 'deploy');
