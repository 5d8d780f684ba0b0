/* The URL of a database, given by hand: by a flag or by the name of an environment variable, which
 * no list of processes shows. */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/log.h"
#include "cmd/commands.h"

int gl_cmd_url_of_env(const char *name, const char *hint, const char **ret_url,
                      struct gl_error *err)
{
    const char *url = getenv(name);
    if (!url || !*url) {
        gl_fail(err, GL_E_USAGE, _("the environment variable %s is not set"), name);
        return gl_error_hint(err, "%s", hint);
    }
    gl_secret_add(url);
    *ret_url = url;
    return 0;
}

int gl_cmd_given_url(const struct gl_context *context, const char *hint, const char **ret_url,
                     struct gl_error *err)
{
    const char *name = gl_flag_str(context, "database-url-env");
    const char *url = gl_flag_str(context, "database");
    if (name && url)
        return gl_fail(err, GL_E_USAGE,
                       _("--database and --database-url-env are two ways to say "
                         "the same"));
    if (name)
        return gl_cmd_url_of_env(name, hint, ret_url, err);
    if (url)
        gl_secret_add(url);
    *ret_url = url;
    return 0;
}
