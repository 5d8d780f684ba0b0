/* The catalog: shipped controls are whole, a project's take their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "control/control.h"
#include "facts/facts.h"

static char *make_project(void)
{
    char template[] = "/tmp/golive-controls-XXXXXX";
    assert_non_null(mkdtemp(template));
    return gl_strdup(template);
}

static void write_control(const char *project, const char *name, const char *text)
{
    gl_autofree char *path = gl_asprintf("%s/controls/%s", project, name);
    gl_autofree char *dir = gl_path_dir(path);
    assert_int_equal(gl_mkdir_p(dir, 0755, NULL), 0);
    assert_int_equal(gl_write_text(path, text, 0644, NULL), 0);
}

static void remove_project(char *project)
{
    assert_int_equal(gl_remove_tree(project, NULL), 0);
    free(project);
}

#define CONTROL(id)                                                                                \
    "-- id: " id "\n-- title: t\n-- severity: high\n-- judged: plan\n-- rule: config r\n"          \
    "select 'x' as resource, 'pass' as status, '' as reason;\n"

static void shipped_controls_have_no_mistakes(void **state)
{
    (void)state;
    gl_autocontrols struct gl_controls controls = {0};
    assert_int_equal(gl_controls_load(NULL, &controls, NULL), 0);
    for (size_t i = 0; i < controls.count; i++)
        gl_control_check_texts(&controls.items[i], &controls.problems);
    for (size_t i = 0; i < controls.problems.count; i++)
        print_message("# %s:%u: %s\n", controls.problems.items[i].file,
                      controls.problems.items[i].line, controls.problems.items[i].message);
    assert_int_equal(controls.problems.count, 0);
    assert_non_null(gl_controls_find(&controls, "2.3.3"));
    for (size_t i = 1; i < controls.count; i++)
        assert_true(gl_control_compare_ids(controls.items[i - 1].id, controls.items[i].id) < 0);
}

/* Views of facts say why, too. */
static void views_of_facts_have_all_their_values(void **state)
{
    (void)state;
    gl_autoproblems struct gl_problems problems = {0};
    for (const struct gl_fact_table *table = gl_fact_tables; table->name; table++) {
        struct gl_rule rule = {.sql = (char *)table->sql, .sql_line = 1};
        struct gl_control view = {.file = (char *)table->name, .rules = &rule, .rule_count = 1};
        gl_control_check_texts(&view, &problems);
    }
    for (size_t i = 0; i < problems.count; i++)
        print_message("# %s:%u: %s\n", problems.items[i].file, problems.items[i].line,
                      problems.items[i].message);
    assert_int_equal(problems.count, 0);
}

static void own_controls_are_added_and_take_the_place_of_shipped_ones(void **state)
{
    (void)state;
    char *project = make_project();
    write_control(project, "net/2.3.3-mine.sql", CONTROL("2.3.3"));
    write_control(project, "acme.sql", CONTROL("acme.1"));
    write_control(project, "README.md", "not a control");
    gl_autocontrols struct gl_controls shipped = {0};
    gl_autocontrols struct gl_controls controls = {0};
    assert_int_equal(gl_controls_load(NULL, &shipped, NULL), 0);
    assert_int_equal(gl_controls_load(project, &controls, NULL), 0);
    assert_int_equal(controls.problems.count, 0);
    assert_int_equal(controls.count, shipped.count + 1);
    const struct gl_control *ejected = gl_controls_find(&controls, "2.3.3");
    assert_int_equal(ejected->origin, GL_CONTROL_EJECTED);
    assert_string_equal(ejected->file, "controls/net/2.3.3-mine.sql");
    assert_int_equal(gl_controls_find(&controls, "acme.1")->origin, GL_CONTROL_OWN);
    assert_int_equal(gl_controls_find(&shipped, "2.3.3")->origin, GL_CONTROL_SHIPPED);
    remove_project(project);
}

static void a_bad_one_is_reported_and_the_rest_goes_on(void **state)
{
    (void)state;
    char *project = make_project();
    write_control(project, "a.sql", "-- id: acme.1\n-- severty: low\n");
    write_control(project, "b.sql", CONTROL("acme.2"));
    write_control(project, "c.sql", CONTROL("acme.2"));
    gl_autocontrols struct gl_controls controls = {0};
    assert_int_equal(gl_controls_load(project, &controls, NULL), 0);
    assert_null(gl_controls_find(&controls, "acme.1"));
    assert_non_null(gl_controls_find(&controls, "acme.2"));
    const struct gl_error *first = &controls.problems.items[0];
    assert_string_equal(first->file, "controls/a.sql");
    assert_int_equal(first->line, 2);
    const struct gl_error *last = &controls.problems.items[controls.problems.count - 1];
    assert_string_equal(last->file, "controls/c.sql");
    assert_string_equal(last->message, "control acme.2 is in controls/b.sql already");
    remove_project(project);
}

static void an_unknown_id_names_the_nearest(void **state)
{
    (void)state;
    gl_autocontrols struct gl_controls controls = {0};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_controls_load(NULL, &controls, NULL), 0);
    assert_int_equal(gl_controls_not_found(&controls, "2.3.3x", &err), GL_E_NOT_FOUND);
    assert_non_null(strstr(err.hint, "2.3.3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_controls_have_no_mistakes),
        cmocka_unit_test(views_of_facts_have_all_their_values),
        cmocka_unit_test(own_controls_are_added_and_take_the_place_of_shipped_ones),
        cmocka_unit_test(a_bad_one_is_reported_and_the_rest_goes_on),
        cmocka_unit_test(an_unknown_id_names_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
