/* golive promote: what passed one environment goes to the next. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "infra/promotion.h"

/* The environment the release comes from. Its platform is opened only when its image has to be
 * fetched, its ledger only when it is not that of the other environment. */
struct origin {
    struct gl_context *context;
    struct gl_config *config;
    struct gl_account *account; /* NULL: not on AWS */
    struct gl_ledger *ledger;
    struct gl_platform *platform;
};

static void origin_done(struct origin *origin)
{
    gl_platform_free(&origin->platform);
    gl_ledger_free(&origin->ledger);
    gl_account_free(&origin->account);
    gl_config_free(&origin->config);
}

static int open_origin(void *context, struct gl_platform **ret_platform, struct gl_error *err)
{
    struct origin *origin = context;
    int failed = 0;
    if (!origin->platform)
        failed = gl_platform_open(origin->config, origin->context->state_dir, origin->account,
                                  &origin->platform, err);
    if (failed == 0)
        *ret_platform = origin->platform;
    return failed;
}

/* One account and region, or this machine: what the one has done is where the other one looks. */
static bool shares_ledger(const struct origin *origin)
{
    const struct gl_account *here = origin->context->account;
    if (!here || !origin->account)
        return here == origin->account;
    return strcmp(gl_account_id(here), gl_account_id(origin->account)) == 0 &&
           strcmp(gl_account_region(here), gl_account_region(origin->account)) == 0;
}

/* ---- the other account -------------------------------------------------------------------------
 */

/* By what role the release's own credentials read there: that of the variable, else the one that
 * the stack promotion makes for releases of prod; NULL = none. The caller owns it. */
static char *role_there(const struct gl_context *context, const struct origin *origin)
{
    const char *given = getenv("GOLIVE_PROMOTE_ROLE");
    const char *account = gl_config_str(origin->config, "account_id");
    if (given && *given)
        return gl_strdup(given);
    const char *target = gl_promotion_account(origin->config);
    bool is_target = target && strcmp(gl_account_id(context->account), target) == 0 &&
                     strcmp(gl_config_env(context->config), "prod") == 0;
    return is_target ? gl_promotion_role(gl_config_str(origin->config, "app.name"),
                                         gl_config_env(origin->config), account,
                                         gl_config_str(origin->config, "region"))
                     : NULL;
}

static int say_who_may(const struct origin *origin, const char *role, struct gl_error *err)
{
    const char *env = gl_config_env(origin->config);
    const char *app = gl_config_str(origin->config, "app.name");
    gl_error_wrap(err, _("what passed %s is read by the role %s, which cannot be taken on"), env,
                  role);
    return gl_error_hint(err,
                         _("golive up --env %s makes that role (stack promotion) and golive up "
                           "--env prod lets releases take it on (stack ci-deploy). It trusts only "
                           "%s-prod-deploy: anybody else names a profile of that account with "
                           "--from-profile, or a role in GOLIVE_PROMOTE_ROLE."),
                         env, app);
}

static bool is_other_account(const struct gl_context *context, const struct origin *origin)
{
    const char *account = gl_config_str(origin->config, "account_id");
    return context->account && account && strcmp(account, gl_account_id(context->account)) != 0;
}

static int open_account(struct gl_context *context, struct origin *origin, struct gl_error *err)
{
    bool as_role = !gl_flag_str(context, "from-profile") && is_other_account(context, origin);
    gl_autofree char *role = as_role ? role_there(context, origin) : NULL;
    if (!role)
        return gl_cmd_open_account_as(context, origin->config, "from-profile", &origin->account,
                                      err);
    struct gl_account_options options = {.config = origin->config,
                                         .profile = gl_flag_str(context, "profile"),
                                         .through = context->account,
                                         .role = role};
    int failed = gl_account_open(&options, &origin->account, err);
    return failed == GL_E_REFUSED ? say_who_may(origin, role, err) : failed;
}

static int open_ledgers(struct gl_context *context, struct origin *origin, struct gl_error *err)
{
    int failed = gl_cmd_open_ledger(context, err);
    if (failed == 0 && gl_platform_is_aws(origin->config))
        failed = open_account(context, origin, err);
    if (failed < 0 || shares_ledger(origin))
        return failed;
    return gl_cmd_open_other_ledger(context, origin->config, origin->account, &origin->ledger, err);
}

static int check_words(const struct gl_context *context, struct gl_error *err)
{
    if (context->args.count != 2) {
        gl_fail(err, GL_E_USAGE, _("promote wants two environments"));
        return gl_error_hint(err, _("Where the release passed, and where it goes: golive promote "
                                    "stg prod"));
    }
    if (gl_flag_int(context, "release") < 0)
        return gl_fail(err, GL_E_USAGE, _("--release is the number of a release"));
    return 0;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    gl_cleanup(origin_done) struct origin origin = {.context = context};
    int failed = check_words(context, err);
    if (failed == 0)
        failed = gl_cmd_load_environment(context, context->args.items[0], &origin.config, err);
    if (failed == 0)
        failed = gl_cmd_change_environment(context, context->args.items[1], err);
    if (failed == 0)
        failed = open_ledgers(context, &origin, err);
    if (failed < 0)
        return failed;
    struct gl_release_request wanted = {
        .promote_from = context->args.items[0],
        .promote_release = gl_flag_int(context, "release"),
        .from_ledger = origin.ledger,
        .open_from = open_origin,
        .open_from_context = &origin,
    };
    failed = gl_cmd_despite(context, &wanted, err);
    return failed < 0 ? failed : gl_cmd_operation(context, gl_release_promote, &wanted, err);
}

static const struct gl_flag flags[] = {
    {"release",    'r', GL_FLAG_INT, N_("N"), NULL,
     N_("release of FROM; what serves there when not given")},
    {"dry-run", 'n', GL_FLAG_BOOL, NULL, NULL,
     N_("check everything, also the approvals, and show the steps")},
    GL_DESPITE_FLAGS,
    GL_PROFILE_FLAG,
    {"from-profile",        0, GL_FLAG_TEXT, N_("NAME"), NULL,
     N_("the same for the account of FROM; when not given, a release of prod takes on the role APP-FROM-promote there")},
    {0           },
};

static const struct gl_example examples[] = {
    {"golive promote stg prod",                     N_("ship to prod what serves in stg; asks for approvals first")},
    {"golive promote stg prod --release 7 --dry-run",                                             N_("would release 7 of stg be let through?")},
    {0},
};

const struct gl_command gl_cmd_promote = {
    .name = "promote",
    .arguments = "FROM TO",
    .summary = N_("ship to an environment the very release that passed another one"),
    .text = N_(
        "The image has the same digest and is not built again; the frontend is built of the same source "
        "with the variables of TO; migrations and stacks must be those that FROM has. What did not pass "
        "FROM, passed longer ago than release.promote_max_age_days, or is not in the working tree is "
        "refused. Where approval.min of TO is above 0, the first run asks for approvals (golive approve) "
        "and the next one, once they are there, ships. Signatures are checked anew each time with the keys in "
        "golive.yaml; nobody approves what they started, asked for or wrote. An interrupted promotion goes "
        "on when the command is given again."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG, /* the ledger is that of TO */
    .max_args = 2,
    .run = run,
};
