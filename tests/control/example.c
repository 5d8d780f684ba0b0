/* Collects the facts of the staged example. */
#include "example.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "data/sqlite.h"
#include "facts/facts.h"

static const char *const sources[] = {"config", "template",    "repo", "migrations", "database",
                                      "ledger", "attestation", "aws",  "endpoint",   "github"};

void must(int code, const struct gl_error *err)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s%s%s\n", err->message, err->hint ? " " : "", err->hint ? err->hint : "");
    exit(2);
}

/* Fixtures say `update source`; a source that nobody collects yet is there all the same. */
void example_add_sources(sqlite3 *db, const char *state)
{
    gl_autoerr struct gl_error err = {0};
    for (size_t i = 0; i < GL_COUNT(sources); i++)
        must(gl_sqlite_run(db, &err, "insert or ignore into source values (?1, ?2, null, ?3)",
                           "tti", sources[i], state, (int64_t)EXAMPLE_NOW_UNIX_S),
             &err);
}

sqlite3 *example_open(const char *project, const char *env)
{
    sqlite3 *db = NULL;
    gl_autoerr struct gl_error err = {0};
    gl_autoconfig struct gl_config *config = NULL;
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autofree char *path = gl_path_join(project, "golive.yaml");
    struct gl_config_request how = {.path = path, .env = env};
    must(gl_config_load(&how, &config, &problems, &err), &err);
    struct gl_facts_request request = {.config = config, .now_unix_s = EXAMPLE_NOW_UNIX_S};
    must(gl_facts_collect(&request, &db, &err), &err);
    example_add_sources(db, "absent");
    return db;
}
