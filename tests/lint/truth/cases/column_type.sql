-- case: type_integer_to_bigint
alter table users alter column age type bigint;

-- case: type_bigint_to_integer
alter table audit_log alter column entry_id type integer;

-- case: type_of_column_in_view
alter table users alter column email type varchar(200);

-- case: type_integer_to_numeric
alter table users alter column age type numeric;

-- case: type_real_to_double
alter table users alter column score type double precision;

-- case: type_varchar_wider
alter table products alter column title type varchar(200);

-- case: type_varchar_wider_checked
alter table users alter column name type varchar(80);

-- case: type_varchar_wider_indexed
alter table users alter column legacy_code type varchar(40);

-- case: type_varchar_unlimited
alter table products alter column title type varchar;

-- case: type_varchar_to_text
alter table products alter column title type text;

-- case: type_varchar_to_text_checked
alter table users alter column name type text;

-- case: type_varchar_to_text_indexed
alter table users alter column legacy_code type text;

-- case: type_varchar_shorter
alter table products alter column title type varchar(60);

-- case: type_varchar_same
alter table products alter column title type varchar(100);

-- case: type_text_to_varchar
alter table users alter column nickname type varchar(100);

-- case: type_text_to_unlimited_varchar
alter table orders alter column note type varchar;

-- case: type_char_wider
alter table users alter column country type char(4);

-- case: type_char_to_text
alter table users alter column country type text;

-- case: type_numeric_more_digits
alter table users alter column balance type numeric(14, 2);

-- case: type_numeric_fewer_digits
alter table users alter column balance type numeric(8, 2);

-- case: type_numeric_scale
alter table users alter column balance type numeric(12, 4);

-- case: type_numeric_unlimited
alter table users alter column balance type numeric;

-- case: type_cidr_to_inet
alter table users alter column network type inet;

-- case: type_inet_to_cidr
alter table users alter column address type cidr using address::cidr;

-- case: type_timestamp_to_timestamptz_in_utc
set timezone = 'UTC';
alter table products alter column released_at type timestamptz;

-- case: type_timestamp_to_timestamptz_indexed
set timezone = 'UTC';
alter table users alter column created_at type timestamptz;

-- case: type_timestamp_to_timestamptz_elsewhere
set timezone = 'Asia/Tokyo';
alter table products alter column released_at type timestamptz;

-- case: type_timestamptz_to_timestamp_in_utc
set timezone = 'UTC';
alter table users alter column updated_at type timestamp;

-- case: type_timestamp_less_precise
alter table users alter column updated_at type timestamptz(0);

-- case: type_timestamp_full_precision
alter table users alter column updated_at type timestamptz(6);

-- case: type_date_to_timestamp
alter table orders alter column placed_on type timestamp;

-- case: type_json_to_jsonb
alter table users alter column payload type jsonb;

-- case: type_text_to_jsonb
alter table orders alter column note type jsonb using to_jsonb(note);

-- case: type_text_to_uuid
alter table orders alter column note type uuid using md5(note)::uuid;

-- case: type_enum_to_text
alter table users alter column mood type text;

-- case: type_text_to_enum
alter table users alter column remark type mood using 'open'::mood;

-- case: type_text_using_itself
alter table orders alter column note type text using note;

-- case: type_text_using_expression
alter table orders alter column note type text using upper(note);

-- case: type_varbit_wider
alter table users alter column flags type varbit(16);

-- case: type_varbit_shorter
alter table users alter column flags type varbit(8) using flags::varbit(8);

-- case: type_array_elements
alter table users alter column tags type bigint[];

-- case: type_domain_to_base
alter table users alter column contact type text;

-- case: type_base_to_checked_domain
alter table products alter column vendor_email type email_address;

-- case: type_base_to_plain_domain
alter table orders alter column note type short_text;

-- case: type_collation
alter table orders alter column note type text collate "C";

-- case: type_collation_indexed
alter table users alter column legacy_code type varchar(20) collate "C";

-- case: type_two_columns
alter table users alter column name type text, alter column age type bigint;

-- case: type_on_partitioned
alter table measurements alter column sensor type bigint;

-- case: type_in_new_table
create table notes (id bigint primary key, body varchar(10));
alter table notes alter column body type varchar(5);
