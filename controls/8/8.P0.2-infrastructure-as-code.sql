-- id: 8.P0.2
-- title: Decide the IaC policy (Terraform/CDK/CloudFormation)
-- title.ja: IaC 方針（Terraform/CDK/CloudFormation）を決定
-- severity: medium
-- phase: 0
-- judged: plan
-- remedy: Decide iac (golive decide iac): cloudformation, or infra.managed: false with another tool.
-- remedy.ja: iac を決める（golive decide iac）: cloudformation、または他のツールなら infra.managed: false。

-- rule: config decided
-- iac is written and decided validly.
select 'iac' as resource,
       case when conf_given('iac') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given('iac') then msg('golive.yaml does not say {1}', 'iac')
            when d.key is null then msg('decisions says nothing about {1}', 'iac')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'iac', d.flaw)
            else msg('decided by {1}', d.by) end as reason,
       coalesce(d.file, conf_file('iac')) as file, coalesce(d.line, conf_line('iac')) as line, conf('iac') as evidence
from run left join decision d on d.env = run.env and d.key = 'iac';

-- rule: config fits
-- Another tool than golive's own manages everything, or nothing.
select 'iac' as resource, case when conf('iac') = 'cloudformation' or conf('infra.managed') = 'false' then 'pass' else 'fail' end as status,
       msg('iac is {1}, infra.managed is {2}', conf('iac'), conf('infra.managed')) as reason, conf_file('iac') as file, conf_line('iac') as line from run;

-- rule: repo no-other
-- No other tool's files are there beside golive's stacks.
select coalesce(f.path, run.app) as resource, case when f.path is null then 'pass' when conf('infra.managed') = 'false' then 'not_applicable' else 'fail' end as status,
       case when f.path is null then msg('no other tool''s files are there') else msg('it belongs to another tool') end as reason, f.path as file, null as line
from run left join file f on f.path regexp '(^|/)([^/]*\.tf|cdk\.json|Pulumi\.ya?ml)$'
where exists (select 1 from source s where s.name = 'repo' and s.state = 'collected');

-- rule: aws owned
-- Every resource of the application belongs to a stack.
