/* The AWS platform: the table of its operations, and what they share. */
#include "platform/aws/aws.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "platform/aws/look.h"

static void free_cloud(struct gl_cloud *cloud)
{
    if (cloud->planned) {
        gl_plan_done(&cloud->plan);
        gl_catalog_done(&cloud->catalog);
    }
    json_decref(cloud->outputs);
    json_decref(cloud->definitions);
    json_decref(cloud->revisions);
    gl_cloud_look_free(&cloud->look);
    free(cloud->state_dir);
    free(cloud);
}

void gl_cloud_free(struct gl_platform *p)
{
    struct gl_cloud *cloud = gl_cloud_cast(p);
    if (cloud->pages)
        free_cloud(cloud->pages);
    free_cloud(cloud);
}

const struct gl_platform_ops gl_cloud_ops = {
    .name = "aws",
    .sentences = gl_cloud_sentences,
    .up = gl_cloud_up,
    .down = gl_cloud_down,
    .describe = gl_cloud_describe,
    .logs = gl_cloud_logs,
    .log_place = gl_cloud_log_place,
    .preflight = gl_cloud_preflight,
    .traffic = gl_cloud_traffic,
    .place = gl_cloud_place,
    .fetch = gl_cloud_fetch,
    .backup = gl_cloud_backup,
    .migration_status = gl_cloud_migration_status,
    .migrate = gl_cloud_migrate,
    .start = gl_cloud_start,
    .endpoint = gl_cloud_endpoint,
    .next_share_pct = gl_cloud_next_share_pct,
    .shift = gl_cloud_shift,
    .move_sessions = gl_cloud_move_sessions,
    .mark = gl_cloud_mark,
    .observe = gl_cloud_observe,
    .check_variables = gl_cloud_check_variables,
    .frontend_variables = gl_cloud_frontend_variables,
    .stored_value = gl_cloud_stored_value,
    .publish = gl_cloud_publish,
    .activate = gl_cloud_activate,
    .conclude = gl_cloud_conclude,
    .stop = gl_cloud_stop,
    .prune = gl_cloud_prune,
    .free = gl_cloud_free,
};

static struct gl_cloud *new_cloud(const struct gl_config *config, const char *state_dir,
                                  struct gl_account *account, const struct gl_part *part)
{
    struct gl_cloud *cloud = gl_alloc(sizeof *cloud);
    cloud->base = (struct gl_platform){.ops = part->way->ops, .config = config};
    cloud->part = part;
    cloud->account = account;
    cloud->client = gl_account_client(account);
    cloud->app = gl_config_str(config, "app.name");
    cloud->env = gl_config_env(config);
    cloud->region = gl_account_region(account);
    cloud->state_dir = gl_strdup(state_dir);
    cloud->outputs = json_object();
    cloud->definitions = json_object();
    cloud->revisions = json_object();
    return cloud;
}

int gl_cloud_open(const struct gl_config *config, const char *state_dir, struct gl_account *account,
                  struct gl_platform **ret_platform, struct gl_error *err)
{
    if (!account)
        return gl_fail(err, GL_E_CONFIG, _("environment %s needs an AWS account"),
                       gl_config_env(config));
    struct gl_cloud *cloud = new_cloud(config, state_dir, account, gl_part_of_backend(config));
    *ret_platform = &cloud->base;
    return 0;
}

/* What progress is told to is set after the platform was opened. */
struct gl_cloud *gl_cloud_pages(struct gl_cloud *cloud)
{
    if (!gl_platform_has_pages(cloud->base.config))
        return NULL;
    if (!cloud->pages)
        cloud->pages =
            new_cloud(cloud->base.config, cloud->state_dir, cloud->account, &gl_part_pages);
    cloud->pages->base = cloud->base;
    return cloud->pages;
}

int gl_cloud_plan(struct gl_cloud *cloud, struct gl_plan **ret_plan, struct gl_error *err)
{
    if (!cloud->planned) {
        int failed = gl_catalog_open(NULL, gl_config_dir(cloud->base.config), &cloud->catalog, err);
        if (failed < 0)
            return failed;
        failed = gl_plan_make(cloud->base.config, &cloud->catalog, &cloud->plan, err);
        if (failed < 0) {
            gl_catalog_done(&cloud->catalog);
            return failed;
        }
        cloud->planned = true;
    }
    *ret_plan = &cloud->plan;
    return 0;
}
