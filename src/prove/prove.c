/* Old queries against new schemas, new queries against old ones. */
#include "prove/prove.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "migrate/conn.h"
#include "prove/shape.h"

/* What is known of one query on the schema that it was written for. */
struct known {
    struct gl_shape shape;
    struct gl_strv missing; /* of its INSERTs; a trigger may fill them */
    bool valid_there;
    bool judged; /* false: not valid there, or already found to break */
};

struct prove {
    PGconn *before;
    PGconn *after;
    const char *after_conninfo;
    const struct gl_prove_side *old_side;
    const struct gl_prove_side *new_side;
    struct known *known; /* one per query of the old version */
    struct gl_proof *proof;
};

void gl_proof_done(struct gl_proof *proof)
{
    for (size_t i = 0; i < proof->count; i++)
        free(proof->items[i].what);
    free(proof->items);
    gl_strv_done(&proof->unjudged);
    *proof = (struct gl_proof){0};
}

static void prove_done(struct prove *prove)
{
    for (size_t i = 0; prove->known && i < prove->old_side->queries->count; i++) {
        gl_shape_done(&prove->known[i].shape);
        gl_strv_done(&prove->known[i].missing);
    }
    free(prove->known);
    gl_pq_close(&prove->before);
    gl_pq_close(&prove->after);
}

static const struct {
    const char *word;
    bool bad;
} kinds[] = {
    [GL_PROVE_OLD_BREAKS] = {"old_breaks", true },
    [GL_PROVE_OLD_WAITS] = {"old_waits",  false},
    [GL_PROVE_NEW_BREAKS] = {"new_breaks", true },
    [GL_PROVE_NEW_NEEDS] = {"new_needs",  false},
};

const char *gl_prove_kind_word(enum gl_prove_kind kind)
{
    return kinds[kind].word;
}

bool gl_prove_kind_is_bad(enum gl_prove_kind kind)
{
    return kinds[kind].bad;
}

static void add_finding(struct gl_proof *proof, struct gl_prove_finding finding)
{
    proof->items = gl_realloc_array(proof->items, proof->count + 1, sizeof *proof->items);
    proof->items[proof->count++] = finding;
}

/* ---- one query --------------------------------------------------------------------------------
 */

static int look(PGconn *conn, const char *sql, struct known *ret_known, struct gl_error *err)
{
    int failed = gl_shape_read(conn, sql, NULL, &ret_known->shape, err);
    if (failed == 0 && ret_known->shape.valid)
        failed = gl_insert_missing(conn, sql, &ret_known->missing, err);
    ret_known->valid_there = ret_known->shape.valid;
    ret_known->judged = ret_known->shape.valid;
    return failed;
}

/* Where in `names` the one stands that has the name of columns->items[at], and as many of that name
 * before it; names->count if there is none. */
static size_t same_column(const struct gl_strv *columns, size_t at, const struct gl_strv *names)
{
    const char *name = columns->items[at];
    size_t left = 0;
    for (size_t i = 0; i < at; i++)
        left += strcmp(columns->items[i], name) == 0;
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0 && left-- == 0)
            return i;
    }
    return names->count;
}

/* What a program that expects `was` would not find in `is`; NULL if nothing. The caller owns it. */
static char *changed_columns(const struct gl_shape *was, const struct gl_shape *is)
{
    for (size_t i = 0; i < was->columns.count; i++) {
        size_t at = same_column(&was->columns, i, &is->columns);
        if (at == is->columns.count)
            return gl_asprintf(_("the result has no column \"%s\" any more"),
                               was->columns.items[i]);
        if (strcmp(is->column_types.items[at], was->column_types.items[i]) != 0)
            return gl_asprintf(_("column \"%s\" of the result was %s and becomes %s"),
                               was->columns.items[i], was->column_types.items[i],
                               is->column_types.items[at]);
    }
    return NULL;
}

static char *new_demand(const struct gl_strv *was, const struct gl_strv *is)
{
    for (size_t i = 0; i < is->count; i++) {
        if (!gl_strv_has(was, is->items[i]))
            return gl_asprintf(_("%s accepts no NULL, has no default and is not given"),
                               is->items[i]);
    }
    return NULL;
}

/* Prepares a query as its program would. `was`: its shape where it was written (NULL = not known),
 * `left_out`: what its INSERTs leave out there. finding->what stays NULL if it holds. */
static int try_query(PGconn *conn, const struct gl_shape *was, const struct gl_strv *left_out,
                     struct gl_prove_finding *finding, struct gl_error *err)
{
    gl_autoshape struct gl_shape shape = {0};
    gl_autostrv struct gl_strv missing = {0};
    const char *sql = finding->query->sql;
    int failed = gl_shape_read(conn, sql, was ? &was->parameters : NULL, &shape, err);
    if (failed == 0 && shape.valid)
        failed = gl_insert_missing(conn, sql, &missing, err);
    if (failed < 0)
        return failed;
    memcpy(finding->sqlstate, shape.sqlstate, sizeof finding->sqlstate);
    if (!shape.valid)
        finding->what = gl_strdup(shape.message);
    else if (was)
        finding->what = changed_columns(was, &shape);
    if (!finding->what)
        finding->what = new_demand(left_out, &missing);
    return 0;
}

/* ---- the old version --------------------------------------------------------------------------
 */

static void add_unjudged(struct gl_proof *proof, const struct gl_query *query, const char *why)
{
    gl_autofree char *text = gl_asprintf(
        "%s:%u: %s", query->file ? query->file : "pg_stat_statements", query->line, why);
    if (!gl_strv_has(&proof->unjudged, text))
        gl_strv_add(&proof->unjudged, text);
}

static int learn_old(struct prove *prove, struct gl_error *err)
{
    const struct gl_queries *queries = prove->old_side->queries;
    prove->known = gl_alloc((queries->count + 1) * sizeof *prove->known);
    for (size_t i = 0; i < queries->count; i++) {
        int failed = look(prove->before, queries->items[i].sql, &prove->known[i], err);
        if (failed < 0)
            return failed;
        if (!prove->known[i].judged)
            add_unjudged(prove->proof, &queries->items[i], prove->known[i].shape.message);
    }
    return 0;
}

static int try_old(struct prove *prove, const struct gl_migration *migration, struct gl_error *err)
{
    const struct gl_queries *queries = prove->old_side->queries;
    for (size_t i = 0; i < queries->count; i++) {
        struct gl_prove_finding finding = {
            .kind = migration->phase == GL_PHASE_EXPAND ? GL_PROVE_OLD_BREAKS : GL_PROVE_OLD_WAITS,
            .query = &queries->items[i],
            .migration = migration,
        };
        if (!prove->known[i].judged)
            continue;
        const struct known *known = &prove->known[i];
        int failed = try_query(prove->after, &known->shape, &known->missing, &finding, err);
        if (failed < 0)
            return failed;
        if (!finding.what)
            continue;
        prove->known[i].judged = false;
        add_finding(prove->proof, finding);
    }
    return 0;
}

/* ---- migrations -------------------------------------------------------------------------------
 */

static bool has_version(const struct gl_migrations *list, int64_t version)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].version == version)
            return true;
    }
    return false;
}

static int apply(const char *conninfo, const struct gl_migrations *list, struct gl_error *err)
{
    struct gl_migrate_options options = {.statement_timeout_ms = 600000};
    struct gl_migrate_result result = {0};
    return gl_migrate_run(conninfo, list, &options, &result, err);
}

/* Every new migration of one phase by itself, in the order in which releases run them; `list` is
 * what was applied so far and grows. */
static int apply_phase(struct prove *prove, enum gl_phase phase, struct gl_migrations *list,
                       struct gl_error *err)
{
    const struct gl_migrations *all = prove->new_side->migrations;
    int failed = 0;
    for (size_t i = 0; i < all->count && failed == 0; i++) {
        const struct gl_migration *migration = &all->items[i];
        if (migration->phase != phase ||
            has_version(prove->old_side->migrations, migration->version))
            continue;
        size_t place = list->count++;
        for (; place > 0 && list->items[place - 1].version > migration->version; place--)
            list->items[place] = list->items[place - 1];
        list->items[place] = *migration;
        *(phase == GL_PHASE_EXPAND ? &prove->proof->expands : &prove->proof->contracts) += 1;
        failed = apply(prove->after_conninfo, list, err);
        if (failed == 0)
            failed = try_old(prove, migration, err);
    }
    return failed;
}

/* ---- the new version --------------------------------------------------------------------------
 */

/* One that the old version has, too, and that was never valid here although that version works:
 * what it is about is made by the program itself, or is in another database. */
static bool was_never_valid(const struct prove *prove, const char *sql)
{
    const struct gl_queries *queries = prove->old_side->queries;
    for (size_t i = 0; i < queries->count; i++) {
        if (!prove->known[i].valid_there && strcmp(queries->items[i].sql, sql) == 0)
            return true;
    }
    return false;
}

static int try_new_query(struct prove *prove, const struct gl_query *query, struct gl_error *err)
{
    struct gl_prove_finding last = {.kind = GL_PROVE_NEW_BREAKS, .query = query};
    struct gl_prove_finding first = {.kind = GL_PROVE_NEW_NEEDS, .query = query};
    gl_autostrv struct gl_strv left_out = {0};
    int failed = gl_insert_missing(prove->before, query->sql, &left_out, err);
    if (failed == 0)
        failed = try_query(prove->after, NULL, &left_out, &last, err);
    if (failed == 0 && last.what && was_never_valid(prove, query->sql)) {
        add_unjudged(prove->proof, query, last.what);
        free(last.what);
        return 0;
    }
    if (failed == 0 && !last.what)
        failed = try_query(prove->before, NULL, &left_out, &first, err);
    prove->proof->new_proven += failed == 0 && !last.what;
    if (last.what)
        add_finding(prove->proof, last);
    if (first.what)
        add_finding(prove->proof, first);
    return failed;
}

static int try_new(struct prove *prove, struct gl_error *err)
{
    const struct gl_queries *queries = prove->new_side->queries;
    int failed = 0;
    for (size_t i = 0; i < queries->count && failed == 0; i++)
        failed = try_new_query(prove, &queries->items[i], err);
    return failed;
}

/* The new version's files of what the old one has: one that was edited or is gone is refused. */
static void list_known(const struct prove *prove, struct gl_migrations *list)
{
    const struct gl_migrations *all = prove->new_side->migrations;
    for (size_t i = 0; i < all->count; i++) {
        if (has_version(prove->old_side->migrations, all->items[i].version))
            list->items[list->count++] = all->items[i];
    }
}

static int run(struct prove *prove, struct gl_error *err)
{
    size_t most = prove->new_side->migrations->count + 1;
    gl_autofree struct gl_migration *items = gl_alloc(most * sizeof *items);
    struct gl_migrations list = {.items = items, .format = prove->new_side->migrations->format};
    list_known(prove, &list);
    int failed = apply(prove->after_conninfo, &list, err);
    if (failed == 0)
        failed = learn_old(prove, err);
    if (failed == 0)
        failed = apply_phase(prove, GL_PHASE_EXPAND, &list, err);
    for (size_t i = 0; i < prove->old_side->queries->count && failed == 0; i++)
        prove->proof->old_proven += prove->known[i].judged;
    if (failed == 0)
        failed = apply_phase(prove, GL_PHASE_CONTRACT, &list, err);
    return failed < 0 ? failed : try_new(prove, err);
}

int gl_prove(const char *before_conninfo, const char *after_conninfo,
             const struct gl_prove_side *old_side, const struct gl_prove_side *new_side,
             struct gl_proof *ret_proof, struct gl_error *err)
{
    gl_autoproof struct gl_proof proof = {0};
    gl_cleanup(prove_done) struct prove prove = {
        .after_conninfo = after_conninfo,
        .old_side = old_side,
        .new_side = new_side,
        .proof = &proof,
    };
    int failed = apply(before_conninfo, old_side->migrations, err);
    if (failed == 0)
        failed = apply(after_conninfo, old_side->migrations, err);
    if (failed == 0)
        failed = gl_pq_connect(before_conninfo, "golive migrate prove", &prove.before, err);
    if (failed == 0)
        failed = gl_pq_connect(after_conninfo, "golive migrate prove", &prove.after, err);
    if (failed == 0)
        failed = run(&prove, err);
    if (failed < 0)
        return failed;
    *ret_proof = proof;
    proof = (struct gl_proof){0};
    return 0;
}
