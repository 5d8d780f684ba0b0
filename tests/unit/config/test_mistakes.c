/* Wrong files: every mistake in one pass, at its place, with help; and how they are drawn. */
#include "support.h"

static void all_mistakes_are_reported_in_one_pass(void **state)
{
    (void)state;
    assert_mistakes("golive: 2\n"
                    "app:\n"
                    "  name: My App\n"
                    "databse: {}\n"
                    "backend:\n"
                    "  port: 70000\n"
                    "  port: 1\n"
                    "frontend: {mode: stattic}\n"
                    "edge: {hsts: {preload: yes}}\n",
                    "1:9 golive must be a whole number from 1 to 1, not `2`\n"
                    "3:9 app.name must be a lower-case letter, then lower-case letters, digits or "
                    "-; 2 to 21 characters, not `My App`\n"
                    "4:1 unknown key `databse`\n"
                    "6:9 backend.port must be a whole number from 1 to 65535, not `70000`\n"
                    "7:3 `port` stands here a second time\n"
                    "8:18 frontend.mode must be `static` or `ssr`, not `stattic`\n"
                    "9:24 edge.hsts.preload must be `true` or `false`, not `yes`\n");
}

static void required_keys_are_missed(void **state)
{
    (void)state;
    assert_mistakes("golive: 1\n", "1:1 app.name is missing\n");
    assert_mistakes("golive: 1\napp:\n", "1:1 app.name is missing\n");
    assert_mistakes("app: {name: demo}\n", "1:1 golive is missing\n");
    assert_mistakes("golive: 1\napp: {repo: a/b}\n", "2:6 app.name is missing\n");
    assert_mistakes(MINIMUM "people: [{name: x}]\n", "3:10 people.0.id is missing\n");
}

static void an_environment_may_leave_out_what_the_top_has(void **state)
{
    (void)state;
    assert_mistakes(MINIMUM "load: {login: {path: /a}}\n"
                            "environments: {local: {load: {login: {token: $.t}}, app: {}}}\n",
                    "");
    assert_mistakes(MINIMUM "environments: {prod: {load: {profile: [{weight: 2}]}}}\n",
                    "3:40 environments.prod.load.profile.0.path is missing\n");
}

#define TWO(layout, first, second)                                                                 \
    MINIMUM layout "environments:\n  " first ": {account_id: \"222222222222\"}\n  " second         \
                   ": {account_id: \"222222222222\"}\n"

static void environments_share_an_account_only_where_the_layout_says_so(void **state)
{
    (void)state;
    assert_mistakes(TWO("", "stg", "prod"), "5:22 environment stg has the same account\n");
    assert_mistakes(TWO("", "prod", "stg"), "5:21 environment prod has the same account\n");
    assert_mistakes(TWO("accounts: {layout: single}\n", "stg", "prod"), "");
    assert_mistakes(TWO("accounts: {layout: prod_separate}\n", "dev", "stg"), "");
    assert_mistakes(TWO("accounts: {layout: prod_separate}\n", "stg", "prod"),
                    "6:22 environment stg has the same account\n");
    assert_mistakes(MINIMUM "environments: {prod: {account_id: \"000000000000\"}, stg: {}}\n",
                    "3:35 000000000000 is no account\n");
}

static void wrong_kinds_are_named(void **state)
{
    (void)state;
    assert_mistakes(MINIMUM "network: [1]\nbackend: {port: [1], dir: , args: x}\nroles: {a: {}}\n",
                    "3:10 network must be a map of keys, not a list\n"
                    "4:17 backend.port must be a whole number from 1 to 65535, not a list\n"
                    "4:22 backend.dir must be a path relative to golive.yaml, without / at the "
                    "front, not empty\n"
                    "4:35 backend.args must be a list, not a single value\n"
                    "5:12 roles.a must be a list, not a map of keys\n");
    assert_mistakes("- a\n", "1:1 the file must be a map of keys, not a list\n");
    assert_mistakes("text\n", "1:1 the file must be a map of keys, not a single value\n");
}

static void what_is_no_single_plain_document_is_refused(void **state)
{
    (void)state;
    assert_mistakes("", "1:1 the file is empty\n");
    assert_mistakes("# nothing\n", "1:1 the file is empty\n");
    assert_mistakes(MINIMUM "iac: &a cdk\n", "3:7 anchors (`&name`) are not used here\n"
                                             "3:9 with iac: cdk golive does not make the "
                                             "infrastructure itself: set infra.managed: false\n");
    assert_mistakes(MINIMUM "iac: *a\n", "3:7 aliases (`*name`) are not used here\n");
    assert_mistakes(MINIMUM "region: !!str us-east-1\n", "3:9 tags (`!name`) are not used here\n");
    assert_mistakes(MINIMUM "---\na: 1\n", "3:1 a second document begins here (`---`)\n");
    assert_mistakes(MINIMUM "? [a]\n: b\n", "3:3 a key must be a plain word\n");
    assert_mistakes("golive: 1\napp:\n\tname: x\n",
                    "3:1 not YAML: tab character may not be used as indentation\n");
    assert_mistakes("golive: 1\nb\xC3: 1\n", "2:2 this is not UTF-8 text\n");
    assert_mistakes("golive: \"a\\0b\"\n", "1:1 app.name is missing\n"
                                           "1:9 a text has no NUL character\n"
                                           "1:9 golive must be a whole number from 1 to 1, not "
                                           "`a`\n"
                                           "");
}

static void an_alias_bomb_costs_nothing(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf text = {0};
    gl_buf_puts(&text, MINIMUM "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 30; i++)
        gl_buf_printf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1,
                      i - 1, i - 1, i - 1);
    gl_autoloaded struct loaded loaded = load(gl_buf_text(&text));
    assert_int_equal(loaded.code, GL_E_CONFIG);
    assert_true(loaded.list.count <= 100);
    assert_true(loaded.list.left_out > 0);
}

static void depth_and_length_are_bounded(void **state)
{
    (void)state;
    gl_autobuf struct gl_buf deep = {0};
    gl_buf_puts(&deep, MINIMUM "load: {login: {path: /a, body: ");
    for (int i = 0; i < 40; i++)
        gl_buf_putc(&deep, '[');
    for (int i = 0; i < 40; i++)
        gl_buf_putc(&deep, ']');
    gl_buf_puts(&deep, "}}\n");
    gl_autoloaded struct loaded loaded = load(gl_buf_text(&deep));
    gl_autofree char *found = mistakes(&loaded);
    assert_non_null(strstr(found, "nested too deeply"));
    gl_autobuf struct gl_buf wide = {0};
    gl_buf_puts(&wide, MINIMUM "build:\n  test:\n");
    for (int i = 0; i < 1001; i++)
        gl_buf_puts(&wide, "  - x\n");
    gl_autoloaded struct loaded second = load(gl_buf_text(&wide));
    gl_autofree char *too_long = mistakes(&second);
    assert_non_null(strstr(too_long, "1005:5 this list or map is too long (limit 1000)"));
}

static void references_are_checked(void **state)
{
    (void)state;
    assert_mistakes(MINIMUM
                    "people: [{id: sato}, {id: sato}, {id: ren}]\n"
                    "roles: {dba: [satoo]}\n"
                    "gate: {signers: [dbb]}\n"
                    "decisions:\n"
                    "  backend.platfrom: {reason: r, by: ren, decided: 2026-02-30, review_by: "
                    "2026-11-20}\n"
                    "waivers: [{control: '1.1', reason: r, by: ren, approved_by: ren, expires: "
                    "2026-12-01}]\n",
                    "3:27 people.1.id: `sato` is used twice\n"
                    "4:15 `satoo` is not the id of one of people\n"
                    "5:18 `dbb` is not one of roles\n"
                    "7:3 a decision about `backend.platfrom`, which is no key\n"
                    "7:51 decisions.backend.platfrom.decided must be a date, like 2026-11-20, not "
                    "`2026-02-30`\n"
                    "8:61 ren cannot agree to a waiver of their own\n");
}

static void values_are_checked_against_each_other_in_every_environment(void **state)
{
    (void)state;
    assert_mistakes(MINIMUM "local: {https_port: 8443, http_port: 8443}\n"
                            "environments:\n"
                            "  prod: {sizing: {min_tasks: 5}, approval: {min: 1}}\n"
                            "  stg: {backend: {platform: app_runner}}\n",
                    "3:38 local.https_port and local.http_port are both 8443: two servers cannot "
                    "share a port\n"
                    "5:30 sizing.min_tasks (5) is larger than sizing.max_tasks (2) in environment "
                    "prod\n"
                    "5:50 environment prod needs 1 signatures but has 0 approvers\n"
                    "6:29 App Runner takes no new customers since 2026-04-30\n");
}

static void periods_end_after_they_begin(void **state)
{
    (void)state;
    /* 10:00+09:00 is 01:00Z, before 02:00Z, though the text sorts the other way. */
    assert_mistakes(MINIMUM "cutover: {window: {from: '2026-12-08T10:00:00+09:00', to: "
                            "'2026-12-08T02:00:00Z'}}\n",
                    "");
    assert_mistakes(MINIMUM "cutover: {window: {from: '2026-12-08T03:00:00Z', to: "
                            "'2026-12-08T11:00:00+09:00'}}\n",
                    "3:54 this ends before it begins (from 2026-12-08T03:00:00Z)\n");
    assert_mistakes(MINIMUM "migrations: {peak_hours: [{days: mon-fry, from: '08:00', to: "
                            "'08:00'}]}\n",
                    "3:34 migrations.peak_hours.0.days must be days of the week, like mon-fri or "
                    "sat,sun, not `mon-fry`\n"
                    "3:62 from and to are the same time: write 00:00 and 24:00 for the whole "
                    "day\n");
}

/* A channel that golive cannot tell would be one that nobody hears of, silently. */
static void only_a_channel_that_can_be_called_is_told_of_releases(void **state)
{
    (void)state;
#define CHANNEL(fields) MINIMUM "observability: {notify: [{" fields "}]}\n"
    assert_mistakes(CHANNEL("kind: webhook, endpoint_secret: OPS_URL, releases: true"), "");
    assert_mistakes(CHANNEL("kind: slack, endpoint_secret: OPS_URL, releases: true"), "");
    assert_mistakes(CHANNEL("kind: email, address: a@example.com, releases: false"), "");
    assert_mistakes(CHANNEL("kind: slack, channel: C01, releases: true"),
                    "3:64 releases: true wants endpoint_secret beside it\n");
    assert_mistakes(CHANNEL("kind: email, address: a@example.com, releases: true"),
                    "3:74 a channel of kind email is not told of releases\n");
    assert_mistakes(CHANNEL("kind: pagerduty, endpoint_secret: X_URL, releases: true"),
                    "3:78 a channel of kind pagerduty is not told of releases\n");
    assert_mistakes(CHANNEL("kind: webhook, endpoint_secret: X_URL, releases: yes"),
                    "3:76 observability.notify.0.releases must be `true` or `false`, not `yes`\n");
    assert_mistakes(MINIMUM "environments: {prod: {observability: {notify: [{kind: webhook, "
                            "releases: true}]}}}\n",
                    "3:74 releases: true wants endpoint_secret beside it\n");
}

static void keys_that_do_not_vary_stay_at_the_top(void **state)
{
    (void)state;
    assert_mistakes(MINIMUM "environments:\n  prod: {app: {name: x}, people: [], iacc: cdk}\n"
                            "  Prod: {}\n",
                    "4:16 app.name is the same in every environment\n"
                    "4:26 people is the same in every environment\n"
                    "4:38 unknown key `iacc` in environments.prod\n"
                    "5:3 `Prod` is no name for a key of environments: it must be a lower-case "
                    "letter, then lower-case letters, digits or -; up to 16 characters\n");
}

static void limits_of_what_is_kept_are_those_of_the_stacks(void **state)
{
    (void)state;
    assert_mistakes(
        MINIMUM "audit: {trail_days: 364}\nbackup: {keep_days: 6}\nregistry: {keep: "
                "19}\ndatabase: {master_rotation_days: 91}\nedge: {waf: {mode: off}}\n"
                "network: {azs: 4, nat: {open: 8, close: cron(0 20 * *)}}\n",
        "3:21 audit.trail_days must be a whole number from 365 to 3653 (d), not `364`\n"
        "4:21 backup.keep_days must be a whole number from 7 to 3650 (d), not `6`\n"
        "5:18 registry.keep must be a whole number from 20 to 1000, not `19`\n"
        "6:34 database.master_rotation_days must be a whole number from 1 to 90 (d), not "
        "`91`\n"
        "7:20 edge.waf.mode must be `block` or `count`, not `off`\n"
        "8:16 network.azs must be a whole number from 2 to 3, not `4`\n"
        "8:31 network.nat.open must be minutes, hours, day, month, weekday, year, like "
        "cron(0 8 ? * MON-FRI *), not `8`\n"
        "8:41 network.nat.close must be minutes, hours, day, month, weekday, year, "
        "like cron(0 8 ? * MON-FRI *), not `cron(0 20 * *)`\n");
    assert_mistakes(MINIMUM "network: {nat: {open: cron(30 7 ? * MON-SAT 2026-2028)}}\n"
                            "edge: {csp: \"default-src 'self'\"}\n"
                            "environments: {prod: {edge: {csp: null}, backup: {keep_days: 90}}}\n",
                    "");
}

static void an_unknown_environment_gets_the_nearest_one(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded =
        load_set(MINIMUM "environments:\n  prod: {}\n  stg: {}\n", "prdo", NULL);
    assert_int_equal(loaded.code, GL_E_CONFIG);
    gl_autofree char *text = drawn(&loaded.list);
    assert_non_null(strstr(text, "golive.yaml:3:1: error: there is no environment `prdo`"));
    assert_non_null(strstr(text, "did you mean `prod`?"));
    assert_non_null(strstr(text, "The environments are: prod, stg, local."));
}

static void a_mistake_is_drawn_with_line_caret_and_advice(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded = load(MINIMUM "frontend:\n  mode: stattic  # oops\n");
    gl_autofree char *text = drawn(&loaded.list);
    assert_string_equal(
        text, "golive.yaml:4:9: error: frontend.mode must be `static` or `ssr`, not `stattic`\n"
              "    4 |   mode: stattic  # oops\n"
              "      |         ^~~~~~~ did you mean `static`?\n"
              "    frontend.mode: `static` (every route prerenders; S3 and CloudFront) or `ssr` (a "
              "Node service). Default: static. See: golive help config frontend.mode\n"
              "1 error in golive.yaml; nothing was done.\n");
}

static void the_caret_stands_right_behind_wide_characters_and_tabs(void **state)
{
    (void)state;
    gl_autoloaded struct loaded wide =
        load(MINIMUM "people: [{id: a, name: 佐藤 花子, email: だめ}]\n");
    gl_autofree char *text = drawn(&wide.list);
    assert_non_null(strstr(text, "    3 | people: [{id: a, name: 佐藤 花子, email: だめ}]\n"
                                 "      |                                          ^~~~\n"));
    gl_autoloaded struct loaded tabs = load(MINIMUM "backend: {dir:\tx,\tport:\tten}\n");
    gl_autofree char *tabbed = drawn(&tabs.list);
    assert_non_null(strstr(tabbed, "    3 | backend: {dir:  x,      port:   ten}\n"
                                   "      |                                 ^~~\n"));
}

static void nothing_in_the_file_steers_the_terminal(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded = load(MINIMUM "iac: \"\\e[31m\"\n");
    gl_autofree char *text = drawn(&loaded.list);
    assert_int_equal(loaded.code, GL_E_CONFIG);
    assert_null(strchr(text, '\033'));
    gl_autoloaded struct loaded raw = load(MINIMUM "# \xC2\x9B"
                                                   "31m\niac: x # \xC2\x9B"
                                                   "31m\n");
    gl_autofree char *shown = drawn(&raw.list);
    assert_null(strstr(shown, "\xC2\x9B"));
}

static void a_secret_in_the_file_is_refused_and_not_repeated(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded =
        load(MINIMUM "env_vars:\n"
                     "  - {name: JWT_SECRET, kind: secret, values: {local: hunter2-hunter2}}\n"
                     "environments: {prod: {env_vars: [{name: A_B, kind: secret, values: {prod: "
                     "swordfish-77}}]}}\n");
    gl_autofree char *text = drawn(&loaded.list);
    assert_int_equal(loaded.list.count, 2);
    assert_non_null(strstr(text, "change the secret"));
    assert_null(strstr(text, "hunter2"));
    assert_null(strstr(text, "swordfish"));
    assert_null(strstr(loaded.err.message, "hunter2"));
}

static void a_public_variable_says_whose_it_is(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded =
        load(MINIMUM "env_vars:\n"
                     "  - {name: PUBLIC_APP_ENV, values: {local: x}}\n"
                     "  - {name: PUBLIC_API_BASE_URL, scope: frontend}\n"
                     "  - {name: PUBLIC_A, scope: backend}\n"
                     "  - {name: RUST_LOG}\n");
    gl_autofree char *text = drawn(&loaded.list);
    gl_autofree char *found = mistakes(&loaded);
    assert_string_equal(found,
                        "4:12 PUBLIC_APP_ENV is named as one of the frontend, but has no scope\n");
    assert_non_null(strstr(text, "scope: frontend"));
}

static void a_key_at_the_wrong_level_is_pointed_to_its_place(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded = load(MINIMUM "port: 80\n");
    gl_autofree char *text = drawn(&loaded.list);
    assert_non_null(strstr(text, "did you mean `backend.port`?"));
}

static void the_summary_counts_and_names_the_first(void **state)
{
    (void)state;
    gl_autoloaded struct loaded loaded = load("golive: 1\napp: {name: demo, x: 1}\ny: 2\n");
    assert_int_equal(loaded.err.code, GL_E_CONFIG);
    assert_string_equal(loaded.err.message,
                        "2 errors in golive.yaml; the first: unknown key `x` in app");
    assert_int_equal(loaded.err.line, 2);
    assert_int_equal(loaded.err.column, 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_mistakes_are_reported_in_one_pass),
        cmocka_unit_test(required_keys_are_missed),
        cmocka_unit_test(an_environment_may_leave_out_what_the_top_has),
        cmocka_unit_test(environments_share_an_account_only_where_the_layout_says_so),
        cmocka_unit_test(wrong_kinds_are_named),
        cmocka_unit_test(what_is_no_single_plain_document_is_refused),
        cmocka_unit_test(an_alias_bomb_costs_nothing),
        cmocka_unit_test(depth_and_length_are_bounded),
        cmocka_unit_test(references_are_checked),
        cmocka_unit_test(values_are_checked_against_each_other_in_every_environment),
        cmocka_unit_test(periods_end_after_they_begin),
        cmocka_unit_test(only_a_channel_that_can_be_called_is_told_of_releases),
        cmocka_unit_test(keys_that_do_not_vary_stay_at_the_top),
        cmocka_unit_test(limits_of_what_is_kept_are_those_of_the_stacks),
        cmocka_unit_test(an_unknown_environment_gets_the_nearest_one),
        cmocka_unit_test(a_mistake_is_drawn_with_line_caret_and_advice),
        cmocka_unit_test(the_caret_stands_right_behind_wide_characters_and_tabs),
        cmocka_unit_test(nothing_in_the_file_steers_the_terminal),
        cmocka_unit_test(a_secret_in_the_file_is_refused_and_not_repeated),
        cmocka_unit_test(a_public_variable_says_whose_it_is),
        cmocka_unit_test(a_key_at_the_wrong_level_is_pointed_to_its_place),
        cmocka_unit_test(the_summary_counts_and_names_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
