/* Durations in a fixed amount of memory: an HDR histogram (high dynamic range, logarithmic buckets
 * of linear sub-buckets; Gil Tene). Percentiles are within 1 % of the recorded value. */
#ifndef GL_BASE_HISTOGRAM_H
#define GL_BASE_HISTOGRAM_H

#include <stdint.h>

#define GL_HISTOGRAM_MAX_US INT64_C(60000000)

/* Values below 2 * GL_HISTOGRAM_HALF have a bucket each; every power of two above has
 * GL_HISTOGRAM_HALF buckets, up to the 2^25 that GL_HISTOGRAM_MAX_US needs. */
#define GL_HISTOGRAM_HALF    64
#define GL_HISTOGRAM_BUCKETS (2 * GL_HISTOGRAM_HALF + 19 * GL_HISTOGRAM_HALF)

/* Zero-initialise. About 11 kB; owns nothing. */
struct gl_histogram {
    uint64_t count;
    int64_t min_us; /* exact; 0 while empty */
    int64_t max_us; /* exact */
    uint64_t buckets[GL_HISTOGRAM_BUCKETS];
};

/* Counts one duration, 1 .. GL_HISTOGRAM_MAX_US; values outside count as the nearest of the two. */
void gl_histogram_record(struct gl_histogram *histogram, int64_t value_us);

/* The smallest duration that at least `percent` (0 .. 100) of the values do not exceed; 0 while
 * empty. 0 gives the exact minimum, 100 the exact maximum. */
int64_t gl_histogram_percentile(const struct gl_histogram *histogram, double percent);

/* Adds all values of `from` to `into`. */
void gl_histogram_merge(struct gl_histogram *into, const struct gl_histogram *from);

/* Forgets all values. */
void gl_histogram_clear(struct gl_histogram *histogram);

#endif
