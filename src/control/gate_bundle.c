/* Evidence in one file: parts, their hashes, and the hash of these. */
#include <string.h>

#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "control/gate.h"
#include "data/sqlite.h"
#include "facts/facts.h"

enum { VERSION = 1 };

static const char *const parts[] = {"subject",  "verdict",      "owners", "controls", "waivers",
                                    "problems", "attestations", "config", "ledger",   "facts"};

static void set_hash(json_t *object, const char *name, const json_t *value)
{
    char hex[GL_SHA256_HEX_SIZE];
    gl_autofree char *text = gl_json_canonical(value);
    gl_sha256_hex(text, strlen(text), hex);
    gl_json_set_str(object, name, hex);
}

/* ---- facts -------------------------------------------------------------------------------------
 */

static json_t *cell(sqlite3_stmt *stmt, int column)
{
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(stmt, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(stmt, column));
    case SQLITE_TEXT:
        return json_string(gl_sqlite_text(stmt, column));
    default:
        return json_null();
    }
}

/* Rows as objects in the order of the query. */
static int read_rows(sqlite3 *db, const char *sql, json_t **ret_rows, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    gl_autojson json_t *rows = json_array();
    int step = gl_sqlite_prepare(db, &stmt, err, sql, "");
    while (step >= 0 && (step = gl_sqlite_step(stmt, err)) == 1) {
        json_t *row = json_object();
        for (int i = 0; i < sqlite3_column_count(stmt); i++)
            json_object_set_new(row, sqlite3_column_name(stmt, i), cell(stmt, i));
        json_array_append_new(rows, row);
    }
    if (step == 0)
        *ret_rows = gl_steal(&rows);
    return step;
}

/* Rows of a table have no order of their own. */
static json_t *table_hash(const json_t *rows)
{
    size_t index;
    json_t *row;
    char hex[GL_SHA256_HEX_SIZE];
    gl_autostrv struct gl_strv texts = {0};
    json_array_foreach((json_t *)rows, index, row) gl_strv_take(&texts, gl_json_canonical(row));
    gl_strv_sort(&texts);
    gl_autofree char *all = gl_strv_join(&texts, "\n");
    gl_sha256_hex(all, strlen(all), hex);
    json_t *object = json_object();
    gl_json_set_int(object, "rows", (int64_t)texts.count);
    gl_json_set_str(object, "sha256", hex);
    return object;
}

static int add_facts(json_t *bundle, sqlite3 *db, struct gl_error *err)
{
    json_t *facts = json_object();
    int failed = 0;
    json_object_set_new(bundle, "facts", facts);
    for (const struct gl_fact_table *table = gl_fact_tables; failed == 0 && table->name; table++) {
        gl_autojson json_t *rows = NULL;
        gl_autofree char *sql = gl_asprintf("select * from %s", table->name);
        failed = read_rows(db, sql, &rows, err);
        if (failed == 0)
            json_object_set_new(facts, table->name, table_hash(rows));
    }
    return failed;
}

/* ---- the other parts ---------------------------------------------------------------------------
 */

static int add_rows(json_t *bundle, const char *part, sqlite3 *db, const char *sql,
                    struct gl_error *err)
{
    json_t *rows = NULL;
    int failed = read_rows(db, sql, &rows, err);
    if (failed == 0)
        json_object_set_new(bundle, part, rows);
    return failed;
}

static void add_subject(json_t *bundle, const struct gl_gate_evidence *evidence)
{
    const struct gl_check *check = evidence->view->check;
    json_t *subject = json_object();
    gl_json_set_str(subject, "app", check->app);
    gl_json_set_str(subject, "env", check->env);
    gl_json_set_str(subject, "platform", check->platform);
    gl_json_set_str(subject, "stage", gl_stage_words[check->stage]);
    gl_json_set_int(subject, "decided_unix_s", evidence->now_unix_s);
    gl_json_set_str(subject, "golive", GL_VERSION);
    json_object_set_new(bundle, "subject", subject);
}

/* How long rules took is no evidence. */
static void add_check(json_t *bundle, const struct gl_check_view *view)
{
    size_t i, k;
    json_t *control, *rule;
    gl_autojson json_t *all = gl_check_json(view);
    json_array_foreach(json_object_get(all, "controls"), i, control)
    {
        json_object_del(control, "took_ms");
        json_array_foreach(json_object_get(control, "rules"), k, rule)
            json_object_del(rule, "took_ms");
    }
    static const char *const members[] = {"controls", "waivers", "problems"};
    for (size_t m = 0; m < GL_COUNT(members); m++)
        json_object_set(bundle, members[m], json_object_get(all, members[m]));
}

static void add_owners(json_t *bundle, const struct gl_config *config)
{
    const char *area;
    json_t *duty;
    json_t *owners = json_object();
    json_object_foreach((json_t *)gl_config_node(config, "responsibilities"), area, duty)
        gl_json_set_str(owners, area, gl_json_str(duty, "accountable", NULL));
    json_object_set_new(bundle, "owners", owners);
}

static void add_config(json_t *bundle, const struct gl_config *config)
{
    json_t *object = json_object();
    gl_json_set_str(object, "sha256", gl_config_hash(config));
    json_object_set_new(bundle, "config", object);
}

static json_t *hashes_of(const json_t *bundle)
{
    json_t *hashes = json_object();
    for (size_t i = 0; i < GL_COUNT(parts); i++)
        set_hash(hashes, parts[i], json_object_get(bundle, parts[i]));
    return hashes;
}

int gl_gate_bundle(const struct gl_gate_evidence *evidence, json_t **ret_bundle,
                   struct gl_error *err)
{
    gl_autojson json_t *bundle = json_object();
    gl_json_set_int(bundle, "golive_gate", VERSION);
    add_subject(bundle, evidence);
    add_check(bundle, evidence->view);
    json_object_set_new(bundle, "verdict",
                        gl_gate_verdict(gl_gate_subject(bundle, "stage"),
                                        json_object_get(bundle, "controls"),
                                        json_object_get(bundle, "problems")));
    add_owners(bundle, evidence->config);
    add_config(bundle, evidence->config);
    int failed = add_rows(bundle, "attestations", evidence->db,
                          "select * from attestation order by seq", err);
    if (failed == 0)
        failed = add_rows(bundle, "ledger", evidence->db, "select * from ledger_state", err);
    if (failed == 0)
        failed = add_facts(bundle, evidence->db, err);
    if (failed < 0)
        return failed;
    json_object_set_new(bundle, "hashes", hashes_of(bundle));
    set_hash(bundle, "hash", json_object_get(bundle, "hashes"));
    json_object_set_new(bundle, "signatures", json_array());
    *ret_bundle = gl_steal(&bundle);
    return 0;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

const char *gl_gate_hash(const json_t *bundle)
{
    return gl_json_str(bundle, "hash", "");
}

const char *gl_gate_subject(const json_t *bundle, const char *member)
{
    return gl_json_str(json_object_get(bundle, "subject"), member, "");
}

/* The first part that is not what its hash says, NULL if all are. */
static const char *changed_part(const json_t *bundle)
{
    gl_autojson json_t *hashes = hashes_of(bundle);
    const json_t *said = json_object_get(bundle, "hashes");
    for (size_t i = 0; i < GL_COUNT(parts); i++) {
        if (strcmp(gl_json_str(hashes, parts[i], ""), gl_json_str(said, parts[i], "")) != 0)
            return parts[i];
    }
    return NULL;
}

static bool are_objects(const json_t *list)
{
    size_t index;
    json_t *item;
    bool good = json_is_array(list);
    json_array_foreach((json_t *)list, index, item) good = good && json_is_object(item);
    return good;
}

static int check_form(const json_t *bundle, struct gl_error *err)
{
    bool good = gl_json_int(bundle, "golive_gate", 0) == VERSION &&
                are_objects(json_object_get(bundle, "signatures"));
    for (size_t i = 0; good && i < GL_COUNT(parts); i++)
        good = json_object_get(bundle, parts[i]);
    if (good && json_object_size(json_object_get(bundle, "hashes")) == GL_COUNT(parts))
        return 0;
    gl_fail(err, GL_E_CORRUPT, _("this is no bundle of golive gate"));
    return gl_error_hint(err, _("golive gate --out FILE writes one."));
}

int gl_gate_check(const json_t *bundle, struct gl_error *err)
{
    int failed = check_form(bundle, err);
    if (failed < 0)
        return failed;
    gl_autojson json_t *again = json_object();
    const char *part = changed_part(bundle);
    set_hash(again, "hash", json_object_get(bundle, "hashes"));
    if (!part && strcmp(gl_gate_hash(again), gl_gate_hash(bundle)) != 0)
        part = "hashes";
    if (part)
        return gl_fail(err, GL_E_MISMATCH,
                       _("the part `%s` is not what was written: its hash is "
                         "another"),
                       part);
    gl_autojson json_t *verdict =
        gl_gate_verdict(gl_gate_subject(bundle, "stage"), json_object_get(bundle, "controls"),
                        json_object_get(bundle, "problems"));
    const json_t *said = json_object_get(bundle, "verdict");
    bool same = json_equal(json_object_get(verdict, "go"), json_object_get(said, "go")) &&
                json_array_size(json_object_get(verdict, "open")) ==
                    json_array_size(json_object_get(said, "open"));
    return same ? 0
                : gl_fail(err, GL_E_MISMATCH,
                          _("the part `verdict` does not follow from the controls"));
}
