/* How often the account is looked at while something is waited for. A look more often than AWS
 * moves only costs requests; one that comes too late is time that golive adds to a release. */
#include "platform/aws/pace.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/interrupt.h"

static const struct {
    int64_t until_ms; /* since the begin */
    int64_t pause_ms;
} steps[] = {
    {10000,     250 },
    {60000,     500 },
    {600000,    1000},
    {INT64_MAX, 5000},
};

int gl_pace_wait(struct gl_pace *pace, struct gl_error *err)
{
    int64_t now = gl_mono_ms();
    if (!pace->begun_ms)
        pace->begun_ms = now;
    int failed = gl_interrupt_check(err);
    if (failed < 0)
        return failed;
    if (pace->end_ms && now >= pace->end_ms)
        return gl_fail(err, GL_E_TIMEOUT, _("it took too long"));
    size_t i = 0;
    while (now - pace->begun_ms >= steps[i].until_ms)
        i++;
    gl_sleep_ms(steps[i].pause_ms);
    return gl_interrupt_check(err);
}
