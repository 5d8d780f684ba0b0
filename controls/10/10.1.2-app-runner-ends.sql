-- id: 10.1.2
-- title: App Runner: when build speed and low operating load matter
-- title.ja: App Runner: 構築速度・運用負荷軽減重視
-- severity: low
-- phase: 0
-- judged: plan
-- remedy: Plan to leave App Runner within a year (the review date of the decision), and use rolling releases until
--    then.
-- remedy.ja: App Runner からは 1 年以内の移行を計画し（決定の見直し日）、それまでは rolling を使う。
-- depends: 10.1

-- rule: config planned
-- Who uses App Runner is an existing customer, releases rolling, and has a date to leave.
select 'backend.platform' as resource,
       case when conf('backend.platform') <> 'app_runner' then 'not_applicable'
            when conf('backend.app_runner_existing_customer') = 'true' and conf('release.strategy') = 'rolling' and d.flaw is null and julianday(d.review_by) - julianday(run.today) <= 366 then 'pass' else 'fail' end as status,
       msg('backend.platform is {1}', conf('backend.platform')) as reason, conf_file('backend.platform') as file, conf_line('backend.platform') as line
from run left join decision d on d.env = run.env and d.key = 'backend.platform';

-- rule: aws live
-- The account still runs it.
