/* Runs the collectors and notes in `source` what each came to. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "data/sqlite.h"
#include "facts/internal.h"
#include "facts/repo_answers.h"
#include "facts/template_plans.h"
#include "platform/platform.h"

/* In an order in which each may read what those before it wrote. Stacks are evaluated beside those
 * before `template`. */
static const struct {
    const char *name;
    int row;                /* its place in the table `source` */
    gl_collect_fn *collect; /* NULL = needs --live */
} collectors[] = {
    {"config",      1,  gl_collect_config     },
    {"migrations",  3,  gl_collect_migrations },
    {"repo",        4,  gl_collect_repo       },
    {"template",    2,  gl_collect_template   },
    {"rendering",   5,  gl_collect_rendering  },
    {"ledger",      6,  gl_collect_ledger     },
    {"attestation", 7,  gl_collect_attestation},
    {"database",    8,  gl_collect_database   },
    {"aws",         9,  NULL                  },
    {"endpoint",    10, NULL                  },
    {"github",      11, NULL                  },
};

void gl_collecting_note(const struct gl_collecting *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    gl_autofree char *text = gl_vasprintf(fmt, args);
    va_end(args);
    gl_buf_printf(c->notes, "%s%s", c->notes->len ? "; " : "", text);
}

static int note_source(const struct gl_collecting *c, size_t collector, const char *state,
                       const char *reason, struct gl_error *err)
{
    return gl_sqlite_run(c->db, err,
                         "insert into source (rowid, name, state, reason, collected_unix_s) "
                         "values (?1, ?2, ?3, ?4, ?5)",
                         "ittti", (int64_t)collectors[collector].row, collectors[collector].name,
                         state, reason, c->now_unix_s);
}

/* "FILE:LINE: message". The caller owns it. */
static char *placed(const struct gl_error *why)
{
    return why->file ? gl_asprintf("%s:%u: %s", why->file, why->line, why->message)
                     : gl_strdup(why->message);
}

/* A file that was named on the command line and cannot be read is a mistake of whoever named it;
 * what the project has is judged as far as it can be read. */
static bool ends_collecting(const struct gl_collecting *c, gl_collect_fn *collect, int outcome)
{
    const struct gl_strv *given = c->request->templates;
    return outcome == GL_E_INTERRUPTED ||
           (outcome < 0 && collect == gl_collect_template && given && given->count);
}

/* What one collector wrote before it failed is taken back, unless it says that it is true alone:
 * half of the facts would judge wrongly. */
static int run_collector(const struct gl_collecting *c, size_t collector, struct gl_error *err)
{
    gl_collect_fn *collect = collectors[collector].collect;
    gl_autoerr struct gl_error why = {0};
    int failed = gl_sqlite_exec(c->db, "savepoint collector", err);
    if (failed < 0)
        return failed;
    gl_autobuf struct gl_buf notes = {0};
    struct gl_collecting noting = *c;
    bool keeps = false;
    noting.notes = &notes;
    noting.keeps = &keeps;
    int outcome = collect(&noting, &why);
    if (ends_collecting(c, collect, outcome)) {
        (void)!gl_sqlite_exec(c->db, "rollback", NULL); /* the facts are of no use */
        gl_error_move(err, &why);
        return outcome;
    }
    gl_autofree char *reason = outcome < 0 ? placed(&why) : NULL;
    failed = gl_sqlite_exec(c->db,
                            outcome < 0 && !keeps ? "rollback to collector; release collector"
                                                  : "release collector",
                            err);
    if (failed < 0)
        return failed;
    return note_source(c, collector,
                       outcome == 0                ? "collected"
                       : outcome == GL_E_NOT_FOUND ? "absent"
                                                   : "failed",
                       outcome < 0 ? reason
                       : notes.len ? gl_buf_text(&notes)
                                   : NULL,
                       err);
}

/* ---- what is judged ----------------------------------------------------------------------------
 */

static int note_run(const struct gl_collecting *c, struct gl_error *err)
{
    const struct gl_config *config = c->request->config;
    bool aws = gl_platform_is_aws(config);
    return gl_sqlite_run(c->db, err,
                         "insert into run values (?1, ?2, ?3, ?4, ?5, ?6, date(?6, 'unixepoch'))",
                         "ttttti", gl_config_str(config, "app.name"), c->env, aws ? "aws" : "local",
                         aws ? gl_config_str(config, "account_id") : NULL,
                         aws ? gl_config_str(config, "region") : NULL, c->now_unix_s);
}

/* The environment that releases of the judged one come from, NULL if there is none. */
static const char *staging_of(const struct gl_config *config)
{
    static const char *const names[] = {"stg", "staging"};
    const json_t *all = json_object_get(gl_config_tree(config), "environments");
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        if (strcmp(names[i], gl_config_env(config)) != 0 && json_object_get(all, names[i]))
            return names[i];
    }
    return NULL;
}

struct gl_facts_beside {
    struct gl_repo_answers git;
    struct gl_template_plans plans;
};

struct gl_facts_beside *gl_facts_begin(const struct gl_facts_request *request)
{
    struct gl_facts_beside *beside = gl_alloc(sizeof *beside);
    gl_repo_ask(&beside->git, gl_config_dir(request->config));
    if (!request->templates || !request->templates->count)
        gl_template_plans_begin(&beside->plans, request->config, staging_of(request->config));
    return beside;
}

void gl_facts_beside_free(struct gl_facts_beside **beside)
{
    if (!*beside)
        return;
    gl_template_plans_done(&(*beside)->plans);
    gl_repo_answers_done(&(*beside)->git);
    free(gl_steal(beside));
}

int gl_facts_collect(sqlite3 *db, const struct gl_facts_request *request, struct gl_error *err)
{
    gl_autobeside struct gl_facts_beside *own = request->beside ? NULL : gl_facts_begin(request);
    struct gl_facts_beside *beside = request->beside ? request->beside : own;
    struct gl_collecting c = {
        .db = db,
        .request = request,
        .env = gl_config_env(request->config),
        .staging = staging_of(request->config),
        .git = &beside->git,
        .plans = &beside->plans,
        .now_unix_s = request->now_unix_s ? request->now_unix_s : gl_now_unix_ms() / 1000,
    };
    int failed = gl_sqlite_exec(db, "begin", err);
    if (failed == 0)
        failed = note_run(&c, err);
    for (size_t i = 0; failed == 0 && i < GL_COUNT(collectors); i++)
        failed = collectors[i].collect ? run_collector(&c, i, err)
                                       : note_source(&c, i, "absent", _("needs --live"), err);
    if (failed == 0)
        failed = gl_facts_index(db, err); /* one sort is cheaper than a search for each row */
    return failed < 0 ? failed : gl_sqlite_exec(db, "commit", err);
}
