/* What the rehearsal sends, from golive.yaml; and logging in at a real server. */
#include "../../support/load_fixture.h"

#include "rehearse/internal.h"
#include "rehearse/load_plan.h"

struct fake {
    struct gl_platform base;
    int port;
};

static int endpoint(struct gl_platform *p, enum gl_endpoint which, int64_t release,
                    struct gl_target *ret_target, struct gl_error *err)
{
    (void)which, (void)release, (void)err;
    ret_target->base_url = gl_asprintf("http://127.0.0.1:%d", ((struct fake *)p)->port);
    return 0;
}

static int traffic(struct gl_platform *p, struct gl_traffic *ret_traffic, struct gl_error *err)
{
    (void)p, (void)err;
    *ret_traffic = (struct gl_traffic){0};
    return 0;
}

static const struct gl_platform_ops ops = {
    .name = "fake", .endpoint = endpoint, .traffic = traffic};

/* golive.yaml with these settings; freed with gl_config_free(). */
static struct gl_config *config_of(const struct fixture *fixture, const char *settings)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics diagnostics = {0};
    gl_autofree char *path = gl_path_join(fixture->dir, "golive.yaml");
    gl_autofree char *text =
        gl_asprintf("golive: 1\napp: {name: sample}\nenvironments: {local: {}}\n%s", settings);
    struct gl_config_request asked = {.path = path, .env = "local"};
    struct gl_config *config = NULL;
    if (gl_write_text(path, text, 0644, &err) < 0 ||
        gl_config_load(&asked, &config, &diagnostics, &err) < 0)
        fail_msg("%s: %s", err.message, diagnostics.count ? diagnostics.items[0].message : "");
    return config;
}

static int plan_of(const struct fixture *fixture, const char *load, json_t **ret_plan,
                   struct gl_error *err)
{
    struct gl_config *config = config_of(fixture, load);
    struct gl_rehearsal_request request = {.config = config};
    struct fake fake = {.base = {.ops = &ops}, .port = fixture->server->port};
    struct gl_rehearsal rehearsal = {.request = &request, .platform = &fake.base};
    int failed = gl_load_plan(&rehearsal, ret_plan, err);
    gl_config_free(&config);
    return failed;
}

static bool has_target(const json_t *plan, const char *name)
{
    size_t index;
    json_t *target;
    json_array_foreach(json_object_get(plan, "targets"), index, target)
    {
        if (strcmp(gl_json_str(target, "name", ""), name) == 0)
            return true;
    }
    return false;
}

/* Faults spare health checks: a plan of nothing else would see none of them. */
static void something_is_asked_that_faults_do_not_spare(void **state)
{
    static const struct {
        const char *load;
        bool added;
    } cases[] = {
        {"",                                                             true },
        {"load: {profile: [{path: /healthz}, {path: \"/readyz?x=1\"}]}", true },
        {"load: {profile: [{path: /, host: app}]}",                      true },
        {"load: {profile: [{path: /api/things}]}",                       false},
        {"load: {profile: [{path: /readyz2}]}",                          false},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autojson json_t *plan = NULL;
        assert_int_equal(plan_of(*state, cases[i].load, &plan, &err), 0);
        assert_int_equal(has_target(plan, "GET /golive-rehearsal"), cases[i].added);
        gl_autofree char *text = gl_json_canonical(plan);
        gl_autoloadplan struct gl_load_plan *parsed = NULL;
        if (gl_load_plan_parse(text, &parsed, &err) < 0)
            fail_msg("%s", err.message);
    }
}

static void a_login_counts_by_the_status_it_expects(void **state)
{
    const struct fixture *fixture = *state;
    gl_autoerr struct gl_error err = {0};
    json_t *plan = NULL;
    fixture->server->status = 409;
    assert_int_equal(plan_of(fixture, "load: {login: {path: /login}}", &plan, &err), GL_E_CONFIG);
    assert_non_null(strstr(err.message, "status 409"));
    /* Expected now, so that the answer itself is looked at: it has no token. */
    assert_true(plan_of(fixture, "load: {login: {path: /login, expect_status: [200, 409]}}", &plan,
                        &err) < 0);
    assert_null(strstr(err.message, "status 409"));
    fixture->server->status = 0;
    assert_int_equal(
        plan_of(fixture, "load: {login: {path: /login, expect_status: 201}}", &plan, &err),
        GL_E_CONFIG);
    assert_non_null(strstr(err.message, "status 200"));
}

/* Slow answers hold every connection there is: what waits for one is not lost for that. */
static void the_load_bears_the_slow_answers_of_the_rehearsal_itself(void **state)
{
    static const struct {
        const char *limits;
        int64_t p95_ms;
    } cases[] = {
        {"",                                                          750 },
        {"release: {limits: {p95_ms: 100}}",                          100 },
        {"release: {limits: {p95_ms: 2000}}",                         2000},
        {"load: {connections: 1}\nrelease: {limits: {p95_ms: 9000}}", 9000},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autojson json_t *plan = NULL;
        struct gl_config *config = config_of(*state, cases[i].limits);
        int64_t slow_ms = gl_fault_slow_ms(config);
        gl_config_free(&config);
        assert_true(slow_ms > cases[i].p95_ms);
        assert_int_equal(plan_of(*state, cases[i].limits, &plan, &err), 0);
        assert_true(gl_json_int(plan, "shed_after_ms", 0) > slow_ms);
        assert_true(gl_json_int(plan, "timeout_ms", 0) > slow_ms);
    }
}

static void faults_breach_the_limits_that_are_configured(void **state)
{
    static const struct {
        const char *limits;
        int at_least;
    } cases[] = {
        {"",                                          40 },
        {"release: {limits: {error_rate_pct: 0}}",    40 },
        {"release: {limits: {error_rate_pct: 15.5}}", 62 },
        {"release: {limits: {error_rate_pct: 30}}",   100},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        struct gl_config *config = config_of(*state, cases[i].limits);
        assert_int_equal(gl_fault_5xx_pct(config), cases[i].at_least);
        gl_config_free(&config);
    }
}

/* What golive is called with, one argument a line, once there is an overlay of migrations. The
 * caller owns it. */
static char *arguments_of(const struct fixture *fixture, const struct gl_strv *set)
{
    gl_autofree char *program = gl_path_join(fixture->dir, "golive.sh");
    gl_autofree char *written = gl_path_join(fixture->dir, "arguments");
    gl_autofree char *text = gl_asprintf("#!/bin/sh\nprintf '%%s\\n' \"$@\" >'%s'\n"
                                         "echo '{\"event\": \"outcome\", \"done\": true}'\n",
                                         written);
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf arguments = {0};
    static const struct gl_rehearsal_reporter silent;
    static const struct gl_case row = {.name = "a case"};
    gl_autoconfig struct gl_config *config = config_of(fixture, "");
    struct gl_rehearsal_request request = {
        .config = config, .config_path = "c", .program = program, .set = set, .reporter = &silent};
    struct gl_rehearsal rehearsal = {
        .request = &request, .dir = fixture->dir, .running = &row, .overlay = (char *)"/over/lay"};
    int status = -1;
    if (gl_write_text(program, text, 0755, &err) < 0 ||
        gl_deployer_run(&rehearsal, "deploy", &status, &err) < 0 ||
        gl_read_file(written, 0, &arguments, &err) < 0)
        fail_msg("%s", err.message);
    json_decref(rehearsal.outcome);
    return gl_buf_steal(&arguments);
}

/* A key that is set twice is a mistake. */
static void the_overlay_takes_the_place_of_a_folder_that_was_given(void **state)
{
    gl_autostrv struct gl_strv set = {0};
    gl_strv_add(&set, "migrations.dir=mine");
    gl_strv_add(&set, "load.rps=7");
    gl_autofree char *arguments = arguments_of(*state, &set);
    assert_non_null(strstr(arguments, "deploy\n--env\nlocal\n"));
    assert_non_null(strstr(arguments, "\nmigrations.dir=/over/lay\n"));
    assert_null(strstr(arguments, "mine"));
    assert_non_null(strstr(arguments, "\nload.rps=7\n"));
}

/* The configuration of a rehearsal of these settings, with one --set given or NULL. */
static struct gl_config *rehearsal_of(const struct fixture *fixture, const char *settings,
                                      const char *given)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics diagnostics = {0};
    gl_autostrv struct gl_strv own = {0};
    gl_autostrv struct gl_strv all = {0};
    gl_autoconfig struct gl_config *config = config_of(fixture, settings);
    if (given)
        gl_strv_add(&own, given);
    gl_rehearsal_settings(config, &own, &all);
    struct gl_config_request asked = {.path = gl_config_path(config), .env = "local", .set = &all};
    struct gl_config *rehearsed = NULL;
    if (gl_config_load(&asked, &rehearsed, &diagnostics, &err) < 0)
        fail_msg("%s: %s", err.message, diagnostics.count ? diagnostics.items[0].message : "");
    return rehearsed;
}

/* A rehearsal is short: what it watches must be judged before its end all the same. */
static void the_bake_is_long_enough_for_what_is_to_be_seen_in_it(void **state)
{
    static const struct {
        const char *settings, *given;
        int64_t bake_s, canary_s, canary_pct, least;
    } rows[] = {
        {"",                                                       NULL,                           6,  2,  10, 50},
        {"release: {bake_seconds: 900, canary: {seconds: 60}}",    NULL,                           6,  2,  10, 50},
        {"release: {limits: {p95_ms: 4000, min_requests: 10000}}", NULL,                           18, 2,  10, 50},
        {"release: {limits: {min_requests: 10}}",                  NULL,                           6,  2,  10, 10},
        {"",                                                       "release.bake_seconds=9",       9,  2,  10, 50},
        {"",                                                       "release.canary={percent: 25}", 6,  10, 25, 50},
        {"release: {limits: {min_requests: 10000}}",               "release.limits={p95_ms: 500}", 6,  2,  10, 50},
    };

    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autoconfig struct gl_config *config =
            rehearsal_of(*state, rows[i].settings, rows[i].given);
        assert_int_equal(gl_config_int(config, "release.bake_seconds"), rows[i].bake_s);
        assert_int_equal(gl_config_int(config, "release.canary.seconds"), rows[i].canary_s);
        assert_int_equal(gl_config_int(config, "release.canary.percent"), rows[i].canary_pct);
        if (!rows[i].given)
            assert_int_equal(gl_config_int(config, "release.limits.min_requests"), rows[i].least);
    }
}

/* The project's own instance may be up. */
static void a_rehearsal_has_ports_of_its_own(void **state)
{
    static const char ports[] = "local: {https_port: 8443, http_port: 8080, postgres_port: 5433}\n";
    gl_autoconfig struct gl_config *config = rehearsal_of(*state, ports, NULL);
    assert_false(json_is_integer(gl_config_node(config, "local.https_port")));
    assert_false(json_is_integer(gl_config_node(config, "local.http_port")));
    assert_false(json_is_integer(gl_config_node(config, "local.postgres_port")));
    gl_autoconfig struct gl_config *given = rehearsal_of(*state, ports, "local.https_port=9443");
    assert_int_equal(gl_config_int(given, "local.https_port"), 9443);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(something_is_asked_that_faults_do_not_spare),
        TEST(a_login_counts_by_the_status_it_expects),
        TEST(the_load_bears_the_slow_answers_of_the_rehearsal_itself),
        TEST(faults_breach_the_limits_that_are_configured),
        TEST(the_overlay_takes_the_place_of_a_folder_that_was_given),
        TEST(the_bake_is_long_enough_for_what_is_to_be_seen_in_it),
        TEST(a_rehearsal_has_ports_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
