/* One operation of the AWS platform on the frontend, as a release calls it; the environment says
 * where (AWS_ENDPOINT_URL) and as whom.
 *
 *   site_tool GOLIVE_YAML ENV variables            prints them as JSON
 *   site_tool GOLIVE_YAML ENV publish RELEASE DIR [VERSION]
 *   site_tool GOLIVE_YAML ENV activate RELEASE
 *   site_tool GOLIVE_YAML ENV release              prints the number of the one that is served
 *   site_tool GOLIVE_YAML ENV prune RELEASE...     keeps these
 * An error is one JSON line on standard error, the exit status that of golive. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/json.h"
#include "platform/aws/ops.h"

typedef int action_fn(struct gl_platform *p, char **words, size_t count, struct gl_error *err);

static int64_t number(const char *word)
{
    return strtoll(word, NULL, 10);
}

static int variables(struct gl_platform *p, char **words, size_t count, struct gl_error *err)
{
    (void)words;
    (void)count;
    gl_autojson json_t *object = NULL;
    int failed = p->ops->frontend_variables(p, &object, err);
    if (failed < 0)
        return failed;
    gl_autofree char *text = gl_json_canonical(object);
    puts(text);
    return 0;
}

static int publish(struct gl_platform *p, char **words, size_t count, struct gl_error *err)
{
    struct gl_artifact artifact = {.release = number(words[0]),
                                   .frontend_dir = count > 1 ? words[1] : NULL,
                                   .version = count > 2 ? words[2] : NULL};
    return p->ops->publish(p, &artifact, err);
}

static int activate(struct gl_platform *p, char **words, size_t count, struct gl_error *err)
{
    (void)count;
    return p->ops->activate(p, number(words[0]), err);
}

static int release(struct gl_platform *p, char **words, size_t count, struct gl_error *err)
{
    (void)words;
    (void)count;
    int64_t served = 0;
    int failed = gl_cloud_site_release(p, &served, err);
    if (failed == 0)
        printf("%" PRId64 "\n", served);
    return failed;
}

static int prune(struct gl_platform *p, char **words, size_t count, struct gl_error *err)
{
    gl_autofree int64_t *keep = gl_alloc((count + 1) * sizeof *keep);
    for (size_t i = 0; i < count; i++)
        keep[i] = number(words[i]);
    return gl_cloud_site_prune(p, keep, count, err);
}

static const struct {
    const char *word;
    size_t least;
    action_fn *run;
} actions[] = {
    {"activate",  1, activate },
    {"prune",     0, prune    },
    {"publish",   1, publish  },
    {"release",   0, release  },
    {"variables", 0, variables},
};

static void tell(const char *text, void *context)
{
    (void)context;
    (void)fprintf(stderr, "%s\n", text);
}

static int run(char **words, size_t count, struct gl_error *err)
{
    gl_autodiag struct gl_diagnostics diagnostics = {0};
    gl_autoconfig struct gl_config *config = NULL;
    gl_autoaccount struct gl_account *account = NULL;
    gl_autoplatform struct gl_platform *platform = NULL;
    struct gl_config_request request = {.path = words[0], .env = words[1]};
    int failed = gl_config_load(&request, &config, &diagnostics, err);
    if (failed == 0)
        failed = gl_account_open(&(struct gl_account_options){.config = config}, &account, err);
    if (failed == 0)
        failed = gl_platform_open(config, ".golive", account, &platform, err);
    if (failed < 0)
        return failed;
    if (platform && getenv("SITE_TOOL_PROGRESS"))
        platform->on_progress = tell;
    for (size_t i = 0; i < GL_COUNT(actions); i++) {
        if (strcmp(actions[i].word, words[2]) == 0 && count - 3 >= actions[i].least)
            return actions[i].run(platform, words + 3, count - 3, err);
    }
    return gl_fail(err, GL_E_USAGE, "no such action: %s", words[2]);
}

int main(int argc, char **argv)
{
    gl_autoerr struct gl_error err = {0};
    if (argc < 4)
        return 2;
    gl_interrupt_init();
    int failed = run(argv + 1, (size_t)argc - 1, &err);
    if (failed == 0)
        return 0;
    gl_autojson json_t *said = json_object();
    gl_json_set_str(said, "error", gl_code_word(failed));
    gl_json_set_str(said, "message", err.message);
    gl_json_set_str(said, "hint", err.hint);
    gl_autofree char *text = gl_json_canonical(said);
    (void)fprintf(stderr, "%s\n", text);
    return gl_code_exit_status(failed);
}
