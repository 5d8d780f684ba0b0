-- id: 7.2.3
-- title: Do not mix certificates and domains of several environments
-- title.ja: 複数環境の証明書とドメインを混在させない
-- severity: high
-- phase: 1
-- judged: infra
-- remedy: Give each environment names and certificates of its own (environments.*.domain).
-- remedy.ja: 環境ごとにドメイン名と証明書を分ける（environments.*.domain）。

-- rule: config names
-- No name belongs to two environments; those of staging and development are below their own zone.
select e.env || ' ' || c.key as resource,
       case when exists (select 1 from config o join environment x on x.env = o.env and x.platform = 'aws' where o.env <> e.env and o.key in ('domain.app', 'domain.api') and o.value = c.value) then 'fail'
            when c.value <> conf_of(e.env, 'domain.zone') and c.value not like '%.' || conf_of(e.env, 'domain.zone') then 'fail' else 'pass' end as status,
       msg('{1} in the zone {2}', c.value, conf_of(e.env, 'domain.zone')) as reason, c.file as file, c.line as line
from environment e join config c on c.env = e.env and c.key in ('domain.app', 'domain.api') where e.platform = 'aws';

-- rule: template certificates
-- Certificates hold names of their own environment only: no wildcard that covers another's.
select n.resource || ' ' || n.value as resource,
       case when n.value in (conf('domain.app'), conf('domain.api')) then 'pass'
            when exists (select 1 from environment e where e.env <> run.env and e.platform = 'aws' and (n.value in (conf_of(e.env, 'domain.app'), conf_of(e.env, 'domain.api'))
                 or n.value like '*.%' and substr(n.value, 2) in (substr(conf_of(e.env, 'domain.app'), instr(conf_of(e.env, 'domain.app'), '.')), substr(conf_of(e.env, 'domain.api'), instr(conf_of(e.env, 'domain.api'), '.'))))) then 'fail'
            when n.known = 0 then 'unknown' else 'pass' end as status,
       msg('it covers {1}', n.value) as reason, n.file as file, n.line as line
from run join resource r on r.env = run.env and r.type = 'AWS::CertificateManager::Certificate'
join property n on n.resource = r.id and (n.path = 'DomainName' or n.shape = 'SubjectAlternativeNames[]');

-- rule: aws certificates
-- No certificate of the account covers another environment's names.

-- rule: endpoint certificates
-- What each name presents is its own environment's.
