/* Which environment, its plan, its account. */
#include "cmd/aws_context.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "infra/checks.h"
#include "infra/region.h"

void gl_planned_done(struct gl_planned *planned)
{
    gl_plan_done(&planned->plan);
    gl_config_free(&planned->own);
}

/* ---- which environment -------------------------------------------------------------------------
 */

static void no_environment(json_t *environments, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    const char *name;
    json_t *unused;
    json_object_foreach((json_t *)environments, name, unused) gl_strv_add(&names, name);
    gl_autofree char *all = gl_strv_join(&names, ", ");
    gl_fail(err, GL_E_USAGE, _("which environment?"));
    gl_error_hint(err, _("Name it: --env ENV. golive.yaml has: %s."), all);
}

/* The only one, or the only one beside this machine; NULL if there are more. */
static const char *only_environment(json_t *environments)
{
    const char *found = NULL;
    const char *name;
    json_t *unused;
    json_object_foreach(environments, name, unused)
    {
        bool elsewhere = strcmp(name, "local") != 0;
        if (elsewhere && found && strcmp(found, "local") != 0)
            return NULL;
        if (elsewhere || !found)
            found = name;
    }
    return found;
}

/* --env, else prod, else the only one there is. */
int gl_cmd_choose_environment(struct gl_context *context, const char **ret_env,
                              struct gl_error *err)
{
    const char *given = gl_flag_str(context, "env");
    json_t *environments =
        json_object_get((json_t *)gl_config_tree(context->config), "environments");
    const char *env = given                                   ? given
                      : json_object_get(environments, "prod") ? "prod"
                                                              : only_environment(environments);
    if (!env) {
        no_environment(environments, err);
        return GL_E_USAGE;
    }
    *ret_env = env;
    return 0;
}

/* Shows mistakes with their lines; the error says the rest. */
static int show_mistakes(struct gl_context *context, struct gl_diagnostics *list,
                         struct gl_error *err)
{
    int failed = gl_check_summary(list, err);
    if (failed < 0 && !context->format_json) {
        gl_diagnostics_print(list, stderr, context->colour);
        gl_error_done(err);
        err->code = failed; /* shown already */
    }
    return failed;
}

int gl_cmd_load_environment(struct gl_context *context, const char *env,
                            struct gl_config **ret_config, struct gl_error *err)
{
    if (gl_config_other(context->config, env, ret_config, NULL) == 0)
        return 0;
    /* There is no such environment: loading says so, with its place and the nearest name. */
    gl_autodiag struct gl_diagnostics list = {0};
    struct gl_config_request request = {
        .path = gl_config_path(context->config),
        .env = env,
        .set = gl_flag_list(context, "set"),
    };
    int failed = gl_config_load(&request, ret_config, &list, err);
    if (failed == GL_E_CONFIG && list.count && !context->format_json) {
        gl_diagnostics_print(&list, stderr, context->colour);
        gl_error_done(err);
        err->code = GL_E_CONFIG; /* shown already */
    }
    return failed;
}

int gl_cmd_change_environment(struct gl_context *context, const char *env, struct gl_error *err)
{
    struct gl_config *config = NULL;
    if (strcmp(gl_config_env(context->config), env) == 0)
        return 0;
    int failed = gl_cmd_load_environment(context, env, &config, err);
    if (failed < 0)
        return failed;
    gl_config_free(&context->config);
    context->config = config;
    return 0;
}

/* Regions are added: an unknown one is only most likely a mistake. */
static void note_region(const struct gl_context *context, const char *region)
{
    if (context->format_json || gl_region_zones(region) > 0)
        return;
    const char *nearest = gl_region_nearest(region);
    fprintf(stderr, _("Note: golive does not know the region %s; check its name.\n"), region);
    if (nearest)
        fprintf(stderr, _("did you mean `%s`?\n"), nearest);
}

int gl_cmd_plan_environment(struct gl_context *context, const char *env,
                            const struct gl_catalog *catalog, struct gl_planned *planned,
                            struct gl_error *err)
{
    gl_autodiag struct gl_diagnostics list = {0};
    const struct gl_config *config = context->config;
    int failed = 0;
    if (strcmp(gl_config_env(config), env) != 0) {
        failed = gl_cmd_load_environment(context, env, &planned->own, err);
        config = planned->own;
    }
    if (failed < 0)
        return failed;
    note_region(context, gl_config_str(config, "region"));
    gl_check_environment(config, &list);
    failed = show_mistakes(context, &list, err);
    if (failed == 0)
        failed = gl_plan_make(config, catalog, &planned->plan, err);
    if (failed < 0)
        return failed;
    gl_check_names(&planned->plan, &list);
    return show_mistakes(context, &list, err);
}

/* ---- the account -------------------------------------------------------------------------------
 */

/* Reads one line from the terminal; a signal ends the waiting. */
static int read_line(int tty, struct gl_buf *line, struct gl_error *err)
{
    struct pollfd wait[2] = {
        {.fd = tty,               .events = POLLIN},
        {.fd = gl_interrupt_fd(), .events = POLLIN}
    };
    while (poll(wait, 2, -1) >= 0 || errno == EINTR) {
        char c;
        int failed = gl_interrupt_check(err);
        if (failed < 0)
            return failed;
        if (!wait[0].revents)
            continue;
        if (read(tty, &c, 1) != 1 || c == '\n')
            return 0;
        gl_buf_putc(line, c);
    }
    return gl_fail_errno(err, errno, _("the terminal cannot be read"));
}

/* The code is good for half a minute and for one use: it may be seen while it is typed. */
static int ask_mfa(const char *serial, void *context, char **ret_code, struct gl_error *err)
{
    (void)context;
    gl_autoclose int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0) {
        gl_fail(err, GL_E_REFUSED, _("the code of the MFA device %s is needed"), serial);
        return gl_error_hint(err, _("There is no terminal to ask on: sign in first, for example "
                                    "with aws sso login."));
    }
    gl_autofree char *question = gl_asprintf(_("Code of the MFA device %s: "), serial);
    gl_autobuf struct gl_buf line = {0};
    if (gl_write_all(tty, question, strlen(question)) < 0)
        return gl_fail_errno(err, errno, _("the terminal cannot be written"));
    int failed = read_line(tty, &line, err);
    if (failed == 0)
        *ret_code = gl_buf_steal(&line);
    return failed;
}

int gl_cmd_open_account_as(struct gl_context *context, const struct gl_config *config,
                           const char *flag, struct gl_account **ret_account, struct gl_error *err)
{
    const char *profile = gl_flag_str(context, flag);
    struct gl_account_options options = {
        .config = config,
        .profile = profile ? profile : gl_flag_str(context, "profile"),
        .ask_mfa = ask_mfa,
    };
    return gl_account_open(&options, ret_account, err);
}

int gl_cmd_open_account(struct gl_context *context, const struct gl_config *config,
                        struct gl_account **ret_account, struct gl_error *err)
{
    return gl_cmd_open_account_as(context, config, "profile", ret_account, err);
}

/* ---- everything --------------------------------------------------------------------------------
 */

int gl_aws_context_open(struct gl_context *context, struct gl_aws_context *ret_aws,
                        struct gl_error *err)
{
    const char *env = NULL;
    int failed = gl_catalog_open(NULL, gl_config_dir(context->config), &ret_aws->catalog, err);
    if (failed == 0)
        failed = gl_cmd_choose_environment(context, &env, err);
    if (failed == 0)
        failed = gl_cmd_plan_environment(context, env, &ret_aws->catalog, &ret_aws->planned, err);
    if (failed == 0 && !context->account)
        failed = gl_cmd_open_account(context, ret_aws->planned.plan.config, &context->account, err);
    ret_aws->account = context->account;
    return failed;
}

void gl_aws_context_done(struct gl_aws_context *aws)
{
    gl_planned_done(&aws->planned);
    gl_catalog_done(&aws->catalog);
}

int gl_cmd_need_account(struct gl_context *context, struct gl_error *err)
{
    if (context->account || !gl_platform_is_aws(context->config))
        return 0;
    return gl_cmd_open_account(context, context->config, &context->account, err);
}

int gl_cmd_open_platform(struct gl_context *context, struct gl_platform **ret_platform,
                         struct gl_error *err)
{
    int failed = gl_cmd_need_account(context, err);
    return failed < 0 ? failed
                      : gl_platform_open(context->config, context->state_dir, context->account,
                                         ret_platform, err);
}

void gl_cmd_print_json(struct gl_context *context, const json_t *json)
{
    gl_autofree char *pretty = gl_json_pretty(json);
    fputs(pretty, context->out);
}
