/* The roadmap: what is planned follows from golive.yaml, what was done from the ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "control/roadmap.h"

enum { DAY_S = 86400, TODAY = 20790 /* 2026-12-03 */ };

struct world {
    char *dir;
    struct gl_config *config;
    struct gl_ledger *ledger;
    struct gl_control control;
    struct gl_control_result items[2];
    struct gl_check check;
};

static void load(struct world *world, const char *roadmap)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autofree char *path = gl_path_join(world->dir, "golive.yaml");
    gl_autofree char *text = gl_asprintf("golive: 1\napp: {name: demo, platform: local}\n"
                                         "people: [{id: sato}]\n%s\n",
                                         roadmap);
    struct gl_config_request request = {.path = path, .env = "local"};
    assert_int_equal(gl_write_text(path, text, 0644, &err), 0);
    gl_config_free(&world->config);
    if (gl_config_load(&request, &world->config, &problems, &err) < 0)
        fail_msg("%s: %s", err.message, problems.count ? problems.items[0].message : "");
}

/* Two controls of phase 0, one of which passes. */
static int set_up(void **state)
{
    struct world *world = gl_alloc(sizeof *world);
    char dir[] = "/tmp/golive-roadmap-XXXXXX";
    assert_non_null(mkdtemp(dir));
    world->dir = gl_strdup(dir);
    gl_autofree char *path = gl_path_join(dir, "ledger.db");
    assert_int_equal(gl_ledger_open_sqlite(path, &world->ledger, NULL), 0);
    world->items[0] =
        (struct gl_control_result){.control = &world->control, .status = GL_STATUS_PASS};
    world->items[1] =
        (struct gl_control_result){.control = &world->control, .status = GL_STATUS_FAIL};
    world->check = (struct gl_check){
        .app = world->dir, .env = (char *)"local", .items = world->items, .count = 2};
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    gl_ledger_free(&world->ledger);
    gl_config_free(&world->config);
    int failed = gl_remove_tree(world->dir, NULL);
    free(world->dir);
    free(world);
    return failed;
}

static struct gl_roadmap make(const struct world *world)
{
    struct gl_roadmap roadmap = {0};
    gl_autoerr struct gl_error err = {0};
    if (gl_roadmap_make(&world->check, world->config, world->ledger, (int64_t)TODAY * DAY_S,
                        &roadmap, &err) < 0)
        fail_msg("%s", err.message);
    return roadmap;
}

static void is_planned(const struct gl_roadmap *roadmap, int phase, const char *first,
                       const char *last)
{
    gl_autofree char *is_first = gl_roadmap_day(roadmap->phases[phase].plan.first);
    gl_autofree char *is_last = gl_roadmap_day(roadmap->phases[phase].plan.last);
    assert_string_equal(is_first, first);
    assert_string_equal(is_last, last);
}

static void phases_follow_each_other(void **state)
{
    struct world *world = *state;
    load(world, "roadmap: {start: 2026-11-20}");
    struct gl_roadmap roadmap = make(world);
    is_planned(&roadmap, 0, "2026-11-20", "2026-11-26");
    is_planned(&roadmap, 1, "2026-11-27", "2026-12-10");
    is_planned(&roadmap, 2, "2026-12-11", "2026-12-17");
    is_planned(&roadmap, 3, "2026-12-18", "2026-12-22");
    is_planned(&roadmap, 4, "2026-12-23", "2026-12-25");
}

static void dates_that_are_given_count(void **state)
{
    struct world *world = *state;
    load(world, "roadmap: {phases: {1: {start: 2026-12-01, owner: sato}, 3: {end: 2027-01-31}}}");
    struct gl_roadmap roadmap = make(world);
    is_planned(&roadmap, 0, "", "");
    is_planned(&roadmap, 1, "2026-12-01", "2026-12-14");
    is_planned(&roadmap, 2, "2026-12-15", "2026-12-21");
    is_planned(&roadmap, 3, "2026-12-22", "2027-01-31");
    assert_string_equal(roadmap.phases[1].owner, "sato");
    assert_null(roadmap.phases[0].owner);
}

static void what_cannot_be_is_said(void **state)
{
    static const char *const wrong[] = {
        "roadmap: {phases: {5: {start: 2026-12-01}}}",
        "roadmap: {phases: {design: {start: 2026-12-01}}}",
        "roadmap: {phases: {0: {start: 2026-12-01, end: 2026-11-30}}}",
    };
    struct world *world = *state;
    for (size_t i = 0; i < GL_COUNT(wrong); i++) {
        struct gl_roadmap roadmap;
        load(world, wrong[i]);
        assert_int_equal(gl_roadmap_make(&world->check, world->config, NULL, 0, &roadmap, NULL),
                         GL_E_CONFIG);
    }
}

static void progress_and_delay_are_of_the_controls(void **state)
{
    struct world *world = *state;
    load(world, "roadmap: {start: 2026-11-20}");
    struct gl_roadmap roadmap = make(world);
    assert_int_equal(roadmap.phases[0].count.closed, 1);
    assert_int_equal(roadmap.phases[0].count.total, 2);
    assert_int_equal(gl_roadmap_late(&roadmap, &roadmap.phases[0]), 7);
    assert_int_equal(gl_roadmap_late(&roadmap, &roadmap.phases[1]), 0);
    world->items[1].status = GL_STATUS_WAIVED;
    roadmap = make(world);
    assert_int_equal(gl_roadmap_late(&roadmap, &roadmap.phases[0]), 0);
}

/* ---- what was done -----------------------------------------------------------------------------
 */

static void note(const struct world *world, const char *env)
{
    gl_autojson json_t *data = json_object();
    json_object_set_new(data, "phases", gl_roadmap_record(&world->check));
    assert_int_equal(gl_ledger_append(world->ledger, GL_ROADMAP_EVENT, env, 0, data, NULL, NULL),
                     0);
}

static struct gl_span actual(struct world *world)
{
    struct gl_roadmap roadmap = make(world);
    assert_int_equal(roadmap.phases[1].actual.first, GL_NO_DAY); /* has no controls */
    assert_int_equal(roadmap.phases[1].actual.last, GL_NO_DAY);
    return roadmap.phases[0].actual;
}

static void actual_dates_are_those_of_the_records(void **state)
{
    struct world *world = *state;
    load(world, "");
    assert_int_equal(actual(world).first, GL_NO_DAY);
    world->items[0].status = GL_STATUS_FAIL;
    note(world, "local"); /* nothing is closed */
    assert_int_equal(actual(world).first, GL_NO_DAY);
    world->items[0].status = GL_STATUS_PASS;
    note(world, "prod"); /* another's */
    assert_int_equal(actual(world).first, GL_NO_DAY);
    note(world, "local");
    assert_int_not_equal(actual(world).first, GL_NO_DAY);
    assert_int_equal(actual(world).last, GL_NO_DAY);
    world->items[1].status = GL_STATUS_PASS;
    note(world, "local");
    assert_int_not_equal(actual(world).last, GL_NO_DAY);
    world->items[1].status = GL_STATUS_UNKNOWN;
    note(world, "local"); /* opened again */
    assert_int_equal(actual(world).last, GL_NO_DAY);
}

static void the_page_has_a_chart_and_no_foreign_parts(void **state)
{
    struct world *world = *state;
    gl_autobuf struct gl_buf page = {0};
    load(world, "roadmap: {start: 2026-11-20}");
    struct gl_roadmap roadmap = make(world);
    roadmap.app = "<b>&";
    note(world, "local");
    gl_roadmap_html(&roadmap, &page);
    const char *text = gl_buf_text(&page);
    assert_non_null(strstr(text, "<svg "));
    assert_non_null(strstr(text, "class=\"today\""));
    assert_non_null(strstr(text, "&lt;b&gt;&amp;"));
    assert_null(strstr(text, "<b>"));
    assert_null(strstr(text, "http"));
    gl_buf_done(&page);
    load(world, "");
    roadmap = make(world);
    roadmap.phases[0].actual = (struct gl_span){GL_NO_DAY, GL_NO_DAY};
    gl_roadmap_html(&roadmap, &page);
    assert_null(strstr(gl_buf_text(&page), "<svg "));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(phases_follow_each_other),
        test(dates_that_are_given_count),
        test(what_cannot_be_is_said),
        test(progress_and_delay_are_of_the_controls),
        test(actual_dates_are_those_of_the_records),
        test(the_page_has_a_chart_and_no_foreign_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
