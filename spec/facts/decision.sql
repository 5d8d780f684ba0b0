-- Decisions of golive.yaml with what makes each valid (macro DECIDED of the catalogue).
-- collector: derived from config
create view decision as
select p.env as env,
       substr(p.parent, length('decisions.') + 1) as key, -- the key that was decided
       p.value as reason,                                -- why
       b.value as by,                                    -- person's id
       d.value as decided,                               -- YYYY-MM-DD
       r.value as review_by,                             -- YYYY-MM-DD
       p.file as file, p.line as line,
       case                                              -- why it does not count, or null
           when length(trim(p.value)) < 20 then msg('its reason has fewer than 20 characters')
           when not exists (select 1 from config i where i.env = p.env and i.shape = 'people[].id' and i.value = b.value)
               then msg('nobody in people has the id {1}', b.value)
           when d.value is null or d.value > run.today then msg('it was not decided yet: {1}', d.value)
           when r.value is null or r.value <= run.today then msg('its review was due on {1}', r.value)
           when julianday(r.value) - julianday(d.value) > 366 then msg('its review is more than 366 days after it')
       end as flaw
from config p
join run
left join config b on b.env = p.env and b.key = p.parent || '.by'
left join config d on d.env = p.env and d.key = p.parent || '.decided'
left join config r on r.env = p.env and r.key = p.parent || '.review_by'
where p.name = 'reason' and p.shape like 'decisions.%';
