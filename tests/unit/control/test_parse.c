/* Reading controls: what is understood, and where each mistake is said to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "control/control.h"

static const char whole[] = "-- id: 1.1.3\n"
                            "-- title: Database: RDS\n"
                            "-- title.ja: データベース\n"
                            "-- severity: critical\n"
                            "-- phase: 2\n"
                            "-- judged: infra\n"
                            "-- remedy: Do this,\n"
                            "--    then that.\n"
                            "-- attest: role=security valid_days=90 binds=config\n"
                            "-- question: Is it so?\n"
                            "-- aliases: CKV_1 CKV_2\n"
                            "-- references: https://a https://b\n"
                            "\n"
                            "-- rule: template,config zones\n"
                            "-- The database stands\n"
                            "-- in two zones.\n"
                            "select ';' as resource, 'pass' as status, -- a note\n"
                            "       'x' as reason;\n"
                            "\n"
                            "-- rule: aws available\n"
                            "-- It is available.\n"
                            "-- rule: attestation\n";

static bool parse(const char *text, struct gl_control *control, struct gl_problems *problems)
{
    return gl_control_parse(text, strlen(text), "controls/x.sql", control, problems);
}

static void everything_is_read(void **state)
{
    (void)state;
    struct gl_control control = {0};
    gl_autoproblems struct gl_problems problems = {0};
    assert_true(parse(whole, &control, &problems));
    assert_string_equal(control.id, "1.1.3");
    assert_string_equal(control.title, "Database: RDS");
    assert_int_equal(control.severity, GL_SEVERITY_CRITICAL);
    assert_int_equal(control.phase, 2);
    assert_int_equal(control.judged, GL_STAGE_INFRA);
    assert_string_equal(control.remedy, "Do this, then that.");
    assert_string_equal(control.attest.role, "security");
    assert_int_equal(control.attest.valid_days, 90);
    assert_int_equal(control.aliases.count, 2);
    assert_int_equal(control.rule_count, 3);
    const struct gl_rule *rule = &control.rules[0];
    assert_string_equal(rule->name, "zones");
    assert_int_equal(rule->sources.count, 2);
    assert_string_equal(rule->about, "The database stands in two zones.");
    assert_int_equal(rule->line, 14);
    assert_int_equal(rule->sql_line, 17);
    assert_non_null(strstr(rule->sql, "as reason;"));
    assert_null(control.rules[1].sql);
    assert_string_equal(control.rules[2].name, "attestation");
    gl_control_done(&control);
}

static void texts_come_in_the_users_language(void **state)
{
    (void)state;
    struct gl_control control = {0};
    gl_autoproblems struct gl_problems problems = {0};
    assert_true(parse(whole, &control, &problems));
    setenv("LC_ALL", "ja_JP.UTF-8", 1);
    gl_i18n_init();
    assert_string_equal(gl_control_title(&control), "データベース");
    assert_string_equal(gl_control_remedy(&control), "Do this, then that.");
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("LANGUAGE");
    gl_i18n_init();
    assert_string_equal(gl_control_title(&control), "Database: RDS");
    gl_control_done(&control);
}

static void a_phase_follows_from_the_stage(void **state)
{
    (void)state;
    struct gl_control control = {0};
    gl_autoproblems struct gl_problems problems = {0};
    assert_true(
        parse("-- id: a\n-- title: t\n-- severity: low\n-- judged: release\n-- rule: aws x\n",
              &control, &problems));
    assert_int_equal(control.phase, 2);
    gl_control_done(&control);
}

/* ---- mistakes ----------------------------------------------------------------------------------
 */

/* A whole control in which one text was replaced. */
static char *with(const char *from, const char *to)
{
    const char *at = strstr(whole, from);
    assert_non_null(at);
    return gl_asprintf("%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
}

static const struct {
    const char *from;
    const char *to;
    unsigned line;
    unsigned column;
    const char *message;
    const char *hint; /* part of it */
} mistakes[] = {
    {"-- severity: critical\n",                               "-- severty: critical\n",         4,  4,
     "unknown key `severty` in the header of a control",                                                                                                             "did you mean `severity`?"},
    {"-- severity: critical\n",                               "-- severity: critcal\n",         4,  14,
     "unknown value `critcal` for severity",                                                                                                                         "did you mean `critical`?"},
    {"-- judged: infra\n",                                    "-- judged: tomorrow\n",          6,  12, "unknown value `tomorrow` for judged",
     "plan, infra"                                                                                                                                                                             },
    {"-- phase: 2\n",                                         "-- phase: 5\n",                  5,  11, "unknown value `5` for phase",                               "0, 1"                    },
    {"-- id: 1.1.3\n",                                        "\n",                             1,  1,  "the header has no id",                                      "-- id:"                  },
    {"-- title: Database: RDS\n",                             "-- title:\n",                    2,  1,  "the header has no title",                                   "-- title:"               },
    {"-- phase: 2\n",                                         "-- severity: low\n",             5,  4,  "`severity` stands here and in line 4",
     "leave one"                                                                                                                                                                               },
    {"-- id: 1.1.3\n",                                        "--    more\n-- id: 1\n",         1,  1,  "this line goes on with no value",
     "begins with"                                                                                                                                                                             },
    {"-- id: 1.1.3\n",                                        "-- id: a b\n",                   1,  8,  "`a b` is no id of a control",                               "letters"                 },
    {"valid_days=90",                                         "valid_days=0",                   9,  12, "`valid_days=0` is not understood in attest",
     "valid_days=90"                                                                                                                                                                           },
    {" binds=config",                                         "",                               9,  12, "`role=security valid_days=90` is not understood in attest",
     "binds=config"                                                                                                                                                                            },
    {"template,config zones",                                 "templat,config zones",           14, 10, "unknown source `templat` of a rule",
     "did you mean `template`?"                                                                                                                                                                },
    {"template,config zones",                                 "template,conf zones",            14, 19, "unknown source `conf` of a rule",
     "config"                                                                                                                                                                                  },
    {"template,config zones",                                 "template two zones",             14, 19, "`two zones` is no name of a rule",
     "small letters"                                                                                                                                                                           },
    {"aws available",                                         "config,template zones",          20, 26,
     "two rules of these sources are called `zones`",                                                                                                                "name of its own"         },
    {"aws available",                                         "repo available",                 20, 1,  "rule `available` has no SELECT",
     "only rules of aws"                                                                                                                                                                       },
    {"as reason;",                                            "as reason",                      17, 1,  "the SELECT of rule `zones` has no end",                     "semicolon"               },
    {"\n\n-- rule: template",                                 "\nselect 1;\n-- rule: template", 13, 1,
     "SQL stands before the first rule",                                                                                                                             "-- rule:"                },
    {"-- attest: role=security valid_days=90 binds=config\n", "\n",                             22, 1,
     "the header does not say who attests this control",                                                                                                             "-- attest:"              },
    {"Database: RDS",                                         "\xff",                           2,  11, "this is no text in UTF-8",                                  "UTF-8"                   },
};

static void each_mistake_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(mistakes); i++) {
        gl_autofree char *text = with(mistakes[i].from, mistakes[i].to);
        struct gl_control control = {0};
        gl_autoproblems struct gl_problems problems = {0};
        assert_false(parse(text, &control, &problems));
        assert_null(control.id);
        const struct gl_error *first = &problems.items[0];
        print_message("# %s:%u:%u: %s; %s\n", first->file, first->line, first->column,
                      first->message, first->hint);
        assert_string_equal(first->file, "controls/x.sql");
        assert_string_equal(first->message, mistakes[i].message);
        assert_int_equal(first->line, mistakes[i].line);
        assert_int_equal(first->column, mistakes[i].column);
        assert_non_null(strstr(first->hint, mistakes[i].hint));
    }
}

static void all_mistakes_of_a_file_are_told(void **state)
{
    (void)state;
    struct gl_control control = {0};
    gl_autoproblems struct gl_problems problems = {0};
    assert_false(parse("-- idd: 1\n-- severity: huge\n", &control, &problems));
    assert_int_equal(problems.count, 6); /* idd, severity, id, title, judged, no rule */
}

/* ---- msg() -------------------------------------------------------------------------------------
 */

#define RULE "-- id: a\n-- title: t\n-- severity: low\n-- judged: plan\n-- rule: config r\n"

/* SQL of a rule from line 6 on; `line` 0 = nothing is wrong. */
static const struct {
    const char *sql;
    unsigned line;
    unsigned column;
    const char *mark;
} messages[] = {
    {"select msg('{1} is {2}', key) as reason;",                               6, 12, "{2}" },
    {"select 1,\n  case when x then msg('ok') else\n    msg('{1}') end;",      8, 9,  "{1}" },
    {"select MSG ( '{3} of {1}', f(a, b), g(',') ) as reason;",                6, 14, "{3}" },
    {"select msg('a {1}', msg('b {2}', 1));",                                  6, 25, "{2}" },
    {"select msg('it''s {2}', 1);",                                            6, 12, "{2}" },
    {"select msg('{12}', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);",                 6, 12, "{12}"},
    {"select msg('{1} is {2}', key, f(a, b)) as reason;",                      0, 0,  ""    },
    {"select msg('{1}', ')' /* , */ -- ,\n);",                                 0, 0,  ""    },
    {"select msg('{} { {x} {0} {1', 'v');",                                    0, 0,  ""    },
    {"select msg(case x when 1 then '{1}' else 'a' end, 1);",                  0, 0,  ""    },
    {"select msg('{1}' || x, y), mymsg('{9}'), 'msg(''{9}'')'; -- msg('{1}')", 0, 0,  ""    },
};

static void a_text_has_all_its_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(messages); i++) {
        gl_autofree char *text = gl_asprintf("%s%s\n", RULE, messages[i].sql);
        struct gl_control control = {0};
        gl_autoproblems struct gl_problems problems = {0};
        print_message("# row %zu\n", i);
        assert_true(parse(text, &control, &problems));
        bool good = gl_control_check_texts(&control, &problems);
        assert_int_equal(good, messages[i].line == 0);
        gl_control_done(&control);
        if (good)
            continue;
        assert_int_equal(problems.count, 1);
        assert_string_equal(problems.items[0].file, "controls/x.sql");
        assert_int_equal(problems.items[0].line, messages[i].line);
        assert_int_equal(problems.items[0].column, messages[i].column);
        assert_non_null(strstr(problems.items[0].message, messages[i].mark));
    }
}

/* ---- ids ---------------------------------------------------------------------------------------
 */

static void ids_are_ordered_like_the_checklist(void **state)
{
    (void)state;
    assert_true(gl_control_compare_ids("9.2", "10.1") < 0);
    assert_true(gl_control_compare_ids("1.1.2", "1.1.2.1") < 0);
    assert_true(gl_control_compare_ids("8.P4.1", "8.P0.4") > 0);
    assert_true(gl_control_compare_ids("10.1", "acme.1") < 0);
    assert_int_equal(gl_control_compare_ids("2.1", "2.1"), 0);
}

static void a_prefix_ends_at_a_point(void **state)
{
    (void)state;
    assert_true(gl_control_selected("2.1.3", "2.1"));
    assert_true(gl_control_selected("2.1.3", "2.1."));
    assert_true(gl_control_selected("2.1", "2.1"));
    assert_false(gl_control_selected("2.10.3", "2.1"));
    assert_string_equal(gl_control_section("2.1.3")->id, "2.1");
    assert_string_equal(gl_control_section("10.1.1")->id, "10");
    assert_string_equal(gl_control_section("8.P0.1")->id, "8.P0");
    assert_string_equal(gl_control_section("acme.1")->id, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(texts_come_in_the_users_language),
        cmocka_unit_test(a_phase_follows_from_the_stage),
        cmocka_unit_test(each_mistake_has_its_place),
        cmocka_unit_test(all_mistakes_of_a_file_are_told),
        cmocka_unit_test(a_text_has_all_its_values),
        cmocka_unit_test(ids_are_ordered_like_the_checklist),
        cmocka_unit_test(a_prefix_ends_at_a_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
