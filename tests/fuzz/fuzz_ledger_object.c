/* Any object of a bucket as an event and as a lease: what is taken is exactly what golive writes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ledger/event.h"
#include "ledger/lease_record.h"
#include "ledger/object.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct gl_clock_fns clock_fns = {gl_now_unix_ms, gl_boot_ms, gl_boot_id};
static const struct gl_ledger_ops ops = {.shared = true};
static const struct gl_ledger ledger = {.ops = &ops, .clock = &clock_fns};

static void must_be_same(const char *text, const uint8_t *data, size_t size)
{
    if (strlen(text) != size || memcmp(text, data, size) != 0)
        abort();
}

static void as_event(const uint8_t *data, size_t size)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoevent struct gl_event event = {0};
    if (gl_event_object_read((const char *)data, size, 1, &event, &err) < 0)
        return;
    gl_autofree char *text = gl_event_object(&event);
    must_be_same(text, data, size);
    (void)!gl_event_check(&event, 0, "", &err);
}

static void as_lease(const uint8_t *data, size_t size)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoleaserecord struct gl_lease_record record = {0};
    if (gl_lease_object_read((const char *)data, size, &record, &err) < 0)
        return;
    gl_autofree char *text = gl_lease_object(&record);
    must_be_same(text, data, size);
    record.store_age_ms = 1;
    gl_autofree char *shown = gl_lease_record_describe(&record);
    (void)gl_lease_record_left_ms(&record, &ledger);
    (void)gl_lease_record_holder_gone(&record, &ledger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_event(data, size);
    as_lease(data, size);
    return 0;
}
