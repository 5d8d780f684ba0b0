/* Which PostgreSQL is installed, and how its programs are run. */
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "platform/local/pg.h"

/* Debian and Ubuntu; Red Hat and PGDG. The version is the last number in the path. */
static const char *const usual_places[] = {
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    NULL,
};

void gl_pg_programs_done(struct gl_pg_programs *programs)
{
    free(gl_steal(&programs->bin));
}

/* The last number in a path, 0 if there is none. */
static int major_of(const char *path)
{
    const char *end = path + strlen(path);
    while (end > path && !(end[-1] >= '0' && end[-1] <= '9'))
        end--;
    const char *start = end;
    while (start > path && start[-1] >= '0' && start[-1] <= '9')
        start--;
    long major = start < end ? strtol(start, NULL, 10) : 0;
    return major > 0 && major < 1000 ? (int)major : 0;
}

static bool is_complete(const char *bin)
{
    static const char *const needed[] = {"initdb", "postgres", "pg_dump", "pg_restore"};
    for (size_t i = 0; i < GL_COUNT(needed); i++) {
        gl_autofree char *path = gl_path_join(bin, needed[i]);
        if (access(path, X_OK) != 0)
            return false;
    }
    return true;
}

static bool is_wanted(int found, int wanted)
{
    return wanted ? found == wanted : found >= GL_PG_MAJOR_MIN && found <= GL_PG_MAJOR_MAX;
}

static void consider(const char *bin, int wanted, struct gl_pg_programs *best, struct gl_strv *seen)
{
    int major = major_of(bin);
    if (!major || !is_complete(bin))
        return;
    gl_strv_addf(seen, "%d", major);
    if (is_wanted(major, wanted) && major > best->major) {
        gl_pg_programs_done(best);
        *best = (struct gl_pg_programs){.major = major, .bin = gl_strdup(bin)};
    }
}

static int none_found(int wanted, const struct gl_strv *seen, struct gl_error *err)
{
    gl_autofree char *installed = gl_strv_join(seen, ", ");
    const char *have = seen->count ? installed : _("none");
    if (wanted) {
        gl_fail(err, GL_E_NOT_FOUND, _("PostgreSQL %d is not installed (installed: %s)"), wanted,
                have);
        return gl_error_hint(err, _("Install its server, for instance: apt install postgresql-%d"),
                             wanted);
    }
    gl_fail(err, GL_E_NOT_FOUND,
            _("no PostgreSQL server from %d to %d is installed (installed: %s)"), GL_PG_MAJOR_MIN,
            GL_PG_MAJOR_MAX, have);
    return gl_error_hint(err, _("Install one, for instance: apt install postgresql"));
}

int gl_pg_find(const char *const *globs, int major, struct gl_pg_programs *ret_programs,
               struct gl_error *err)
{
    gl_autopgprograms struct gl_pg_programs best = {0};
    gl_autostrv struct gl_strv seen = {0};
    for (const char *const *at = globs ? globs : usual_places; *at; at++) {
        glob_t matches = {0};
        if (glob(*at, 0, NULL, &matches) == 0) {
            for (size_t i = 0; i < matches.gl_pathc; i++)
                consider(matches.gl_pathv[i], major, &best, &seen);
        }
        globfree(&matches);
    }
    if (!best.bin)
        return none_found(major, &seen, err);
    *ret_programs = (struct gl_pg_programs){.major = best.major, .bin = gl_steal(&best.bin)};
    return 0;
}

int gl_pg_tool(const struct gl_local *local, const struct gl_pg_programs *programs,
               const char *const *args, char **ret_out, struct gl_error *err)
{
    /* Nothing of the caller's PG* variables or language may change what a program does or says. */
    static const char *const env[] = {"LC_ALL=C.UTF-8", "TZ=UTC", NULL};
    gl_autofree char *program = gl_path_join(programs->bin, args[0]);
    gl_autostrv struct gl_strv argv = {0};
    gl_strv_add(&argv, program);
    for (const char *const *arg = args + 1; *arg; arg++)
        gl_strv_add(&argv, *arg);
    struct gl_proc_spec spec = gl_local_proc(local, (const char *const *)argv.items);
    spec.env = env;
    spec.cwd = "/"; /* the service user may not be able to enter ours */
    gl_autoerr struct gl_error problem = {0};
    int failed = gl_proc_check(&spec, ret_out, &problem);
    if (failed < 0 && strstr(problem.message, "No space left on device")) {
        problem.code = failed = GL_E_IO;
        gl_error_hint(&problem,
                      _("The disk is full: free some space, then run the command again."));
    }
    if (failed < 0 && err)
        gl_error_move(err, &problem);
    return failed;
}
