/* The URL of a database, given by hand: by a flag or by the name of an environment variable, which
 * no list of processes shows. */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/log.h"
#include "cmd/commands.h"

int gl_cmd_url_of_env(const struct gl_context *context, const char *flag, const char *hint,
                      const char **ret_url, struct gl_error *err)
{
    const char *name = gl_flag_str(context, flag);
    const char *url = name ? getenv(name) : NULL;
    if (name && (!url || !*url)) {
        gl_fail(err, GL_E_USAGE, _("the environment variable %s is not set"), name);
        return gl_error_hint(err, "%s", hint);
    }
    if (url)
        gl_secret_add(url);
    *ret_url = url;
    return 0;
}

int gl_cmd_given_url(const struct gl_context *context, const char *hint, const char **ret_url,
                     struct gl_error *err)
{
    const char *url = gl_flag_str(context, "database");
    if (!url)
        return gl_cmd_url_of_env(context, "database-url-env", hint, ret_url, err);
    if (gl_flag_str(context, "database-url-env"))
        return gl_fail(err, GL_E_USAGE,
                       _("--database and --database-url-env are two ways to say "
                         "the same"));
    gl_secret_add(url);
    *ret_url = url;
    return 0;
}
