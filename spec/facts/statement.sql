-- Statements of policy documents: inline and managed policies, trust policies, policies of buckets, keys, topics.
-- collector: derived from property
create view statement as
select r.id as resource, r.env as env, r.source as source, r.type as type,
       p.parent as statement,          -- path of the statement: PolicyDocument.Statement[0]
       case                            -- permission, trust, resource
           when p.shape like 'AssumeRolePolicyDocument.%' then 'trust'
           when r.type in ('AWS::IAM::Role', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::RolePolicy', 'AWS::IAM::User', 'AWS::IAM::Group')
               then 'permission'
           else 'resource'
       end as kind,
       p.value as effect,              -- Allow, Deny
       s.value as sid,
       p.file as file, p.line as line
from property p
cross join resource r on r.id = p.resource
left join property s on s.resource = p.resource and s.path = p.parent || '.Sid'
where p.name = 'Effect' and (p.shape like '%Statement[].Effect' or p.shape like '%Statement.Effect');
