/* Attestations in the ledger, and what they are bound to. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "facts/attestation.h"

/* ---- what serves -------------------------------------------------------------------------------
 */

/* The newest operation that was begun, and the newest that came to serve. */
struct serving {
    const char *env;
    int64_t op; /* seq of the newest release.begin that has not ended; 0 = none */
    char *begun;
    int64_t begun_release;
    char *release;
    int64_t release_number;
};

static void forget(char **text)
{
    free(gl_steal(text));
}

static void on_end(struct serving *serving, bool serves)
{
    if (serves) {
        forget(&serving->release);
        serving->release = gl_steal(&serving->begun);
        serving->release_number = serving->begun_release;
    }
    forget(&serving->begun);
    serving->op = 0;
}

static int on_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct serving *serving = context;
    if (strcmp(event->env, serving->env) != 0)
        return 0;
    bool is_done = strcmp(event->kind, "release.done") == 0;
    if (strcmp(event->kind, "release.begin") == 0) {
        forget(&serving->begun);
        serving->begun = gl_strdup(event->hash);
        serving->begun_release = event->release;
        serving->op = event->seq;
    } else if (is_done || strcmp(event->kind, "release.undone") == 0) {
        if (serving->op && gl_json_int(event->data, "op", 0) == serving->op)
            on_end(serving, is_done);
    } else if (strcmp(event->kind, "platform.purged") == 0) {
        forget(&serving->release);
        serving->release_number = 0;
    }
    return 0;
}

int gl_attestation_basis_read(struct gl_ledger *ledger, const struct gl_config *config,
                              int64_t now_unix_s, struct gl_attestation_basis *ret_basis,
                              struct gl_error *err)
{
    struct serving serving = {.env = gl_config_env(config)};
    int failed = gl_ledger_read(ledger, 0, on_event, &serving, err);
    free(serving.begun);
    if (failed < 0) {
        free(serving.release);
        return failed;
    }
    *ret_basis = (struct gl_attestation_basis){
        .config = config,
        .release = serving.release,
        .release_number = serving.release_number,
        .now_unix_s = now_unix_s,
    };
    return 0;
}

void gl_attestation_basis_done(struct gl_attestation_basis *basis)
{
    free(gl_steal(&basis->release));
}

const char *gl_attestation_bound(const struct gl_attestation_basis *basis, const char *binds)
{
    if (strcmp(binds, "config") == 0)
        return gl_config_hash(basis->config);
    return strcmp(binds, "release") == 0 ? basis->release : "";
}

/* ---- the list ----------------------------------------------------------------------------------
 */

void gl_attested_list_done(struct gl_attested_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        gl_attestation_done(&list->items[i].statement);
        free(list->items[i].control);
        free(list->items[i].text);
        free(list->items[i].flaw);
    }
    free(list->items);
    *list = (struct gl_attested_list){0};
}

struct reading {
    const struct gl_attestation_basis *basis;
    struct gl_attested_list list;
};

/* What cannot be read is told by what its event claims. */
static void claimed(const json_t *data, struct gl_attestation *statement)
{
    *statement = (struct gl_attestation){
        .person = gl_strdup(gl_json_str(data, "person", "")),
        .answer = gl_strdup(gl_json_str(data, "answer", "")),
        .binds = gl_strdup("none"),
    };
}

/* Who can write the ledger could put an old answer behind a newer one of the same person. */
static char *is_replayed(const struct gl_attested_list *list, const struct gl_attested *attested)
{
    const struct gl_attestation *statement = &attested->statement;
    for (size_t i = 0; i < list->count; i++) {
        const struct gl_attested *earlier = &list->items[i];
        if (!earlier->genuine || strcmp(earlier->statement.person, statement->person) != 0 ||
            strcmp(earlier->control, attested->control) != 0)
            continue;
        if (earlier->statement.signed_unix_s > statement->signed_unix_s ||
            strcmp(earlier->text, attested->text) == 0)
            return gl_asprintf(_("replayed: %s signed event %lld later, or it is the same"),
                               statement->person, (long long)earlier->seq);
    }
    return NULL;
}

static void judge(const struct reading *reading, const char *signature,
                  struct gl_attested *attested)
{
    const struct gl_attestation_claim claim = {
        .statement = &attested->statement,
        .control = attested->control,
        .text = attested->text,
        .signature = signature,
    };
    attested->flaw = gl_attestation_flaw(reading->basis, &claim, &attested->genuine);
    if (!attested->flaw)
        attested->flaw = is_replayed(&reading->list, attested);
}

static int on_attestation(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct reading *reading = context;
    struct gl_attested_list *list = &reading->list;
    if (strcmp(event->kind, GL_ATTESTATION_EVENT) != 0 ||
        strcmp(event->env, gl_config_env(reading->basis->config)) != 0)
        return 0;
    struct gl_attested attested = {
        .control = gl_strdup(gl_json_str(event->data, "control", "")),
        .text = gl_strdup(gl_json_str(event->data, "statement", "")),
        .seq = event->seq,
    };
    if (gl_attestation_read(attested.text, strlen(attested.text), &attested.statement, NULL) == 0) {
        judge(reading, gl_json_str(event->data, "signature", ""), &attested);
    } else {
        claimed(event->data, &attested.statement);
        attested.flaw = gl_strdup(_("forged: it is no statement of golive attest"));
    }
    list->items = gl_realloc_array(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = attested;
    return 0;
}

int gl_attested_read(struct gl_ledger *ledger, const struct gl_attestation_basis *basis,
                     struct gl_attested_list *ret_list, struct gl_error *err)
{
    struct reading reading = {.basis = basis};
    int failed = gl_ledger_read(ledger, 0, on_attestation, &reading, err);
    if (failed < 0) {
        gl_attested_list_done(&reading.list);
        return failed;
    }
    *ret_list = reading.list;
    return 0;
}
