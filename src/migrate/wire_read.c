/* Reads what migrations say that run elsewhere. Nothing in a line is believed before it is looked
 * at: a log is open to more writers than one. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "migrate/wire.h"
#include "migrate/wire_words.h"

enum { EVENT_WORDS = GL_MIGRATE_PROGRESS + 1, STATE_WORDS = GL_MIGRATION_LATE + 1 };

/* Stands in status.states for "not said yet"; it is the state of no file. */
#define UNSAID GL_MIGRATION_MISSING

/* The words of gl_code_word(), the other way round. */
static const struct {
    const char *word;
    int code;
} codes[] = {

#define row(name, status, word) {word, name},
    GL_ERROR_TABLE(row)
#undef row
};

void gl_wire_done(struct gl_wire *wire)
{
    gl_migrate_status_done(&wire->status);
    gl_error_done(&wire->failure);
}

static int word_index(const char *const *words, int count, const char *word)
{
    for (int i = 0; i < count; i++) {
        if (words[i] && strcmp(words[i], word) == 0)
            return i;
    }
    return -1;
}

/* The number of a count or duration; false if it is missing, no number or below zero. */
static bool read_amount(const json_t *line, const char *key, int64_t *ret_amount)
{
    const json_t *value = json_object_get(line, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *ret_amount = json_integer_value(value);
    return true;
}

/* The same of one that golive did not always say: 0 when it is missing. */
static bool read_newer_amount(const json_t *line, const char *key, int64_t *ret_amount)
{
    *ret_amount = 0;
    return !json_object_get(line, key) || read_amount(line, key, ret_amount);
}

static bool find_migration(const struct gl_wire *wire, const json_t *line, size_t *ret_index)
{
    const json_t *version = json_object_get(line, "version");
    for (size_t i = 0; json_is_integer(version) && i < wire->list->count; i++) {
        if (wire->list->items[i].version == json_integer_value(version)) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

/* What comes with how far it is; a number that is missing makes the line nobody's. */
static bool read_numbers(const json_t *line, struct gl_migrate_event *event)
{
    bool progress = event->kind == GL_MIGRATE_PROGRESS;
    bool done = event->kind == GL_MIGRATE_DONE;
    if ((progress || done) && (!read_amount(line, "elapsed_us", &event->elapsed_us) ||
                               !read_newer_amount(line, "rows", &event->rows)))
        return false;
    return !progress || (read_amount(line, "looked", &event->looked) &&
                         read_amount(line, "estimate", &event->estimate) &&
                         read_amount(line, "rate_per_s", &event->rate_per_s));
}

/* Of a file in batches. */
static bool read_passes(const json_t *line, struct gl_migrate_event *event)
{
    event->once = gl_json_bool(line, "once", false);
    return read_newer_amount(line, "pass", &event->pass) &&
           read_newer_amount(line, "left", &event->left);
}

static bool read_event(struct gl_wire *wire, const json_t *line, int kind)
{
    size_t index = 0;
    if (!find_migration(wire, line, &index))
        return false;
    struct gl_migrate_event event = {
        .migration = &wire->list->items[index],
        .kind = (enum gl_migrate_event_kind)kind,
        .detail = gl_json_str(line, "detail", NULL),
    };
    if (!read_numbers(line, &event) || !read_passes(line, &event))
        return false;
    if (wire->on_event)
        wire->on_event(&event, wire->context);
    return true;
}

static void make_states(struct gl_wire *wire)
{
    struct gl_migrate_status *status = &wire->status;
    if (status->states)
        return;
    status->count = wire->list->count;
    status->states = gl_alloc((status->count + 1) * sizeof *status->states);
    status->found = gl_alloc((status->count + 1) * sizeof *status->found);
    for (size_t i = 0; i < status->count; i++)
        status->states[i] = UNSAID;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool read_checksum(const char *text, unsigned char *checksum)
{
    if (strlen(text) != 2 * (size_t)GL_SHA384_SIZE)
        return false;
    for (size_t i = 0; i < GL_SHA384_SIZE; i++) {
        int high = digit_of(text[2 * i]);
        int low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        checksum[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

/* What stands there of an unfinished or edited one; false if that is nobody's. */
static bool read_found(const json_t *line, struct gl_migrate_found *ret_found)
{
    struct gl_migrate_found found = {0};
    const char *checksum = gl_json_str(line, "checksum", NULL);
    found.checksum_ok = checksum != NULL;
    found.known = json_object_get(line, "pass") != NULL;
    bool right = (!checksum || read_checksum(checksum, found.checksum)) &&
                 read_newer_amount(line, "looked", &found.looked) &&
                 read_newer_amount(line, "changed", &found.changed) &&
                 read_newer_amount(line, "estimate", &found.estimate) &&
                 read_newer_amount(line, "pass", &found.pass) &&
                 read_newer_amount(line, "at", &found.at_unix_s);
    if (right)
        *ret_found = found;
    return right;
}

static bool read_state(struct gl_wire *wire, const json_t *line)
{
    size_t index = 0;
    int state = word_index(gl_wire_state_words, STATE_WORDS, gl_json_str(line, "state", ""));
    if (state < 0 || !find_migration(wire, line, &index))
        return false;
    make_states(wire);
    if (!read_found(line, &wire->status.found[index]))
        return false;
    wire->states += wire->status.states[index] == UNSAID;
    wire->status.states[index] = (enum gl_migration_state)state;
    return true;
}

static bool read_status(struct gl_wire *wire, const json_t *line)
{
    int64_t missing = 0;
    const json_t *first = json_object_get(line, "first_missing");
    if (!read_amount(line, "missing", &missing) || !json_is_integer(first) ||
        !json_is_boolean(json_object_get(line, "fresh")))
        return false;
    make_states(wire);
    wire->status.missing = (size_t)missing;
    wire->status.first_missing = json_integer_value(first);
    wire->status.fresh = gl_json_bool(line, "fresh", false);
    wire->status.newest = gl_json_int(line, "newest", 0);
    free(gl_steal(&wire->status.running));
    const char *running = gl_json_str(line, "running", NULL);
    wire->status.running = running ? gl_strdup(running) : NULL;
    wire->status_came = true;
    return true;
}

/* The file as it is called here; one of another name keeps it. */
static const char *local_file(const struct gl_wire *wire, const char *name)
{
    for (size_t i = 0; name && i < wire->list->count; i++) {
        if (strcmp(gl_path_base(wire->list->items[i].path), name) == 0)
            return wire->list->items[i].path;
    }
    return name;
}

static unsigned read_place(const json_t *json, const char *key)
{
    int64_t value = gl_json_int(json, key, 0);
    return value > 0 && value <= INT32_MAX ? (unsigned)value : 0;
}

static bool read_failure(struct gl_wire *wire, const json_t *json)
{
    const char *word = gl_json_str(json, "code", "");
    size_t row = 0;
    while (row < GL_COUNT(codes) && strcmp(codes[row].word, word) != 0)
        row++;
    if (row == GL_COUNT(codes))
        return false;
    gl_fail(&wire->failure, codes[row].code, "%s", gl_json_str(json, "message", word));
    const char *hint = gl_json_str(json, "hint", NULL);
    const char *file = local_file(wire, gl_json_str(json, "file", NULL));
    if (hint)
        gl_error_hint(&wire->failure, "%s", hint);
    if (file)
        gl_error_at(&wire->failure, file, read_place(json, "line"), read_place(json, "column"));
    return true;
}

static bool read_result(struct gl_wire *wire, const json_t *line)
{
    int64_t applied = 0;
    int64_t held = 0;
    int64_t longest_us = 0;
    int64_t retries = 0;
    int64_t rows = 0;
    const json_t *failure = json_object_get(line, "error");
    if (!read_amount(line, "applied", &applied) || !read_amount(line, "held", &held) ||
        !read_amount(line, "longest_lock_us", &longest_us) ||
        !read_amount(line, "lock_retries", &retries) || !read_newer_amount(line, "rows", &rows) ||
        (failure && !read_failure(wire, failure)))
        return false;
    wire->result = (struct gl_migrate_result){
        .applied = (size_t)applied,
        .held = (size_t)held,
        .longest_lock_us = longest_us,
        .lock_retries = (size_t)retries,
        .rows = rows,
    };
    wire->result_came = true;
    return true;
}

bool gl_wire_read(struct gl_wire *wire, const char *line, size_t len)
{
    gl_autojson json_t *json = NULL;
    if (wire->result_came || len == 0 || line[0] != '{' ||
        gl_json_parse(line, len, "", &json, NULL) < 0)
        return false;
    const char *kind = gl_json_str(json, GL_WIRE_KIND, "");
    int event = word_index(gl_wire_event_words, EVENT_WORDS, kind);
    if (event >= 0)
        return read_event(wire, json, event);
    if (strcmp(kind, "state") == 0)
        return read_state(wire, json);
    if (strcmp(kind, "status") == 0)
        return read_status(wire, json);
    return strcmp(kind, "result") == 0 && read_result(wire, json);
}

/* ---- what came of it ---------------------------------------------------------------------------
 */

static int incomplete(const char *what, struct gl_error *err)
{
    gl_fail(err, GL_E_CORRUPT, _("the log of the migrations is incomplete: %s"), what);
    return gl_error_hint(err, _("Run it again: what was applied is in the database and is not "
                                "applied twice."));
}

static void count_pending(const struct gl_migrations *list, struct gl_migrate_status *status)
{
    for (size_t i = 0; i < status->count; i++) {
        bool pending =
            status->states[i] == GL_MIGRATION_PENDING || status->states[i] == GL_MIGRATION_LATE;
        bool contract = list->items[i].phase == GL_PHASE_CONTRACT;
        status->pending_expand += pending && !contract;
        status->pending_contract += pending && contract;
    }
}

int gl_wire_take_status(struct gl_wire *wire, struct gl_migrate_status *ret_status,
                        struct gl_error *err)
{
    if (!wire->status_came)
        return incomplete(_("it does not say what the database has"), err);
    if (wire->states != wire->list->count)
        return incomplete(_("it does not have the state of every file"), err);
    count_pending(wire->list, &wire->status);
    *ret_status = wire->status;
    wire->status = (struct gl_migrate_status){0};
    return 0;
}

int gl_wire_take_result(struct gl_wire *wire, struct gl_migrate_result *ret_result,
                        struct gl_error *err)
{
    if (ret_result)
        *ret_result = wire->result;
    if (!wire->result_came)
        return incomplete(_("it does not say how they ended"), err);
    if (!wire->failure.code)
        return 0;
    int code = wire->failure.code;
    gl_error_move(err, &wire->failure);
    return code;
}
