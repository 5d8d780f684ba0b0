/* One event: its hash, the masking of secrets, and what must follow what. */
#include "base/log.h"
#include "fixture.h"

static struct gl_event sample(void)
{
    struct gl_event event = {
        .seq = 2,
        .time_unix_ms = 1700000000123,
        .actor = gl_strdup("tanaka@web1"),
        .kind = gl_strdup("step.done"),
        .env = gl_strdup("本番"),
        .release = 7,
        .data = json_pack("{s:i, s:f, s:[s,b,n], s:{s:s}}", "z", 1, "ratio", 0.1, "list", "a", 1,
                          "object", "k", "v\"\n"),
        .prev = gl_strdup("aa"),
    };
    return event;
}

/* The text is spelled out, so that a change of the canonical form breaks the test and not the
 * ledgers that exist. */
static void the_hash_is_sha256_of_the_canonical_json(void **state)
{
    (void)state;
    static const char canonical[] =
        "{\"actor\":\"tanaka@web1\",\"data\":{\"list\":[\"a\",true,null],\"object\":{\"k\":"
        "\"v\\\"\\n\"},\"ratio\":0.1,\"z\":1},\"env\":\"本番\",\"kind\":\"step.done\","
        "\"prev\":\"aa\",\"release\":7,\"seq\":2,\"time\":1700000000123}";
    char hex[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(canonical, strlen(canonical), hex);
    gl_autoevent struct gl_event event = sample();
    gl_event_seal(&event);
    assert_string_equal(event.hash, hex);
}

static void every_field_is_part_of_the_hash(void **state)
{
    (void)state;
    gl_autoevent struct gl_event event = sample();
    char before[GL_SHA256_HEX_SIZE];
    char after[GL_SHA256_HEX_SIZE];
    char **const texts[] = {&event.actor, &event.kind, &event.env, &event.prev};
    int64_t *const numbers[] = {&event.seq, &event.time_unix_ms, &event.release};
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        gl_event_hash(&event, before);
        (*texts[i])[0]++;
        gl_event_hash(&event, after);
        assert_string_not_equal(before, after);
    }
    for (size_t i = 0; i < GL_COUNT(numbers); i++) {
        gl_event_hash(&event, before);
        ++*numbers[i];
        gl_event_hash(&event, after);
        assert_string_not_equal(before, after);
    }
    json_object_set_new(event.data, "z", json_integer(2));
    gl_event_hash(&event, before);
    assert_string_not_equal(before, after);
}

static void secrets_are_masked_at_every_depth(void **state)
{
    (void)state;
    gl_secret_add("hunter22");
    gl_secret_add("quo\"te\\d");
    gl_autojson json_t *data = json_pack(
        "{s:s, s:s, s:[s, {s:s}, [[s]]], s:i}", "url", "postgres://a:hunter22@db", "quoted",
        "x quo\"te\\d y", "list", "hunter22", "deep", "see hunter22", "hunter22", "number", 42);
    json_object_set_new(data, "name hunter22", json_true());
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *masked = NULL;
    must(gl_event_data(data, &masked, &err), &err);
    gl_autofree char *text = gl_json_canonical(masked);
    gl_secret_forget_all();
    assert_string_equal(text, "{\"list\":[\"***\",{\"deep\":\"see ***\"},[[\"***\"]]],"
                              "\"name ***\":true,\"number\":42,\"quoted\":\"x *** y\","
                              "\"url\":\"postgres://a:***@db\"}");
    assert_string_equal(gl_json_str(data, "url", ""), "postgres://a:hunter22@db");
}

static void names_that_mask_alike_do_no_harm(void **state)
{
    (void)state;
    gl_secret_add("secret-one");
    gl_secret_add("secret-two");
    gl_autojson json_t *data =
        json_pack("{s:{s:s}, s:{s:s}}", "secret-one", "a", "secret-one", "secret-two", "b", "x");
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *masked = NULL;
    must(gl_event_data(data, &masked, &err), &err);
    gl_secret_forget_all();
    gl_autofree char *text = gl_json_canonical(masked);
    assert_null(strstr(text, "secret"));
}

static void data_must_be_an_object(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *list = json_array();
    json_t *copy = NULL;
    assert_int_equal(gl_event_data(list, &copy, &err), GL_E_USAGE);
    assert_null(copy);
}

static void no_data_is_an_empty_object(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autojson json_t *copy = NULL;
    must(gl_event_data(NULL, &copy, &err), &err);
    assert_true(json_is_object(copy));
    assert_int_equal(json_object_size(copy), 0);
}

static void an_event_fits_only_behind_its_predecessor(void **state)
{
    (void)state;
    gl_autoevent struct gl_event event = sample();
    gl_event_seal(&event);
    gl_autoerr struct gl_error err = {0};
    must(gl_event_check(&event, 1, "aa", &err), &err);
    assert_int_equal(gl_event_check(&event, 1, "ab", &err), GL_E_CORRUPT);
    assert_contains(err.message, "exchanged");
    assert_int_equal(gl_event_check(&event, 0, "aa", &err), GL_E_CORRUPT);
    assert_contains(err.message, "event 1 is missing");
    assert_int_equal(gl_event_check(&event, 2, "aa", &err), GL_E_CORRUPT);
    assert_contains(err.message, "inserted");
    event.release++;
    assert_int_equal(gl_event_check(&event, 1, "aa", &err), GL_E_CORRUPT);
    assert_contains(err.message, "event 2 (step.done)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_sha256_of_the_canonical_json),
        cmocka_unit_test(every_field_is_part_of_the_hash),
        cmocka_unit_test(secrets_are_masked_at_every_depth),
        cmocka_unit_test(names_that_mask_alike_do_no_harm),
        cmocka_unit_test(data_must_be_an_object),
        cmocka_unit_test(no_data_is_an_empty_object),
        cmocka_unit_test(an_event_fits_only_behind_its_predecessor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
