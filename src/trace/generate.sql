-- Rows for empty tables, from nothing but the catalogs: each column gets an expression in g, the number of the row,
-- by its type; foreign keys take their parents' keys; what CHECK constraints, domains and partitions demand is found
-- by trying expressions made of the values that stand in them. Rows that would break a rule are filtered out, never
-- inserted, so that this fails only where nothing fits; it then says so.

-- The expression of a type; null for one that is not known.
create function pg_temp.golive_expression(type oid, modifier integer) returns text language plpgsql as $$
declare
    t pg_catalog.pg_type;
    name text := format_type(type, null);
    part text;
    size integer := modifier - 4;
begin
    select * into t from pg_catalog.pg_type where oid = type;
    if t.typtype = 'd' then
        return pg_temp.golive_expression(t.typbasetype, t.typtypmod);
    elsif t.typtype = 'e' then
        return format('(enum_range(null::%1$s))[1 + (g - 1) %% array_length(enum_range(null::%1$s), 1)]', name);
    elsif t.typtype = 'r' then
        select format('(%s)::%s', pg_temp.golive_expression(rngsubtype, -1), format_type(rngsubtype, null)) into part
        from pg_catalog.pg_range where rngtypid = type;
        return format('%s(%s, %s)', name, part, regexp_replace(part, '\mg\M', '(g + 1)', 'g'));
    elsif t.typcategory = 'A' and t.typelem <> 0 then
        part := pg_temp.golive_expression(t.typelem, modifier);
        return 'array[' || part || ']';
    end if;
    return case t.typname
        when 'int2' then '(g - 1) % 32767 + 1'
        when 'int4' then 'g' when 'int8' then 'g' when 'oid' then 'g'
        when 'float4' then 'g' when 'float8' then 'g' when 'money' then 'g::bigint'
        when 'numeric' then
            case when modifier < 4 then 'g'
                 else format('mod(g, 10::numeric ^ %s)', greatest(((modifier - 4) >> 16) - ((modifier - 4) & 65535), 0)) end
        when 'bool' then 'g % 2 = 0'
        when 'uuid' then 'md5(''row'' || g)'
        when 'bytea' then 'decode(md5(g::text), ''hex'')'
        when 'date' then 'date ''2024-01-01'' + (g % 100000)::integer'
        when 'timestamp' then 'timestamp ''2024-01-01'' + g * interval ''1 minute'''
        when 'timestamptz' then 'timestamptz ''2024-01-01 00:00+00'' + g * interval ''1 minute'''
        when 'time' then 'time ''00:00'' + g * interval ''1 second'''
        when 'timetz' then 'timetz ''00:00+00'' + g * interval ''1 second'''
        when 'interval' then 'g * interval ''1 second'''
        when 'json' then 'json_build_object(''n'', g)'
        when 'jsonb' then 'jsonb_build_object(''n'', g)'
        when 'inet' then 'inet ''10.0.0.0'' + g'
        when 'cidr' then 'inet ''10.0.0.0'' + g'
        when 'macaddr' then 'lpad(to_hex(g), 12, ''0'')'
        when 'macaddr8' then 'lpad(to_hex(g), 16, ''0'')'
        when 'point' then 'point(g, g)'
        when 'tsvector' then 'to_tsvector(''simple'', ''row '' || g)'
        when 'bit' then format('g::bit(%s)', modifier)
        when 'varbit' then 'g::bit(64)'
        when 'xml' then '''<row>'' || g || ''</row>'''
        else case
            when t.typcategory <> 'S' then null
            when modifier < 4 or size >= 14 then '''row '' || g'
            else format('right(lpad(to_hex(g), %1$s, ''0''), %1$s)', size)
        end
    end;
end $$;

-- What a column may try when a rule refuses its first expression: the values in the rule, then usual forms.
create function pg_temp.golive_candidates(rule text, category "char", own_default text) returns text[]
language plpgsql as $$
declare
    quoted text[] := array(select distinct on (m) quote_literal(m) from regexp_matches(rule, '''((?:[^'']|'''')*)''', 'g') as r(x), unnest(x) m);
    numbers text[] := array(select distinct m from regexp_matches(regexp_replace(rule, '''[^'']*''', '', 'g'), '(?<![\w.])(-?\d+(?:\.\d+)?)', 'g') as r(x), unnest(x) m);
    found text[] := array[]::text[];
    one text;
begin
    if cardinality(quoted) > 0 then
        found := found || format('(array[%s])[1 + (g - 1) %% %s]', array_to_string(quoted, ', '), cardinality(quoted));
    end if;
    foreach one in array numbers loop
        found := found || array[one, format('%s + g', one), format('%s + 1', one), format('%s - 1', one), format('%s - g', one), format('g %% (abs(%s)::bigint + 1)', one)];
    end loop;
    foreach one in array quoted loop
        if category = 'D' then
            found := found || array[format('%s::timestamptz + (g %% 1440) * interval ''1 minute''', one)];
        end if;
        found := found || one;
    end loop;
    if category = 'S' then
        found := found || array['''user'' || g || ''@example.com''', '''https://example.com/'' || g', 'g::text', 'lpad(g::text, 10, ''0'')',
            'md5(g::text)', 'upper(md5(g::text))', '''a''', '''A''', '''JPY''', '''ja''', 'translate(g::text, ''0123456789'', ''abcdefghij'')',
            'upper(translate(g::text, ''0123456789'', ''abcdefghij''))', '''+8190'' || lpad(g::text, 8, ''0'')'];
    elsif category = 'N' then
        found := found || array['g % 100', '0', '1', '-g', '0.5'];
    elsif category = 'B' then
        found := found || array['true', 'false'];
    end if;
    return found || own_default;
end $$;

-- How well expressions do for about 64 rows from 1 to `wanted`: one point for each row that fits, and one for each
-- different value of a column, which alone counts where the column is unique. 0 when they cannot even be evaluated.
create function pg_temp.golive_fitting(source text, rules text[], wanted bigint, differing text, is_unique boolean) returns bigint language plpgsql as $$
declare
    fitting bigint;
begin
    -- The whole row is asked for, or columns without rules would not be computed.
    execute format('select case when %L then 0 else count(t) end + count(distinct %s) from (%s) t where %s', is_unique,
        coalesce('t.' || quote_ident(differing) || '::text', 't::text'),
        replace(replace(source, '$series', format('1::bigint, %s, %s', wanted, greatest(wanted / 64, 1))), '$some', 'limit 1000'),
        array_to_string('true'::text || rules, ' and ')) into fitting;
    return fitting;
exception when others then
    return 0;
end $$;

-- The SELECT that makes rows of a table; $series stands for the numbers of the rows, $some for how many parents there are.
create function pg_temp.golive_source(names text[], types text[], expressions text[], joins text) returns text language sql as $$
    select 'select ' || string_agg(format('(%s)::%s as %I', coalesce(e, 'null'), t, n), ', ') || ' from generate_series($series) g ' || joins
    from unnest(names, types, expressions) as u(n, t, e)
$$;

-- Fills one table; null, or why it could not.
create function pg_temp.golive_fill(target regclass, wanted bigint) returns text language plpgsql as $$
declare
    names text[];
    types text[];
    expressions text[];
    nullable boolean[];
    numbers smallint[];
    categories "char"[];
    defaults text[];
    joins text := '';
    aliases integer := 0;
    parents bigint;
    rules text[] := array[]::text[];
    tried text[];
    best text[];
    fitting bigint;
    most bigint;
    alone boolean;
    one record;
    column_at integer;
    other_at integer;
    candidate text;
    made bigint;
begin
    select array_agg(a.attname order by a.attnum), array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum),
           array_agg(pg_temp.golive_expression(a.atttypid, a.atttypmod) order by a.attnum), array_agg(not a.attnotnull order by a.attnum),
           array_agg(a.attnum order by a.attnum), array_agg(t.typcategory order by a.attnum),
           array_agg(case when d.adbin is not null and pg_get_expr(d.adbin, d.adrelid) !~* 'nextval' then pg_get_expr(d.adbin, d.adrelid) end order by a.attnum)
    into names, types, expressions, nullable, numbers, categories, defaults
    from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
    if names is null then
        return null;
    end if;

    for one in select conname, confrelid, conkey, confkey from pg_catalog.pg_constraint where conrelid = target and contype = 'f' and conparentid = 0 loop
        if one.confrelid = target then
            for i in 1 .. cardinality(one.conkey) loop
                column_at := array_position(numbers, one.conkey[i]);
                expressions[column_at] := case when nullable[column_at] then null else expressions[array_position(numbers, one.confkey[i])] end;
            end loop;
            continue;
        end if;
        execute format('select count(*) from %s', one.confrelid::regclass) into parents;
        if parents = 0 and not (select bool_and(nullable[array_position(numbers, k)]) from unnest(one.conkey) k) then
            return format('%s, which it refers to, is empty', one.confrelid::regclass);
        end if;
        aliases := aliases + 1;
        for i in 1 .. cardinality(one.conkey) loop
            expressions[array_position(numbers, one.conkey[i])] := format('p%s.k%s', aliases, i);
        end loop;
        -- Each further parent turns more slowly, so that pairs differ.
        joins := joins || format(' left join (select row_number() over () as n, %s from %s $some) p%s on p%3$s.n = (%4$s) %% %5$s + 1',
            (select string_agg(format('%I as k%s', a.attname, o), ', ') from unnest(one.confkey) with ordinality as f(k, o)
             join pg_catalog.pg_attribute a on a.attrelid = one.confrelid and a.attnum = f.k),
            one.confrelid::regclass, aliases, case when aliases = 1 then 'g - 1' else format('g - 1 + (g - 1) / %s', greatest(parents, 1)) end,
            greatest(parents, 1));
    end loop;

    for one in
        select 'true' as rule, array[a.attnum] as keys, pg_get_constraintdef(c.oid) as text
        from pg_catalog.pg_attribute a join pg_catalog.pg_constraint c on c.contypid = a.atttypid and c.contype = 'c'
        where a.attrelid = target and a.attnum > 0
        union all
        select pg_get_expr(conbin, conrelid), conkey, pg_get_expr(conbin, conrelid)
        from pg_catalog.pg_constraint where conrelid = target and contype = 'c'
        union all
        select pg_get_partition_constraintdef(target), (select array_agg(a.attnum) from pg_catalog.pg_attribute a
               where a.attrelid = target and a.attnum > 0 and pg_get_partition_constraintdef(target) ~ ('\m' || a.attname || '\M')), pg_get_partition_constraintdef(target)
        where pg_get_partition_constraintdef(target) is not null
    loop
        rules := rules || format('(%s) is not false', one.rule);
        best := expressions;
        most := pg_temp.golive_fitting(pg_temp.golive_source(names, types, expressions, joins), rules, wanted, null, false);
        <<search>>
        foreach other_at in array array[0] || coalesce(array(select array_position(numbers, k) from unnest(one.keys) k), '{}') loop
            for column_at in select array_position(numbers, k) from unnest(one.keys) k loop
                exit search when most >= 2 * least(wanted, 60);
                alone := exists (select from pg_catalog.pg_index i where i.indrelid = target and i.indisunique and i.indkey::text = numbers[column_at]::text);
                tried := expressions;
                foreach candidate in array pg_temp.golive_candidates(one.text, categories[column_at], defaults[column_at])
                    || case when nullable[column_at] then array[null::text] end
                    || case when other_at > 0 then array[expressions[other_at], format('(%s) + 1', expressions[other_at]), format('(%s) + interval ''1 day''', expressions[other_at])] end
                loop
                    tried[column_at] := candidate;
                    continue when candidate is null and not nullable[column_at];
                    fitting := pg_temp.golive_fitting(pg_temp.golive_source(names, types, tried, joins), rules, wanted, names[column_at], alone);
                    if fitting > most then
                        best := tried;
                        most := fitting;
                    end if;
                end loop;
            end loop;
        end loop;
        expressions := best;
    end loop;

    for i in 1 .. cardinality(names) loop
        if expressions[i] is null and not nullable[i] then
            return format('no value is known for its column %I (%s)', names[i], types[i]);
        end if;
    end loop;
    begin
        execute format('insert into %s (%s) overriding system value select * from (%s) t where %s limit %s on conflict do nothing', target,
            (select string_agg(quote_ident(n), ', ') from unnest(names) n),
            replace(replace(pg_temp.golive_source(names, types, expressions, joins), '$series', format('1::bigint, %s', wanted * case when cardinality(rules) > 0 then 8 else 1 end)), '$some', ''),
            array_to_string('true'::text || rules, ' and '), wanted);
        get diagnostics made = row_count;
    exception when others then
        return sqlerrm;
    end;
    return case when made = 0 then 'nothing that was tried fits its rules' end;
end $$;

-- What numbers rows must go on behind those that were made.
create function pg_temp.golive_advance(target regclass) returns void language plpgsql as $$
declare
    one record;
begin
    for one in select pg_get_serial_sequence(target::text, a.attname) as sequence, a.attname from pg_catalog.pg_attribute a
               where a.attrelid = target and a.attnum > 0 and not a.attisdropped loop
        if one.sequence is not null then
            begin
                execute format('select setval(%L, greatest((select max(%I) from %s), 1))', one.sequence, one.attname, target);
            exception when others then
                null; -- it ends before the number, or counts downwards: then it stays where it is
            end;
        end if;
    end loop;
end $$;

-- Fills every empty table, parents first; rows by table win over the number for all. Gives each with the reason why it stayed empty, null if it did not.
create function pg_temp.golive_generate(rows_of_all bigint, rows_of_table jsonb) returns table (name text, schema_name text, table_name text, reason text)
language plpgsql as $$
declare
    waiting oid[] := array(select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and c.oid >= 16384 and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
          and c.relname not in ('_sqlx_migrations', 'schema_migrations', '__diesel_schema_migrations', 'refinery_schema_history', 'goose_db_version')
          and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') order by c.oid);
    next oid;
    wanted bigint;
    filled boolean;
begin
    while cardinality(waiting) > 0 loop
        -- One that refers to none that waits; in a circle, the first.
        select w into next from unnest(waiting) with ordinality as u(w, at)
        order by exists (select from pg_catalog.pg_constraint f where f.conrelid = w and f.contype = 'f' and f.confrelid <> w
                         and (f.confrelid = any (waiting) or exists (select from pg_catalog.pg_inherits i where i.inhparent = f.confrelid and i.inhrelid = any (waiting)))), at limit 1;
        waiting := array_remove(waiting, next);
        execute format('select exists (select from %s)', next::regclass) into filled;
        name := next::regclass::text;
        select n.nspname, c.relname, coalesce(rows_of_table ->> (n.nspname || '.' || c.relname), rows_of_table ->> c.relname, rows_of_all::text)::bigint
        into schema_name, table_name, wanted
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = next;
        continue when filled or wanted = 0;
        reason := pg_temp.golive_fill(next::regclass, wanted);
        return next;
        perform pg_temp.golive_advance(next::regclass);
    end loop;
end $$;
