-- id: 2.4.2
-- title: Add rate-limit rules (API / login)
-- title.ja: レート制限ルールを追加（API/ログイン系）
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Set edge.waf.rate.api and edge.waf.rate.login with the paths of your login; the login's limit is the smaller
--    one.
-- remedy.ja: edge.waf.rate.api と edge.waf.rate.login（ログインのパスを列挙、上限は API より小さく）を設定する。
-- references: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
-- depends: 1.1.5

-- rule: config limits
-- The limits are sensible, the login's smaller than the API's, and the login's paths are named.
select 'edge.waf.rate.api.limit' as resource, case when cast(conf('edge.waf.rate.api.limit') as integer) between 100 and 20000 then 'pass' else 'fail' end as status,
       msg('the limit of the API is {1} in {2} s', conf('edge.waf.rate.api.limit'), conf('edge.waf.rate.api.window_s')) as reason,
       conf_file('edge.waf.rate.api.limit') as file, conf_line('edge.waf.rate.api.limit') as line
from run
union all
select 'edge.waf.rate.login.limit',
       case when cast(conf('edge.waf.rate.login.limit') as integer) between 10 and 500
             and cast(conf('edge.waf.rate.login.limit') as integer) < cast(conf('edge.waf.rate.api.limit') as integer) then 'pass' else 'fail' end,
       msg('the limit of the login is {1} in {2} s', conf('edge.waf.rate.login.limit'), conf('edge.waf.rate.login.window_s')),
       conf_file('edge.waf.rate.login.limit'), conf_line('edge.waf.rate.login.limit') from run
union all
select 'edge.waf.rate.login.paths', case when conf('edge.waf.rate.login.paths[0]') is not null then 'pass' else 'fail' end,
       msg('the first path of the login is {1}', coalesce(conf('edge.waf.rate.login.paths[0]'), msg('(none)'))),
       conf_file('edge.waf.rate.login.paths'), conf_line('edge.waf.rate.login.paths') from run;

-- rule: template rules
-- Every web ACL of the API has both rules with these limits, blocking, by address.
with acl(id, file, line, scope) as (
    select r.id, r.file, r.line, prop(r.id, 'Scope') from run join resource r on r.env = run.env and r.type = 'AWS::WAFv2::WebACL'
), wanted(name, maximum) as (select 'api-rate', conf('edge.waf.rate.api.limit') union all select 'login-rate', conf('edge.waf.rate.login.limit'))
select a.id || ' ' || w.name as resource,
       case when n.path is null then 'fail'
            when prop(a.id, n.parent || '.Statement.RateBasedStatement.Limit') is not w.maximum then 'fail'
            when prop(a.id, n.parent || '.Statement.RateBasedStatement.EvaluationWindowSec') not in ('60', '120', '300', '600') then 'fail'
            when prop(a.id, n.parent || '.Statement.RateBasedStatement.AggregateKeyType') is not 'IP'
             and not (conf('edge.api_path') = 'cloudfront' and a.scope = 'REGIONAL') then 'fail'
            when not exists (select 1 from property b where b.resource = a.id and (b.path = n.parent || '.Action.Block' or b.path like n.parent || '.Action.Block.%')) then 'fail'
            else 'pass' end as status,
       case when n.path is null then msg('the rule {1} is missing', w.name)
            else msg('its limit is {1}; golive.yaml says {2}', prop(a.id, n.parent || '.Statement.RateBasedStatement.Limit'), w.maximum) end as reason,
       a.file as file, coalesce(n.line, a.line) as line
from run join acl a join wanted w
left join property n on n.resource = a.id and n.shape = 'Rules[].Name' and n.value = w.name;

-- rule: template login-first
-- The login's rule covers every path of the login, whatever the spelling, and comes before the API's.
with acl(id, file, parent) as (
    select r.id, r.file, n.parent from run join resource r on r.env = run.env and r.type = 'AWS::WAFv2::WebACL'
    join property n on n.resource = r.id and n.shape = 'Rules[].Name' and n.value = 'login-rate'
)
select a.id || ' ' || c.value as resource,
       case when not c.value regexp replace(prop(a.id, a.parent || '.Statement.RateBasedStatement.ScopeDownStatement.RegexMatchStatement.RegexString'), '(?:', '(') then 'fail'
            when not exists (select 1 from property t where t.resource = a.id and t.parent like a.parent || '.Statement.RateBasedStatement.ScopeDownStatement.RegexMatchStatement.TextTransformations%' and t.value = 'LOWERCASE') then 'fail'
            when not exists (select 1 from property t where t.resource = a.id and t.parent like a.parent || '.Statement.RateBasedStatement.ScopeDownStatement.RegexMatchStatement.TextTransformations%' and t.value = 'URL_DECODE') then 'fail'
            when cast(prop(a.id, a.parent || '.Priority') as integer) >= (select cast(prop(a.id, m.parent || '.Priority') as integer) from property m
                 where m.resource = a.id and m.shape = 'Rules[].Name' and m.value = 'api-rate') then 'fail'
            else 'pass' end as status,
       msg('{1} is matched by {2}', c.value, prop(a.id, a.parent || '.Statement.RateBasedStatement.ScopeDownStatement.RegexMatchStatement.RegexString')) as reason,
       a.file as file, line(a.id, a.parent || '.Name') as line
from run join acl a join config c on c.env = run.env and c.shape = 'edge.waf.rate.login.paths[]';

-- rule: ledger drill
-- In the last 90 days a burst on staging was answered 403 or 429 within two minutes, and the service went on.
select 'event ' || e.seq as resource,
       case when e.time_unix_ms / 1000 < run.now_unix_s - 90 * 86400 then 'fail' when json_extract(e.data, '$.ok') then 'pass' else 'fail' end as status,
       msg('drill of {1}', date(e.time_unix_ms / 1000, 'unixepoch')) as reason, null as file, null as line
from run join environment s on s.staging = 1 join event e on e.env = s.env and e.kind = 'drill.rate'
where e.seq = (select max(seq) from event x where x.env = e.env and x.kind = e.kind);
