/* How ECS deploys during a release, and how it does otherwise.
 *
 * A release pauses where golive decides: before production traffic (with canary and linear before
 * each share), and before the old tasks go. Each pause ends with a rollback by itself, so that
 * a golive that died leaves the old version serving. Alarms and the circuit breaker stay as the
 * stack has them. AWS's own bake is left out: golive bakes at the last pause, while the old tasks
 * are warm and the alarms watched all the same. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/ecs.h"

enum {
    SMOKE_MINUTES = 60,      /* for smoke tests and a canary; then AWS takes it back */
    AFTERWARDS_MINUTES = 60, /* the same after the bake: frontend, smoke tests through the edge */
    PAUSE_MOST_MINUTES = 20160, /* DeploymentLifecycleHookDuration */
    MINUTE_S = 60,
};

static int64_t bake_minutes(const struct gl_config *config)
{
    int64_t seconds = gl_config_int(config, "release.bake_seconds");
    return seconds ? (seconds + MINUTE_S - 1) / MINUTE_S
                   : gl_config_int(config, "release.bake_minutes");
}

static json_t *pause_at(const char *stage, int64_t minutes)
{
    if (minutes > PAUSE_MOST_MINUTES)
        minutes = PAUSE_MOST_MINUTES;
    return json_pack("{sss[s]s{sIss}}", "targetType", "PAUSE", "lifecycleStages", stage,
                     "timeoutConfiguration", "timeoutInMinutes", (json_int_t)minutes, "action",
                     "ROLLBACK");
}

/* Every member of the live configuration, so that nothing that the stack set is lost. */
static json_t *live_copy(const json_t *service)
{
    const json_t *live = json_object_get(service, "deploymentConfiguration");
    return live ? json_deep_copy(live) : json_object();
}

/* The strategies that move requests in shares, and where each keeps how long a share lasts. */
static const struct stepwise {
    const char *strategy, *member, *minutes;
} stepwise[] = {
    {"CANARY", "canaryConfiguration", "canaryBakeTimeInMinutes"},
    {"LINEAR", "linearConfiguration", "stepBakeTimeInMinutes"  },
};

/* NULL for one that moves all at once. */
static const struct stepwise *steps_of(const json_t *configuration)
{
    const char *strategy = gl_json_str(configuration, "strategy", "");
    for (size_t i = 0; i < GL_COUNT(stepwise); i++) {
        if (strcmp(stepwise[i].strategy, strategy) == 0)
            return &stepwise[i];
    }
    return NULL;
}

static void set_step_minutes(json_t *configuration, int64_t minutes)
{
    const struct stepwise *steps = steps_of(configuration);
    json_t *member = steps ? json_object_get(configuration, steps->member) : NULL;
    if (member)
        gl_json_set_int(member, steps->minutes, minutes);
}

/* A pause before each share; the stage comes before every step. */
json_t *gl_ecs_release_configuration(const struct gl_cloud *cloud, const json_t *service)
{
    const struct gl_config *config = cloud->base.config;
    json_t *made = live_copy(service);
    int64_t step_minutes = gl_config_int(config, "release.canary.seconds") / MINUTE_S;
    int64_t before = SMOKE_MINUTES + (steps_of(made) ? step_minutes : 0);
    json_t *pauses = json_array();
    json_array_append_new(pauses, pause_at(steps_of(made) ? "PRE_PRODUCTION_TRAFFIC_SHIFT"
                                                          : "POST_TEST_TRAFFIC_SHIFT",
                                           before));
    json_array_append_new(pauses, pause_at("POST_PRODUCTION_TRAFFIC_SHIFT",
                                           bake_minutes(config) + AFTERWARDS_MINUTES));
    json_object_set_new(made, "lifecycleHooks", pauses);
    gl_json_set_int(made, "bakeTimeInMinutes", 0);
    set_step_minutes(made, 0);
    return made;
}

json_t *gl_ecs_stack_configuration(const struct gl_cloud *cloud, const json_t *service)
{
    const struct gl_config *config = cloud->base.config;
    json_t *made = live_copy(service);
    json_object_set_new(made, "lifecycleHooks", json_array());
    if (!gl_ecs_two_groups(cloud))
        return made;
    int64_t step_s = gl_config_int(config, "release.canary.seconds");
    gl_json_set_int(made, "bakeTimeInMinutes", gl_config_int(config, "release.bake_minutes"));
    set_step_minutes(made, (step_s + MINUTE_S - 1) / MINUTE_S);
    return made;
}

bool gl_ecs_has_pauses(const json_t *service)
{
    const json_t *live = json_object_get(service, "deploymentConfiguration");
    return json_array_size(json_object_get(live, "lifecycleHooks")) > 0;
}
