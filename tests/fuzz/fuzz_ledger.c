/* Any file as the ledger: opening, reading, verifying and asking for a lease never crash. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "ledger/ledger.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *directory;

static void remove_directory(void)
{
    (void)!gl_remove_tree(directory, NULL);
    free(directory);
}

static void make_directory(void)
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    directory = gl_asprintf("%s/golive-fuzz-XXXXXX", base);
    if (!mkdtemp(directory))
        abort();
    if (atexit(remove_directory) != 0)
        abort();
}

static int ignore_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    *(int64_t *)context += event->seq & json_is_object(event->data);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!directory)
        make_directory();
    gl_autofree char *path = gl_path_join(directory, "ledger.db");
    gl_autofree char *wal = gl_asprintf("%s-wal", path);
    gl_autofree char *shm = gl_asprintf("%s-shm", path);
    unlink(wal);
    unlink(shm);
    if (gl_write_file(path, data, size, 0600, NULL) < 0)
        abort();
    gl_autoerr struct gl_error err = {0};
    gl_autoledger struct gl_ledger *ledger = NULL;
    if (gl_ledger_open_sqlite(path, &ledger, &err) < 0)
        return 0;
    int64_t sum = 0;
    int64_t count = 0;
    gl_autofree char *head = NULL;
    gl_autojson json_t *lease = NULL;
    (void)!gl_ledger_read(ledger, 0, ignore_event, &sum, &err);
    (void)!gl_ledger_verify(ledger, &count, &head, &err);
    (void)!gl_lease_show(ledger, "prod", &lease, &err);
    (void)!gl_ledger_append(ledger, "fuzz", "prod", 1, NULL, NULL, &err);
    return 0;
}
