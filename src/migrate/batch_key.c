/* The order in which a backfill goes through a table. */
#include "migrate/batch_key.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"

void gl_batch_key_done(struct gl_batch_key *key)
{
    gl_strv_done(&key->columns);
    gl_strv_done(&key->quoted);
    gl_strv_done(&key->types);
    *key = (struct gl_batch_key){0};
}

/* ---- the table ---- */

static const char find_table[] =
    "select c.relkind in ('r', 'p'), "
    "c.relkind = 'r' and exists (select from pg_inherits where inhparent = c.oid), "
    "(select greatest(sum(l.reltuples), 0)::bigint from pg_class l where l.oid = c.oid "
    "or l.oid in (select relid from pg_partition_tree(c.oid) where isleaf)), "
    "c.relhasrules from pg_class c where c.oid = to_regclass($1::text)";

/* Of several keys the primary one, else the shortest. Since PostgreSQL 18 a column is marked as not
 * null by a constraint that was not validated too: it may hold NULL, where rows would be missed. */
static const char find_key[] =
    "select a.attname, quote_ident(a.attname), format_type(a.atttypid, -1) "
    "from (select i.indrelid, (i.indkey::int2[])[0:i.indnkeyatts - 1] as key from pg_index i "
    "where i.indrelid = to_regclass($1::text) and i.indisunique and i.indisvalid "
    "and i.indimmediate and i.indpred is null and i.indexprs is null and not exists ("
    "select from pg_attribute a where a.attrelid = i.indrelid and not a.attnotnull "
    "and a.attnum = any((i.indkey::int2[])[0:i.indnkeyatts - 1])) "
    "and not exists (select from pg_constraint n where n.conrelid = i.indrelid "
    "and n.contype = 'n' and not n.convalidated "
    "and n.conkey <@ (i.indkey::int2[])[0:i.indnkeyatts - 1]) "
    "order by i.indisprimary desc, i.indnkeyatts, i.indexrelid limit 1) i, "
    "unnest(i.key) with ordinality k(number, place) "
    "join pg_attribute a on a.attnum = k.number "
    "where a.attrelid = i.indrelid order by k.place";

static int refuse(const char *path, struct gl_error *err, const char *hint)
{
    gl_error_hint(err, "%s", hint);
    gl_error_at(err, path, 1, 1);
    return GL_E_REFUSED;
}

static int read_table(PGconn *conn, const struct gl_batch_text *text, const char *path,
                      struct gl_batch_key *key, struct gl_error *err)
{
    gl_autopqresult PGresult *found = NULL;
    const char *const values[] = {text->table};
    int failed = gl_pq_query(conn, find_table, 1, values, &found, err);
    if (failed < 0)
        return failed;
    if (PQntuples(found) == 0) {
        gl_fail(err, GL_E_REFUSED, _("the table %s does not exist"), text->table);
        return refuse(path, err, _("Is its name right, and its schema in the search_path?"));
    }
    if (!gl_pq_bool(found, 0, 0)) {
        gl_fail(err, GL_E_REFUSED, _("%s is no table"), text->table);
        return refuse(path, err, _("Batches need a table: name the one behind it."));
    }
    if (gl_pq_bool(found, 0, 1) && !text->only) {
        gl_fail(err, GL_E_REFUSED, _("other tables inherit from %s"), text->table);
        return refuse(path, err,
                      _("Its key says nothing about their rows: write ONLY, and give each of "
                        "the others a file."));
    }
    key->estimate = gl_pq_int(found, 0, 2);
    key->rules = gl_pq_bool(found, 0, 3);
    return 0;
}

/* ---- its key ---- */

static int check_assigned(const struct gl_batch_text *text, const struct gl_batch_key *key,
                          const char *path, struct gl_error *err)
{
    for (size_t i = 0; i < key->columns.count; i++) {
        if (!gl_strv_has(&text->assigned, key->columns.items[i]))
            continue;
        gl_fail(err, GL_E_REFUSED, _("the statement changes %s, which is the key of %s"),
                key->columns.items[i], text->table);
        return refuse(path, err,
                      _("Rows are taken in the order of the key, so that none is met twice. Write "
                        "it without batches, or into a new column."));
    }
    return 0;
}

int gl_batch_key_find(PGconn *conn, const struct gl_batch_text *text, const char *path,
                      struct gl_batch_key *ret_key, struct gl_error *err)
{
    gl_autobatchkey struct gl_batch_key key = {0};
    gl_autopqresult PGresult *columns = NULL;
    const char *const values[] = {text->table};
    int failed = read_table(conn, text, path, &key, err);
    if (failed == 0)
        failed = gl_pq_query(conn, find_key, 1, values, &columns, err);
    if (failed < 0)
        return failed;
    for (int i = 0; i < PQntuples(columns); i++) {
        gl_strv_add(&key.columns, gl_pq_text(columns, i, 0));
        gl_strv_add(&key.quoted, gl_pq_text(columns, i, 1));
        gl_strv_add(&key.types, gl_pq_text(columns, i, 2));
    }
    if (!key.columns.count) {
        gl_fail(err, GL_E_REFUSED, _("the table %s has no key"), text->table);
        return refuse(path, err,
                      _("Batches go through a table in the order of its primary key, or of a "
                        "unique index without NULL: give it one."));
    }
    failed = check_assigned(text, &key, path, err);
    if (failed < 0)
        return failed;
    *ret_key = key;
    key = (struct gl_batch_key){0};
    return 0;
}

/* ---- SQL of it ---- */

static bool add_literal(PGconn *conn, const char *value, struct gl_buf *sql)
{
    char *literal = PQescapeLiteral(conn, value, strlen(value));
    if (literal)
        gl_buf_puts(sql, literal);
    PQfreemem(literal);
    return literal != NULL;
}

char *gl_batch_key_list(const struct gl_batch_key *key, const char *name, bool cast,
                        const char *direction)
{
    gl_autobuf struct gl_buf list = {0};
    for (size_t i = 0; i < key->quoted.count; i++)
        gl_buf_printf(&list, "%s%s.%s%s%s", i ? ", " : "", name, key->quoted.items[i],
                      cast ? "::text" : "", direction);
    return gl_buf_steal(&list);
}

char *gl_batch_key_compare(PGconn *conn, const struct gl_batch_key *key, const char *name,
                           const char *sign, const struct gl_strv *values)
{
    gl_autobuf struct gl_buf sql = {0};
    gl_autofree char *columns = gl_batch_key_list(key, name, false, "");
    gl_buf_printf(&sql, "(%s) %s (", columns, sign);
    for (size_t i = 0; i < values->count && i < key->types.count; i++) {
        gl_buf_puts(&sql, i ? ", " : "");
        if (!add_literal(conn, values->items[i], &sql))
            return NULL;
        gl_buf_printf(&sql, "::%s", key->types.items[i]);
    }
    gl_buf_putc(&sql, ')');
    return gl_buf_steal(&sql);
}

char *gl_batch_key_array(PGconn *conn, const struct gl_strv *values)
{
    gl_autobuf struct gl_buf sql = {0};
    if (!values->count)
        return gl_strdup("null");
    gl_buf_puts(&sql, "array[");
    for (size_t i = 0; i < values->count; i++) {
        gl_buf_puts(&sql, i ? ", " : "");
        if (!add_literal(conn, values->items[i], &sql))
            return NULL;
    }
    gl_buf_puts(&sql, "]::text[]");
    return gl_buf_steal(&sql);
}
