/* What the App Runner part of the AWS platform decides without AWS: states, what UpdateService is
 * given, who serves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "config/config.h"
#include "platform/aws/apprunner.h"
#include "platform/aws/aws.h"
#include "support/json_text.h"

/* ---- states ------------------------------------------------------------------------------------
 */

/* Every OperationStatus of the API, and what may be called success: one. */
static void test_statuses(void **state)
{
    static const struct {
        const char *name;
        enum gl_apprunner_phase phase;
        bool over;
    } expected[] = {
        {"PENDING",              GL_APPRUNNER_MOVING,  false},
        {"IN_PROGRESS",          GL_APPRUNNER_MOVING,  false},
        {"SUCCEEDED",            GL_APPRUNNER_GOOD,    true },
        {"FAILED",               GL_APPRUNNER_BROKEN,  true },
        {"ROLLBACK_IN_PROGRESS", GL_APPRUNNER_LEAVING, false},
        {"ROLLBACK_SUCCEEDED",   GL_APPRUNNER_BACK,    true },
        {"ROLLBACK_FAILED",      GL_APPRUNNER_BROKEN,  true },
        {"SOMETHING_NEW",        GL_APPRUNNER_MOVING,  false},
        {"",                     GL_APPRUNNER_MOVING,  false},
    };

    (void)state;
    size_t good = 0;
    size_t rows = 0;
    for (size_t i = 0; i < GL_COUNT(expected); i++) {
        const struct gl_apprunner_status *found = gl_apprunner_status_find(expected[i].name);
        assert_int_equal(found->phase, expected[i].phase);
        assert_int_equal(gl_apprunner_is_over(found->phase), expected[i].over);
    }
    for (const struct gl_apprunner_status *row = gl_apprunner_statuses; row->name; row++) {
        good += row->phase == GL_APPRUNNER_GOOD;
        rows++;
    }
    assert_int_equal(good, 1);
    assert_int_equal(rows, 7);
}

/* Every ServiceStatus; whatever cannot be updated and is not busy has a way out. */
static void test_states(void **state)
{
    static const struct {
        const char *name;
        bool updatable, busy;
    } expected[] = {
        {"RUNNING",               true,  false},
        {"OPERATION_IN_PROGRESS", false, true },
        {"PAUSED",                false, false},
        {"CREATE_FAILED",         false, false},
        {"DELETED",               false, false},
        {"DELETE_FAILED",         false, false},
        {"SOMETHING_NEW",         false, true },
    };

    (void)state;
    size_t rows = 0;
    for (size_t i = 0; i < GL_COUNT(expected); i++) {
        const struct gl_apprunner_state *found = gl_apprunner_state_find(expected[i].name);
        assert_int_equal(found->updatable, expected[i].updatable);
        assert_int_equal(found->busy, expected[i].busy);
        assert_true(found->updatable || found->busy || found->way_out);
    }
    for (const struct gl_apprunner_state *row = gl_apprunner_states; row->name; row++)
        rows++;
    assert_int_equal(rows, 6);
}

/* ---- operations --------------------------------------------------------------------------------
 */

static void test_operations(void **state)
{
    (void)state;
    gl_autojson json_t *answer = json_of(
        "{\"OperationSummaryList\": [{\"Id\": \"b\", \"Type\": \"PAUSE_SERVICE\", \"Status\": "
        "\"IN_PROGRESS\", \"StartedAt\": 1700000000.5}, {\"Id\": \"a\", \"Type\": "
        "\"UPDATE_SERVICE\", \"Status\": \"ROLLBACK_SUCCEEDED\"}]}");
    struct gl_apprunner_operation operation;
    gl_apprunner_operation_read(answer, NULL, &operation);
    assert_string_equal(operation.id, "b");
    assert_string_equal(operation.type, "PAUSE_SERVICE");
    assert_float_equal(operation.started_unix_s, 1700000000.5, 0.001);
    gl_apprunner_operation_read(answer, "a", &operation);
    assert_string_equal(operation.status_name, "ROLLBACK_SUCCEEDED");
    assert_int_equal(operation.status->phase, GL_APPRUNNER_BACK);
    gl_apprunner_operation_read(answer, "c", &operation);
    assert_string_equal(operation.id, "");
    assert_false(gl_apprunner_is_over(operation.status->phase)); /* not listed yet: no success */
    gl_apprunner_operation_read(NULL, NULL, &operation);
    assert_string_equal(operation.id, "");
}

/* Only a service at rest, with this release, brought by an operation that succeeded. */
static void test_serves(void **state)
{
    static const struct {
        const char *service, *operation;
        int64_t release;
        bool serves, taken_back;
    } expected[] = {
        {"RUNNING",               "SUCCEEDED",            7, true,  true },
        {"RUNNING",               "ROLLBACK_SUCCEEDED",   7, false, true },
        {"RUNNING",               "ROLLBACK_FAILED",      7, false, false},
        {"RUNNING",               "FAILED",               7, false, false},
        {"RUNNING",               "IN_PROGRESS",          7, false, false},
        {"RUNNING",               "ROLLBACK_IN_PROGRESS", 7, false, false},
        {"RUNNING",               "SUCCEEDED",            8, false, false},
        {"OPERATION_IN_PROGRESS", "SUCCEEDED",            7, false, false},
        {"PAUSED",                "SUCCEEDED",            7, false, false},
        {"SOMETHING_NEW",         "SUCCEEDED",            7, false, false},
    };

    (void)state;
    gl_autojson json_t *service = json_object();
    struct gl_apprunner_view view = {.service = service};
    for (size_t i = 0; i < GL_COUNT(expected); i++) {
        view.state = gl_apprunner_state_find(expected[i].service);
        view.newest.status = gl_apprunner_status_find(expected[i].operation);
        view.release = expected[i].release;
        assert_int_equal(gl_apprunner_serves(&view, 7, false), expected[i].serves);
        assert_int_equal(gl_apprunner_serves(&view, 7, true), expected[i].taken_back);
    }
    struct gl_apprunner_view none = {0};
    assert_false(gl_apprunner_serves(&none, 0, true));
}

static void test_ways_out(void **state)
{
    (void)state;
    gl_autojson json_t *service = json_of("{\"ServiceName\": \"shop-prod-backend\"}");
    gl_autoerr struct gl_error err = {0};
    struct gl_apprunner_view view = {
        .service = service, .arn = "arn:x", .state = gl_apprunner_state_find("PAUSED")};
    assert_int_equal(gl_apprunner_require_updatable(&view, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "shop-prod-backend"));
    assert_non_null(strstr(err.hint, "resume-service"));
    assert_non_null(strstr(err.hint, "arn:x"));
    view.state = gl_apprunner_state_find("RUNNING");
    assert_int_equal(gl_apprunner_require_updatable(&view, NULL), 0);
}

/* ---- what UpdateService is given ---------------------------------------------------------------
 */

static void test_source(void **state)
{
    (void)state;
    gl_autojson json_t *definition = json_of(
        "{\"containerDefinitions\": [{\"image\": \"r/backend@sha256:ab\", \"portMappings\": "
        "[{\"containerPort\": 9090}], \"environment\": [{\"name\": \"PORT\", \"value\": \"9090\"}, "
        "{\"name\": \"LOG\", \"value\": \"info\"}], \"secrets\": [{\"name\": \"DSN\", "
        "\"valueFrom\": \"arn:aws:secretsmanager:x\"}]}]}");
    gl_autojson json_t *service = json_of(
        "{\"SourceConfiguration\": {\"AuthenticationConfiguration\": {\"AccessRoleArn\": "
        "\"arn:aws:iam::1:role/pull\"}, \"ImageRepository\": {\"ImageIdentifier\": \"old\"}}}");
    gl_autojson json_t *source = gl_apprunner_source(definition, 7, service);
    gl_autofree char *text = gl_json_canonical(source);
    assert_string_equal(
        text,
        "{\"AuthenticationConfiguration\":{\"AccessRoleArn\":\"arn:aws:iam::1:role/pull\"},"
        "\"AutoDeploymentsEnabled\":false,\"ImageRepository\":{\"ImageConfiguration\":{\"Port\":"
        "\"9090\",\"RuntimeEnvironmentSecrets\":{\"DSN\":\"arn:aws:secretsmanager:x\"},"
        "\"RuntimeEnvironmentVariables\":{\"GOLIVE_RELEASE\":\"7\",\"LOG\":\"info\"}},"
        "\"ImageIdentifier\":\"r/backend@sha256:ab\",\"ImageRepositoryType\":\"ECR\"}}");
    gl_autojson json_t *after = json_pack("{sO}", "SourceConfiguration", source);
    assert_int_equal(gl_apprunner_release_of(after), 7);
    gl_autojson json_t *of_nothing = gl_apprunner_source(NULL, 1, NULL);
    assert_non_null(of_nothing);
}

static void test_release_of(void **state)
{
    static const struct {
        const char *value;
        int64_t release;
    } expected[] = {
        {"\"7\"",  7},
        {"\"0\"",  0},
        {"\"-3\"", 0},
        {"\"7a\"", 0},
        {"\"\"",   0},
        {"7",      0},
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(expected); i++) {
        gl_autofree char *text =
            gl_asprintf("{\"SourceConfiguration\": {\"ImageRepository\": {\"ImageConfiguration\": "
                        "{\"RuntimeEnvironmentVariables\": {\"GOLIVE_RELEASE\": %s}}}}}",
                        expected[i].value);
        gl_autojson json_t *service = json_of(text);
        assert_int_equal(gl_apprunner_release_of(service), expected[i].release);
    }
    assert_int_equal(gl_apprunner_release_of(NULL), 0);
}

static void test_repository(void **state)
{
    (void)state;
    assert_int_equal(gl_apprunner_repository_length("1.dkr.ecr.eu.amazonaws.com/a/b@sha256:ab"),
                     strlen("1.dkr.ecr.eu.amazonaws.com/a/b"));
    assert_int_equal(gl_apprunner_repository_length("localhost:5000/a/b:tag"),
                     strlen("localhost:5000/a/b"));
    assert_int_equal(gl_apprunner_repository_length("b"), 1);
    assert_int_equal(gl_apprunner_repository_length(""), 0);
}

/* ---- alarms ------------------------------------------------------------------------------------
 */

static struct gl_config *load_config(char *dir)
{
    struct gl_config *config = NULL;
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics list = {0};
    assert_non_null(mkdtemp(dir));
    gl_autofree char *file = gl_path_join(dir, "golive.yaml");
    struct gl_config_request request = {.path = file, .env = "prod"};
    assert_int_equal(gl_write_text(file,
                                   "golive: 1\napp: {name: demo}\nenvironments:\n"
                                   "  prod: {account_id: '333333333333', region: eu-central-1}\n",
                                   0644, &err),
                     0);
    assert_int_equal(gl_config_load(&request, &config, &list, &err), 0);
    return config;
}

/* What the stack does not have is left out; what cannot be read is no missing alarm. */
static void test_alarms_that_cannot_be_read(void **state)
{
    (void)state;
    char dir[] = "/tmp/golive-apprunner-XXXXXX";
    gl_autoerr struct gl_error err = {0};
    gl_autoconfig struct gl_config *config = load_config(dir);
    gl_autojson json_t *known =
        json_of("{\"" GL_APPRUNNER_STACK "\": {\"RollbackErrorAlarm\": \"errors\"}}");
    gl_autojson json_t *nothing = json_object();
    gl_autojson json_t *names = NULL;
    struct gl_cloud cloud = {.base.config = config, .planned = true, .env = "prod"};
    cloud.outputs = known;
    assert_int_equal(gl_apprunner_alarm_names(&cloud, &names, &err), 0);
    assert_int_equal(json_array_size(names), 1);
    assert_string_equal(json_string_value(json_array_get(names, 0)), "errors");
    cloud.outputs = nothing;
    cloud.planned = false; /* its stacks want a domain */
    json_t *none = NULL;
    assert_int_equal(gl_apprunner_alarm_names(&cloud, &none, &err), GL_E_CONFIG);
    assert_non_null(err.message);
    assert_null(none);
    assert_int_equal(gl_remove_tree(dir, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_serves),
        cmocka_unit_test(test_ways_out),
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_release_of),
        cmocka_unit_test(test_repository),
        cmocka_unit_test(test_alarms_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
