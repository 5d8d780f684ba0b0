-- id: 8.P0.1
-- title: Settle the AWS account/organisation structure and the responsibility boundaries
-- title.ja: AWS アカウント/組織構成と責任分界を確定
-- severity: high
-- phase: 0
-- judged: plan
-- attest: role=service_owner valid_days=180 binds=config
-- question: Does everybody named under responsibilities know and accept what he or she answers for?
-- question.ja: responsibilities に載る全員が、自分の責任範囲を理解し引き受けているか。
-- remedy: Decide accounts.layout, and name one accountable person for each area under responsibilities in golive.yaml.
-- remedy.ja: accounts.layout を決め、golive.yaml の responsibilities に領域ごとの責任者を 1 名ずつ書く。

-- rule: config layout
-- accounts.layout is written and decided validly, and each environment has its account.
select 'accounts.layout' as resource,
       case when conf_given('accounts.layout') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given('accounts.layout') then msg('golive.yaml does not say {1}', 'accounts.layout')
            when d.key is null then msg('decisions says nothing about {1}', 'accounts.layout')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'accounts.layout', d.flaw)
            else msg('decided by {1}', d.by) end as reason,
       coalesce(d.file, conf_file('accounts.layout')) as file, coalesce(d.line, conf_line('accounts.layout')) as line, conf('accounts.layout') as evidence
from run left join decision d on d.env = run.env and d.key = 'accounts.layout';

-- rule: config accounts
-- Each environment on AWS names its account.
select e.env || ' account_id' as resource, case when conf_of(e.env, 'account_id') regexp '^[0-9]{12}$' then 'pass' else 'fail' end as status, msg('its account is {1}', coalesce(conf_of(e.env, 'account_id'), msg('(none)'))) as reason,
       'golive.yaml' as file, e.line as line
from environment e where e.platform = 'aws';

-- rule: config areas
-- Each area has exactly one accountable person, and somebody who does the work.
select 'responsibilities.' || w.column1 as resource,
       case when exists (select 1 from config p where p.env = run.env and p.shape = 'people[].id' and p.value = conf('responsibilities.' || w.column1 || '.accountable'))
             and conf('responsibilities.' || w.column1 || '.responsible[0]') is not null then 'pass' else 'fail' end as status,
       msg('accountable {1}, responsible {2}', coalesce(conf('responsibilities.' || w.column1 || '.accountable'), msg('(nobody)')), coalesce(conf('responsibilities.' || w.column1 || '.responsible[0]'), msg('(nobody)'))) as reason,
       coalesce(conf_file('responsibilities.' || w.column1 || '.accountable'), 'golive.yaml') as file, conf_line('responsibilities.' || w.column1 || '.accountable') as line
from run join (values ('infrastructure'), ('application'), ('database'), ('security'), ('dns'), ('cost'), ('incident'), ('release')) w
union all
select 'contacts.security_email', case when conf('contacts.security_email') is not null then 'pass' else 'fail' end, msg('reports go to {1}', coalesce(conf('contacts.security_email'), msg('(nobody)'))),
       conf_file('contacts.security_email'), conf_line('contacts.security_email') from run;

-- rule: config decisions
-- Every decision that is written down counts.
select 'decisions.' || d.key as resource, case when d.flaw is null then 'pass' else 'fail' end as status,
       case when d.flaw is null then msg('decided by {1}', d.by) else msg('the decision about {1} does not count: {2}', d.key, d.flaw) end as reason,
       d.file as file, d.line as line
from run join decision d on d.env = run.env;

-- rule: aws accounts
-- The credentials of each environment lead into its account.

-- rule: attestation accepted
-- The service owner says that everybody accepts.
