/* What is to be signed, by whom, and what is signed. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cmd/attest.h"
#include "cmd/aws_context.h"
#include "release/person.h"

enum { DAY_S = 86400 };

static const json_t *role_of(const struct gl_config *config, const char *role)
{
    return json_object_get(gl_config_node(config, "roles"), role);
}

char *gl_attest_people(const struct gl_config *config, const char *role)
{
    gl_autostrv struct gl_strv names = {0};
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)role_of(config, role), index, item)
        gl_strv_add(&names, json_string_value(item));
    return names.count ? gl_strv_join(&names, ", ") : gl_strdup("");
}

char *gl_attest_date(int64_t unix_s)
{
    char text[16];
    time_t seconds = (time_t)unix_s;
    struct tm day;
    if (!gmtime_r(&seconds, &day))
        return gl_strdup("?");
    (void)strftime(text, sizeof text, "%Y-%m-%d", &day);
    return gl_strdup(text);
}

/* ---- state -------------------------------------------------------------------------------------
 */

/* What is known of one control: the newest answer that counts, else why the newest does not. */
struct state {
    const char *word;                 /* signed, refused, due */
    const struct gl_attested *newest; /* NULL = nobody answered */
    int64_t until_unix_s;
    char *why; /* why the newest does not count, NULL = it does */
};

/* As control/attested.c judges; the rules of a header are the control's, not the ledger's. */
static char *objection(const struct gl_attestation_basis *basis, const struct gl_control *control,
                       const struct gl_attested *attested, int64_t until_unix_s)
{
    const struct gl_attestation *statement = &attested->statement;
    const struct gl_attest *wanted = &control->attest;
    if (attested->flaw)
        return gl_strdup(attested->flaw);
    if (!gl_person_in(role_of(basis->config, wanted->role), statement->person))
        return gl_asprintf(_("%s is not in roles.%s"), statement->person, wanted->role);
    if (strcmp(statement->binds, wanted->binds) != 0)
        return gl_asprintf(_("the answer of %s binds %s, not %s"), statement->person,
                           statement->binds, wanted->binds);
    char question[GL_SHA256_HEX_SIZE];
    gl_attestation_question(control->question, control->question_ja, question);
    if (strcmp(statement->question, question) != 0)
        return gl_asprintf(_("the question that %s answered was another one"), statement->person);
    if (statement->valid_until_unix_s > statement->signed_unix_s + wanted->valid_days * DAY_S)
        return gl_asprintf(_("the answer of %s is to hold longer than %ld days"), statement->person,
                           wanted->valid_days);
    if (until_unix_s < basis->now_unix_s)
        return gl_asprintf(_("the answer of %s is too old"), statement->person);
    return NULL;
}

static int64_t until(const struct gl_control *control, const struct gl_attestation *statement)
{
    int64_t longest = statement->signed_unix_s + control->attest.valid_days * DAY_S;
    return longest < statement->valid_until_unix_s ? longest : statement->valid_until_unix_s;
}

static struct state state_of(const struct gl_attestation_basis *basis,
                             const struct gl_attested_list *list, const struct gl_control *control)
{
    struct state state = {.word = "due"};
    for (size_t i = list->count; i > 0; i--) {
        const struct gl_attested *attested = &list->items[i - 1];
        if (strcmp(attested->control, control->id) != 0)
            continue;
        int64_t last = until(control, &attested->statement);
        char *why = objection(basis, control, attested, last);
        if (why && state.newest) {
            free(why);
            continue;
        }
        free(state.why);
        state = (struct state){.word = "due", .newest = attested, .until_unix_s = last, .why = why};
        if (why)
            continue;
        state.word = strcmp(attested->statement.answer, "yes") == 0 ? "signed" : "refused";
        break;
    }
    return state;
}

/* ---- showing -----------------------------------------------------------------------------------
 */

static json_t *people_json(const struct gl_config *config, const char *role)
{
    const json_t *people = role_of(config, role);
    return json_is_array(people) ? json_deep_copy(people) : json_array();
}

static json_t *row_json(const struct gl_control *control, const struct gl_config *config,
                        const struct state *state)
{
    json_t *row = json_object();
    gl_json_set_str(row, "control", control->id);
    gl_json_set_str(row, "title", gl_control_title(control));
    gl_json_set_str(row, "question", gl_control_question(control));
    gl_json_set_str(row, "role", control->attest.role);
    json_object_set_new(row, "people", people_json(config, control->attest.role));
    gl_json_set_int(row, "valid_days", control->attest.valid_days);
    gl_json_set_str(row, "binds", control->attest.binds);
    gl_json_set_str(row, "state", state->word);
    if (!state->newest)
        return row;
    gl_autofree char *last = gl_attest_date(state->until_unix_s);
    gl_json_set_str(row, "person", state->newest->statement.person);
    gl_json_set_str(row, "note", state->newest->statement.note);
    gl_json_set_int(row, "event", state->newest->seq);
    gl_json_set_str(row, "valid_until", state->why ? NULL : last);
    gl_json_set_str(row, "reason", state->why);
    return row;
}

static char *state_text(const struct state *state, const char *people)
{
    if (!state->newest)
        return *people ? gl_asprintf(_("due: to be signed by %s"), people)
                       : gl_strdup(_("due: nobody has the role"));
    gl_autofree char *last = gl_attest_date(state->until_unix_s);
    const struct gl_attestation *statement = &state->newest->statement;
    if (state->why)
        return gl_asprintf(_("due: %s"), state->why);
    return strcmp(statement->answer, "yes") == 0
               ? gl_asprintf(_("signed by %s until %s"), statement->person, last)
               : gl_asprintf(_("refused by %s: %s"), statement->person, statement->note);
}

static void show_row(struct gl_context *context, const struct gl_control *control,
                     const char *people, const struct state *state)
{
    gl_autofree char *text = state_text(state, people);
    fprintf(context->out, "%-8s %-16s %s\n         %s\n", control->id, control->attest.role, text,
            gl_control_title(control));
}

void gl_attest_list(struct gl_context *context, const struct gl_controls *controls,
                    const struct gl_attestation_basis *basis, const struct gl_attested_list *list)
{
    gl_autojson json_t *rows = json_array();
    size_t due = 0;
    for (size_t i = 0; i < controls->count; i++) {
        const struct gl_control *control = &controls->items[i];
        if (!control->attest.role)
            continue;
        gl_autofree char *people = gl_attest_people(basis->config, control->attest.role);
        struct state state = state_of(basis, list, control);
        if (context->format_json)
            json_array_append_new(rows, row_json(control, basis->config, &state));
        else
            show_row(context, control, people, &state);
        due += strcmp(state.word, "signed") != 0;
        free(state.why);
    }
    if (context->format_json)
        gl_cmd_print_json(context, rows);
    else
        fprintf(context->out, _("%zu are to be signed. Next: golive attest ID%s\n"), due,
                gl_config_env_words(basis->config));
}
