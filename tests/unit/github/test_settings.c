/* Every setting by itself: how it compares, and that writing it makes it so and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "github/setting.h"

static struct gl_github_desired desired = {
    .branch = (char *)"main",
    .reviews = 2,
    .places =
        {
                 [GL_GITHUB_PLACE_PRODUCTION] = {.name = "production", .branch = (char *)"main"},
                 [GL_GITHUB_PLACE_STAGING] = {.name = "staging", .branch = (char *)"develop"},
                 },
};

static struct gl_github_view view = {.desired = &desired, .actions_app = 7};

static int set_up(void **state)
{
    (void)state;
    gl_strv_add(&desired.checks, "backend");
    gl_strv_add(&desired.checks, "scan");
    gl_strv_add(&desired.places[GL_GITHUB_PLACE_PRODUCTION].reviewers, "ysato");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gl_strv_done(&desired.checks);
    gl_strv_done(&desired.places[GL_GITHUB_PLACE_PRODUCTION].reviewers);
    return 0;
}

static int look(const struct gl_github_setting *setting, const json_t *have)
{
    gl_autobuf struct gl_buf is = {0};
    gl_autobuf struct gl_buf wanted = {0};
    int good = setting->look(&view, setting, have, &is, &wanted);
    if (good >= 0 && (!is.len || !wanted.len))
        fail_msg("%s does not say what is and what should be", setting->name);
    return good;
}

static json_t *begin(const struct gl_github_setting *setting, const json_t *have)
{
    const struct gl_github_resource *resource = &gl_github_resources[setting->resource];
    return resource->begin ? resource->begin(have) : json_object();
}

/* Beginning with nothing: each is missed, and there once it was put; putting again changes nothing.
 */
static void what_is_put_is_there(void **state)
{
    (void)state;
    for (const struct gl_github_setting *setting = gl_github_settings; setting->name; setting++) {
        if (!setting->put)
            continue;
        assert_int_not_equal(look(setting, NULL), 1);
        gl_autojson json_t *want = begin(setting, NULL);
        setting->put(&view, setting, want);
        gl_autojson json_t *once = json_deep_copy(want);
        if (look(setting, want) != 1)
            fail_msg("%s is not there after it was put", setting->name);
        setting->put(&view, setting, want);
        if (!json_equal(want, once))
            fail_msg("%s changes when it is put again", setting->name);
    }
}

/* All of one resource together, as it is sent; then none of them sees anything to do. */
static void settings_do_not_undo_each_other(void **state)
{
    (void)state;
    for (int id = 0; id < GL_GITHUB_RESOURCES; id++) {
        gl_autojson json_t *want = NULL;
        for (const struct gl_github_setting *at = gl_github_settings; at->name; at++) {
            if ((int)at->resource != id || !at->put)
                continue;
            if (!want)
                want = begin(at, NULL);
            at->put(&view, at, want);
        }
        for (const struct gl_github_setting *at = gl_github_settings; at->name; at++) {
            if ((int)at->resource == id && want && look(at, want) != 1)
                fail_msg("%s is not as wanted beside the others", at->name);
        }
    }
}

static const struct gl_github_setting *find(const char *name)
{
    const struct gl_github_setting *setting = gl_github_settings;
    while (setting->name && strcmp(setting->name, name) != 0)
        setting++;
    assert_non_null(setting->name);
    return setting;
}

/* One ruleset or environment, and what a setting says of it: 1 good, 0 not, -1 unknown. */
static const struct {
    const char *setting;
    int good;
    const char *json;
} cases[] = {
    {"ruleset_active",             0,  "{\"enforcement\": \"evaluate\"}"                                             },
    {"ruleset_branch",             1,
     "{\"conditions\": {\"ref_name\": {\"include\": [\"~ALL\"], \"exclude\": []}}}"                                  },
    {"ruleset_branch",             1,  "{\"conditions\": {\"ref_name\": {\"include\": [\"refs/heads/m*n\"]}}}"       },
    {"ruleset_branch",             0,
     "{\"conditions\": {\"ref_name\": {\"include\": [\"refs/heads/mains\"]}}}"                                       },
    {"ruleset_branch",             0,
     "{\"conditions\": {\"ref_name\": {\"include\": [\"~ALL\"], \"exclude\": [\"~DEFAULT_BRANCH\"]}}}"               },
    {"ruleset_bypass",             -1, "{\"enforcement\": \"active\"}"                                               },
    {"ruleset_bypass",             1,  "{\"bypass_actors\": []}"                                                     },
    {"ruleset_bypass",             0,
     "{\"bypass_actors\": [{\"actor_type\": \"OrganizationAdmin\", \"actor_id\": null}]}"                            },
    {"reviews",                    1,
     "{\"rules\": [{\"type\": \"pull_request\", \"parameters\": {\"required_approving_review_count\": 3}}]}"         },
    {"reviews",                    0,
     "{\"rules\": [{\"type\": \"pull_request\", \"parameters\": {\"required_approving_review_count\": 1}}]}"         },
    {"checks",                     0,
     "{\"rules\": [{\"type\": \"required_status_checks\", \"parameters\": {\"required_status_checks\": "
     "[{\"context\": \"backend\", \"integration_id\": 8}, {\"context\": \"scan\", \"integration_id\": 7}]}}]}"       },
    {"checks",                     1,
     "{\"rules\": [{\"type\": \"required_status_checks\", \"parameters\": {\"required_status_checks\": "
     "[{\"context\": \"scan\"}, {\"context\": \"backend\", \"integration_id\": 7}, {\"context\": \"x\"}, "
     "{\"context\": \"scan\", \"integration_id\": 7}]}}]}"                                                           },
    {"production_branch",          0,  "{\"custom\": false, \"protected\": true}"                                    },
    {"production_branch",          0,  "{\"custom\": true, \"policies\": []}"                                        },
    {"production_branch",          1,
     "{\"custom\": true, \"policies\": [{\"name\": \"main\", \"type\": \"branch\"}]}"                                },
    {"production_branch",          1,
     "{\"custom\": true, \"policies\": [{\"name\": \"main\"}]}"                                                      }, /* older servers */
    {"staging_branch",             0,  "{\"custom\": true, \"policies\": [{\"name\": \"main\"}]}"                    },
    {"production_reviewers",       1,
     "{\"reviewers\": [{\"type\": \"User\", \"login\": \"YSato\", \"id\": 1}]}"                                      },
    {"production_reviewers",       0,
     "{\"reviewers\": [{\"type\": \"Team\", \"login\": \"ysato\", \"id\": 1}]}"                                      },
    {"production_other_reviewers", 0,
     "{\"reviewers\": [{\"type\": \"User\", \"login\": \"ysato\"}, {\"type\": \"Team\", \"login\": \"all\"}]}"       },
    {"workflow_reviews",           -1, "{}"                                                                          },
    {"workflow_rights",            0,  "{\"default_workflow_permissions\": \"write\"}"                               },
    {"secret_scanning",            -1, "{}"                                                                          },
    {"secret_scanning",            1,
     "{\"security_and_analysis\": {\"secret_scanning\": {\"status\": \"enabled\"}}}"                                 },
 /* What is not what the description says is taken for what is weakest. */
    {"reviews",                    0,  "{\"rules\": {\"type\": 7}}"                                                  },
    {"checks",                     0,  "{\"rules\": [7, {\"type\": \"required_status_checks\", \"parameters\": []}]}"},
    {"ruleset_branch",             0,
     "{\"conditions\": {\"ref_name\": {\"include\": [7, null], \"exclude\": [7]}}}"                                  },
    {"production_branch",          0,  "{\"custom\": true, \"policies\": [7]}"                                       },
};

static void single_states_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autojson json_t *have = NULL;
        gl_autoerr struct gl_error err = {0};
        assert_int_equal(
            gl_json_parse(cases[i].json, strlen(cases[i].json), cases[i].setting, &have, &err), 0);
        int good = look(find(cases[i].setting), have);
        if (good != cases[i].good)
            fail_msg("%s: %d of %s", cases[i].setting, good, cases[i].json);
    }
}

/* Of a check that another program reports under the same name, both are wanted afterwards. */
static void checks_of_others_stay(void **state)
{
    (void)state;
    gl_autojson json_t *want = begin(find("checks"), NULL);
    find("checks")->put(&view, find("checks"), want);
    json_t *list = json_object_get(
        json_object_get(gl_github_rule(json_object_get(want, "rules"), "required_status_checks"),
                        "parameters"),
        "required_status_checks");
    gl_json_set_int(json_array_get(list, 0), "integration_id", 99);
    assert_int_equal(look(find("checks"), want), 0);
    find("checks")->put(&view, find("checks"), want);
    assert_int_equal(json_array_size(list), 3);
    assert_int_equal(gl_json_int(json_array_get(list, 0), "integration_id", 0), 99);
    assert_int_equal(look(find("checks"), want), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_there),
        cmocka_unit_test(settings_do_not_undo_each_other),
        cmocka_unit_test(single_states_are_told_apart),
        cmocka_unit_test(checks_of_others_stay),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
