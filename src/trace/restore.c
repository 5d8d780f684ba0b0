/* A plain dump, restored by psql: only that understands all of what pg_dump writes. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/log.h"
#include "proc/proc.h"
#include "trace/conninfo.h"
#include "trace/internal.h"

enum { ROLES_MAX = 100 };

int gl_restore_check(const char *path, struct gl_error *err)
{
    gl_autobuf struct gl_buf start = {0};
    if (access(path, R_OK) < 0 || !gl_is_file(path))
        return gl_read_file(path, 0, &start, err);
    FILE *file = fopen(path, "re");
    char magic[6] = "";
    bool custom = file && fread(magic, 1, 5, file) == 5 && strcmp(magic, "PGDMP") == 0;
    if (file)
        (void)fclose(file);
    if (!custom)
        return 0;
    gl_fail(err, GL_E_CONFIG, _("%s is a dump in custom format"), path);
    return gl_error_hint(err, _("Make a plain one of it: pg_restore --file=schema.sql %s"), path);
}

/* That of the server, else one in PATH: it may be newer, never older. The caller owns it. */
static char *psql_of(const struct gl_place *place)
{
    const char *bin = gl_place_programs(place);
    gl_autofree char *own = bin ? gl_path_join(bin, "psql") : NULL;
    return own && access(own, X_OK) == 0 ? gl_steal(&own) : gl_strdup("psql");
}

static int run_psql(const struct gl_place *place, const char *path, struct gl_error *err)
{
    gl_autofree char *conninfo = NULL;
    gl_autofree char *password = NULL;
    int failed = gl_conninfo_split(gl_place_conninfo(place), &conninfo, &password, err);
    if (failed < 0)
        return failed;
    gl_autofree char *program = psql_of(place);
    gl_autofree char *secret = gl_asprintf("PGPASSWORD=%s", password ? password : "");
    const char *argv[] = {program,    "-X",     "-q",     "-v", "ON_ERROR_STOP=1",
                          "--dbname", conninfo, "--file", path, NULL};
    const char *add[] = {"LC_ALL=C.UTF-8", "PGOPTIONS=-c client_min_messages=warning",
                         password ? secret : NULL, NULL};
    const struct gl_proc_spec spec = {.argv = argv, .env_add = add};
    return gl_proc_check(&spec, NULL, err);
}

/* `role "app_owner" does not exist`: the name, or NULL. The caller owns it. */
static char *missing_role(const struct gl_error *problem)
{
    static const char before[] = "role \"";
    const char *at = problem->message ? strstr(problem->message, before) : NULL;
    const char *end = at ? strstr(at, "\" does not exist") : NULL;
    return end ? gl_strndup(at + strlen(before), (size_t)(end - at) - strlen(before)) : NULL;
}

/* psql: "psql:schema.sql:12: ERROR:  ..." names the place itself. */
static int fail_restore(const char *path, struct gl_error *problem, struct gl_error *err)
{
    gl_error_wrap(problem, _("%s cannot be restored"), path);
    if (!problem->hint)
        gl_error_hint(problem, _("The dump must be a plain one of this or an older PostgreSQL, "
                                 "and the extensions that it makes must be installed here."));
    int code = problem->code;
    if (err)
        gl_error_move(err, problem);
    return code;
}

/* Owners and grantees are not part of a dump; on a server of golive's own they are made. */
int gl_restore(struct gl_place *place, const char *path, struct gl_error *err)
{
    int failed = 0;
    for (int i = 0; failed == 0; i++) {
        gl_autoerr struct gl_error problem = {0};
        failed = run_psql(place, path, &problem);
        if (failed == 0)
            return 0;
        gl_autofree char *role =
            gl_place_is_private(place) && i < ROLES_MAX ? missing_role(&problem) : NULL;
        if (!role)
            return fail_restore(path, &problem, err);
        failed = gl_place_role(place, role, err);
        if (failed == 0)
            failed = gl_place_empty(place, err);
    }
    return failed;
}
