/* Counting what the edge saw of one version: numbers from HAProxy's own counters, times and the
 * worst request from its log. */
#include "platform/local/observe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "platform/local/access_log.h"

enum {
    MAX_FAILING = 512, /* different failing requests that are told apart */
};

/* Counters of a slot: its server and its spare, for both lead to the same process. */
struct counters {
    uint64_t attempts;
    uint64_t answers;
    uint64_t errors_5xx;
    uint64_t aborted;
    uint64_t current;
};

static void add_counters(struct counters *sum, const char *csv, const char *server)
{
    struct gl_edge_stat stat = gl_edge_stat_find(csv, "app", server);
    sum->attempts += stat.attempts;
    sum->answers += stat.answers;
    sum->errors_5xx += stat.errors_5xx;
    sum->aborted += stat.aborted;
    sum->current += stat.current;
}

static struct counters count(const char *csv, enum gl_slot slot)
{
    struct counters sum = {0};
    gl_autofree char *spare = gl_asprintf("%s-spare", gl_slot_name(slot));
    add_counters(&sum, csv, gl_slot_name(slot));
    add_counters(&sum, csv, spare);
    return sum;
}

/* HAProxy's counters begin anew with its process: its pid tells which life a mark belongs to. */
static int edge_pid(struct gl_local *local, int64_t *ret_pid, struct gl_error *err)
{
    gl_autofree char *info = NULL;
    int failed = gl_edge_ask(local, GL_EDGE_SOCKET, "show info", &info, err);
    if (failed < 0)
        return failed;
    const char *line = strstr(info, "\nPid:");
    *ret_pid = line ? strtoll(line + strlen("\nPid:"), NULL, 10) : 0;
    return 0;
}

int gl_observe_mark(struct gl_local *local, int64_t release, json_t **ret_mark,
                    struct gl_error *err)
{
    gl_autofree char *csv = NULL;
    struct gl_log_position position = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    int64_t pid = 0;
    int failed = gl_slot_find(local, release, &slot, err);
    if (failed == 0)
        failed = gl_access_log_position(local, &position, err);
    if (failed == 0)
        failed = edge_pid(local, &pid, err);
    if (failed == 0)
        failed = gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, err);
    if (failed < 0)
        return failed;
    struct counters now = count(csv, slot);
    json_t *mark = json_object();
    gl_json_set_int(mark, "edge_pid", pid);
    gl_json_set_int(mark, "attempts", (int64_t)now.attempts);
    gl_json_set_int(mark, "answers", (int64_t)now.answers);
    gl_json_set_int(mark, "errors_5xx", (int64_t)now.errors_5xx);
    gl_json_set_int(mark, "aborted", (int64_t)now.aborted);
    gl_json_set_int(mark, "log_inode", (int64_t)position.inode);
    gl_json_set_int(mark, "log_offset", (int64_t)position.offset_bytes);
    *ret_mark = mark;
    return 0;
}

static uint64_t stored(const json_t *mark, const char *key)
{
    int64_t value = gl_json_int(mark, key, 0);
    return value > 0 ? (uint64_t)value : 0;
}

static uint64_t growth(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* An attempt that neither got an answer, nor is still in flight, nor was given up by the client has
 * failed, whether or not it was repeated elsewhere. `current` also counts requests whose answer has
 * begun, so it is only an upper bound of what is still open: what was in flight at the mark is left
 * to the window before, and a request is never called failed that may only be on its way. */
static void fill_counts(const struct counters *now, const struct counters *before,
                        struct gl_observation *observation)
{
    uint64_t settled = growth(now->answers, before->answers) + now->current +
                       growth(now->aborted, before->aborted);
    observation->requests = growth(now->attempts, before->attempts);
    observation->errors_5xx = growth(now->errors_5xx, before->errors_5xx);
    observation->failures = growth(observation->requests, settled);
}

struct failing {
    char *what; /* "POST /api/statuses 500" */
    uint64_t count;
};

struct reading {
    const char *server;
    size_t server_len;
    int64_t *elapsed_us;
    size_t count;
    size_t capacity;
    struct failing failing[MAX_FAILING];
    size_t failing_count;
};

static void note_failing(struct reading *reading, const struct gl_access_line *line)
{
    gl_autofree char *what = gl_asprintf("%s %s %d", line->method, line->path, line->status);
    size_t i = 0;
    while (i < reading->failing_count && strcmp(reading->failing[i].what, what) != 0)
        i++;
    if (i == MAX_FAILING)
        return;
    if (i == reading->failing_count)
        reading->failing[reading->failing_count++].what = gl_steal(&what);
    reading->failing[i].count++;
}

static void take_line(const struct gl_access_line *line, void *context)
{
    struct reading *reading = context;
    const char *rest = line->server + reading->server_len;
    if (strcmp(line->backend, "app") != 0 ||
        strncmp(line->server, reading->server, reading->server_len) != 0 ||
        (*rest != '\0' && strcmp(rest, "-spare") != 0))
        return;
    if (line->status >= 500)
        note_failing(reading, line);
    if (line->elapsed_us < 0)
        return;
    if (reading->count == reading->capacity) {
        reading->capacity = reading->capacity ? reading->capacity * 2 : 1024;
        reading->elapsed_us =
            gl_realloc_array(reading->elapsed_us, reading->capacity, sizeof *reading->elapsed_us);
    }
    reading->elapsed_us[reading->count++] = line->elapsed_us;
}

static int compare_times(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The value that `pct` of 100 requests did not exceed (nearest rank). */
static double percentile_ms(const struct reading *reading, unsigned pct)
{
    if (reading->count == 0)
        return 0;
    size_t rank = (reading->count * pct + 99) / 100;
    return (double)reading->elapsed_us[rank - 1] / 1000.0;
}

static char *worst_of(const struct reading *reading)
{
    const struct failing *worst = NULL;
    for (size_t i = 0; i < reading->failing_count; i++) {
        if (!worst || reading->failing[i].count > worst->count)
            worst = &reading->failing[i];
    }
    return worst ? gl_asprintf("%s x%" PRIu64, worst->what, worst->count) : NULL;
}

static void reading_done(struct reading *reading)
{
    free(reading->elapsed_us);
    for (size_t i = 0; i < reading->failing_count; i++)
        free(reading->failing[i].what);
}

static int read_log(struct gl_local *local, enum gl_slot slot, const json_t *mark,
                    struct gl_observation *observation, struct gl_error *err)
{
    struct gl_log_position since = {stored(mark, "log_inode"), stored(mark, "log_offset")};
    gl_cleanup(reading_done) struct reading reading = {
        .server = gl_slot_name(slot),
        .server_len = strlen(gl_slot_name(slot)),
    };
    int failed = gl_access_log_read(local, &since, take_line, &reading, err);
    if (failed < 0)
        return failed;
    if (reading.count)
        qsort(reading.elapsed_us, reading.count, sizeof *reading.elapsed_us, compare_times);
    observation->p50_ms = percentile_ms(&reading, 50);
    observation->p95_ms = percentile_ms(&reading, 95);
    observation->p99_ms = percentile_ms(&reading, 99);
    observation->worst = worst_of(&reading);
    return 0;
}

/* The counters of a slot when the mark was made; none if HAProxy has begun a new life since. */
static struct counters counters_at(const json_t *mark, int64_t edge_pid)
{
    if (gl_json_int(mark, "edge_pid", 0) != edge_pid)
        return (struct counters){0};
    return (struct counters){
        .attempts = stored(mark, "attempts"),
        .answers = stored(mark, "answers"),
        .errors_5xx = stored(mark, "errors_5xx"),
        .aborted = stored(mark, "aborted"),
    };
}

/* HAProxy's threads count while one of them prints, so a request may show as begun before it shows
 * as open. What has really failed is still there at a second look. */
static int confirm_failures(struct gl_local *local, enum gl_slot slot,
                            const struct counters *before, struct gl_observation *observation,
                            struct gl_error *err)
{
    gl_autofree char *csv = NULL;
    struct gl_observation again = {0};
    if (observation->failures == 0)
        return 0;
    int failed = gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, err);
    if (failed < 0)
        return failed;
    struct counters now = count(csv, slot);
    fill_counts(&now, before, &again);
    if (again.failures < observation->failures)
        observation->failures = again.failures;
    return 0;
}

int gl_observe_since(struct gl_local *local, int64_t release, const json_t *mark,
                     struct gl_observation *ret_observation, struct gl_error *err)
{
    gl_autofree char *csv = NULL;
    gl_autoobservation struct gl_observation observation = {0};
    struct gl_service_state state = {0};
    enum gl_slot slot = GL_SLOT_BLUE;
    int64_t pid = 0;
    int failed = gl_slot_find(local, release, &slot, err);
    if (failed == 0)
        failed = gl_s6_state(local, gl_slot_service(slot), &state, err);
    if (failed == 0)
        failed = edge_pid(local, &pid, err);
    if (failed == 0)
        failed = gl_edge_ask(local, GL_EDGE_SOCKET, "show stat", &csv, err);
    if (failed == 0)
        failed = read_log(local, slot, mark, &observation, err);
    if (failed < 0)
        return failed;
    struct counters now = count(csv, slot);
    struct counters before = counters_at(mark, pid);
    fill_counts(&now, &before, &observation);
    failed = confirm_failures(local, slot, &before, &observation, err);
    if (failed < 0)
        return failed;
    observation.deaths = state.deaths;
    observation.healthy = state.pid > 0 && gl_slot_is_healthy(local, slot, csv);
    *ret_observation = observation;
    observation = (struct gl_observation){0};
    return 0;
}
