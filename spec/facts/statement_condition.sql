-- Conditions of statements of policies.
-- collector: derived from property
create view statement_condition as
with c as (
    select s.resource, s.env, s.source, s.type, s.statement, s.kind, s.effect, p.path, p.value, p.target, p.file, p.line,
           substr(p.path, length(s.statement) + 12) as rest
    from statement s
    cross join property p on p.resource = s.resource and p.path > s.statement || '.Condition.' and p.path < s.statement || '.Condition/'
)
select resource, env, source, type, statement, kind, effect,
       substr(rest, 1, instr(rest, '.') - 1) as operator,                                      -- StringEquals
       case when rest like '%]' then substr(rest, instr(rest, '.') + 1, instr(rest, '[') - instr(rest, '.') - 1)
            else substr(rest, instr(rest, '.') + 1) end as key,                                -- aws:SourceArn
       value, target, file, line
from c;
create index statement_condition_place on statement_condition (resource, statement);
