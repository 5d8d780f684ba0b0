/* Reads operations back from the ledger and appends their events. */
#include "release/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "release/internal.h"

void (*gl_release_journal_hook)(const char *kind, const char *step);

static const char *const operation_words[] = {[GL_DEPLOY] = "deploy", [GL_ROLLBACK] = "rollback"};

static void record_done(struct gl_operation_record *record)
{
    free(record->version);
    free(record->source_hash);
    free(record->config_hash);
    free(record->undone_why);
    json_decref(record->about);
    json_decref(record->facts);
    json_decref(record->begun);
}

void gl_journal_done(struct gl_journal *journal)
{
    for (size_t i = 0; i < journal->count; i++)
        record_done(&journal->items[i]);
    free(journal->items);
    *journal = (struct gl_journal){0};
}

static struct gl_operation_record *find_op(struct gl_journal *journal, int64_t op)
{
    for (size_t i = journal->count; i > 0; i--) {
        if (journal->items[i - 1].op == op)
            return &journal->items[i - 1];
    }
    return NULL;
}

static void on_release_begin(struct gl_journal *journal, const struct gl_event *event)
{
    journal->items = gl_realloc_array(journal->items, journal->count + 1, sizeof *journal->items);
    const char *word = gl_json_str(event->data, "operation", "deploy");
    journal->items[journal->count++] = (struct gl_operation_record){
        .op = event->seq,
        .operation = strcmp(word, "rollback") == 0 ? GL_ROLLBACK : GL_DEPLOY,
        .release = event->release,
        .previous = gl_json_int(event->data, "previous", 0),
        .version = gl_strdup(gl_json_str(event->data, "version", "")),
        .source_hash = gl_strdup(gl_json_str(event->data, "source", "")),
        .config_hash = gl_strdup(gl_json_str(event->data, "config_hash", "")),
        .commit_unix_s = gl_json_int(event->data, "commit_unix_s", 0),
        .about = json_deep_copy(event->data),
        .begun_unix_ms = event->time_unix_ms,
        .facts = json_object(),
        .begun = json_array(),
    };
}

static void end_operation(struct gl_operation_record *record, const struct gl_event *event,
                          enum gl_operation_state state)
{
    record->state = state;
    record->ended_unix_ms = event->time_unix_ms;
}

static void begin_undo(struct gl_operation_record *record, const struct gl_event *event)
{
    record->state = GL_OP_UNDOING;
    free(record->undone_why);
    record->undone_why = gl_strdup(gl_json_str(event->data, "message", NULL));
}

static bool has_ended(const struct gl_operation_record *record)
{
    return record->state == GL_OP_DONE || record->state == GL_OP_UNDONE;
}

static void apply(struct gl_operation_record *record, const struct gl_event *event)
{
    const char *step = gl_json_str(event->data, "step", "");
    if (strcmp(event->kind, "step.begin") == 0)
        json_array_append_new(record->begun, json_string(step));
    else if (strcmp(event->kind, "step.done") == 0)
        json_object_set_new(record->facts, step,
                            json_deep_copy(json_object_get(event->data, "facts")));
    else if (strcmp(event->kind, "undo.begin") == 0)
        begin_undo(record, event);
    else if (strcmp(event->kind, "release.done") == 0)
        end_operation(record, event, GL_OP_DONE);
    else if (strcmp(event->kind, "release.undone") == 0)
        end_operation(record, event, GL_OP_UNDONE);
}

/* The platform was removed: nothing serves, nothing is unfinished, there is nothing to go back to.
 */
static void on_purged(struct gl_journal *journal, const struct gl_event *event)
{
    for (size_t i = 0; i < journal->count; i++) {
        if (journal->items[i].state != GL_OP_UNDONE)
            end_operation(&journal->items[i], event, GL_OP_UNDONE);
    }
}

struct reading {
    struct gl_journal journal;
    const char *env;
};

static int on_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct reading *reading = context;
    if (strcmp(event->env, reading->env) != 0)
        return 0;
    if (strcmp(event->kind, "release.begin") == 0) {
        on_release_begin(&reading->journal, event);
        return 0;
    }
    if (strcmp(event->kind, "platform.purged") == 0) {
        on_purged(&reading->journal, event);
        return 0;
    }
    struct gl_operation_record *record =
        find_op(&reading->journal, gl_json_int(event->data, "op", 0));
    if (record && !has_ended(record))
        apply(record, event);
    return 0;
}

int gl_journal_read(struct gl_ledger *ledger, const char *env, struct gl_journal *ret_journal,
                    struct gl_error *err)
{
    struct reading reading = {.env = env};
    int failed = gl_ledger_read(ledger, 0, on_event, &reading, err);
    if (failed < 0) {
        gl_journal_done(&reading.journal);
        return failed;
    }
    *ret_journal = reading.journal;
    return 0;
}

const struct gl_operation_record *gl_journal_unfinished(const struct gl_journal *journal)
{
    if (!journal->count)
        return NULL;
    const struct gl_operation_record *newest = &journal->items[journal->count - 1];
    return has_ended(newest) ? NULL : newest;
}

const char *gl_journal_promotion_left(const struct gl_operation_record *record)
{
    bool left = record && record->state == GL_OP_UNFINISHED && record->operation == GL_DEPLOY;
    const json_t *promotion = left ? json_object_get(record->about, "promotion") : NULL;
    return promotion ? gl_json_str(promotion, "env", "FROM") : NULL;
}

const struct gl_operation_record *gl_journal_serving(const struct gl_journal *journal)
{
    for (size_t i = journal->count; i > 0; i--) {
        if (journal->items[i - 1].state == GL_OP_DONE)
            return &journal->items[i - 1];
    }
    return NULL;
}

const struct gl_operation_record *gl_journal_deploy_of(const struct gl_journal *journal,
                                                       int64_t release)
{
    for (size_t i = journal->count; i > 0; i--) {
        const struct gl_operation_record *record = &journal->items[i - 1];
        if (record->operation == GL_DEPLOY && record->release == release)
            return record;
    }
    return NULL;
}

static bool moved_requests(const struct gl_operation_record *record)
{
    static const char *const movers[] = {"canary", "shift"};
    size_t index;
    json_t *step;
    json_array_foreach(record->begun, index, step)
    {
        for (size_t i = 0; i < GL_COUNT(movers); i++) {
            if (strcmp(json_string_value(step), movers[i]) == 0)
                return true;
        }
    }
    return false;
}

int64_t gl_journal_attempt(const struct gl_journal *journal)
{
    for (size_t i = journal->count; i > 0; i--) {
        const struct gl_operation_record *record = &journal->items[i - 1];
        if (record->state == GL_OP_DONE || moved_requests(record))
            return record->op;
    }
    return 0;
}

int64_t gl_journal_next_release(const struct gl_journal *journal)
{
    int64_t highest = 0;
    for (size_t i = 0; i < journal->count; i++) {
        if (journal->items[i].release > highest)
            highest = journal->items[i].release;
    }
    return highest + 1;
}

/* What the last word about a release is: it came to serve, or was rolled back from. */
bool gl_journal_is_good(const struct gl_journal *journal, int64_t release)
{
    bool good = false;
    for (size_t i = 0; i < journal->count; i++) {
        const struct gl_operation_record *record = &journal->items[i];
        bool back = record->operation == GL_ROLLBACK && record->release < record->previous;
        if (record->state != GL_OP_DONE)
            continue;
        if (record->release == release)
            good = true;
        else if (back && record->previous == release)
            good = false;
    }
    return good;
}

int64_t gl_journal_rollback_target(const struct gl_journal *journal)
{
    const struct gl_operation_record *serving = gl_journal_serving(journal);
    for (int64_t release = serving ? serving->release - 1 : 0; release > 0; release--) {
        if (gl_journal_is_good(journal, release))
            return release;
    }
    return 0;
}

bool gl_journal_database_was_new(const struct gl_journal *journal)
{
    for (size_t i = journal->count; i > 0; i--) {
        const struct gl_operation_record *record = &journal->items[i - 1];
        if (record->state == GL_OP_DONE)
            return false;
        if (gl_json_bool(json_object_get(record->facts, "preflight"), "new_database", false))
            return true;
    }
    return false;
}

size_t gl_journal_good_releases(const struct gl_journal *journal, int64_t *ret_releases,
                                size_t most)
{
    size_t found = 0;
    for (size_t i = journal->count; i > 0 && found < most; i--) {
        const struct gl_operation_record *record = &journal->items[i - 1];
        bool known = record->state != GL_OP_DONE;
        for (size_t j = 0; j < found && !known; j++)
            known = ret_releases[j] == record->release;
        if (!known)
            ret_releases[found++] = record->release;
    }
    return found;
}

int gl_journal_append(struct gl_release *release, const char *kind, const char *step, json_t *data,
                      struct gl_error *err)
{
    gl_autojson json_t *full = data ? json_deep_copy(data) : json_object();
    if (release->op)
        gl_json_set_int(full, "op", release->op);
    else
        gl_json_set_str(full, "operation", operation_words[release->operation]);
    gl_json_set_str(full, "step", step);
    int64_t seq = 0;
    int failed =
        gl_ledger_append(release->ledger, kind, release->env, release->number, full, &seq, err);
    if (failed < 0)
        return failed;
    if (!release->op)
        release->op = seq;
    if (strcmp(kind, "step.begin") == 0)
        json_array_append_new(release->begun, json_string(step));
    if (gl_release_journal_hook)
        gl_release_journal_hook(kind, step ? step : "");
    return 0;
}
