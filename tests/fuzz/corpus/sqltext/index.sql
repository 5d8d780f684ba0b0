-- no-transaction
-- golive: phase=expand
create unique index concurrently if not exists "i ""x" on only public.t (c);
