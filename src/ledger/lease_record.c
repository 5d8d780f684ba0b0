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
#include "ledger/witness.h"
#include "proc/proc.h"

enum { TOKEN_BYTES = 16 };

#define FIELD(name)                                                                                \
    {                                                                                              \
#        name, offsetof(struct gl_lease_record, name)                                              \
    }

const struct gl_lease_text gl_lease_texts[GL_LEASE_TEXTS] = {
    FIELD(token), FIELD(holder), FIELD(host), FIELD(purpose), FIELD(boot_id), FIELD(pid_ns)};
const struct gl_lease_number gl_lease_numbers[GL_LEASE_NUMBERS] = {
    FIELD(pid),    FIELD(start_ticks),     FIELD(since_unix_ms),
    FIELD(ttl_ms), FIELD(expires_boot_ms), FIELD(expires_unix_ms)};

char **gl_lease_text(struct gl_lease_record *record, size_t i)
{
    return (char **)(void *)((char *)record + gl_lease_texts[i].offset);
}

int64_t *gl_lease_number(struct gl_lease_record *record, size_t i)
{
    return (int64_t *)(void *)((char *)record + gl_lease_numbers[i].offset);
}

void gl_lease_record_done(struct gl_lease_record *record)
{
    for (size_t i = 0; i < GL_LEASE_TEXTS; i++)
        free(*gl_lease_text(record, i));
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

/* Of this machine, and since it was started: its boot clock and processes are ours. */
static bool of_this_boot(const struct gl_lease_record *record, const struct gl_ledger *ledger)
{
    return *record->boot_id && strcmp(record->boot_id, ledger->clock->boot_id()) == 0 &&
           (!ledger->ops->shared || gl_witness_has(record->token));
}

int64_t gl_lease_record_left_ms(const struct gl_lease_record *record,
                                const struct gl_ledger *ledger)
{
    const struct gl_clock_fns *clock = ledger->clock;
    int64_t left = of_this_boot(record, ledger) ? record->expires_boot_ms - clock->boot_ms()
                   : record->store_age_ms       ? record->ttl_ms - record->store_age_ms
                                                : record->expires_unix_ms - clock->unix_ms();
    return left > 0 ? left : 0;
}

bool gl_lease_record_holder_gone(const struct gl_lease_record *record,
                                 const struct gl_ledger *ledger)
{
    gl_autofree char *own_pid_ns = pid_namespace();
    if (!of_this_boot(record, ledger) || !*own_pid_ns || strcmp(record->pid_ns, own_pid_ns) != 0)
        return false;
    return !gl_proc_is_alive((pid_t)record->pid, (uint64_t)record->start_ticks);
}

char *gl_lease_record_describe(const struct gl_lease_record *record)
{
    gl_autofree char *since = gl_format_rfc3339(record->since_unix_ms);
    return gl_asprintf(_("%s (process %" PRId64 " on %s): %s, since %s"), record->holder,
                       record->pid, record->host, record->purpose, since);
}
