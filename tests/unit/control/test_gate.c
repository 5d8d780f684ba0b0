/* The gate: when it is Go, and what is found out about evidence that was changed. */
#include "../sign/keys.h"

#include "base/json.h"
#include "control/gate.h"
#include "data/sqlite.h"
#include "facts/facts.h"

enum { NOW = 1796169600 };

/* ---- the verdict -------------------------------------------------------------------------------
 */

static json_t *control(const char *id, const char *judged, const char *status, int deferred)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:[{s:[{s:s, s:s, s:s}]}]}", "id", id, "judged",
                     judged, "severity", "low", "status", status, "deferred", deferred, "rules",
                     "findings", "status", status, "resource", "it", "reason", "is so");
}

/* The only control; "" = Go, else why it is open. */
static void verdict_is(const char *stage, json_t *only, const char *why)
{
    gl_autojson json_t *controls = json_array();
    json_array_append_new(controls, only);
    json_array_append_new(controls, control("1.1.1", "plan", "pass", 0));
    gl_autojson json_t *verdict = gl_gate_verdict(stage, controls, NULL);
    const json_t *open = json_object_get(verdict, "open");
    assert_int_equal(gl_json_bool(verdict, "go", false), !*why);
    assert_int_equal(json_array_size(open), *why ? 1 : 0);
    if (*why)
        assert_string_equal(gl_json_str(json_array_get(open, 0), "why", ""), why);
}

static void everything_must_be_closed(void **state)
{
    (void)state;
    verdict_is("go", control("2.1", "go", "pass", 0), "");
    verdict_is("go", control("2.1", "go", "not_applicable", 0), "");
    verdict_is("go", control("2.1", "go", "waived", 0), "");
    verdict_is("go", control("2.1", "plan", "fail", 0), "it: is so");
    verdict_is("go", control("2.1", "release", "unknown", 0), "it: is so");
    verdict_is("go", control("2.1", "infra", "nonsense", 0), "it: is so");
}

static void what_waits_for_live_is_open(void **state)
{
    (void)state;
    verdict_is("go", control("2.1", "infra", "pass", 2), "2 rules need --live");
}

static void the_last_section_is_never_waived(void **state)
{
    (void)state;
    verdict_is("go", control("9.6", "go", "waived", 0),
               "it is waived, which the last gate does not allow");
}

static void what_is_judged_later_does_not_count(void **state)
{
    (void)state;
    verdict_is("go", control("8.P4.2", "after", "fail", 0), "");
    verdict_is("plan", control("2.1", "infra", "fail", 0), "");
    verdict_is("go", control("8.P4.1", "go", "fail", 0), "");
    verdict_is("go", control("8.P4.10", "go", "fail", 0), "it: is so");
}

static void what_is_open_has_its_place_and_remedy(void **state)
{
    (void)state;
    gl_autojson json_t *controls = json_pack(
        "[{s:s, s:s, s:s, s:s, s:s, s:[{s:b, s:[{s:s, s:s}]}, {s:b, s:[{s:s, s:s, s:s, s:i}]}]}]",
        "id", "2.1", "judged", "go", "severity", "low", "status", "unknown", "remedy", "do it",
        "rules", "deferred", 1, "findings", "status", "unknown", "reason", "needs --live",
        "deferred", 0, "findings", "status", "unknown", "reason", "is so", "file", "golive.yaml",
        "line", 7);
    gl_autojson json_t *problems = json_pack("[{s:s, s:i, s:s, s:s}]", "file", "controls/x.sql",
                                             "line", 3, "message", "bad", "hint", "mend it");
    gl_autojson json_t *verdict = gl_gate_verdict("go", controls, problems);
    const json_t *first = json_array_get(json_object_get(verdict, "open"), 0);
    assert_string_equal(gl_json_str(first, "why", ""), "is so");
    assert_string_equal(gl_json_str(first, "file", ""), "golive.yaml");
    assert_int_equal(gl_json_int(first, "line", 0), 7);
    assert_string_equal(gl_json_str(first, "remedy", ""), "do it");
    const json_t *last = json_array_get(json_object_get(verdict, "open"), 1);
    assert_string_equal(gl_json_str(last, "file", ""), "controls/x.sql");
    assert_int_equal(gl_json_int(last, "line", 0), 3);
    assert_string_equal(gl_json_str(last, "remedy", ""), "mend it");
}

static void nothing_judged_is_no_go(void **state)
{
    (void)state;
    gl_autojson json_t *none = json_array();
    gl_autojson json_t *verdict = gl_gate_verdict("go", none, NULL);
    assert_false(gl_json_bool(verdict, "go", true));
}

static void a_control_that_was_left_out_is_open(void **state)
{
    (void)state;
    gl_autojson json_t *controls = json_pack("[o]", control("1.1.1", "plan", "pass", 0));
    gl_autojson json_t *problems =
        json_pack("[{s:s, s:s}]", "file", "controls/x.sql", "message", "unknown key");
    gl_autojson json_t *verdict = gl_gate_verdict("go", controls, problems);
    assert_false(gl_json_bool(verdict, "go", true));
}

static void areas_are_those_of_responsibilities(void **state)
{
    (void)state;
    assert_string_equal(gl_gate_area("1.2.5"), "cost");
    assert_string_equal(gl_gate_area("1.2.4"), "infrastructure");
    assert_string_equal(gl_gate_area("10.1"), "infrastructure");
    assert_string_equal(gl_gate_area("6.3.1"), "database");
    assert_string_equal(gl_gate_area("acme.1"), "application");
}

/* ---- bundles -----------------------------------------------------------------------------------
 */

struct world {
    struct keys *keys;
    struct gl_private_key sato, tanaka;
    struct gl_config *config;
    sqlite3 *db;
    struct gl_controls controls;
    struct gl_check check;
    json_t *bundle;
};

static void make_key(const struct world *world, const char *name, struct gl_private_key *ret_key)
{
    gl_autobuf struct gl_buf text = {0};
    free(shell(world->keys, "ssh-keygen -q -t ed25519 -N '' -f %s", name));
    file_text(world->keys, name, &text);
    assert_int_equal(gl_private_key_parse(gl_buf_text(&text), text.len, NULL, NULL, ret_key, NULL),
                     0);
}

static void load(struct world *world, const char *roles)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autofree char *path = gl_path_join(world->keys->dir, "golive.yaml");
    gl_autofree char *sato = gl_public_key_line(&world->sato.public_key);
    gl_autofree char *tanaka = gl_public_key_line(&world->tanaka.public_key);
    gl_autofree char *text =
        gl_asprintf("golive: 1\napp: {name: demo, platform: local}\nenvironments: {prod: {}}\n"
                    "people:\n  - {id: sato, key: '%s'}\n  - {id: tanaka, key: '%s'}\n"
                    "gate: {signers: [security, dba]}\nroles: %s\n",
                    sato, tanaka, roles);
    struct gl_config_request request = {.path = path, .env = "prod"};
    assert_int_equal(gl_write_text(path, text, 0644, &err), 0);
    gl_config_free(&world->config);
    if (gl_config_load(&request, &world->config, &problems, &err) < 0)
        fail_msg("%s: %s", err.message, problems.count ? problems.items[0].message : "");
}

static void add_control(struct world *world)
{
    static const char text[] = "-- id: acme.1\n-- title: t\n-- severity: high\n-- judged: plan\n"
                               "-- rule: config r\n"
                               "select 'x' as resource, 'pass' as status, 'fine' as reason;\n";
    gl_autoproblems struct gl_problems problems = {0};
    world->controls.items = gl_alloc(sizeof *world->controls.items);
    assert_true(gl_control_parse(text, strlen(text), "controls/x.sql", &world->controls.items[0],
                                 &problems));
    world->controls.count = 1;
}

static void make_bundle(struct world *world)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_check_request request = {.controls = &world->controls, .stage = GL_STAGE_GO};
    struct gl_check_view view = {.check = &world->check, .problems = &world->controls.problems};
    assert_int_equal(gl_facts_open(&world->db, &err), 0);
    assert_int_equal(
        gl_sqlite_exec(world->db,
                       "insert into run values ('demo', 'prod', 'local', null, null, 1796169600, "
                       "'2026-12-02'); insert into source values ('config', 'collected', null, 0)",
                       &err),
        0);
    assert_int_equal(gl_check_run(world->db, &request, &world->check, &err), 0);
    const struct gl_gate_evidence evidence = {
        .view = &view, .db = world->db, .config = world->config, .now_unix_s = NOW};
    assert_int_equal(gl_gate_bundle(&evidence, &world->bundle, &err), 0);
}

static int set_up(void **state)
{
    struct world *world = gl_alloc(sizeof *world);
    void *keys = NULL;
    set_up_keys(&keys);
    world->keys = keys;
    make_key(world, "sato", &world->sato);
    make_key(world, "tanaka", &world->tanaka);
    load(world, "{security: [sato], dba: [tanaka, sato]}");
    add_control(world);
    make_bundle(world);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    void *keys = world->keys;
    json_decref(world->bundle);
    gl_check_done(&world->check);
    gl_controls_done(&world->controls);
    gl_facts_close(&world->db);
    gl_config_free(&world->config);
    gl_private_key_done(&world->sato);
    gl_private_key_done(&world->tanaka);
    free(world);
    return tear_down_keys(&keys);
}

static void a_bundle_is_what_it_says(void **state)
{
    const struct world *world = *state;
    gl_autoerr struct gl_error err = {0};
    assert_true(gl_json_bool(json_object_get(world->bundle, "verdict"), "go", false));
    assert_int_equal(gl_gate_check(world->bundle, &err), 0);
    gl_autofree char *text = gl_json_canonical(world->bundle);
    gl_autojson json_t *again = NULL;
    assert_int_equal(gl_json_parse(text, strlen(text), "it", &again, &err), 0);
    assert_int_equal(gl_gate_check(again, &err), 0);
}

/* Evidence of the same state has the same hash but for its moment. */
static void the_same_state_has_the_same_hash(void **state)
{
    struct world *world = *state;
    struct gl_check_view view = {.check = &world->check, .problems = &world->controls.problems};
    struct gl_gate_evidence evidence = {
        .view = &view, .db = world->db, .config = world->config, .now_unix_s = NOW};
    gl_autojson json_t *again = NULL;
    gl_autojson json_t *later = NULL;
    assert_int_equal(gl_gate_bundle(&evidence, &again, NULL), 0);
    assert_string_equal(gl_gate_hash(again), gl_gate_hash(world->bundle));
    evidence.now_unix_s++;
    assert_int_equal(gl_gate_bundle(&evidence, &later, NULL), 0);
    assert_string_not_equal(gl_gate_hash(later), gl_gate_hash(world->bundle));
}

static void must_differ(json_t *bundle, const char *part)
{
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *named = gl_asprintf("`%s`", part);
    assert_int_equal(gl_gate_check(bundle, &err), GL_E_MISMATCH);
    if (!strstr(err.message, named))
        fail_msg("%s does not name %s", err.message, part);
}

static void every_part_that_was_changed_is_named(void **state)
{
    static const char *const parts[] = {"subject",  "verdict",      "owners", "controls", "waivers",
                                        "problems", "attestations", "config", "ledger",   "facts"};
    const struct world *world = *state;
    for (size_t i = 0; i < GL_COUNT(parts); i++) {
        gl_autojson json_t *changed = json_deep_copy(world->bundle);
        json_t *part = json_object_get(changed, parts[i]);
        if (json_is_array(part))
            json_array_append_new(part, json_string("more"));
        else
            gl_json_set_str(part, "more", "more");
        must_differ(changed, parts[i]);
    }
    gl_autojson json_t *changed = json_deep_copy(world->bundle);
    gl_json_set_str(json_object_get(changed, "hashes"), "facts", "0");
    must_differ(changed, "facts");
    gl_json_set_str(changed, "hash", "0");
    json_object_set(json_object_get(changed, "hashes"), "facts",
                    json_object_get(json_object_get(world->bundle, "hashes"), "facts"));
    must_differ(changed, "hashes");
}

static void what_is_no_bundle_is_said(void **state)
{
    const struct world *world = *state;
    gl_autojson json_t *empty = json_object();
    gl_autojson json_t *less = json_deep_copy(world->bundle);
    assert_int_equal(gl_gate_check(empty, NULL), GL_E_CORRUPT);
    json_object_del(less, "facts");
    assert_int_equal(gl_gate_check(less, NULL), GL_E_CORRUPT);
    gl_autojson json_t *odd = json_deep_copy(world->bundle);
    json_object_set_new(odd, "signatures", json_string("x"));
    assert_int_equal(gl_gate_check(odd, NULL), GL_E_CORRUPT);
    json_object_set_new(odd, "signatures", json_pack("[s]", "x"));
    assert_int_equal(gl_gate_check(odd, NULL), GL_E_CORRUPT);
    json_object_set_new(odd, "signatures", json_array());
    assert_int_equal(gl_gate_check(odd, NULL), 0);
}

/* ---- signatures --------------------------------------------------------------------------------
 */

static const json_t *sign(struct world *world, const struct gl_private_key *key, const char *person)
{
    gl_autostrv struct gl_strv roles = {0};
    gl_gate_roles(world->config, person, &roles);
    assert_int_equal(gl_gate_sign(world->bundle, key, person, &roles, NOW, NULL), 0);
    const json_t *all = json_object_get(world->bundle, "signatures");
    return json_array_get(all, json_array_size(all) - 1);
}

static void must_flaw(const struct world *world, const json_t *signature, const char *why)
{
    gl_autofree char *flaw = gl_gate_signature_flaw(world->bundle, signature, world->config);
    if (*why ? !flaw || !strstr(flaw, why) : flaw != NULL)
        fail_msg("`%s` instead of `%s`", flaw ? flaw : "", why);
}

static void signatures_of_people_with_their_roles_count(void **state)
{
    struct world *world = *state;
    must_flaw(world, sign(world, &world->sato, "sato"), "");
    const json_t *second = sign(world, &world->tanaka, "tanaka");
    must_flaw(world, second, "");
    assert_int_equal(json_array_size(json_object_get(second, "roles")), 1);
    sign(world, &world->sato, "sato");
    assert_int_equal(json_array_size(json_object_get(world->bundle, "signatures")), 2);
    assert_int_equal(gl_gate_check(world->bundle, NULL), 0);
}

static void other_keys_people_and_roles_do_not(void **state)
{
    struct world *world = *state;
    must_flaw(world, sign(world, &world->tanaka, "sato"), "does not hold");
    must_flaw(world, sign(world, &world->tanaka, "mallory"), "not among people");
    gl_autojson json_t *more = json_deep_copy(sign(world, &world->tanaka, "tanaka"));
    must_flaw(world, more, "");
    json_array_append_new(json_object_get(more, "roles"), json_string("security"));
    must_flaw(world, more, "does not hold");
    load(world, "{security: [sato], dba: [sato]}");
    must_flaw(world, sign(world, &world->tanaka, "tanaka"), "without a role");
    load(world, "{security: [sato], dba: [tanaka]}");
    gl_autojson json_t *had = json_deep_copy(sign(world, &world->tanaka, "tanaka"));
    load(world, "{security: [tanaka], dba: [sato]}");
    must_flaw(world, had, "has not the role dba");
}

static void a_signature_is_for_one_bundle(void **state)
{
    struct world *world = *state;
    gl_autojson json_t *signature = json_deep_copy(sign(world, &world->sato, "sato"));
    gl_json_set_str(world->bundle, "hash", "0");
    must_flaw(world, signature, "does not hold");
}

#define with_world(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_must_be_closed),
        cmocka_unit_test(what_waits_for_live_is_open),
        cmocka_unit_test(the_last_section_is_never_waived),
        cmocka_unit_test(what_is_judged_later_does_not_count),
        cmocka_unit_test(what_is_open_has_its_place_and_remedy),
        cmocka_unit_test(nothing_judged_is_no_go),
        cmocka_unit_test(a_control_that_was_left_out_is_open),
        cmocka_unit_test(areas_are_those_of_responsibilities),
        with_world(a_bundle_is_what_it_says),
        with_world(the_same_state_has_the_same_hash),
        with_world(every_part_that_was_changed_is_named),
        with_world(what_is_no_bundle_is_said),
        with_world(signatures_of_people_with_their_roles_count),
        with_world(other_keys_people_and_roles_do_not),
        with_world(a_signature_is_for_one_bundle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
