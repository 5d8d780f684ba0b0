-- id: 2.4.1
-- title: Enable AWS Managed Rules (SQLi, XSS, known bad inputs)
-- title.ja: AWS Managed Rules を有効化（SQLi, XSS, Known bad inputs）
-- severity: critical
-- phase: 1
-- judged: infra
-- remedy: Keep AWS's three managed groups in every web ACL, blocking; list exceptions under edge.waf.exclusions with
--    reasons.
-- remedy.ja: すべての Web ACL に AWS マネージドルール 3 種を block で入れ、例外は理由付きで edge.waf.exclusions に書く。
-- aliases: CKV_AWS_192 CKV2_AWS_47
-- references: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
-- depends: 1.1.5

-- rule: template groups
-- Every web ACL has the three groups of AWS, and lets them act.
with wanted(name) as (values ('AWSManagedRulesCommonRuleSet'), ('AWSManagedRulesSQLiRuleSet'), ('AWSManagedRulesKnownBadInputsRuleSet'))
select r.id || ' ' || w.name as resource,
       case when n.path is null then 'fail' when prop(r.id, n.parent || '.VendorName') is not 'AWS' then 'fail'
            when not exists (select 1 from property o where o.resource = r.id
                 and o.path = replace(n.parent, '.Statement.ManagedRuleGroupStatement', '') || '.OverrideAction.None') then 'fail' else 'pass' end as status,
       case when n.path is null then msg('the group {1} is missing', w.name) else msg('the group {1} is there', w.name) end as reason,
       r.file as file, coalesce(n.line, line(r.id, 'Rules')) as line
from run join resource r on r.env = run.env and r.type = 'AWS::WAFv2::WebACL' join wanted w
left join property n on n.resource = r.id and n.shape = 'Rules[].Statement.ManagedRuleGroupStatement.Name' and n.value = w.name;

-- rule: template exceptions
-- Exceptions are those of edge.waf.exclusions, and never a whole class of attacks.
select o.resource || ' ' || o.value as resource,
       case when o.value regexp '^(CrossSiteScripting|SQLi)_' and not exists (select 1 from config c where c.env = run.env and c.shape = 'edge.waf.exclusions[].rule' and c.value = o.value) then 'fail'
            when exists (select 1 from config c where c.env = run.env and c.shape = 'edge.waf.exclusions[].rule' and c.value = o.value) then 'pass' else 'fail' end as status,
       msg('the rule {1} does not block', o.value) as reason, o.file as file, o.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::WAFv2::WebACL'
join property o on o.resource = r.id and o.shape = 'Rules[].Statement.ManagedRuleGroupStatement.RuleActionOverrides[].Name'
union all
select s.resource, 'fail', msg('{1} is narrowed by a ScopeDownStatement', s.path), s.file, s.line
from run join resource r on r.env = run.env and r.type = 'AWS::WAFv2::WebACL'
join property s on s.resource = r.id and s.shape like 'Rules[].Statement.ManagedRuleGroupStatement.ScopeDownStatement.%'
group by s.resource
union all
select r.id, 'pass', msg('no rule of a group was switched off'), r.file, r.line
from run join resource r on r.env = run.env and r.type = 'AWS::WAFv2::WebACL'
where not exists (select 1 from property o where o.resource = r.id and (o.shape = 'Rules[].Statement.ManagedRuleGroupStatement.RuleActionOverrides[].Name'
                  or o.shape like 'Rules[].Statement.ManagedRuleGroupStatement.ScopeDownStatement.%'));

-- rule: endpoint blocked
-- A harmless attack pattern is answered 403 by every public name.
