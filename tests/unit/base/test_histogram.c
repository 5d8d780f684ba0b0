/* The histogram against the sorted samples themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/histogram.h"
#include "base/mem.h"

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* xorshift64: the same samples in every run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Spread evenly over the magnitudes, as latencies are: 1 us .. 60 s. */
static int64_t random_duration(uint64_t *state)
{
    uint64_t bits = 1 + next_random(state) % 26;
    uint64_t value = 1 + next_random(state) % (UINT64_C(1) << bits);
    return value < (uint64_t)GL_HISTOGRAM_MAX_US ? (int64_t)value : GL_HISTOGRAM_MAX_US;
}

static int64_t exact_percentile(const int64_t *sorted, size_t count, double percent)
{
    double rank = percent * (double)count / 100 - 1e-9; /* its ceiling, counted from 0 */
    return sorted[(size_t)rank];
}

static void assert_within_one_percent(int64_t got, int64_t expected)
{
    int64_t difference = llabs(got - expected);
    if (difference * 100 > expected)
        fail_msg("%lld is more than 1 %% away from %lld", (long long)got, (long long)expected);
}

static void percentiles_are_within_one_percent_of_sorted_samples(void **state)
{
    (void)state;
    static const double percents[] = {0.1, 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99};

    enum { SAMPLES = 200000 };

    gl_autofree int64_t *samples = gl_realloc_array(NULL, SAMPLES, sizeof *samples);
    gl_autofree struct gl_histogram *histogram = gl_alloc(sizeof *histogram);
    uint64_t random = 88172645463325252U;
    for (size_t i = 0; i < SAMPLES; i++) {
        samples[i] = random_duration(&random);
        gl_histogram_record(histogram, samples[i]);
    }
    qsort(samples, SAMPLES, sizeof *samples, by_value);
    for (size_t i = 0; i < GL_COUNT(percents); i++)
        assert_within_one_percent(gl_histogram_percentile(histogram, percents[i]),
                                  exact_percentile(samples, SAMPLES, percents[i]));
    assert_int_equal(gl_histogram_percentile(histogram, 0), samples[0]);
    assert_int_equal(gl_histogram_percentile(histogram, 100), samples[SAMPLES - 1]);
}

static void every_value_comes_back_within_one_percent(void **state)
{
    (void)state;
    gl_autofree struct gl_histogram *histogram = gl_alloc(sizeof *histogram);
    for (int64_t value = 1; value <= GL_HISTOGRAM_MAX_US; value += 1 + value / 97) {
        gl_histogram_clear(histogram);
        /* Neighbours far away, so that clamping to the minimum or maximum hides nothing. */
        gl_histogram_record(histogram, 1);
        gl_histogram_record(histogram, value);
        gl_histogram_record(histogram, GL_HISTOGRAM_MAX_US);
        assert_within_one_percent(gl_histogram_percentile(histogram, 50), value);
    }
}

static void small_values_are_exact(void **state)
{
    (void)state;
    gl_autofree struct gl_histogram *histogram = gl_alloc(sizeof *histogram);
    for (int64_t value = 1; value <= 100; value++)
        gl_histogram_record(histogram, value);
    for (int percent = 1; percent <= 100; percent++)
        assert_int_equal(gl_histogram_percentile(histogram, percent), percent);
}

static void values_outside_the_range_count_as_its_ends(void **state)
{
    (void)state;
    gl_autofree struct gl_histogram *histogram = gl_alloc(sizeof *histogram);
    gl_histogram_record(histogram, -5);
    gl_histogram_record(histogram, INT64_MAX);
    assert_int_equal(histogram->count, 2);
    assert_int_equal(histogram->min_us, 1);
    assert_int_equal(histogram->max_us, GL_HISTOGRAM_MAX_US);
}

static void an_empty_histogram_says_zero(void **state)
{
    (void)state;
    gl_autofree struct gl_histogram *histogram = gl_alloc(sizeof *histogram);
    assert_int_equal(gl_histogram_percentile(histogram, 50), 0);
    assert_int_equal(gl_histogram_percentile(histogram, 100), 0);
}

static void merging_equals_recording_all_in_one(void **state)
{
    (void)state;
    gl_autofree struct gl_histogram *parts = gl_realloc_array(NULL, 4, sizeof *parts);
    for (int i = 0; i < 4; i++)
        gl_histogram_clear(&parts[i]);
    uint64_t random = 4101842887655102017U;
    for (int i = 0; i < 30000; i++) {
        int64_t value = random_duration(&random);
        gl_histogram_record(&parts[i % 2], value);
        gl_histogram_record(&parts[2], value);
    }
    gl_histogram_merge(&parts[0], &parts[1]);
    gl_histogram_merge(&parts[0], &parts[3]); /* empty: changes nothing */
    assert_memory_equal(&parts[0], &parts[2], sizeof parts[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_within_one_percent_of_sorted_samples),
        cmocka_unit_test(every_value_comes_back_within_one_percent),
        cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(values_outside_the_range_count_as_its_ends),
        cmocka_unit_test(an_empty_histogram_says_zero),
        cmocka_unit_test(merging_equals_recording_all_in_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
