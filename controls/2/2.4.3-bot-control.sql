-- id: 2.4.3
-- title: Decide whether bot control is needed
-- title.ja: Bot 制御の要否を判定
-- severity: medium
-- phase: 0
-- judged: plan
-- attest: role=security valid_days=180 binds=config
-- question: Is the decision about Bot Control still right for the traffic that you see?
-- question.ja: 現在のトラフィックに照らして、Bot Control の要否の決定は今も妥当か。
-- remedy: Decide whether Bot Control is worth its price (golive decide edge.waf.bot_control), and set
--    edge.waf.bot_control.
-- remedy.ja: Bot Control の要否を費用も含めて決め（golive decide edge.waf.bot_control）、edge.waf.bot_control を設定する。
-- references: https://docs.aws.amazon.com/waf/latest/developerguide/waf-bot-control.html

-- rule: config decided
-- edge.waf.bot_control is written and decided validly.
select 'edge.waf.bot_control' as resource,
       case when conf_given('edge.waf.bot_control') and d.key is not null and d.flaw is null then 'pass' else 'fail' end as status,
       case when not conf_given('edge.waf.bot_control') then msg('golive.yaml does not say {1}', 'edge.waf.bot_control')
            when d.key is null then msg('decisions says nothing about {1}', 'edge.waf.bot_control')
            when d.flaw is not null then msg('the decision about {1} does not count: {2}', 'edge.waf.bot_control', d.flaw)
            else msg('decided by {1}', d.by) end as reason,
       coalesce(d.file, conf_file('edge.waf.bot_control')) as file, coalesce(d.line, conf_line('edge.waf.bot_control')) as line, conf('edge.waf.bot_control') as evidence
from run left join decision d on d.env = run.env and d.key = 'edge.waf.bot_control';

-- rule: template group
-- Every web ACL has the group, or not, as decided.
select r.id as resource,
       case when conf('edge.waf.bot_control') = 'off' and n.path is null then 'pass'
            when conf('edge.waf.bot_control') <> 'off'
             and lower(prop(r.id, n.parent || '.ManagedRuleGroupConfigs[0].AWSManagedRulesBotControlRuleSet.InspectionLevel')) = conf('edge.waf.bot_control') then 'pass'
            else 'fail' end as status,
       msg('Bot Control is {1}, where edge.waf.bot_control is {2}',
           coalesce(prop(r.id, n.parent || '.ManagedRuleGroupConfigs[0].AWSManagedRulesBotControlRuleSet.InspectionLevel'), 'off'), conf('edge.waf.bot_control')) as reason,
       r.file as file, coalesce(n.line, r.line) as line
from run join resource r on r.env = run.env and r.type = 'AWS::WAFv2::WebACL'
left join property n on n.resource = r.id and n.shape = 'Rules[].Statement.ManagedRuleGroupStatement.Name' and n.value = 'AWSManagedRulesBotControlRuleSet';

-- rule: attestation needed
-- Security says that the decision is still right.
