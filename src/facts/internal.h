/* Room-internal: collectors and what they write with. */
#ifndef GL_FACTS_INTERNAL_H
#define GL_FACTS_INTERNAL_H

#include "facts/facts.h"
#include "infra/value.h"

/* ---- facts.c -----------------------------------------------------------------------------------
 */

/* What a view selects, with the indexes behind it; NULL for a table. */
const char *gl_fact_view_body(const struct gl_fact_table *table);
/* Is it one that this collector fills, alone or first? */
bool gl_fact_table_is_of(const struct gl_fact_table *table, const char *collector);

/* Opens an empty database in memory without any table. `name` is ":memory:" or an URI. */
gl_nodiscard int gl_facts_open_at(const char *name, sqlite3 **ret_db, struct gl_error *err);
/* Makes a table without its indexes, or a view. */
gl_nodiscard int gl_facts_make(sqlite3 *db, const struct gl_fact_table *table,
                               struct gl_error *err);
/* Makes the indexes of a table: once, when it is filled, since one sort is cheaper than a search
 * for each row. Those of a view are made by gl_facts_settle(). */
gl_nodiscard int gl_facts_index(sqlite3 *db, const struct gl_fact_table *table,
                                struct gl_error *err);

/* ---- functions.c, lookup.c, message.c
 * --------------------------------------------------------------------
 */

struct gl_facts_kept;

/* Registers the functions that rules use (docs/controls.md). Those that look facts up find them in
 * `kept`, which must live and tell of these facts until gl_facts_lookups() is called again; NULL =
 * the database is asked. */
gl_nodiscard int gl_facts_functions(sqlite3 *db, const struct gl_facts_kept *kept,
                                    struct gl_error *err);
gl_nodiscard int gl_facts_lookups(sqlite3 *db, const struct gl_facts_kept *kept,
                                  struct gl_error *err);
/* Takes those away that keep statements, which must end before the database is closed. */
void gl_facts_lookups_end(sqlite3 *db);
/* msg(). */
void gl_facts_msg(sqlite3_context *result, int count, sqlite3_value **values);

/* ---- rows.c ------------------------------------------------------------------------------------
 */

/* Writes rows into one table. A mistake is kept and told by gl_rows_done(), so that collectors need
 * not look after each row. */
struct gl_rows {
    sqlite3_stmt *stmt;
    sqlite3 *db;
    int column; /* the next to fill, 0-based */
    int failed;
    struct gl_error *err;
};

/* Begins writing into a table of the facts; its columns are given in their order. */
void gl_rows_open(sqlite3 *db, const char *table, struct gl_rows *ret_rows, struct gl_error *err);
/* The same; a row whose key is there already is left out. */
void gl_rows_open_once(sqlite3 *db, const char *table, struct gl_rows *ret_rows,
                       struct gl_error *err);
/* The next column of the row. Texts must live until gl_rows_add(); NULL = null. */
void gl_rows_text(struct gl_rows *rows, const char *text);
void gl_rows_int(struct gl_rows *rows, int64_t value);
void gl_rows_real(struct gl_rows *rows, double value);
void gl_rows_null(struct gl_rows *rows);
/* A number, or null where it is 0: lines. */
void gl_rows_line(struct gl_rows *rows, unsigned line);
/* The row is complete. */
void gl_rows_add(struct gl_rows *rows);
/* Ends it; 0 or what failed first. */
gl_nodiscard int gl_rows_done(struct gl_rows *rows);

/* The path without its indexes ("Tags[0].Key" is "Tags[].Key"), the path of what is around it, and
 * its last name. */
struct gl_path_parts {
    char *shape;
    char *parent;
    char *name;
};

void gl_path_split(const char *path, struct gl_path_parts *ret_parts);
void gl_path_parts_done(struct gl_path_parts *parts);
#define gl_autopath gl_cleanup(gl_path_parts_done)

/* ---- collectors --------------------------------------------------------------------------------
 */

struct gl_repo_answers;

/* The environment that releases of the judged one come from. */
struct gl_staging {
    const char *env; /* NULL = there is none */
    struct gl_config *config;
    int failed; /* 0, or why it has no configuration */
    struct gl_error err;
};

struct gl_collecting {
    sqlite3 *db;
    const struct gl_facts_request *request;
    const char *env; /* that is judged */
    struct gl_staging *staging;
    int64_t now_unix_s;
    struct gl_repo_answers *git; /* on the way; see repo_answers.h */
    struct gl_buf *notes;        /* see gl_collecting_note() */
    bool *keeps; /* a collector that fails sets it where its rows are true all the same */
};

/* Says what a collector had to leave out; stands as the reason of a source that was collected. */
void gl_collecting_note(const struct gl_collecting *collecting, const char *fmt, ...)
    gl_printf(2, 3);

/* Fills its tables. 0, GL_E_NOT_FOUND: there is nothing to look at (the error says what), or what
 * failed. */
typedef int gl_collect_fn(const struct gl_collecting *collecting, struct gl_error *err);

gl_collect_fn gl_collect_attestation;
gl_collect_fn gl_collect_config;
gl_collect_fn gl_collect_database;
gl_collect_fn gl_collect_given; /* called by gl_collect_template() */
gl_collect_fn gl_collect_ledger;
gl_collect_fn gl_collect_migrations;
gl_collect_fn gl_collect_rendering;
gl_collect_fn gl_collect_repo;
gl_collect_fn gl_collect_template;

/* ---- gate_signature.c --------------------------------------------------------------------------
 */

/* Part of what gl_collect_ledger() writes. */
gl_nodiscard int gl_collect_gate_signatures(const struct gl_collecting *collecting,
                                            struct gl_error *err);

/* ---- property.c --------------------------------------------------------------------------------
 */

/* Writes the leaves of one evaluated resource into `property` and `reference`. */
struct gl_property_rows {
    struct gl_rows properties;
    struct gl_rows references;
    const char *env;
    const char *stack_key; /* what a reference within the stack is relative to */
};

void gl_property_write(struct gl_property_rows *rows, const char *resource_id,
                       const struct gl_value *properties);

/* A value's text with unknown parts as ${SOURCE}; NULL for null and empty containers. The caller
 * owns it. */
char *gl_property_text(const struct gl_value *value);
/* "env/stack/LogicalId" that it refers to, NULL if it is no reference to one resource.
 * ret_attribute (may be NULL): its attribute or NULL. The caller owns both. */
char *gl_property_target(const struct gl_value *value, const char *env, const char *stack_key,
                         char **ret_attribute);

#endif
