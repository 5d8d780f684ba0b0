-- id: 3.1.3
-- title: Set protection rules (required review, required status checks)
-- title.ja: 保護ルール（必須レビュー、必須ステータスチェック）を設定
-- severity: high
-- phase: 2
-- judged: release
-- attest: role=release_manager valid_days=90 binds=config
-- question: Are review and checks required on the production branch, for administrators too, and has nobody bypassed
--    them since the last signature?
-- question.ja: 本番ブランチでレビューとチェックが（管理者にも）必須であり、前回の署名以降に迂回されていないか。
-- remedy: Protect the branch: `golive github apply` sets reviews (ci.required_reviews) and checks (ci.required_checks);
--    CODEOWNERS covers migrations, workflows and golive.yaml.
-- remedy.ja: ブランチを保護する: `golive github apply` がレビュー数と必須チェックを設定。CODEOWNERS に migrations・.github・golive.yaml を入れる。
-- references: https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets

-- rule: config reviews
-- At least one review is wanted, and the checks cover all the jobs that must pass.
select 'ci.required_reviews' as resource, case when cast(conf('ci.required_reviews') as integer) >= 1 then 'pass' else 'fail' end as status,
       msg('ci.required_reviews is {1}', conf('ci.required_reviews')) as reason,
       conf_file('ci.required_reviews') as file, conf_line('ci.required_reviews') as line
from run
union all
select 'ci.required_checks ' || w.column1,
       case when exists (select 1 from config c where c.env = run.env and c.shape = 'ci.required_checks[]' and c.value = w.column1) then 'pass' else 'fail' end,
       msg('the check {1} must be required', w.column1), conf_file('ci.required_checks'), conf_line('ci.required_checks')
from run join (values ('backend'), ('frontend'), ('scan'), ('image')) w;

-- rule: repo owners
-- CODEOWNERS names who reviews migrations, workflows and golive.yaml.
with must(path) as (select rtrim(conf('migrations.dir'), '/') || '/' from run union all values ('.github/'), ('golive.yaml'))
select 'CODEOWNERS ' || m.path as resource,
       case when o.file is not null then 'pass' else 'fail' end as status,
       case when o.file is not null then msg('{1} covers it', o.name) else msg('no line of CODEOWNERS covers {1}', m.path) end as reason,
       coalesce(o.file, '.github/CODEOWNERS') as file, o.line as line
from must m left join document o on o.kind = 'codeowners' and o.value is not null
 and (o.name = '*' or ltrim(o.name, '/') = m.path or rtrim(ltrim(o.name, '/'), '/') = rtrim(m.path, '/') or m.path like rtrim(ltrim(o.name, '/'), '*') || '%' and ltrim(o.name, '/') like '%/')
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected')
group by m.path;

-- rule: github protected
-- The branch's rules on GitHub want these reviews and checks, of administrators too.

-- rule: attestation protected
-- The release manager says that the branch is protected.
