/* Two services as one version. */
#include "base/i18n.h"
#include "platform/aws/service.h"

void gl_both_running(struct gl_running *version, const struct gl_running *pages)
{
    int share = pages ? pages->weight_pct : 0;
    version->healthy = version->healthy && pages && pages->healthy;
    version->deaths += pages ? pages->deaths : 0;
    /* Of a share only the backend has one (services.c). */
    if (version->weight_pct == 100 && share < 100) {
        version->weight_pct = share;
        version->sessions = false;
    }
}

void gl_both_observed(struct gl_observation *seen, struct gl_observation *pages)
{
    seen->requests += pages->requests;
    seen->errors_5xx += pages->errors_5xx;
    seen->failures += pages->failures;
    seen->p50_ms = pages->p50_ms > seen->p50_ms ? pages->p50_ms : seen->p50_ms;
    seen->p95_ms = pages->p95_ms > seen->p95_ms ? pages->p95_ms : seen->p95_ms;
    seen->p99_ms = pages->p99_ms > seen->p99_ms ? pages->p99_ms : seen->p99_ms;
    seen->deaths += pages->deaths;
    seen->healthy = seen->healthy && pages->healthy;
    if (!seen->worst)
        seen->worst = gl_steal(&pages->worst);
    if (!seen->alarm && pages->alarm)
        seen->alarm = gl_asprintf(_("the frontend's service: %s"), pages->alarm);
}
