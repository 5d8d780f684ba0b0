/* Counts and their JSON form. One table says which member is called what; writer and reader follow
 * it, so that parent and child cannot disagree. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "rehearse/load_engine.h"

struct field {
    const char *name;
    size_t offset;
};

#define FIELD(type, member)                                                                        \
    {                                                                                              \
#        member, offsetof(struct type, member)                                                     \
    }

static const struct field count_fields[] = {
    FIELD(gl_load_counts, sent),
    FIELD(gl_load_counts, ok),
    FIELD(gl_load_counts, wrong),
    FIELD(gl_load_counts, lost),
    FIELD(gl_load_counts, injected),
    FIELD(gl_load_counts, acked),
    FIELD(gl_load_counts, retried_by_client),
    FIELD(gl_load_counts, retried_refused),
    FIELD(gl_load_counts, http2),
    FIELD(gl_load_counts, in_flight),
    FIELD(gl_load_counts, queued),
    FIELD(gl_load_counts, unsent),
    {NULL, 0},
};

static const struct field ws_fields[] = {
    FIELD(gl_load_ws_counts, open),
    FIELD(gl_load_ws_counts, connected),
    FIELD(gl_load_ws_counts, messages),
    FIELD(gl_load_ws_counts, pings_sent),
    FIELD(gl_load_ws_counts, pings_answered),
    FIELD(gl_load_ws_counts, reconnects_asked),
    FIELD(gl_load_ws_counts, cut),
    FIELD(gl_load_ws_counts, refused),
    FIELD(gl_load_ws_counts, injected),
    FIELD(gl_load_ws_counts, closed),
    {NULL, 0},
};

static const struct field target_fields[] = {
    FIELD(gl_load_target_counts, ok),    FIELD(gl_load_target_counts, wrong),
    FIELD(gl_load_target_counts, lost),  FIELD(gl_load_target_counts, injected),
    FIELD(gl_load_target_counts, acked), {NULL, 0},
};

static const struct field latency_fields[] = {
    FIELD(gl_load_latency, p50_us),
    FIELD(gl_load_latency, p95_us),
    FIELD(gl_load_latency, p99_us),
    FIELD(gl_load_latency, max_us),
    {NULL, 0},
};

/* ---- tallies and problems ----------------------------------------------------------------------
 */

void gl_load_copy(char *into, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);
    /* A UTF-8 sequence is not cut in two: JSON could not carry it. */
    while (len && text[len] && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    memcpy(into, text, len);
    into[len] = '\0';
}

void gl_load_copy_foreign(char *into, size_t size, const char *text, size_t len)
{
    size_t used = len < size ? len : size - 1;
    for (size_t i = 0; i < used; i++)
        into[i] = (char)(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
    into[used] = '\0';
}

void gl_load_tally_add(struct gl_load_tallies *tallies, const char *name, uint64_t count)
{
    char cut[GL_LOAD_NAME_SIZE];
    gl_load_copy(cut, sizeof cut, name);
    for (size_t i = 0; i < tallies->count; i++) {
        if (strcmp(tallies->items[i].name, cut) == 0) {
            tallies->items[i].count += count;
            return;
        }
    }
    if (tallies->count == GL_LOAD_TALLIES_MAX) {
        tallies->items[GL_LOAD_TALLIES_MAX - 1].count += count;
        return;
    }
    struct gl_load_tally *item = &tallies->items[tallies->count++];
    bool last = tallies->count == GL_LOAD_TALLIES_MAX;
    gl_load_copy(item->name, sizeof item->name, last ? "other" : cut);
    item->count = count;
}

void gl_load_problem_add(struct gl_load_counts *counts, const char *key,
                         const struct gl_load_problem *problem)
{
    gl_load_tally_add(&counts->reasons, key, 1);
    if (counts->problem_count < GL_LOAD_PROBLEMS_MAX)
        counts->problems[counts->problem_count++] = *problem;
}

/* ---- writing -----------------------------------------------------------------------------------
 */

static json_t *write_fields(const void *from, const struct field *fields)
{
    json_t *object = json_object();
    for (; fields->name; fields++) {
        uint64_t value;
        memcpy(&value, (const char *)from + fields->offset, sizeof value);
        gl_json_set_int(object, fields->name, (int64_t)value);
    }
    return object;
}

static json_t *write_tallies(const struct gl_load_tallies *tallies)
{
    json_t *object = json_object();
    for (size_t i = 0; i < tallies->count; i++)
        gl_json_set_int(object, tallies->items[i].name, (int64_t)tallies->items[i].count);
    return object;
}

static json_t *write_problem(const struct gl_load_problem *problem)
{
    json_t *object = json_object();
    gl_json_set_int(object, "mono_ms", problem->mono_ms);
    gl_json_set_str(object, "what", problem->what);
    gl_json_set_str(object, "name", problem->name);
    gl_json_set_str(object, "client", problem->client);
    gl_json_set_str(object, "path", problem->path);
    gl_json_set_int(object, "status", problem->status);
    gl_json_set_str(object, "release", problem->release);
    gl_json_set_str(object, "reason", problem->reason);
    return object;
}

static json_t *write_targets(const struct gl_load_counts *counts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < counts->target_count; i++) {
        json_t *target = write_fields(&counts->targets[i], target_fields);
        gl_json_set_str(target, "name", counts->targets[i].name);
        json_array_append_new(list, target);
    }
    return list;
}

char *gl_load_counts_write(const struct gl_load_counts *counts, size_t first_problem)
{
    gl_autojson json_t *line = write_fields(counts, count_fields);
    gl_json_set_int(line, "mono_ms", counts->mono_ms);
    gl_json_set_int(line, "waiting_since_ms", counts->waiting_since_ms);
    gl_json_set_bool(line, "final", counts->final);
    json_object_set_new(line, "latency", write_fields(&counts->latency, latency_fields));
    json_object_set_new(line, "service", write_fields(&counts->service, latency_fields));
    json_object_set_new(line, "ws", write_fields(&counts->ws, ws_fields));
    json_object_set_new(line, "releases", write_tallies(&counts->releases));
    json_object_set_new(line, "reasons", write_tallies(&counts->reasons));
    json_object_set_new(line, "targets", write_targets(counts));
    json_t *problems = json_array();
    for (size_t i = first_problem; i < counts->problem_count; i++)
        json_array_append_new(problems, write_problem(&counts->problems[i]));
    json_object_set_new(line, "problems", problems);
    gl_autofree char *text = gl_json_canonical(line);
    return gl_asprintf("%s\n", text);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static void read_fields(const json_t *object, void *into, const struct field *fields)
{
    for (; fields->name; fields++) {
        int64_t value = gl_json_int(object, fields->name, 0);
        memcpy((char *)into + fields->offset, &value, sizeof value);
    }
}

static void read_tallies(json_t *object, struct gl_load_tallies *tallies)
{
    const char *name;
    json_t *value;
    tallies->count = 0;
    json_object_foreach(object, name, value)
        gl_load_tally_add(tallies, name, (uint64_t)json_integer_value(value));
}

static void read_problem(const json_t *object, struct gl_load_problem *problem)
{
    problem->mono_ms = gl_json_int(object, "mono_ms", 0);
    problem->status = (int)gl_json_int(object, "status", 0);
    gl_load_copy(problem->what, sizeof problem->what, gl_json_str(object, "what", ""));
    gl_load_copy(problem->name, sizeof problem->name, gl_json_str(object, "name", ""));
    gl_load_copy(problem->client, sizeof problem->client, gl_json_str(object, "client", ""));
    gl_load_copy(problem->path, sizeof problem->path, gl_json_str(object, "path", ""));
    gl_load_copy(problem->release, sizeof problem->release, gl_json_str(object, "release", ""));
    gl_load_copy(problem->reason, sizeof problem->reason, gl_json_str(object, "reason", ""));
}

static void read_targets(const json_t *list, struct gl_load_counts *counts)
{
    size_t count = json_array_size(list);
    counts->target_count = count < GL_LOAD_TARGETS_MAX ? count : GL_LOAD_TARGETS_MAX;
    for (size_t i = 0; i < counts->target_count; i++) {
        const json_t *object = json_array_get(list, i);
        struct gl_load_target_counts *target = &counts->targets[i];
        read_fields(object, target, target_fields);
        gl_load_copy(target->name, sizeof target->name, gl_json_str(object, "name", ""));
    }
}

int gl_load_counts_read(const char *line, struct gl_load_counts *counts, struct gl_error *err)
{
    gl_autojson json_t *object = NULL;
    int failed = gl_json_parse(line, strlen(line), _("load generator's line"), &object, err);
    if (failed < 0)
        return failed;
    if (!json_is_integer(json_object_get(object, "mono_ms")))
        return gl_fail(err, GL_E_CORRUPT, _("the load generator's line has no counts"));
    counts->mono_ms = gl_json_int(object, "mono_ms", 0);
    counts->waiting_since_ms = gl_json_int(object, "waiting_since_ms", 0);
    counts->final = gl_json_bool(object, "final", false);
    read_fields(object, counts, count_fields);
    read_fields(json_object_get(object, "latency"), &counts->latency, latency_fields);
    read_fields(json_object_get(object, "service"), &counts->service, latency_fields);
    read_fields(json_object_get(object, "ws"), &counts->ws, ws_fields);
    read_tallies(json_object_get(object, "releases"), &counts->releases);
    read_tallies(json_object_get(object, "reasons"), &counts->reasons);
    read_targets(json_object_get(object, "targets"), counts);
    const json_t *problems = json_object_get(object, "problems");
    for (size_t i = 0; i < json_array_size(problems); i++) {
        if (counts->problem_count < GL_LOAD_PROBLEMS_MAX)
            read_problem(json_array_get(problems, i), &counts->problems[counts->problem_count++]);
    }
    return 0;
}
