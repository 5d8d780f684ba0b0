/* Counts as a line of JSON and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "rehearse/load_engine.h"

/* Every number in the struct differs, so that no two members can be exchanged unseen. */
static struct gl_load_counts *sample(void)
{
    struct gl_load_counts *counts = gl_alloc(sizeof *counts);
    uint64_t next = 100;
    uint64_t *const firsts[] = {&counts->sent, (uint64_t *)&counts->latency,
                                (uint64_t *)&counts->service, (uint64_t *)&counts->ws};
    const size_t lengths[] = {12, 4, 4, 9};
    for (size_t part = 0; part < GL_COUNT(firsts); part++) {
        for (size_t i = 0; i < lengths[part]; i++)
            firsts[part][i] = next++;
    }
    counts->mono_ms = 7;
    counts->waiting_since_ms = 6;
    counts->final = true;
    counts->target_count = 2;
    counts->targets[0] = (struct gl_load_target_counts){"home", 1, 2, 3, 4, 5};
    counts->targets[1] = (struct gl_load_target_counts){"書く", 6, 7, 8, 9, 10};
    gl_load_tally_add(&counts->releases, "1", 11);
    gl_load_tally_add(&counts->releases, "2", 12);
    return counts;
}

static void a_line_comes_back_as_it_was(void **state)
{
    (void)state;
    gl_autofree struct gl_load_counts *counts = sample();
    struct gl_load_problem problem = {.mono_ms = 5,
                                      .what = "lost",
                                      .name = "home",
                                      .client = "h2",
                                      .path = "/a",
                                      .status = 502,
                                      .release = "2",
                                      .reason = "a \"quoted\" reason"};
    gl_load_problem_add(counts, "HTTP 502", &problem);
    gl_autofree char *line = gl_load_counts_write(counts, 0);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    gl_autofree struct gl_load_counts *back = gl_alloc(sizeof *back);
    assert_int_equal(gl_load_counts_read(line, back, NULL), 0);
    assert_memory_equal(back, counts, sizeof *counts);
}

static void problems_are_sent_once_and_collected(void **state)
{
    (void)state;
    gl_autofree struct gl_load_counts *counts = sample();
    gl_autofree struct gl_load_counts *back = gl_alloc(sizeof *back);
    size_t reported = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
            struct gl_load_problem problem = {.status = 500 + round * 20 + i};
            gl_load_problem_add(counts, "same", &problem);
        }
        gl_autofree char *line = gl_load_counts_write(counts, reported);
        reported = counts->problem_count;
        assert_int_equal(gl_load_counts_read(line, back, NULL), 0);
    }
    assert_int_equal(back->problem_count, GL_LOAD_PROBLEMS_MAX);
    for (int i = 0; i < GL_LOAD_PROBLEMS_MAX; i++)
        assert_int_equal(back->problems[i].status, 500 + i);
    assert_int_equal(back->reasons.items[0].count, 60);
}

static void more_names_than_fit_are_counted_as_other(void **state)
{
    (void)state;
    gl_autofree struct gl_load_tallies *tallies = gl_alloc(sizeof *tallies);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 100; i++) {
            gl_autofree char *name = gl_asprintf("name %d", i);
            gl_load_tally_add(tallies, name, 1);
        }
    }
    assert_int_equal(tallies->count, GL_LOAD_TALLIES_MAX);
    const struct gl_load_tally *last = &tallies->items[GL_LOAD_TALLIES_MAX - 1];
    assert_string_equal(last->name, "other");
    assert_int_equal(last->count, 2 * (100 - GL_LOAD_TALLIES_MAX + 1));
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    char into[6];
    gl_load_copy(into, sizeof into, "ああ");
    assert_string_equal(into, "あ");
    gl_load_copy(into, sizeof into, "abcde");
    assert_string_equal(into, "abcde");
    gl_load_copy(into, sizeof into, "abcdef");
    assert_string_equal(into, "abcde");
}

static void what_a_server_says_cannot_spoil_the_line(void **state)
{
    (void)state;
    char into[6];
    gl_load_copy_foreign(into, sizeof into, "\xff\n\x1b[7m", 6);
    assert_string_equal(into, "???[7");
    gl_load_copy_foreign(into, sizeof into, "v1 2", 2);
    assert_string_equal(into, "v1");
}

static void what_is_no_line_of_counts_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {"", "{", "null", "[]", "{}", "{\"mono_ms\":\"x\"}"};
    gl_autofree struct gl_load_counts *counts = gl_alloc(sizeof *counts);
    for (size_t i = 0; i < GL_COUNT(lines); i++) {
        gl_autoerr struct gl_error err = {0};
        assert_int_equal(gl_load_counts_read(lines[i], counts, &err), GL_E_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_comes_back_as_it_was),
        cmocka_unit_test(problems_are_sent_once_and_collected),
        cmocka_unit_test(more_names_than_fit_are_counted_as_other),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(what_a_server_says_cannot_spoil_the_line),
        cmocka_unit_test(what_is_no_line_of_counts_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
