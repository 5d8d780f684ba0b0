/* Makes one operation of the AWS platform of the project in the working directory, for tests; says
 * what happens as JSON lines. The environment says where (AWS_ENDPOINT_URL, ...) and as whom.
 *
 *   platform_tool ENV image LAYOUT DIR ARCHITECTURE       a small image of DIR, to be placed
 *   platform_tool ENV place LAYOUT DIGEST VERSION
 *   platform_tool ENV fetch LAYOUT DIGEST
 *   platform_tool ENV backup LABEL
 *   platform_tool ENV prune-backups RELEASE...
 *     {"progress": "..."} ...
 *     {"result": {...}} or {"error", "message", "hint"} */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/json.h"
#include "infra/account.h"
#include "platform/aws/ops.h"
#include "platform/platform.h"

static void say(const json_t *line)
{
    gl_autofree char *text = gl_json_canonical(line);
    puts(text);
    (void)fflush(stdout);
}

static void on_progress(const char *text, void *context)
{
    (void)context;
    gl_autojson json_t *line = json_object();
    gl_json_set_str(line, "progress", text);
    say(line);
}

typedef int operation(struct gl_platform *p, char **words, json_t *result, struct gl_error *err);

static int image(struct gl_platform *p, char **words, json_t *result, struct gl_error *err)
{
    const struct gl_image_file file = {words[1], "/app", 0};
    const struct gl_image_layer layer = {"app", &file, 1};
    static const char *const entrypoint[] = {"/app/server", NULL};
    const struct gl_image_spec spec = {
        .layout_dir = words[0],
        .layers = &layer,
        .layer_count = 1,
        .entrypoint = entrypoint,
        .user = "65532:65532",
        .workdir = "/app",
        .architecture = words[2],
    };
    struct gl_image built = {0};
    (void)p;
    int failed = gl_image_build(&spec, &built, err);
    gl_json_set_str(result, "digest", built.digest);
    return failed;
}

static int place(struct gl_platform *p, char **words, json_t *result, struct gl_error *err)
{
    (void)result;
    const struct gl_artifact artifact = {
        .release = 1, .layout_dir = words[0], .image_digest = words[1], .version = words[2]};
    return p->ops->place(p, &artifact, err);
}

static int fetch(struct gl_platform *p, char **words, json_t *result, struct gl_error *err)
{
    const struct gl_artifact artifact = {
        .release = 1, .layout_dir = words[0], .image_digest = words[1]};
    int failed = p->ops->fetch(p, &artifact, err);
    if (failed == 0)
        failed = gl_image_verify(words[0], words[1], err);
    gl_json_set_bool(result, "whole", failed == 0);
    return failed;
}

static int backup(struct gl_platform *p, char **words, json_t *result, struct gl_error *err)
{
    gl_autobackup struct gl_backup made = {0};
    int failed = p->ops->backup(p, words[0], &made, err);
    gl_json_set_str(result, "id", made.id);
    gl_json_set_str(result, "location", made.location);
    gl_json_set_int(result, "size_bytes", (int64_t)made.size_bytes);
    return failed;
}

static int prune_backups(struct gl_platform *p, char **words, json_t *result, struct gl_error *err)
{
    int64_t keep[16];
    size_t count = 0;
    (void)result;
    for (; words[count] && count < GL_COUNT(keep); count++)
        keep[count] = strtoll(words[count], NULL, 10);
    return gl_cloud_backup_prune(p, keep, count, err);
}

static const struct {
    const char *name;
    int words; /* at least */
    operation *run;
} operations[] = {
    {"image",         3, image        },
    {"place",         3, place        },
    {"fetch",         2, fetch        },
    {"backup",        1, backup       },
    {"prune-backups", 0, prune_backups},
};

static int open_platform(const char *env, struct gl_config **config, struct gl_account **account,
                         struct gl_platform **platform, struct gl_error *err)
{
    gl_autodiag struct gl_diagnostics problems = {0};
    const struct gl_strv no_set = {0};
    struct gl_config_request request = {.path = "golive.yaml", .env = env, .set = &no_set};
    int failed = gl_config_load(&request, config, &problems, err);
    struct gl_account_options options = {.config = *config};
    if (failed == 0)
        failed = gl_account_open(&options, account, err);
    if (failed == 0)
        failed = gl_platform_open(*config, ".golive", *account, platform, err);
    if (failed == 0)
        (*platform)->on_progress = on_progress;
    return failed;
}

static int run(const char *env, operation *op, char **words, json_t *result, struct gl_error *err)
{
    gl_autoconfig struct gl_config *config = NULL;
    gl_autoaccount struct gl_account *account = NULL;
    gl_autoplatform struct gl_platform *platform = NULL;
    int failed = open_platform(env, &config, &account, &platform, err);
    return failed < 0 ? failed : op(platform, words, result, err);
}

int main(int argc, char **argv)
{
    size_t row = 0;
    while (argc > 2 && row < GL_COUNT(operations) && strcmp(operations[row].name, argv[2]) != 0)
        row++;
    if (argc < 3 || row == GL_COUNT(operations) || argc < 3 + operations[row].words) {
        (void)fputs("usage: platform_tool ENV OPERATION WORDS...\n", stderr);
        return 2;
    }
    gl_interrupt_init();
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *line = json_object();
    json_t *result = json_object();
    int failed = run(argv[1], operations[row].run, argv + 3, result, &err);
    json_object_set_new(line, "result", result);
    if (failed < 0) {
        json_object_clear(line);
        gl_json_set_str(line, "error", gl_code_word(failed));
        gl_json_set_str(line, "message", err.message);
        gl_json_set_str(line, "hint", err.hint);
    }
    say(line);
    return gl_code_exit_status(failed);
}
