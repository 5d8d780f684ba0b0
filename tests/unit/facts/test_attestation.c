/* Answers of people: which count, and why the others do not. */
#include "../sign/keys.h"

#include "base/json.h"
#include "data/sqlite.h"
#include "facts/attestation.h"
#include "facts/facts.h"
#include "facts/gate_signature.h"
#include "sign/signature.h"

enum { NOW = 1796169600, DAY_S = 86400 };

/* A project of two people with keys, and its ledger. */
struct world {
    struct keys *keys;
    struct gl_private_key sato, tanaka;
    struct gl_config *config;
    struct gl_ledger *ledger;
};

static void make_key(const struct world *world, const char *name, struct gl_private_key *ret_key)
{
    gl_autobuf struct gl_buf text = {0};
    free(shell(world->keys, "ssh-keygen -q -t ed25519 -N '' -f %s", name));
    file_text(world->keys, name, &text);
    assert_int_equal(gl_private_key_parse(gl_buf_text(&text), text.len, NULL, NULL, ret_key, NULL),
                     0);
}

static void load(struct world *world, const char *people)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autofree char *path = gl_path_join(world->keys->dir, "golive.yaml");
    gl_autofree char *text = gl_asprintf("golive: 1\napp: {name: demo, platform: local}\n"
                                         "environments: {stg: {}, prod: {}}\npeople:\n%s",
                                         people);
    struct gl_config_request request = {.path = path, .env = "prod"};
    assert_int_equal(gl_write_text(path, text, 0644, &err), 0);
    gl_config_free(&world->config);
    if (gl_config_load(&request, &world->config, &problems, &err) < 0)
        fail_msg("%s: %s", err.message, problems.count ? problems.items[0].message : "");
}

/* Both have their keys; `more` is added to golive.yaml. */
static void load_both(struct world *world, const char *more)
{
    gl_autofree char *sato = gl_public_key_line(&world->sato.public_key);
    gl_autofree char *tanaka = gl_public_key_line(&world->tanaka.public_key);
    gl_autofree char *people = gl_asprintf(
        "  - {id: sato, key: '%s'}\n  - {id: tanaka, key: '%s'}\n%s", sato, tanaka, more);
    load(world, people);
}

static int set_up(void **state)
{
    struct world *world = gl_alloc(sizeof *world);
    gl_autofree char *path = NULL;
    void *keys = NULL;
    set_up_keys(&keys);
    world->keys = keys;
    make_key(world, "sato", &world->sato);
    make_key(world, "tanaka", &world->tanaka);
    load_both(world, "");
    path = gl_path_join(world->keys->dir, "ledger.db");
    assert_int_equal(gl_ledger_open_sqlite(path, &world->ledger, NULL), 0);
    *state = world;
    return 0;
}

static char *sign(const struct gl_private_key *key, const char *text, const char *name_space)
{
    char *signature = NULL;
    const struct gl_signed what = {name_space, text, strlen(text)};
    assert_int_equal(gl_signature_make(key, &what, &signature, NULL), 0);
    return signature;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    void *keys = world->keys;
    gl_ledger_free(&world->ledger);
    gl_config_free(&world->config);
    gl_private_key_done(&world->sato);
    gl_private_key_done(&world->tanaka);
    free(world);
    return tear_down_keys(&keys);
}

/* ---- what is signed ----------------------------------------------------------------------------
 */

/* A statement of sato that counts, if nothing of it is changed. */
static struct gl_attestation good(const struct world *world)
{
    return (struct gl_attestation){
        .app = gl_strdup("demo"),
        .env = gl_strdup("prod"),
        .control = gl_strdup("2.2.4"),
        .question = gl_strdup("q"),
        .answer = gl_strdup("yes"),
        .note = gl_strdup("見た"),
        .person = gl_strdup("sato"),
        .binds = gl_strdup("config"),
        .bound = gl_strdup(gl_config_hash(world->config)),
        .signed_unix_s = NOW - 10,
        .valid_until_unix_s = NOW + DAY_S,
    };
}

static void change(char **text, const char *to)
{
    free(*text);
    *text = gl_strdup(to);
}

static void append(const struct world *world, const char *control, const char *text,
                   const char *signature)
{
    gl_autojson json_t *data = json_object();
    gl_json_set_str(data, "control", control);
    gl_json_set_str(data, "person", "sato");
    gl_json_set_str(data, "answer", "yes");
    gl_json_set_str(data, "statement", text);
    gl_json_set_str(data, "signature", signature);
    assert_int_equal(
        gl_ledger_append(world->ledger, GL_ATTESTATION_EVENT, "prod", 0, data, NULL, NULL), 0);
}

/* Signs by sato's key and appends; takes the statement. */
static void put(const struct world *world, struct gl_attestation statement)
{
    gl_autofree char *text = gl_attestation_text(&statement);
    gl_autofree char *signature = sign(&world->sato, text, GL_ATTESTATION_NAMESPACE);
    append(world, "2.2.4", text, signature);
    gl_attestation_done(&statement);
}

/* ---- what the facts say ------------------------------------------------------------------------
 */

/* The flaw of the newest row, "" for none; the caller owns it. ret_count: rows. */
static char *newest(const struct world *world, int64_t *ret_count)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofacts sqlite3 *db = NULL;
    gl_autostmt sqlite3_stmt *stmt = NULL;
    struct gl_facts_request request = {
        .config = world->config, .ledger = world->ledger, .now_unix_s = NOW};
    assert_int_equal(gl_facts_collect(&request, &db, &err), 0);
    assert_int_equal(
        gl_sqlite_prepare(db, &stmt, &err,
                          "select coalesce(flaw, ''), (select count(*) from attestation), control "
                          "from attestation order by seq desc limit 1",
                          ""),
        0);
    assert_int_equal(gl_sqlite_step(stmt, &err), 1);
    if (ret_count)
        *ret_count = sqlite3_column_int64(stmt, 1);
    assert_string_equal(gl_sqlite_text(stmt, 2), "2.2.4");
    return gl_strdup(gl_sqlite_text(stmt, 0));
}

static void must_be(const struct world *world, const char *flaw)
{
    gl_autofree char *is = newest(world, NULL);
    if (*flaw ? !strstr(is, flaw) : *is)
        fail_msg("the flaw is `%s`, not `%s`", is, flaw);
}

/* ---- tests -------------------------------------------------------------------------------------
 */

static void what_holds_has_no_flaw(void **state)
{
    put(*state, good(*state));
    must_be(*state, "");
}

static void what_was_changed_after_signing_is_forged(void **state)
{
    struct world *world = *state;
    struct gl_attestation statement = good(world);
    change(&statement.answer, "no");
    gl_autofree char *text = gl_attestation_text(&statement);
    gl_autofree char *signature = sign(&world->sato, text, GL_ATTESTATION_NAMESPACE);
    change(&statement.answer, "yes");
    gl_autofree char *forged = gl_attestation_text(&statement);
    append(world, "2.2.4", forged, signature);
    must_be(world, "does not hold");
    append(world, "2.2.4", "{\"answer\":\"yes\"}\n", signature);
    must_be(world, "forged: it is no statement");
    append(world, "2.2.4", text, "none");
    must_be(world, "does not hold");
    gl_attestation_done(&statement);
}

static void another_key_does_not_count(void **state)
{
    struct world *world = *state;
    gl_autoattestation struct gl_attestation statement = good(world);
    gl_autofree char *text = gl_attestation_text(&statement);
    gl_autofree char *others = sign(&world->tanaka, text, GL_ATTESTATION_NAMESPACE);
    append(world, "2.2.4", text, others);
    must_be(world, "the signature of sato does not hold");
}

static void a_signature_for_another_purpose_does_not_count(void **state)
{
    struct world *world = *state;
    gl_autoattestation struct gl_attestation statement = good(world);
    gl_autofree char *text = gl_attestation_text(&statement);
    gl_autofree char *approval = sign(&world->sato, text, "golive-approval");
    append(world, "2.2.4", text, approval);
    must_be(world, "does not hold");
}

static void what_has_expired_or_is_to_come_does_not_count(void **state)
{
    struct gl_attestation statement = good(*state);
    statement.valid_until_unix_s = NOW - 1;
    put(*state, statement);
    must_be(*state, "expired at");
    statement = good(*state);
    statement.signed_unix_s = NOW + DAY_S;
    put(*state, statement);
    must_be(*state, "a clock is wrong");
}

static void what_was_signed_for_something_else_does_not_count(void **state)
{
    static const struct {
        size_t offset;
        const char *to, *flaw;
    } cases[] = {
        {offsetof(struct gl_attestation, app),     "other", "the application other"},
        {offsetof(struct gl_attestation, env),     "stg",   "the environment stg"  },
        {offsetof(struct gl_attestation, control), "2.2.3", "the control 2.2.3"    },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        struct gl_attestation statement = good(*state);
        change((char **)((char *)&statement + cases[i].offset), cases[i].to);
        put(*state, statement);
        must_be(*state, cases[i].flaw);
    }
}

static void another_configuration_ends_it(void **state)
{
    struct world *world = *state;
    put(world, good(world));
    load_both(world, "backend: {port: 8081}\n");
    must_be(world, "golive.yaml has changed since sato signed it");
}

static void release(const struct world *world, int64_t number, const char *end)
{
    int64_t op = 0;
    gl_autojson json_t *data = json_object();
    assert_int_equal(
        gl_ledger_append(world->ledger, "release.begin", "prod", number, NULL, &op, NULL), 0);
    gl_json_set_int(data, "op", op);
    assert_int_equal(gl_ledger_append(world->ledger, end, "prod", number, data, NULL, NULL), 0);
}

static void put_for_release(const struct world *world)
{
    gl_autobasis struct gl_attestation_basis basis = {0};
    struct gl_attestation statement = good(world);
    assert_int_equal(gl_attestation_basis_read(world->ledger, world->config, NOW, &basis, NULL), 0);
    assert_non_null(gl_attestation_bound(&basis, "release"));
    change(&statement.binds, "release");
    change(&statement.bound, gl_attestation_bound(&basis, "release"));
    put(world, statement);
}

static void another_release_ends_it(void **state)
{
    struct world *world = *state;
    gl_autobasis struct gl_attestation_basis basis = {0};
    assert_int_equal(gl_attestation_basis_read(world->ledger, world->config, NOW, &basis, NULL), 0);
    assert_null(gl_attestation_bound(&basis, "release"));
    release(world, 1, "release.done");
    put_for_release(world);
    must_be(world, "");
    release(world, 2, "release.undone"); /* never served */
    must_be(world, "");
    release(world, 3, "release.done");
    must_be(world, "another release than the one that serves");
}

static void an_old_answer_cannot_be_put_behind_a_newer_one(void **state)
{
    struct world *world = *state;
    gl_autoattestation struct gl_attestation yes = good(world);
    gl_autofree char *text = gl_attestation_text(&yes);
    gl_autofree char *signature = sign(&world->sato, text, GL_ATTESTATION_NAMESPACE);
    append(world, "2.2.4", text, signature);
    struct gl_attestation no = good(world);
    change(&no.answer, "no");
    put(world, no);
    must_be(world, ""); /* in the same second */
    append(world, "2.2.4", text, signature);
    must_be(world, "replayed");
    no = good(world);
    no.signed_unix_s = NOW - 5;
    put(world, no);
    must_be(world, "");
    struct gl_attestation older = good(world);
    older.signed_unix_s = NOW - 6;
    put(world, older);
    must_be(world, "replayed");
}

/* Else anybody who can write the ledger could make what is genuine void. */
static void what_is_forged_spoils_nothing(void **state)
{
    struct world *world = *state;
    gl_autoattestation struct gl_attestation later = good(world);
    later.signed_unix_s = NOW;
    gl_autofree char *text = gl_attestation_text(&later);
    gl_autofree char *others = sign(&world->tanaka, text, GL_ATTESTATION_NAMESPACE);
    append(world, "2.2.4", text, others);
    put(world, good(world));
    must_be(world, "");
}

static void who_is_not_known_does_not_count(void **state)
{
    struct world *world = *state;
    gl_autofree char *line = gl_public_key_line(&world->sato.public_key);
    gl_autofree char *two =
        gl_asprintf("  - {id: sato, key: '%s'}\n  - {id: tanaka, key: '%s'}\n", line, line);

    const struct {
        const char *people, *flaw;
    } cases[] = {
        {"  - {id: tanaka}\n",                "sato is not among people"              },
        {"  - {id: sato}\n",                  "sato has no key"                       },
        {"  - {id: sato, key: 'rsa AAAA'}\n", "people[].key of sato"                  },
        {two,                                 "the key of sato is somebody else's too"},
    };

    put(world, good(world));
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        load(world, cases[i].people);
        must_be(world, cases[i].flaw);
    }
}

static void only_the_environments_own_are_read(void **state)
{
    struct world *world = *state;
    int64_t count = 0;
    put(world, good(world));
    assert_int_equal(
        gl_ledger_append(world->ledger, GL_ATTESTATION_EVENT, "stg", 0, NULL, NULL, NULL), 0);
    free(newest(world, &count));
    assert_int_equal(count, 1);
}

/* ---- signatures under gates --------------------------------------------------------------------
 */

/* The flaw that the facts give to the newest of them; the caller owns it. */
static char *flaw_under_gate(const struct world *world)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofacts sqlite3 *db = NULL;
    gl_autostmt sqlite3_stmt *stmt = NULL;
    struct gl_facts_request request = {
        .config = world->config, .ledger = world->ledger, .now_unix_s = NOW};
    assert_int_equal(gl_facts_collect(&request, &db, &err), 0);
    assert_int_equal(gl_sqlite_prepare(db, &stmt, &err,
                                       "select coalesce(flaw, '') from gate_signature "
                                       "order by seq desc limit 1",
                                       ""),
                     0);
    assert_int_equal(gl_sqlite_step(stmt, &err), 1);
    return gl_strdup(gl_sqlite_text(stmt, 0));
}

/* sato signs as security; `claimed` is what the event says instead. */
static void under_gate(const struct world *world, bool go, const json_t *claimed, const char *why)
{
    gl_autojson json_t *roles = json_pack("[s]", "security");
    const struct gl_gate_statement statement = {.app = "demo",
                                                .env = "prod",
                                                .stage = "go",
                                                .hash = "h",
                                                .person = "sato",
                                                .roles = roles,
                                                .signed_unix_s = NOW,
                                                .go = go};
    gl_autofree char *text = gl_gate_statement_text(&statement);
    gl_autofree char *signature = sign(&world->sato, text, GL_GATE_NAMESPACE);
    gl_autojson json_t *data = json_pack("{s:s, s:s, s:s, s:O, s:b, s:i, s:s}", "hash", "h",
                                         "person", "sato", "role", "security", "roles", roles, "go",
                                         (int)go, "signed_unix_s", NOW, "signature", signature);
    json_object_update(data, (json_t *)claimed);
    assert_int_equal(gl_ledger_append(world->ledger, "gate.signed", "prod", 0, data, NULL, NULL),
                     0);
    gl_autofree char *flaw = flaw_under_gate(world);
    if (*why ? !strstr(flaw, why) : *flaw)
        fail_msg("the flaw is `%s`, not `%s`", flaw, why);
}

static void signatures_under_gates_are_judged(void **state)
{
    struct world *world = *state;
    load_both(world, "roles: {security: [sato], dba: [tanaka]}\n"
                     "gate: {signers: [security, dba]}\n");

    const struct {
        json_t *claimed;
        const char *why;
    } cases[] = {
        {json_object(), ""             },
        {             json_pack("{s:s}",          "hash",     "other"), "does not hold"},
        {             json_pack("{s:s}",          "person",    "tanaka"), "does not hold"},
        {             json_pack("{s:s}",          "role", "dba"), "did not sign as dba"},
        {             json_pack("{s:s, s:[s,s]}", "role",                "dba", "roles", "security", "dba"), "does not hold"},
        {   json_pack("{s:s}",                       "signature",            "none"), "does not hold"},
        {json_pack("{s:b}","go",            0), "does not hold"},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        under_gate(world, true, cases[i].claimed, cases[i].why);
        json_decref(cases[i].claimed);
    }
    under_gate(world, false, NULL, "signed a No-Go");
    load_both(world, "roles: {security: [tanaka], dba: [tanaka]}\n"
                     "gate: {signers: [security, dba]}\n");
    under_gate(world, true, NULL, "has not the role security");
}

/* ---- the statement -----------------------------------------------------------------------------
 */

static void a_statement_is_read_as_it_was_written(void **state)
{
    gl_autoattestation struct gl_attestation statement = good(*state);
    gl_autoattestation struct gl_attestation again = {0};
    gl_autofree char *text = gl_attestation_text(&statement);
    assert_int_equal(gl_attestation_read(text, strlen(text), &again, NULL), 0);
    assert_string_equal(again.note, "見た");
    assert_int_equal(again.valid_until_unix_s, NOW + DAY_S);
    assert_int_equal(gl_attestation_read(text, strlen(text) - 1, &again, NULL), GL_E_CORRUPT);
}

static void what_deceives_a_terminal_is_no_statement(void **state)
{
    static const char *const notes[] = {"a\033[2K", "a\nb", "a\u202eb", "a\u200bb", "\xff"};
    static const char *const answers[] = {"maybe", "", "Yes"};
    for (size_t i = 0; i < GL_COUNT(notes); i++)
        assert_false(gl_attestation_fits(notes[i]));
    for (size_t i = 0; i < GL_COUNT(answers); i++) {
        gl_autoattestation struct gl_attestation statement = good(*state);
        gl_autoattestation struct gl_attestation again = {0};
        change(&statement.answer, answers[i]);
        gl_autofree char *text = gl_attestation_text(&statement);
        assert_int_equal(gl_attestation_read(text, strlen(text), &again, NULL), GL_E_CORRUPT);
    }
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_holds_has_no_flaw),
        test(what_was_changed_after_signing_is_forged),
        test(another_key_does_not_count),
        test(a_signature_for_another_purpose_does_not_count),
        test(what_has_expired_or_is_to_come_does_not_count),
        test(what_was_signed_for_something_else_does_not_count),
        test(another_configuration_ends_it),
        test(another_release_ends_it),
        test(an_old_answer_cannot_be_put_behind_a_newer_one),
        test(what_is_forged_spoils_nothing),
        test(who_is_not_known_does_not_count),
        test(only_the_environments_own_are_read),
        test(signatures_under_gates_are_judged),
        test(a_statement_is_read_as_it_was_written),
        test(what_deceives_a_terminal_is_no_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
