/* When to try again: pauses, a budget of retries, and a rate that follows throttling.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html (standard, adaptive)
 */
#ifndef GL_AWS_RETRY_H
#define GL_AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* Retries that may be spent: a service that is down for all is not asked by all again and again. */
struct gl_aws_budget {
    int tokens;
};

enum {
    GL_AWS_BUDGET_FULL = 500,
    GL_AWS_RETRY_COST = 5,
    GL_AWS_TIMEOUT_COST = 10,
};

void gl_aws_budget_init(struct gl_aws_budget *budget);

/* Takes the cost; false (and nothing taken) if there is not enough. */
bool gl_aws_budget_take(struct gl_aws_budget *budget, int cost);

/* Gives back after a success: what the last retry cost, or 1 for a first attempt. */
void gl_aws_budget_return(struct gl_aws_budget *budget, int cost);

/* How fast one service is asked. Without limit until it throttles for the first time; then the rate
 * falls by 30 % and grows again by a cubic curve (as TCP CUBIC). Zero-initialise. Times are seconds
 * of one clock that does not jump. */
struct gl_aws_rate {
    bool enabled;
    double fill_per_s;
    double capacity;
    double tokens;
    double filled_at_s;
    double measured_per_s;
    double bucket_s; /* begin of the half second that is being counted */
    double count;
    double most_per_s; /* rate at the last throttling */
    double throttled_at_s;
};

/* How long a request has to wait, in seconds; 0 takes its turn. */
double gl_aws_rate_take(struct gl_aws_rate *rate, double now_s);

/* Learns from an answer. */
void gl_aws_rate_learn(struct gl_aws_rate *rate, bool throttled, double now_s);

/* The pause before retry number `retry` (1, 2, ...): anything up to first_ms * 2^(retry - 1), at
 * most longest_ms (full jitter). `random` is from 0 up to 1. */
int64_t gl_aws_pause_ms(unsigned retry, int64_t first_ms, int64_t longest_ms, double random);

#endif
