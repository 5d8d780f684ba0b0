-- Waivers: controls that may fail for a while, for all resources (waivers of golive.yaml) or for one (in its template).
-- collector: derived from config and resource_waiver
create view waiver as
select c.value as control,
       null as resource,            -- resource.id that it is limited to, or null
       reason.value as reason,
       b.value as by,               -- people[].id of who asks
       a.value as approved_by,      -- people[].id of who agrees
       e.value as expires,          -- YYYY-MM-DD, the last day
       c.file as file, c.line as line,
       'config' as origin           -- config, template
from run
join config c on c.env = run.env and c.shape = 'waivers[].control'
left join config reason on reason.env = c.env and reason.key = c.parent || '.reason'
left join config b on b.env = c.env and b.key = c.parent || '.by'
left join config a on a.env = c.env and a.key = c.parent || '.approved_by'
left join config e on e.env = c.env and e.key = c.parent || '.expires'
union all
select control, resource, reason, by, approved_by, expires, file, line, 'template' from resource_waiver;
