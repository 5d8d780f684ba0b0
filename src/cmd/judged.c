/* Judging all controls for a command. */
#include "cmd/judged.h"

#include "base/fs.h"
#include "base/i18n.h"
#include "cmd/aws_context.h"
#include "facts/facts.h"

int gl_cmd_choose_judged(struct gl_context *context, struct gl_error *err)
{
    const char *env = "local";
    const json_t *all = json_object_get(gl_config_tree(context->config), "environments");
    int failed = 0;
    if (json_object_size(all) || gl_flag_str(context, "env"))
        failed = gl_cmd_choose_environment(context, &env, err);
    return failed < 0 ? failed : gl_cmd_change_environment(context, env, err);
}

int gl_cmd_open_known_ledger(struct gl_context *context, struct gl_error *err)
{
    const struct gl_config *config = context->config;
    const char *account = gl_config_str(config, "account_id");
    gl_autofree char *team = gl_asprintf("%s-ledger-%s-%s.db", gl_config_str(config, "app.name"),
                                         account ? account : "", gl_config_str(config, "region"));
    const char *const names[] = {gl_platform_is_aws(config) ? team : "ledger.db", "ledger.db"};
    for (size_t i = 0; !context->ledger && i < GL_COUNT(names); i++) {
        gl_autofree char *path = gl_path_join(context->state_dir, names[i]);
        if (gl_is_file(path))
            return gl_ledger_open_sqlite(path, &context->ledger, err);
    }
    return 0;
}

int gl_cmd_open_judged_ledger(struct gl_context *context, const char *undone, const char *other,
                              struct gl_error *err)
{
    const char *env = gl_config_env(context->config);
    int failed = gl_cmd_open_ledger(context, err);
    if (failed == 0)
        return 0;
    gl_autofree char *hint = gl_steal(&err->hint);
    if (hint && other)
        gl_error_hint(err, "%s\n  %s", hint, other);
    else if (hint || other)
        gl_error_hint(err, "%s", hint ? hint : other);
    return gl_platform_is_aws(context->config)
               ? gl_error_wrap(err, _("%s, for the ledger of %s is in its AWS account"), undone,
                               env)
               : gl_error_wrap(err, "%s", undone);
}

void gl_judged_done(struct gl_judged *judged)
{
    gl_check_done(&judged->check);
    gl_controls_done(&judged->controls);
    gl_facts_close(&judged->db);
}

static int collect(struct gl_context *context, int64_t now_unix_s, sqlite3 **ret_db,
                   struct gl_error *err)
{
    struct gl_facts_request request = {
        .config = context->config,
        .ledger = context->ledger,
        .now_unix_s = now_unix_s,
    };
    return gl_facts_collect(&request, ret_db, err);
}

int gl_cmd_judge(struct gl_context *context, enum gl_stage stage, int64_t now_unix_s,
                 struct gl_judged *ret_judged, struct gl_error *err)
{
    gl_autojudged struct gl_judged judged = {0};
    struct gl_check_request request = {.controls = &judged.controls, .stage = stage};
    int failed = gl_cmd_open_known_ledger(context, err);
    if (failed == 0)
        failed = gl_controls_load(context->project_dir, &judged.controls, err);
    if (failed == 0)
        failed = collect(context, now_unix_s, &judged.db, err);
    if (failed == 0)
        failed = gl_check_run(judged.db, &request, &judged.check, err);
    if (failed < 0)
        return failed;
    *ret_judged = judged;
    judged = (struct gl_judged){0};
    return 0;
}
