/* Stored variables that golive itself uses: read from both stores of AWS and from this machine's
 * file, masked, and explained where there is none. */
#include "../aws/server.h"

#include "base/fs.h"
#include "base/log.h"
#include "platform/aws/aws.h"
#include "platform/local/local.h"
#include "platform/local/ops.h"

#define URL "https://hooks.example.com/T/stored-token"

static const char *const top = "golive: 1\n"
                               "app: {name: shop}\n"
                               "environments: {prod: {account_id: \"222222222222\"}}\n";

static struct gl_config *load(const char *text)
{
    char dir[] = "/tmp/golive-stored-XXXXXX";
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    struct gl_config *config = NULL;
    assert_non_null(mkdtemp(dir));
    gl_autofree char *path = gl_path_join(dir, "golive.yaml");
    struct gl_config_request request = {.path = path, .env = "prod"};
    gl_assert_ok(gl_write_text(path, text, 0644, &err), &err);
    if (gl_config_load(&request, &config, &problems, &err) < 0)
        fail_msg("%s: %s", err.message, problems.count ? problems.items[0].message : "");
    assert_int_equal(gl_remove_tree(dir, NULL), 0);
    return config;
}

static int64_t patience_ms = 60000;

/* What the AWS platform says; `more` is added to golive.yaml. */
static int ask(const char *more, char **ret_value, struct gl_error *err)
{
    gl_autofree char *text = gl_asprintf("%s%s", top, more);
    gl_autoconfig struct gl_config *config = load(text);
    struct gl_aws_provider *provider = NULL;
    gl_autoawsclient struct gl_aws_client *client =
        make_client(&provider, (struct gl_aws_client_options){0});
    struct gl_cloud cloud = {
        .base = {.ops = &gl_cloud_ops, .config = config},
        .client = client,
        .app = "shop",
        .env = "prod",
        .region = "ap-northeast-1"
    };
    int result = gl_cloud_ops.stored_value(&cloud.base, "OPS_URL", patience_ms, ret_value, err);
    gl_aws_client_free(&client);
    gl_aws_provider_free(&provider);
    stop_server();
    return result;
}

static void secrets_manager_has_it(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {.status = 200,
         .body = "{\"Name\": \"/shop/prod/OPS_URL\", \"SecretString\": \"" URL "\"}"}
    };
    gl_autofree char *value = NULL;
    gl_autoerr struct gl_error err = {0};
    PLAY(steps);
    gl_assert_ok(ask("", &value, &err), &err);
    assert_string_equal(value, URL);
    gl_autofree char *target = request_header(server.requests.items[0], "X-Amz-Target");
    assert_string_equal(target, "secretsmanager.GetSecretValue");
    assert_non_null(strstr(server.requests.items[0], "{\"SecretId\":\"/shop/prod/OPS_URL\"}"));
    gl_autofree char *shown = gl_redact("at " URL);
    assert_string_equal(shown, "at ***");
}

static void the_parameter_store_has_it(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {.status = 200, .body = "{\"Parameter\": {\"Value\": \"" URL "\"}}"}
    };
    gl_autofree char *value = NULL;
    gl_autoerr struct gl_error err = {0};
    PLAY(steps);
    gl_assert_ok(ask("secrets: {store: ssm}\nsecrets_path: /a/b\n", &value, &err), &err);
    assert_string_equal(value, URL);
    gl_autofree char *target = request_header(server.requests.items[0], "X-Amz-Target");
    assert_string_equal(target, "AmazonSSM.GetParameter");
    assert_non_null(strstr(server.requests.items[0], "\"Name\":\"/a/b/OPS_URL\""));
    assert_non_null(strstr(server.requests.items[0], "\"WithDecryption\":true"));
}

static void what_has_no_value_says_how_it_gets_one(void **state)
{
    (void)state;

    static const struct {
        const char *settings;
        struct step step;
        const char *hint;
    } rows[] = {
        {"",
         {.status = 400, .body = "{\"__type\": \"ResourceNotFoundException\"}"},
         "in bash (golive up --env prod makes its place): read -rs VALUE && printf %s \"$VALUE\" | "
         "aws secretsmanager put-secret-value --region ap-northeast-1 --secret-id "
         "/shop/prod/OPS_URL --secret-string file:///dev/stdin"                                            },
        {"",                        {.status = 200, .body = "{\"SecretString\": \"\"}"}, "put-secret-value"},
        {"secrets: {store: ssm}\n",
         {.status = 400, .body = "{\"__type\": \"ParameterNotFound\"}"},
         "--name /shop/prod/OPS_URL --key-id alias/shop-prod-secrets --value file:///dev/stdin"            },
    };

    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        char *value = NULL;
        gl_autoerr struct gl_error err = {0};
        play(&rows[i].step, 1);
        assert_int_equal(ask(rows[i].settings, &value, &err), GL_E_NOT_FOUND);
        assert_null(value);
        assert_string_equal(err.message, "/shop/prod/OPS_URL has no value");
        assert_non_null(strstr(err.hint, rows[i].hint));
        const char *aws = strstr(err.hint, "| aws ");
        assert_non_null(aws);
        assert_null(strstr(aws, "VALUE")); /* who lists processes would see it */
        gl_strv_done(&server.requests);
    }
}

/* Cut short by something between AWS and here, say. */
static void a_broken_answer_is_not_quoted(void **state)
{
    (void)state;
    static const struct step steps[] = {
  /* as often as it is asked */
        {.status = 200, .body = "{\"SecretString\": hunter2}"},
        {.status = 200, .body = "{\"SecretString\": hunter2}"},
        {.status = 200, .body = "{\"SecretString\": hunter2}"},
        {.status = 200, .body = "{\"SecretString\": hunter2}"},
        {.status = 200, .body = "{\"SecretString\": hunter2}"},
        {.status = 200, .body = "{\"SecretString\": hunter2}"},
    };
    char *value = NULL;
    gl_autoerr struct gl_error err = {0};
    PLAY(steps);
    assert_int_equal(ask("", &value, &err), GL_E_CORRUPT);
    assert_null(value);
    assert_non_null(strstr(err.message, "the answer is not valid JSON (line 1)"));
    assert_null(strstr(err.message, "hunter2"));
}

static void a_store_that_does_not_answer_is_left_in_time(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {.status = 200, .body = "{\"SecretString\": \"" URL "\"}", .delay_ms = 60000}
    };
    char *value = NULL;
    gl_autoerr struct gl_error err = {0};
    PLAY(steps);
    patience_ms = 200;
    assert_int_equal(ask("", &value, &err), GL_E_TIMEOUT);
    patience_ms = 60000;
    assert_null(value);
}

static void app_runner_asks_in_the_same_way(void **state)
{
    (void)state;
    assert_ptr_equal(gl_apprunner_ops.stored_value, gl_cloud_ops.stored_value);
}

static void a_missing_right_is_named(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {.status = 400,
         .body = "{\"__type\": \"AccessDeniedException\", \"Message\": \"User: x is not authorized "
                 "to perform: secretsmanager:GetSecretValue on resource: y\"}"}
    };
    char *value = NULL;
    gl_autoerr struct gl_error err = {0};
    PLAY(steps);
    assert_int_equal(ask("", &value, &err), GL_E_REFUSED);
    assert_null(value);
    assert_non_null(strstr(err.message, "secretsmanager:GetSecretValue"));
}

static void this_machine_has_it_in_its_file(void **state)
{
    (void)state;
    char dir[] = "/tmp/golive-stored-XXXXXX";
    gl_autoerr struct gl_error err = {0};
    char *value = NULL;
    assert_non_null(mkdtemp(dir));
    struct gl_local local = {.base.ops = &gl_local_ops, .root = dir};
    assert_int_equal(gl_local_ops.stored_value(&local.base, "OPS_URL", 1, &value, &err),
                     GL_E_NOT_FOUND);
    assert_string_equal(err.message, "OPS_URL has no value on this machine");
    assert_non_null(strstr(err.hint, "/secrets.json: {\"variables\": {\"OPS_URL\": "));
    gl_autofree char *path = gl_path_join(dir, "secrets.json");
    gl_assert_ok(gl_write_text(path,
                               "{\"variables\": {\"OPS_URL\": \"https://local.example/tok\"}}",
                               0600, &err),
                 &err);
    gl_assert_ok(gl_local_ops.stored_value(&local.base, "OPS_URL", 1, &value, &err), &err);
    assert_string_equal(value, "https://local.example/tok");
    gl_autofree char *shown = gl_redact(value);
    assert_string_equal(shown, "***");
    free(value);
    assert_int_equal(gl_remove_tree(dir, NULL), 0);
}

/* The error may be shown, sent and kept: it has nothing of what is stored. */
static void a_broken_file_is_not_quoted(void **state)
{
    (void)state;
    char dir[] = "/tmp/golive-stored-XXXXXX";
    gl_autoerr struct gl_error err = {0};
    char *value = NULL;
    assert_non_null(mkdtemp(dir));
    struct gl_local local = {.base.ops = &gl_local_ops, .root = dir};
    gl_autofree char *path = gl_path_join(dir, "secrets.json");
    gl_assert_ok(gl_write_text(path, "{\"variables\": {\"OPS_URL\": hunter2}}", 0600, &err), &err);
    assert_int_equal(gl_local_ops.stored_value(&local.base, "OPS_URL", 1, &value, &err),
                     GL_E_CORRUPT);
    assert_null(value);
    assert_non_null(strstr(err.message, "/secrets.json is not valid JSON (line 1)"));
    assert_null(strstr(err.message, "hunter2"));
    assert_null(strstr(err.hint, "hunter2"));
    assert_int_equal(gl_remove_tree(dir, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(secrets_manager_has_it, end_server),
        cmocka_unit_test_teardown(the_parameter_store_has_it, end_server),
        cmocka_unit_test_teardown(what_has_no_value_says_how_it_gets_one, end_server),
        cmocka_unit_test_teardown(a_missing_right_is_named, end_server),
        cmocka_unit_test_teardown(a_broken_answer_is_not_quoted, end_server),
        cmocka_unit_test_teardown(a_store_that_does_not_answer_is_left_in_time, end_server),
        cmocka_unit_test(app_runner_asks_in_the_same_way),
        cmocka_unit_test(this_machine_has_it_in_its_file),
        cmocka_unit_test(a_broken_file_is_not_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
