/* Writes what migrations say that run elsewhere. */
#include "migrate/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "migrate/wire_words.h"

/* Longest text of one member, bytes: JSON may write each as six, and a result has three of them. */
#define TEXT_MAX 800

const char *const gl_wire_event_words[] = {
    [GL_MIGRATE_BEGIN] = "begin",       [GL_MIGRATE_DONE] = "done",
    [GL_MIGRATE_BLOCKED] = "blocked",   [GL_MIGRATE_RETRY] = "retry",
    [GL_MIGRATE_PROGRESS] = "progress",
};

const char *const gl_wire_state_words[] = {
    [GL_MIGRATION_PENDING] = "pending", [GL_MIGRATION_APPLIED] = "applied",
    [GL_MIGRATION_DIRTY] = "dirty",     [GL_MIGRATION_EDITED] = "edited",
    [GL_MIGRATION_LATE] = "late",
};

/* No-op for NULL; a long text ends with "...". */
static void set_text(json_t *object, const char *key, const char *text)
{
    if (!text || strlen(text) <= TEXT_MAX) {
        gl_json_set_str(object, key, text);
        return;
    }
    size_t len = TEXT_MAX;
    while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    gl_autofree char *cut = gl_strndup(text, len);
    gl_autofree char *shown = gl_asprintf("%s...", cut);
    gl_json_set_str(object, key, shown);
}

static json_t *line_of(const char *kind)
{
    json_t *line = json_object();
    gl_json_set_str(line, GL_WIRE_KIND, kind);
    return line;
}

static void add_line(struct gl_buf *text, const json_t *line)
{
    gl_autofree char *json = gl_json_canonical(line);
    gl_buf_puts(text, json);
    gl_buf_putc(text, '\n');
}

static char *one_line(const json_t *line)
{
    gl_autobuf struct gl_buf text = {0};
    add_line(&text, line);
    return gl_buf_steal(&text);
}

char *gl_wire_event(const struct gl_migrate_event *event)
{
    gl_autojson json_t *line = line_of(gl_wire_event_words[event->kind]);
    gl_json_set_int(line, "version", event->migration->version);
    set_text(line, "detail", event->detail);
    bool progress = event->kind == GL_MIGRATE_PROGRESS;
    if (progress || event->kind == GL_MIGRATE_DONE) {
        gl_json_set_int(line, "elapsed_us", event->elapsed_us);
        gl_json_set_int(line, "rows", event->rows);
    }
    if (event->pass)
        gl_json_set_int(line, "pass", event->pass);
    if (event->kind == GL_MIGRATE_DONE && event->pass) {
        gl_json_set_int(line, "left", event->left);
        gl_json_set_bool(line, "once", event->once);
    }
    if (progress) {
        gl_json_set_int(line, "looked", event->looked);
        gl_json_set_int(line, "estimate", event->estimate);
        gl_json_set_int(line, "rate_per_s", event->rate_per_s);
    }
    return one_line(line);
}

/* How far it came; and what it was, so that it can be said here which line was edited. */
static void set_found(json_t *line, const struct gl_migrate_found *found)
{
    char checksum[2 * GL_SHA384_SIZE + 1];
    if (found->checksum_ok) {
        gl_hex(found->checksum, GL_SHA384_SIZE, checksum);
        gl_json_set_str(line, "checksum", checksum);
    }
    if (!found->known)
        return;
    gl_json_set_int(line, "looked", found->looked);
    gl_json_set_int(line, "changed", found->changed);
    gl_json_set_int(line, "estimate", found->estimate);
    gl_json_set_int(line, "pass", found->pass);
    gl_json_set_int(line, "at", found->at_unix_s);
}

char *gl_wire_status(const struct gl_migrations *list, const struct gl_migrate_status *status)
{
    gl_autobuf struct gl_buf text = {0};
    for (size_t i = 0; i < list->count && i < status->count; i++) {
        gl_autojson json_t *state = line_of("state");
        gl_json_set_int(state, "version", list->items[i].version);
        gl_json_set_str(state, "state", gl_wire_state_words[status->states[i]]);
        bool open =
            status->states[i] == GL_MIGRATION_DIRTY || status->states[i] == GL_MIGRATION_EDITED;
        if (status->found && open)
            set_found(state, &status->found[i]);
        add_line(&text, state);
    }
    gl_autojson json_t *line = line_of("status");
    gl_json_set_bool(line, "fresh", status->fresh);
    gl_json_set_int(line, "missing", (int64_t)status->missing);
    gl_json_set_int(line, "first_missing", status->first_missing);
    gl_json_set_int(line, "newest", status->newest);
    set_text(line, "running", status->running);
    add_line(&text, line);
    return gl_buf_steal(&text);
}

static json_t *failure_json(const struct gl_error *failure)
{
    json_t *json = json_object();
    gl_json_set_str(json, "code", gl_code_word(failure->code));
    set_text(json, "message", failure->message);
    set_text(json, "hint", failure->hint);
    set_text(json, "file", failure->file ? gl_path_base(failure->file) : NULL);
    gl_json_set_int(json, "line", failure->line);
    gl_json_set_int(json, "column", failure->column);
    return json;
}

char *gl_wire_result(const struct gl_migrate_result *result, const struct gl_error *failure)
{
    static const struct gl_migrate_result nothing;
    const struct gl_migrate_result *r = result ? result : &nothing;
    gl_autojson json_t *line = line_of("result");
    gl_json_set_int(line, "applied", (int64_t)r->applied);
    gl_json_set_int(line, "held", (int64_t)r->held);
    gl_json_set_int(line, "longest_lock_us", r->longest_lock_us);
    gl_json_set_int(line, "lock_retries", (int64_t)r->lock_retries);
    gl_json_set_int(line, "rows", r->rows);
    if (failure && failure->code)
        json_object_set_new(line, "error", failure_json(failure));
    return one_line(line);
}
