/* Who holds a lease, whether that still counts, and how to say it. */
#include "ledger/lease_record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "proc/proc.h"

enum { TOKEN_BYTES = 16 };

void gl_lease_record_done(struct gl_lease_record *record)
{
    free(record->token);
    free(record->holder);
    free(record->host);
    free(record->purpose);
    free(record->boot_id);
    free(record->pid_ns);
    *record = (struct gl_lease_record){0};
}

/* Two containers on one host have the same boot id but count their processes apart. */
static char *pid_namespace(void)
{
    char link[64];
    ssize_t len = readlink("/proc/self/ns/pid", link, sizeof link);
    return gl_strndup(link, len > 0 ? (size_t)len : 0);
}

/* Purposes come from a command line: masked, and UTF-8 whatever was typed. */
static char *clean_text(const char *text)
{
    gl_autofree char *masked = gl_redact(text ? text : "");
    gl_autojson json_t *holder = json_object();
    gl_json_set_str(holder, "text", masked);
    return gl_strdup(gl_json_str(holder, "text", ""));
}

void gl_lease_record_init(struct gl_lease_record *record, const struct gl_ledger *ledger,
                          const char *purpose, int64_t ttl_ms)
{
    *record = (struct gl_lease_record){
        .token = gl_random_hex(TOKEN_BYTES),
        .holder = gl_strdup(ledger->actor),
        .host = gl_strdup(ledger->host),
        .purpose = clean_text(purpose),
        .boot_id = gl_strdup(ledger->clock->boot_id()),
        .pid_ns = pid_namespace(),
        .pid = getpid(),
        .start_ticks = (int64_t)gl_proc_start_ticks(getpid()),
        .since_unix_ms = ledger->clock->unix_ms(),
        .ttl_ms = ttl_ms,
    };
    gl_lease_record_renew(record, ledger->clock);
}

void gl_lease_record_renew(struct gl_lease_record *record, const struct gl_clock_fns *clock)
{
    record->expires_boot_ms = clock->boot_ms() + record->ttl_ms;
    record->expires_unix_ms = clock->unix_ms() + record->ttl_ms;
}

static bool of_this_boot(const struct gl_lease_record *record, const struct gl_clock_fns *clock)
{
    return *record->boot_id && strcmp(record->boot_id, clock->boot_id()) == 0;
}

int64_t gl_lease_record_left_ms(const struct gl_lease_record *record,
                                const struct gl_clock_fns *clock)
{
    int64_t left = of_this_boot(record, clock) ? record->expires_boot_ms - clock->boot_ms()
                                               : record->expires_unix_ms - clock->unix_ms();
    return left > 0 ? left : 0;
}

bool gl_lease_record_holder_gone(const struct gl_lease_record *record,
                                 const struct gl_clock_fns *clock)
{
    gl_autofree char *own_pid_ns = pid_namespace();
    if (!of_this_boot(record, clock) || !*own_pid_ns || strcmp(record->pid_ns, own_pid_ns) != 0)
        return false;
    return !gl_proc_is_alive((pid_t)record->pid, (uint64_t)record->start_ticks);
}

char *gl_lease_record_describe(const struct gl_lease_record *record)
{
    gl_autofree char *since = gl_format_rfc3339(record->since_unix_ms);
    return gl_asprintf(_("%s (process %" PRId64 " on %s): %s, since %s"), record->holder,
                       record->pid, record->host, record->purpose, since);
}
