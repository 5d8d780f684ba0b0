/* When to try again. The arithmetic is that of the SDKs' adaptive mode, as botocore has it. */
#include "aws/retry.h"

#include <math.h>

static const double beta = 0.7;      /* what throttling leaves of the rate */
static const double scale = 0.4;     /* how steeply it grows again */
static const double smoothing = 0.8; /* weight of the newest measurement */
static const double least_per_s = 2; /* the SDKs have 0.5: two seconds for each look at a stack */
static const double bucket_s = 0.5;

void gl_aws_budget_init(struct gl_aws_budget *budget)
{
    budget->tokens = GL_AWS_BUDGET_FULL;
}

bool gl_aws_budget_take(struct gl_aws_budget *budget, int cost)
{
    if (budget->tokens < cost)
        return false;
    budget->tokens -= cost;
    return true;
}

void gl_aws_budget_return(struct gl_aws_budget *budget, int cost)
{
    budget->tokens += cost;
    if (budget->tokens > GL_AWS_BUDGET_FULL)
        budget->tokens = GL_AWS_BUDGET_FULL;
}

static void refill(struct gl_aws_rate *rate, double now_s)
{
    rate->tokens =
        fmin(rate->capacity, rate->tokens + (now_s - rate->filled_at_s) * rate->fill_per_s);
    rate->filled_at_s = now_s;
}

static void set_rate(struct gl_aws_rate *rate, double per_s, double now_s)
{
    refill(rate, now_s);
    rate->fill_per_s = fmax(per_s, least_per_s);
    rate->capacity = fmax(per_s, 1);
    rate->tokens = fmin(rate->tokens, rate->capacity);
}

double gl_aws_rate_take(struct gl_aws_rate *rate, double now_s)
{
    if (!rate->enabled)
        return 0;
    refill(rate, now_s);
    if (rate->tokens < 1)
        return (1 - rate->tokens) / rate->fill_per_s;
    rate->tokens -= 1;
    return 0;
}

/* Requests per second, measured over half seconds. */
static void measure(struct gl_aws_rate *rate, double now_s)
{
    double bucket = floor(now_s / bucket_s) * bucket_s;
    if (rate->bucket_s == 0)
        rate->bucket_s = bucket;
    rate->count += 1;
    if (bucket <= rate->bucket_s)
        return;
    double current = rate->count / (bucket - rate->bucket_s);
    rate->measured_per_s = current * smoothing + rate->measured_per_s * (1 - smoothing);
    rate->count = 0;
    rate->bucket_s = bucket;
}

void gl_aws_rate_learn(struct gl_aws_rate *rate, bool throttled, double now_s)
{
    double calculated = 0;
    measure(rate, now_s);
    if (throttled) {
        double current =
            rate->enabled ? fmin(rate->measured_per_s, rate->fill_per_s) : rate->measured_per_s;
        rate->most_per_s = current;
        rate->throttled_at_s = now_s;
        calculated = current * beta;
        if (!rate->enabled) {
            rate->enabled = true;
            rate->filled_at_s = now_s;
        }
    } else {
        double growth = cbrt(rate->most_per_s * (1 - beta) / scale);
        double since = now_s - rate->throttled_at_s - growth;
        calculated = scale * since * since * since + rate->most_per_s;
    }
    if (rate->enabled)
        set_rate(rate, fmin(calculated, 2 * rate->measured_per_s), now_s);
}

int64_t gl_aws_pause_ms(unsigned retry, int64_t first_ms, int64_t longest_ms, double random)
{
    double most = ldexp((double)first_ms, (int)(retry > 30 ? 30 : retry) - 1);
    return (int64_t)(random * fmin(most, (double)longest_ms));
}
