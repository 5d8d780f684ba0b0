/* The HDR histogram: finding a value's bucket is two shifts, so recording costs nanoseconds. */
#include "base/histogram.h"

#include <assert.h>
#include <string.h>

enum {
    EXACT = 2 * GL_HISTOGRAM_HALF, /* below this every value has its own bucket */
    EXACT_BITS = 7,
};

static_assert(EXACT == 1 << EXACT_BITS, "the first bucket row is a power of two");

static int exponent_of(uint64_t value)
{
    return 63 - __builtin_clzll(value);
}

static size_t bucket_of(int64_t value_us)
{
    uint64_t value = (uint64_t)value_us;
    if (value < EXACT)
        return (size_t)value;
    int exponent = exponent_of(value);
    size_t row = (size_t)(exponent - EXACT_BITS);
    size_t column = (size_t)(value >> (exponent - EXACT_BITS + 1)) - GL_HISTOGRAM_HALF;
    return EXACT + row * GL_HISTOGRAM_HALF + column;
}

/* The middle of a bucket: half its width, 1/128 of the value, is the largest possible error. */
static int64_t value_of(size_t bucket)
{
    if (bucket < EXACT)
        return (int64_t)bucket;
    size_t row = (bucket - EXACT) / GL_HISTOGRAM_HALF;
    size_t column = (bucket - EXACT) % GL_HISTOGRAM_HALF;
    int64_t width = INT64_C(2) << row;
    return (int64_t)(GL_HISTOGRAM_HALF + column) * width + width / 2;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

void gl_histogram_record(struct gl_histogram *histogram, int64_t value_us)
{
    int64_t value = clamp(value_us, 1, GL_HISTOGRAM_MAX_US);
    histogram->buckets[bucket_of(value)]++;
    if (histogram->count == 0 || value < histogram->min_us)
        histogram->min_us = value;
    if (value > histogram->max_us)
        histogram->max_us = value;
    histogram->count++;
}

int64_t gl_histogram_percentile(const struct gl_histogram *histogram, double percent)
{
    if (histogram->count == 0 || percent <= 0)
        return histogram->min_us;
    if (percent >= 100)
        return histogram->max_us;
    /* The tiny reduction keeps 99.9 % of 1000 at rank 999 although 0.999 is no binary fraction. */
    double exact_rank = percent / 100 * (double)histogram->count * (1 - 1e-12);
    uint64_t rank = (uint64_t)exact_rank + 1;
    uint64_t seen = 0;
    for (size_t i = 0; i < GL_HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen >= rank)
            return clamp(value_of(i), histogram->min_us, histogram->max_us);
    }
    return histogram->max_us;
}

void gl_histogram_merge(struct gl_histogram *into, const struct gl_histogram *from)
{
    if (from->count == 0)
        return;
    if (into->count == 0 || from->min_us < into->min_us)
        into->min_us = from->min_us;
    if (from->max_us > into->max_us)
        into->max_us = from->max_us;
    into->count += from->count;
    for (size_t i = 0; i < GL_HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
}

void gl_histogram_clear(struct gl_histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
}
