/* Loading, merging, origins, --set, expansion. */
#include "support.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "sign/key.h"

static char *example_path(void)
{
    const char *root = getenv("SOURCE_ROOT");
    assert_non_null(root);
    return gl_path_join(root, "docs/golive.example.yaml");
}

static void the_example_loads_without_mistakes_in_each_environment(void **state)
{
    (void)state;
    static const char *const envs[] = {"dev", "stg", "prod", "local"};
    gl_autofree char *path = example_path();
    for (size_t i = 0; i < GL_COUNT(envs); i++) {
        gl_autoconfig struct gl_config *config = NULL;
        gl_autodiag struct gl_diagnostics list = {0};
        gl_autoerr struct gl_error err = {0};
        struct gl_config_request request = {.path = path, .env = envs[i]};
        int code = gl_config_load(&request, &config, &list, &err);
        if (code < 0)
            gl_diagnostics_print(&list, stderr, false);
        assert_int_equal(code, 0);
        assert_string_equal(gl_config_env(config), envs[i]);
    }
}

/* Who copies it must not find out at the first approval. */
static void the_example_has_keys_that_approvals_can_be_checked_with(void **state)
{
    (void)state;
    gl_autoconfig struct gl_config *config = NULL;
    gl_autodiag struct gl_diagnostics list = {0};
    gl_autofree char *path = example_path();
    struct gl_config_request request = {.path = path, .env = "prod"};
    assert_int_equal(gl_config_load(&request, &config, &list, NULL), 0);
    const json_t *people = gl_config_node(config, "people");
    assert_true(json_array_size(people) > 0);
    for (size_t i = 0; i < json_array_size(people); i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_public_key key;
        const char *text = gl_json_str(json_array_get(people, i), "key", "");
        if (gl_public_key_parse(text, &key, &err) < 0)
            fail_msg("%s: %s", text, err.message);
    }
}

static int load_example(const char *env, struct gl_config **ret_config)
{
    gl_autofree char *path = example_path();
    gl_autodiag struct gl_diagnostics list = {0};
    struct gl_config_request request = {.path = path, .env = env};
    return gl_config_load(&request, ret_config, &list, NULL);
}

static void an_environment_wins_over_the_top_of_the_file_key_by_key(void **state)
{
    (void)state;
    gl_autoconfig struct gl_config *config = NULL;
    assert_int_equal(load_example("dev", &config), 0);
    assert_string_equal(gl_config_str(config, "network.nat.mode"), "single");
    assert_int_equal(gl_config_int(config, "network.azs"), 2);
    assert_int_equal(gl_config_int(config, "sizing.cpu"), 256);
    assert_string_equal(gl_config_str(config, "domain.api"), "api.dev.example.com");
    assert_int_equal(gl_config_int(config, "domain.ttl.steady"), 300);
    assert_string_equal(gl_config_str(config, "account_id"), "111111111111");
    assert_int_equal(gl_config_origin(config, "network.nat.mode").kind, GL_ORIGIN_ENVIRONMENT);
    assert_int_equal(gl_config_origin(config, "network.azs").kind, GL_ORIGIN_FILE);
}

static void other_environments_stay_readable_and_do_not_change_the_hash(void **state)
{
    (void)state;
    gl_autoloaded struct loaded one = load(MINIMUM "environments: {prod: {backend: {port: 1}}}\n");
    gl_autoloaded struct loaded two = load(MINIMUM "environments: {prod: {backend: {port: 2}}}\n");
    gl_autoloaded struct loaded own = load(MINIMUM "environments: {local: {backend: {port: 2}}}\n");
    assert_int_equal(gl_config_int(one.config, "environments.prod.backend.port"), 1);
    assert_null(gl_config_node(one.config, "environments.prod.backend.dir"));
    assert_string_equal(gl_config_hash(one.config), gl_config_hash(two.config));
    assert_string_not_equal(gl_config_hash(one.config), gl_config_hash(own.config));
    assert_int_equal(strlen(gl_config_hash(one.config)), 64);
}

static void two_keys_are_enough_and_the_rest_has_defaults(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded = load(MINIMUM);
    assert_int_equal(loaded.code, 0);
    const struct gl_config *config = loaded.config;
    assert_int_equal(gl_config_int(config, "backend.port"), 8080);
    assert_string_equal(gl_config_str(config, "backend.ready_path"), "/readyz");
    assert_int_equal(gl_config_int(config, "backend.start_timeout_s"), 60);
    assert_int_equal(gl_config_int(config, "release.canary.percent"), 10);
    assert_true(gl_config_real(config, "release.limits.error_rate_pct") == 1.0);
    assert_true(gl_config_bool(config, "local.keep_warm"));
    assert_string_equal(gl_config_str(config, "app.env_prefix"), "DEMO");
    assert_int_equal(json_array_size(gl_config_node(config, "env_vars")), 8);
    assert_string_equal(gl_config_str(config, "env_vars.1.name"), "JWT_SECRET");
    assert_true(gl_config_bool(config, "env_vars.1.required"));
    assert_false(gl_config_bool(config, "env_vars.7.required"));
    assert_int_equal(gl_config_int(config, "env_vars.1.validate.min_bytes"), 32);
    assert_int_equal(gl_config_int(config, "release.smoke.0.status"), 200);
    assert_null(gl_config_str(config, "build.backend"));
    assert_null(gl_config_node(config, "load.login"));
    assert_null(gl_config_node(config, "load.websocket"));
    assert_int_equal(gl_config_int(config, "release.bake_seconds"), 0);
    assert_int_equal(gl_config_origin(config, "backend.port").kind, GL_ORIGIN_DEFAULT);
}

static void local_has_names_and_a_platform_of_its_own(void **state)
{
    (void)state;
    static const char text[] = MINIMUM "domain: {app: www.example.com, api: api.example.com}\n"
                                       "environments:\n  prod: {}\n";
    gl_autoloaded struct loaded local = load(text);
    assert_string_equal(gl_config_str(local.config, "domain.app"), "app.demo.localhost");
    assert_string_equal(gl_config_str(local.config, "domain.api"), "api.demo.localhost");
    assert_string_equal(gl_config_str(local.config, "app.platform"), "local");
    gl_autoloaded struct loaded prod = load_set(text, "prod", NULL);
    assert_string_equal(gl_config_str(prod.config, "domain.app"), "www.example.com");
    assert_string_equal(gl_config_str(prod.config, "app.platform"), "aws");
    assert_string_equal(gl_config_str(prod.config, "secrets_path"), "/demo/prod");
    gl_autoloaded struct loaded given =
        load(MINIMUM "environments: {local: {domain: {app: a.test.example}}}\n");
    assert_string_equal(gl_config_str(given.config, "domain.app"), "a.test.example");
}

static void the_command_line_wins_over_everything(void **state)
{
    (void)state;
    static const char *const set[] = {"backend.port=9000",
                                      "release.bake_seconds=3",
                                      "build.test=[make, true]",
                                      "app.name=other",
                                      "sla=null",
                                      "domain.app=x.example.com",
                                      "load.login.body={a: 1, b: {c: [x, 'y']}}",
                                      NULL};
    gl_autoloaded struct loaded loaded =
        load_set(MINIMUM "load: {login: {path: /in}}\n"
                         "environments: {local: {backend: {port: 1}}}\n",
                 "local", set);
    assert_int_equal(loaded.code, 0);
    assert_int_equal(gl_config_int(loaded.config, "backend.port"), 9000);
    assert_int_equal(gl_config_origin(loaded.config, "backend.port").kind, GL_ORIGIN_COMMAND_LINE);
    assert_int_equal(gl_config_int(loaded.config, "release.bake_seconds"), 3);
    assert_int_equal(json_array_size(gl_config_node(loaded.config, "build.test")), 2);
    assert_string_equal(gl_config_str(loaded.config, "domain.api"), "api.other.localhost");
    assert_string_equal(gl_config_str(loaded.config, "domain.app"), "x.example.com");
    assert_null(gl_config_node(loaded.config, "sla"));
    gl_autofree char *body = gl_json_canonical(gl_config_node(loaded.config, "load.login.body"));
    assert_string_equal(body, "{\"a\":1,\"b\":{\"c\":[\"x\",\"y\"]}}");
}

static void mistakes_on_the_command_line_are_reported_together(void **state)
{
    (void)state;
    static const char *const set[] = {"backend.prot=1", "backend.port=x",
                                      "nothing",        "environments.prod.iac=cdk",
                                      "build.test=[",   NULL};
    gl_autoloaded struct loaded loaded = load_set(MINIMUM, "local", set);
    assert_int_equal(loaded.code, GL_E_CONFIG);
    assert_int_equal(loaded.list.count, 5);
    gl_autofree char *text = drawn(&loaded.list);
    assert_non_null(strstr(text, "--set: error: there is no key `backend.prot`"));
    assert_non_null(strstr(text, "did you mean `backend.port`?"));
    assert_non_null(strstr(text, "`nothing` is not KEY=VALUE"));
}

/* Who types the command is not who says whose approval it needs. */
static void who_approves_is_not_said_on_the_command_line(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "approval={min: 0}",  "approval.min=0",
        "people=[{id: me}]",  "release={approval: {mode: github_environment}}",
        "roles.operator=[x]", "release.approval.mode=github_environment",
    };
    for (size_t i = 0; i < GL_COUNT(keys); i++) {
        const char *const set[] = {keys[i], NULL};
        gl_autoloaded struct loaded loaded = load_set(MINIMUM, "local", set);
        assert_int_equal(loaded.code, GL_E_CONFIG);
        gl_autofree char *text = drawn(&loaded.list);
        assert_non_null(strstr(text, "cannot be set on the command line"));
        assert_non_null(strstr(text, "Write it to golive.yaml."));
    }
}

static void values_are_typed_by_the_schema_not_by_their_look(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded = load(
        MINIMUM "backend: {port: '9001', args: [yes, 1, 2.50, true, null-ish]}\n"
                "database: {engine_version: 16.10}\n"
                "edge: {waf: {bot_control: off}}\n"
                "slo: {error_rate_pct: 2}\n"
                "load: {login: {path: /in, body: {n: 1, s: '1', t: true, z: null, u: abc}}}\n");
    assert_int_equal(loaded.code, 0);
    assert_int_equal(gl_config_int(loaded.config, "backend.port"), 9001);
    assert_string_equal(gl_config_str(loaded.config, "backend.args.0"), "yes");
    assert_string_equal(gl_config_str(loaded.config, "backend.args.2"), "2.50");
    assert_string_equal(gl_config_str(loaded.config, "database.engine_version"), "16.10");
    assert_string_equal(gl_config_str(loaded.config, "edge.waf.bot_control"), "off");
    assert_true(gl_config_real(loaded.config, "slo.error_rate_pct") == 2.0);
    gl_autofree char *body = gl_json_canonical(gl_config_node(loaded.config, "load.login.body"));
    assert_string_equal(body, "{\"n\":1,\"s\":\"1\",\"t\":true,\"u\":\"abc\",\"z\":null}");
}

static void one_value_stands_for_a_list_of_one_where_the_schema_says_so(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded =
        load(MINIMUM "build: {test: make test, backend: [cd x, make]}\n"
                     "load: {profile: [{path: /a, expect_status: 204}, "
                     "{path: /b, expect_status: [200, 404]}]}\n");
    assert_int_equal(loaded.code, 0);
    assert_string_equal(gl_config_str(loaded.config, "build.test.0"), "make test");
    assert_int_equal(gl_config_int(loaded.config, "load.profile.0.expect_status.0"), 204);
    assert_int_equal(gl_config_int(loaded.config, "load.profile.1.expect_status.1"), 404);
    assert_string_equal(gl_config_str(loaded.config, "build.backend"), "set -e\ncd x\nmake");
}

static void origins_name_line_and_column_of_the_value(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded = load("golive: 1\napp:\n  name:  \"demo\"\n"
                                              "decisions: {}\n"
                                              "environments:\n  local:\n    backend:\n"
                                              "      port: 99\n");
    assert_int_equal(loaded.code, 0);
    struct gl_origin name = gl_config_origin(loaded.config, "app.name");
    assert_int_equal(name.kind, GL_ORIGIN_FILE);
    assert_int_equal(name.line, 3);
    assert_int_equal(name.column, 10);
    struct gl_origin port = gl_config_origin(loaded.config, "backend.port");
    assert_int_equal(port.kind, GL_ORIGIN_ENVIRONMENT);
    assert_int_equal(port.line, 8);
    assert_int_equal(port.column, 13);
}

static void names_with_dots_are_found(void **state)
{
    (void)state;
    gl_autoconfig struct gl_config *config = NULL;
    assert_int_equal(load_example("prod", &config), 0);
    assert_string_equal(gl_config_str(config, "decisions.accounts.layout.by"), "sato");
    assert_string_equal(gl_config_str(config, "decisions.iac.by"), "tanaka");
    assert_string_equal(gl_config_str(config, "tags.values.cost-center"), "cc-1001");
}

static void expansion_fills_in_what_is_known_and_leaves_the_rest(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded = load(MINIMUM);
    gl_autofree char *text = gl_config_expand(
        loaded.config, "https://{domain.api}{backend.ready_path}:{backend.port} {env} {uuid} {app} "
                       "{ {n} {} { local.keep_warm}{local.keep_warm}");
    assert_string_equal(text, "https://api.demo.localhost/readyz:8080 local {uuid} {app} "
                              "{ {n} {} { local.keep_warm}true");
}

/* In a directory whose name has a space and Japanese characters. */
static void the_file_is_found_in_a_directory_above(void **state)
{
    (void)state;
    char template[] = "/tmp/golive-config-XXXXXX";
    assert_non_null(mkdtemp(template));
    gl_autofree char *project = gl_path_join(template, "私の アプリ");
    gl_autofree char *deep = gl_path_join(project, "a/b");
    gl_autofree char *file = gl_path_join(project, "golive.yaml");
    assert_int_equal(gl_mkdir_p(deep, 0755, NULL), 0);
    assert_int_equal(gl_write_text(file, MINIMUM, 0644, NULL), 0);
    gl_autofree char *before = getcwd(NULL, 0);
    assert_int_equal(chdir(deep), 0);
    gl_autoconfig struct gl_config *config = NULL;
    gl_autodiag struct gl_diagnostics list = {0};
    gl_autoerr struct gl_error err = {0};
    struct gl_config_request request = {.env = "local"};
    int code = gl_config_load(&request, &config, &list, &err);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(code, 0);
    assert_string_equal(gl_config_dir(config), project);
    assert_string_equal(gl_config_path(config), file);
    struct gl_config_request wrong = {.env = "local", .path = "/nowhere/golive.yaml"};
    gl_autoconfig struct gl_config *none = NULL;
    assert_int_equal(gl_config_load(&wrong, &none, &list, &err), GL_E_NOT_FOUND);
    assert_null(none);
    assert_int_equal(gl_remove_tree(template, NULL), 0);
}

/* Another environment of the same file, which outlives the configuration that it came from. */
static void another_environment_of_the_same_file(void **state)
{
    (void)state;
    static const char text[] = MINIMUM "environments:\n"
                                       "  prod: {domain: {api: api.example.com}}\n"
                                       "  stg: {domain: {api: api.stg.example.com}}\n";
    gl_autoloaded struct loaded prod =
        load_set(text, "prod", (const char *[]){"release.keep=7", NULL});
    gl_autoloaded struct loaded alone =
        load_set(text, "stg", (const char *[]){"release.keep=7", NULL});
    gl_autoconfig struct gl_config *stg = NULL;
    assert_int_equal(prod.code, 0);
    assert_int_equal(gl_config_other(prod.config, "nowhere", &stg, NULL), GL_E_NOT_FOUND);
    assert_null(stg);
    assert_int_equal(gl_config_other(prod.config, "stg", &stg, NULL), 0);
    gl_config_free(&prod.config);
    assert_string_equal(gl_config_env(stg), "stg");
    assert_string_equal(gl_config_str(stg, "domain.api"), "api.stg.example.com");
    assert_string_equal(gl_config_hash(stg), gl_config_hash(alone.config));
    gl_autoconfig struct gl_config *local = NULL;
    assert_int_equal(gl_config_other(stg, "local", &local, NULL), 0);
    assert_string_equal(gl_config_str(local, "app.platform"), "local");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_environment_of_the_same_file),
        cmocka_unit_test(the_example_loads_without_mistakes_in_each_environment),
        cmocka_unit_test(the_example_has_keys_that_approvals_can_be_checked_with),
        cmocka_unit_test(an_environment_wins_over_the_top_of_the_file_key_by_key),
        cmocka_unit_test(other_environments_stay_readable_and_do_not_change_the_hash),
        cmocka_unit_test(two_keys_are_enough_and_the_rest_has_defaults),
        cmocka_unit_test(local_has_names_and_a_platform_of_its_own),
        cmocka_unit_test(the_command_line_wins_over_everything),
        cmocka_unit_test(mistakes_on_the_command_line_are_reported_together),
        cmocka_unit_test(who_approves_is_not_said_on_the_command_line),
        cmocka_unit_test(values_are_typed_by_the_schema_not_by_their_look),
        cmocka_unit_test(one_value_stands_for_a_list_of_one_where_the_schema_says_so),
        cmocka_unit_test(origins_name_line_and_column_of_the_value),
        cmocka_unit_test(names_with_dots_are_found),
        cmocka_unit_test(expansion_fills_in_what_is_known_and_leaves_the_rest),
        cmocka_unit_test(the_file_is_found_in_a_directory_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
