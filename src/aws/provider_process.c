/* credential_process: a program that prints keys as JSON.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
#include "aws/profile_internal.h"
#include "aws/provider_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "proc/proc.h"

enum {
    PROCESS_TIMEOUT_MS = 120000, /* some open a browser and wait for a person */
    STDERR_SHOWN_BYTES = 400,
};

static void wipe_proc(struct gl_proc_result *result)
{
    gl_wipe(result->out.data, result->out.cap);
    gl_proc_result_done(result);
}

/* Its standard error only: its standard output is the secret. */
static int failed_process(const struct gl_proc_result *result, const char *program,
                          struct gl_error *err)
{
    const char *said = gl_buf_text(&result->err);
    size_t len = strlen(said);
    while (len && (said[len - 1] == '\n' || said[len - 1] == '\r'))
        len--;
    size_t skip = len > STDERR_SHOWN_BYTES ? len - STDERR_SHOWN_BYTES : 0;
    gl_autofree char *end = gl_strndup(said + skip, len - skip);
    gl_autofree char *shown = gl_redact(end);
    int status = result->exit_code;
    if (*shown)
        return gl_fail(err, GL_E_PROCESS, _("credential_process %s failed (exit %d): %s"), program,
                       status, shown);
    return gl_fail(err, GL_E_PROCESS, _("credential_process %s failed (exit %d)"), program, status);
}

static int read_answer(const struct gl_buf *out, const char *program,
                       struct gl_aws_credentials *ret, struct gl_error *err)
{
    gl_autojson json_t *json = NULL;
    gl_autofree char *where = gl_asprintf("credential_process %s", program);
    if (gl_json_parse(gl_buf_text(out), out->len, where, &json, NULL) < 0)
        return gl_fail(err, GL_E_PROCESS, _("%s did not print JSON"), where);
    if (gl_json_int(json, "Version", 0) != 1)
        return gl_fail(err, GL_E_PROCESS, _("%s did not print \"Version\": 1"), where);
    return gl_aws_credentials_from_json(json, "SessionToken", where, "custom-process", ret, err);
}

static int run(const struct gl_strv *words, struct gl_aws_credentials *ret, struct gl_error *err)
{
    gl_cleanup(wipe_proc) struct gl_proc_result result = {0};
    struct gl_proc_spec spec = {.argv = (const char *const *)words->items,
                                .timeout_ms = PROCESS_TIMEOUT_MS};
    int failed = gl_proc_run(&spec, &result, err);
    if (failed == GL_E_TIMEOUT)
        gl_error_hint(err, _("run it by itself to see what it waits for: it has no terminal here"));
    if (failed < 0)
        return gl_error_wrap(err, "credential_process");
    if (result.exit_code != 0)
        return failed_process(&result, words->items[0], err);
    return read_answer(&result.out, words->items[0], ret, err);
}

int gl_aws_find_process(const struct gl_aws_lookup *lookup, struct gl_aws_credentials *ret,
                        struct gl_error *err)
{
    const char *command = gl_aws_profile_get(lookup->profile, "credential_process");
    if (!command)
        return 0;
    gl_autostrv struct gl_strv words = {0};
    int result;
    if (!gl_aws_split_words(command, &words) || words.count == 0)
        result =
            gl_fail(err, GL_E_CONFIG, _("credential_process is empty or a quote is not closed"));
    else
        result = run(&words, ret, err);
    if (result < 0)
        return gl_aws_profile_error_at(lookup->profile, "credential_process", err);
    return 1;
}
