/* Carries out operations of an environment's platform, each given as one JSON line on standard
 * input, and answers each with one JSON line:
 *
 *   release_tool ENV [KEY=VALUE...]          in a directory with golive.yaml
 *     {"op": "start", "release": 1, "version": "a1", "digest": "sha256:...", "layout": DIR,
 *      "timeout_ms": 60000}
 *     {"op": "shift", "release": 1, "pct": 100}
 *     {"op": "observe", "release": 1, "mark": {...}}
 *       -> {"ok": true, "result": ..., "ms": 12}
 *       or {"ok": false, "code": "unhealthy", "message", "hint", "ms"}
 *
 * What an operation says while it works goes to standard error, a line each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "config/config.h"
#include "infra/account.h"
#include "platform/platform.h"

static json_t *traffic_json(const struct gl_traffic *traffic)
{
    json_t *versions = json_array();
    for (size_t i = 0; i < traffic->count; i++) {
        const struct gl_running *v = &traffic->versions[i];
        json_array_append_new(
            versions, json_pack("{sIsisbsbsIss}", "release", (json_int_t)v->release, "weight_pct",
                                v->weight_pct, "sessions", v->sessions, "healthy", v->healthy,
                                "deaths", (json_int_t)v->deaths, "digest", v->digest));
    }
    return versions;
}

static int do_traffic(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    (void)line;
    struct gl_traffic traffic = {0};
    int failed = p->ops->traffic(p, &traffic, err);
    if (failed == 0)
        *ret = traffic_json(&traffic);
    return failed;
}

static struct gl_artifact artifact_of(const json_t *line)
{
    return (struct gl_artifact){
        .release = gl_json_int(line, "release", 0),
        .version = gl_json_str(line, "version", NULL),
        .layout_dir = gl_json_str(line, "layout", NULL),
        .image_digest = gl_json_str(line, "digest", NULL),
        .pages_digest = gl_json_str(line, "pages_digest", NULL),
    };
}

static int do_start(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    (void)ret;
    struct gl_artifact a = artifact_of(line);
    return p->ops->start(p, &a, gl_json_int(line, "timeout_ms", 60000), err);
}

static int do_preflight(struct gl_platform *p, const json_t *line, json_t **ret,
                        struct gl_error *err)
{
    (void)ret;
    struct gl_artifact a = artifact_of(line);
    return p->ops->preflight(p, &a, err);
}

static int do_up(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    (void)line;
    (void)ret;
    return p->ops->up(p, err);
}

static int do_down(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    (void)line;
    (void)ret;
    return p->ops->down(p, false, err);
}

static int do_shift(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    (void)ret;
    return p->ops->shift(p, gl_json_int(line, "release", 0), (int)gl_json_int(line, "pct", 0), err);
}

static int do_sessions(struct gl_platform *p, const json_t *line, json_t **ret,
                       struct gl_error *err)
{
    (void)ret;
    return p->ops->move_sessions(p, gl_json_int(line, "release", 0), err);
}

static int do_conclude(struct gl_platform *p, const json_t *line, json_t **ret,
                       struct gl_error *err)
{
    (void)ret;
    return p->ops->conclude(p, gl_json_int(line, "release", 0), err);
}

static int do_stop(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    (void)ret;
    return p->ops->stop(p, gl_json_int(line, "release", 0), err);
}

static int do_mark(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    return p->ops->mark(p, gl_json_int(line, "release", 0), ret, err);
}

static int do_observe(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    gl_autoobservation struct gl_observation seen = {0};
    int failed = p->ops->observe(p, gl_json_int(line, "release", 0), json_object_get(line, "mark"),
                                 &seen, err);
    if (failed == 0)
        *ret = json_pack("{sIsIsIsfsfsIsbss?}", "requests", (json_int_t)seen.requests, "errors_5xx",
                         (json_int_t)seen.errors_5xx, "failures", (json_int_t)seen.failures,
                         "p50_ms", seen.p50_ms, "p95_ms", seen.p95_ms, "deaths",
                         (json_int_t)seen.deaths, "healthy", seen.healthy, "alarm", seen.alarm);
    return failed;
}

static int do_endpoint(struct gl_platform *p, const json_t *line, json_t **ret,
                       struct gl_error *err)
{
    gl_autotarget struct gl_target target = {0};
    int failed = p->ops->endpoint(p, (enum gl_endpoint)gl_json_int(line, "which", 0),
                                  gl_json_int(line, "release", 0), &target, err);
    if (failed == 0)
        *ret = json_pack("{ssss?ss?ss?}", "base_url", target.base_url, "resolve", target.resolve,
                         "ca_file", target.ca_file, "header", target.header);
    return failed;
}

static int do_logs(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    gl_autofree char *text = NULL;
    int failed =
        p->ops->logs(p, gl_json_str(line, "service", "backend"), gl_json_int(line, "release", 0),
                     (int)gl_json_int(line, "lines", 10), &text, err);
    if (failed == 0)
        *ret = json_string(text);
    return failed;
}

static int do_describe(struct gl_platform *p, const json_t *line, json_t **ret,
                       struct gl_error *err)
{
    (void)line;
    return p->ops->describe(p, ret, err);
}

static int do_prune(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    int64_t keep[16];
    size_t count = 0;
    size_t i;
    const json_t *number;
    (void)ret;
    json_array_foreach(json_object_get(line, "keep"), i, number)
    {
        if (count < GL_COUNT(keep))
            keep[count++] = json_integer_value(number);
    }
    return p->ops->prune(p, keep, count, err);
}

typedef int do_fn(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err);

static const struct {
    const char *name;
    do_fn *run;
} operations[] = {
    {"conclude",      do_conclude },
    {"describe",      do_describe },
    {"down",          do_down     },
    {"endpoint",      do_endpoint },
    {"logs",          do_logs     },
    {"mark",          do_mark     },
    {"move_sessions", do_sessions },
    {"observe",       do_observe  },
    {"preflight",     do_preflight},
    {"prune",         do_prune    },
    {"shift",         do_shift    },
    {"start",         do_start    },
    {"stop",          do_stop     },
    {"traffic",       do_traffic  },
    {"up",            do_up       },
};

static int perform(struct gl_platform *p, const json_t *line, json_t **ret, struct gl_error *err)
{
    const char *name = gl_json_str(line, "op", "");
    for (size_t i = 0; i < GL_COUNT(operations); i++) {
        if (strcmp(operations[i].name, name) == 0)
            return operations[i].run(p, line, ret, err);
    }
    return gl_fail(err, GL_E_USAGE, "no operation `%s`", name);
}

static void answer(struct gl_platform *p, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *line = NULL;
    json_t *result = NULL;
    int64_t begun = gl_mono_ms();
    int failed = gl_json_parse(text, strlen(text), "standard input", &line, &err);
    if (failed == 0)
        failed = perform(p, line, &result, &err);
    gl_autojson json_t *out = json_object();
    gl_json_set_bool(out, "ok", failed == 0);
    gl_json_set_int(out, "ms", gl_mono_ms() - begun);
    if (result)
        json_object_set_new(out, "result", result);
    if (failed < 0) {
        gl_json_set_str(out, "code", gl_code_word(failed));
        gl_json_set_str(out, "message", err.message);
        gl_json_set_str(out, "hint", err.hint);
    }
    gl_autofree char *said = gl_json_canonical(out);
    puts(said);
    fflush(stdout);
}

static void say(const char *text, void *context)
{
    (void)context;
    fprintf(stderr, "%s\n", text);
}

static int serve(const struct gl_config *config, struct gl_error *err)
{
    gl_autoaccount struct gl_account *account = NULL;
    gl_autoplatform struct gl_platform *platform = NULL;
    struct gl_account_options options = {.config = config};
    gl_autofree char *line = NULL;
    size_t room = 0;
    int failed = gl_account_open(&options, &account, err);
    if (failed == 0)
        failed = gl_platform_open(config, ".golive", account, &platform, err);
    if (failed < 0 || !platform)
        return failed;
    platform->on_progress = say;
    while (getline(&line, &room, stdin) > 0)
        answer(platform, line);
    return 0;
}

int main(int argc, char **argv)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics list = {0};
    gl_autostrv struct gl_strv set = {0};
    struct gl_config *config = NULL;
    gl_interrupt_init();
    for (int i = 2; i < argc; i++)
        gl_strv_add(&set, argv[i]);
    struct gl_config_request request = {
        .path = "golive.yaml", .env = argc > 1 ? argv[1] : "prod", .set = &set};
    int failed = gl_config_load(&request, &config, &list, &err);
    if (failed == 0)
        failed = serve(config, &err);
    if (failed < 0)
        fprintf(stderr, "%s\n", err.message ? err.message : "the configuration is wrong");
    gl_config_free(&config);
    return failed < 0;
}
