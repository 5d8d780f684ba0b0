/* What the AWS platform decides without AWS: states, reasons, shares, counts, spellings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "platform/aws/ecs.h"
#include "platform/aws/metrics.h"
#include "support/json_text.h"

/* ---- states ------------------------------------------------------------------------------------
 */

/* Every ServiceDeploymentStatus of the API, and what may be called success: one. */
static void test_statuses(void **state)
{
    static const struct {
        const char *name;
        enum gl_ecs_phase phase;
        bool over;
    } expected[] = {
        {"PENDING",              GL_ECS_MOVING,  false},
        {"IN_PROGRESS",          GL_ECS_MOVING,  false},
        {"SUCCESSFUL",           GL_ECS_GOOD,    true },
        {"STOP_REQUESTED",       GL_ECS_LEAVING, false},
        {"STOPPED",              GL_ECS_BROKEN,  true },
        {"ROLLBACK_REQUESTED",   GL_ECS_LEAVING, false},
        {"ROLLBACK_IN_PROGRESS", GL_ECS_LEAVING, false},
        {"ROLLBACK_SUCCESSFUL",  GL_ECS_BACK,    true },
        {"ROLLBACK_FAILED",      GL_ECS_BROKEN,  true },
        {"SOMETHING_NEW",        GL_ECS_MOVING,  false},
        {"",                     GL_ECS_MOVING,  false},
    };

    (void)state;
    size_t good = 0;
    size_t rows = 0;
    for (size_t i = 0; i < GL_COUNT(expected); i++) {
        const struct gl_ecs_status *found = gl_ecs_status_find(expected[i].name);
        assert_int_equal(found->phase, expected[i].phase);
        assert_int_equal(gl_ecs_is_over(found->phase), expected[i].over);
    }
    for (const struct gl_ecs_status *row = gl_ecs_statuses; row->name; row++) {
        good += row->phase == GL_ECS_GOOD;
        rows++;
    }
    assert_int_equal(good, 1);
    assert_int_equal(rows, 9);
}

static void test_deployment(void **state)
{
    (void)state;
    gl_autojson json_t *json = json_of(
        "{\"serviceDeploymentArn\": \"arn:d\", \"status\": \"IN_PROGRESS\", \"lifecycleStage\": "
        "\"POST_TEST_TRAFFIC_SHIFT\", \"createdAt\": 12.5, \"sourceServiceRevisions\": [{\"arn\": "
        "\"arn:r1\"}], \"targetServiceRevision\": {\"arn\": \"arn:r2\", "
        "\"requestedProductionTrafficWeight\": 10.0}, \"lifecycleHookDetails\": [{\"hookId\": "
        "\"old\", \"status\": \"SUCCEEDED\"}, {\"hookId\": \"h\", \"status\": "
        "\"AWAITING_ACTION\"}]}");
    gl_autodeployment struct gl_ecs_deployment d = {0};
    gl_ecs_deployment_read(json, &d);
    assert_int_equal(d.phase, GL_ECS_PAUSED);
    assert_string_equal(d.hook_id, "h");
    assert_string_equal(d.revision, "arn:r2");
    assert_true(d.weight_pct > 9.9 && d.weight_pct < 10.1);
    assert_false(d.first);
}

/* A pause does not make a deployment that is being taken back one that waits for golive. */
static void test_deployment_taken_back(void **state)
{
    (void)state;
    gl_autojson json_t *json = json_of(
        "{\"status\": \"ROLLBACK_IN_PROGRESS\", \"statusReason\": \"words\", \"rollback\": "
        "{\"reason\": \"an alarm\"}, \"alarms\": {\"triggeredAlarmNames\": [\"a\", \"b\"]}, "
        "\"lifecycleHookDetails\": [{\"hookId\": \"h\", \"status\": \"AWAITING_ACTION\"}]}");
    gl_autodeployment struct gl_ecs_deployment d = {0};
    gl_ecs_deployment_read(json, &d);
    assert_int_equal(d.phase, GL_ECS_LEAVING);
    assert_null(d.hook_id);
    assert_string_equal(d.reason, "alarm a, b: an alarm");
}

/* What AWS may answer one day, or a proxy today: nothing of it is success or a crash. */
static void test_deployment_of_nonsense(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"status\": 1, \"lifecycleHookDetails\": {}}",
        "{\"lifecycleHookDetails\": [1, {\"status\": \"AWAITING_ACTION\"}]}",
        "{\"alarms\": {\"triggeredAlarmNames\": []}, \"targetServiceRevision\": []}",
    };
    (void)state;
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        gl_autojson json_t *json = json_of(texts[i]);
        gl_autodeployment struct gl_ecs_deployment d = {0};
        gl_ecs_deployment_read(json, &d);
        assert_int_equal(d.phase, GL_ECS_MOVING);
    }
}

/* ---- why tasks end -----------------------------------------------------------------------------
 */

static void test_stop_reasons(void **state)
{
    static const struct {
        const char *code;
        const char *reason;
        const char *means; /* NULL = says nothing against the version */
    } cases[] = {
        {"TaskFailedToStart",         "CannotPullContainerError: pull image manifest has been retried",
         "the image cannot be pulled"                                                                                                                     },
        {"TaskFailedToStart",
         "CannotPullContainerError: image Manifest does not contain descriptor matching platform "
         "'linux/arm64'",                                                                               "the image is of another processor"               },
        {"EssentialContainerExited",  "Essential container in task exited",                             "its process ended"                               },
        {"EssentialContainerExited",  NULL,                                                             "its process ended"                               },
        {"ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group arn:x)",
         "its health check fails: it does not answer backend.ready_path with 200"                                                                         },
        {"ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)",           NULL                                              },
        {"UserInitiated",             "Task stopped by user",                                           NULL                                              },
        {"SpotInterruption",          "Your Spot Task was interrupted.",                                NULL                                              },
        {"TaskFailedToStart",
         "ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException: "
         "User: arn:x is not authorized to perform: secretsmanager:GetSecretValue",                     "a right is missing to the role that starts tasks"},
        {"TaskFailedToStart",         "Capacity is unavailable at this time. Please try again later",
         "AWS has no capacity there now"                                                                                                                  },
        {NULL,                        "OutOfMemoryError: Container killed due to memory usage",         "its memory was used up"                          },
        {"TaskFailedToStart",         "words that nobody knows yet",                                    "the task could not be started"                   },
        {NULL,                        NULL,                                                             NULL                                              },
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        const struct gl_stop_reason *row = gl_stop_reason_find(cases[i].code, cases[i].reason);
        if (cases[i].means)
            assert_string_equal(row->means, cases[i].means);
        else
            assert_null(row);
    }
    for (const struct gl_stop_reason *row = gl_stop_reasons; row->pattern; row++)
        assert_true(row->kind == GL_STOP_OUTSIDE ? !row->means == !row->migration_way_out
                                                 : row->means && row->way_out);
}

/* ---- shares ------------------------------------------------------------------------------------
 */

static void test_share(void **state)
{
    static const struct {
        const char *groups;
        int blue, green;
    } cases[] = {
        {"{\"TargetGroupArn\": \"blue\", \"Weight\": 100}, {\"TargetGroupArn\": \"green\", "
         "\"Weight\": 0}",                   100, 0  },
        {"{\"TargetGroupArn\": \"blue\", \"Weight\": 1}, {\"TargetGroupArn\": \"green\", "
         "\"Weight\": 3}",                   25,  75 },
        {"{\"TargetGroupArn\": \"blue\", \"Weight\": 999}, {\"TargetGroupArn\": \"green\", "
         "\"Weight\": 1}",                   99,  1  },
        {"{\"TargetGroupArn\": \"blue\", \"Weight\": 0}, {\"TargetGroupArn\": \"green\", "
         "\"Weight\": 0}",                   0,   0  },
        {"{\"TargetGroupArn\": \"blue\"}",            100, 0  },
        {"{\"TargetGroupArn\": \"blue\", \"Weight\": -10}, {\"TargetGroupArn\": \"green\", "
         "\"Weight\": 9223372036854775807}", 0,   100},
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *text = gl_asprintf(
            "{\"Actions\": [{\"Type\": \"forward\", \"ForwardConfig\": {\"TargetGroups\": [%s]}}]}",
            cases[i].groups);
        gl_autojson json_t *rule = json_of(text);
        assert_int_equal(gl_alb_share(rule, "blue"), cases[i].blue);
        assert_int_equal(gl_alb_share(rule, "green"), cases[i].green);
    }
    gl_autojson json_t *simple =
        json_of("{\"Actions\": [{\"Type\": \"forward\", \"TargetGroupArn\": \"blue\"}]}");
    gl_autojson json_t *other = json_of("{\"Actions\": [{\"Type\": \"redirect\"}]}");
    assert_int_equal(gl_alb_share(simple, "blue"), 100);
    assert_int_equal(gl_alb_share(simple, "green"), 0);
    assert_int_equal(gl_alb_share(other, "blue"), 0);
}

/* ---- metrics -----------------------------------------------------------------------------------
 */

static void test_metrics(void **state)
{
    (void)state;
    gl_autojson json_t *answer =
        json_of("{\"MetricDataResults\": ["
                "{\"Id\": \"requests\", \"Timestamps\": [\"t2\", \"t1\"], \"Values\": [900, 100]},"
                "{\"Id\": \"errors\", \"Timestamps\": [\"t2\"], \"Values\": [7]},"
                "{\"Id\": \"failures\", \"Timestamps\": [], \"Values\": []},"
                "{\"Id\": \"p95\", \"Timestamps\": [\"t2\", \"t1\"], \"Values\": [0.1, 0.5]}]}");
    struct gl_metrics m = {0};
    gl_metrics_sum(answer, &m);
    assert_int_equal(m.requests, 1000);
    assert_int_equal(m.errors_5xx, 7);
    assert_int_equal(m.failures, 0);
    assert_true(m.p95_ms > 139.9 && m.p95_ms < 140.1); /* 0.9 * 100 + 0.1 * 500 */
    assert_true(m.p50_ms == 0);
    assert_string_equal(gl_metrics_dimension("arn:aws:elasticloadbalancing:r:1:targetgroup/a/b"),
                        "targetgroup/a/b");
    assert_null(gl_metrics_dimension("arn:aws:s3:::bucket"));
}

/* ---- spelling ----------------------------------------------------------------------------------
 */

static void test_from_properties(void **state)
{
    (void)state;
    gl_autojson json_t *properties = json_of(
        "{\"Cpu\": 256, \"RequiresCompatibilities\": [\"FARGATE\"], \"ContainerDefinitions\": "
        "[{\"Name\": \"backend\", \"PortMappings\": [{\"ContainerPort\": 8080}], \"Environment\": "
        "[{\"Name\": \"PORT\", \"Value\": 8080}], \"LogConfiguration\": {\"Options\": {\"Mode\": "
        "\"x\", \"awslogs-group\": \"/a\"}}, \"ReadonlyRootFilesystem\": true}]}");
    gl_autojson json_t *made = gl_ecs_from_properties(properties);
    gl_autofree char *text = gl_json_canonical(made);
    assert_string_equal(
        text,
        "{\"containerDefinitions\":[{\"environment\":[{\"name\":\"PORT\",\"value\":\"8080\"}],"
        "\"logConfiguration\":{\"options\":{\"Mode\":\"x\",\"awslogs-group\":\"/a\"}},"
        "\"name\":\"backend\",\"portMappings\":[{\"containerPort\":8080}],"
        "\"readonlyRootFilesystem\":true}],\"cpu\":\"256\",\"requiresCompatibilities\":["
        "\"FARGATE\"]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_deployment),
        cmocka_unit_test(test_deployment_taken_back),
        cmocka_unit_test(test_deployment_of_nonsense),
        cmocka_unit_test(test_stop_reasons),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_from_properties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
