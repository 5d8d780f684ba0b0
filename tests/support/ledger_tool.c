/* A ledger in S3 that obeys JSON lines on standard input and answers each with one. The environment
 * says where (AWS_ENDPOINT_URL, AWS_REGION) and as whom (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).
 *
 *   ledger_tool BUCKET [BOOT_ID [COPY]]      BOOT_ID: as if it were another host, "" = this one
 *     {"do": "append", "count": N}                 -> {"seq", "ms"}
 *     {"do": "read"}                               -> {"count", "ms"}
 *     {"do": "verify", "audit": false}             -> {"count"}      without asking for versions
 *     {"do": "acquire", "name", "ttl_ms"}          -> {"taken_over"}
 *     {"do": "check"}, {"do": "release"}           -> {}
 *     {"do": "show", "name"}                       -> {"lease"}
 *     {"do": "clock", "unix_ms": N}                -> {}             stops the wall clock there
 *     {"do": "time"}                               -> {"unix_ms"}    what limits are judged by
 *   or {"error", "message", "hint"} */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ledger/ledger_ops.h"
#include "ledger/s3.h"

struct tool {
    struct gl_ledger *ledger;
    struct gl_lease *lease;
    struct gl_aws_provider *provider;
};

static const char *boot_id_shown;
static int64_t frozen_unix_ms; /* 0 = the clock runs */

static const char *boot_id(void)
{
    return boot_id_shown;
}

static int64_t unix_ms(void)
{
    return frozen_unix_ms ? frozen_unix_ms : gl_now_unix_ms();
}

static const struct gl_clock_fns clock_fns = {unix_ms, gl_boot_ms, boot_id};

static int new_client(void *context, struct gl_aws_client **ret_client, struct gl_error *err)
{
    const struct tool *tool = context;
    struct gl_aws_client_options options = {
        .provider = tool->provider,
        .region = getenv("AWS_REGION"),
        .pause_ms = 20,
        .longest_pause_ms = 200,
        .ignore_interrupts = true,
    };
    return gl_aws_client_new(&options, ret_client, err);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static int count_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)event;
    (void)err;
    ++*(int64_t *)context;
    return 0;
}

static int do_append(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err)
{
    int64_t seq = 0;
    int result = 0;
    int64_t begin_us = gl_mono_us();
    for (int64_t i = gl_json_int(order, "count", 1); result == 0 && i > 0; i--)
        result = gl_ledger_append(tool->ledger, "step.done", "prod", 7, NULL, &seq, err);
    gl_json_set_int(answer, "seq", seq);
    gl_json_set_real(answer, "ms", (double)(gl_mono_us() - begin_us) / 1000);
    return result;
}

static int do_read(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err)
{
    (void)order;
    int64_t count = 0;
    int64_t begin_us = gl_mono_us();
    int result = gl_ledger_read(tool->ledger, 0, count_event, &count, err);
    gl_json_set_int(answer, "count", count);
    gl_json_set_real(answer, "ms", (double)(gl_mono_us() - begin_us) / 1000);
    return result;
}

static int do_verify(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err)
{
    const struct gl_ledger_ops *ops = tool->ledger->ops;
    struct gl_ledger_ops without = *ops;
    int64_t count = 0;
    without.audit = NULL;
    if (!gl_json_bool(order, "audit", true))
        tool->ledger->ops = &without;
    int result = gl_ledger_verify(tool->ledger, &count, NULL, err);
    tool->ledger->ops = ops;
    gl_json_set_int(answer, "count", count);
    return result;
}

static int do_acquire(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err)
{
    gl_autofree char *old = NULL;
    int result = gl_lease_acquire(tool->ledger, gl_json_str(order, "name", "prod"), "test",
                                  gl_json_int(order, "ttl_ms", 30000), &tool->lease, &old, err);
    gl_json_set_str(answer, "taken_over", old);
    return result;
}

static int do_check(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err)
{
    (void)order;
    (void)answer;
    return gl_lease_check(tool->lease, err);
}

static int do_release(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err)
{
    (void)order;
    (void)answer;
    (void)err;
    gl_lease_release(&tool->lease);
    return 0;
}

static int do_show(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err)
{
    json_t *lease = NULL;
    int result = gl_lease_show(tool->ledger, gl_json_str(order, "name", "prod"), &lease, err);
    json_object_set_new(answer, "lease", lease ? lease : json_null());
    return result;
}

static int do_clock(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err)
{
    (void)tool;
    (void)answer;
    (void)err;
    frozen_unix_ms = gl_json_int(order, "unix_ms", 0);
    return 0;
}

static int do_time(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err)
{
    (void)order;
    (void)err;
    gl_json_set_int(answer, "unix_ms", gl_ledger_unix_ms(tool->ledger));
    return 0;
}

static const struct {
    const char *word;
    int (*run)(struct tool *tool, const json_t *order, json_t *answer, struct gl_error *err);
} orders[] = {
    {"append",  do_append },
    {"read",    do_read   },
    {"verify",  do_verify },
    {"acquire", do_acquire},
    {"check",   do_check  },
    {"release", do_release},
    {"show",    do_show   },
    {"clock",   do_clock  },
    {"time",    do_time   },
};

/* ---- the tool -------------------------------------------------------------------------------- */

static json_t *obey(struct tool *tool, const json_t *order)
{
    gl_autoerr struct gl_error err = {0};
    json_t *answer = json_object();
    int result = GL_E_USAGE;
    for (size_t i = 0; i < GL_COUNT(orders); i++) {
        if (strcmp(orders[i].word, gl_json_str(order, "do", "")) == 0)
            result = orders[i].run(tool, order, answer, &err);
    }
    if (result < 0) {
        gl_json_set_str(answer, "error", gl_code_word(result));
        gl_json_set_str(answer, "message", err.message);
        gl_json_set_str(answer, "hint", err.hint);
    }
    return answer;
}

static int serve(struct tool *tool, struct gl_error *err)
{
    gl_autofree char *text = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&text, &cap, stdin)) > 0) {
        gl_autojson json_t *line = NULL;
        int result = gl_json_parse(text, (size_t)len, "line", &line, err);
        if (result < 0)
            return result;
        gl_autojson json_t *answer = obey(tool, line);
        gl_autofree char *out = json_dumps(answer, JSON_COMPACT);
        (void)printf("%s\n", out);
        (void)fflush(stdout);
    }
    return 0;
}

static void tool_done(struct tool *tool)
{
    gl_lease_release(&tool->lease);
    gl_ledger_free(&tool->ledger);
    gl_aws_provider_free(&tool->provider);
}

static int run(const char *bucket, const char *copy, struct gl_error *err)
{
    gl_cleanup(tool_done) struct tool tool = {
        .provider = gl_aws_provider_static(&(struct gl_aws_credentials){
            .access_key = getenv("AWS_ACCESS_KEY_ID"),
            .secret_key = getenv("AWS_SECRET_ACCESS_KEY"),
        }),
    };
    struct gl_ledger_s3_options options = {
        .new_client = new_client,
        .context = &tool,
        .bucket = bucket,
        .retention_days = GL_LEDGER_RETENTION_DAYS,
        .copy_path = copy,
    };
    int result = gl_ledger_open_s3(&options, &tool.ledger, err);
    if (result < 0)
        return result;
    gl_ledger_set_clock(tool.ledger, &clock_fns);
    return serve(&tool, err);
}

int main(int argc, char **argv)
{
    gl_autoerr struct gl_error err = {0};
    boot_id_shown = argc > 2 && *argv[2] ? argv[2] : gl_boot_id();
    if (argc > 1 && run(argv[1], argc > 3 ? argv[3] : NULL, &err) == 0)
        return 0;
    (void)fprintf(stderr, "ledger_tool: %s\n", err.message ? err.message : "which bucket?");
    return 1;
}
