/* Signatures that ssh-keygen accepts, and its own that golive accepts; nothing else. */
#include "keys.h"

#include "sign/signature.h"

static const char message[] = "{\"digest\":\"sha256:1\"}\n";

static struct gl_signed about(const char *text)
{
    return (struct gl_signed){.name_space = "golive-approval", .data = text, .len = strlen(text)};
}

static void make_key(const struct keys *keys, const char *name, struct gl_private_key *ret_key)
{
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf text = {0};
    free(shell(keys, "rm -f %s; ssh-keygen -q -t ed25519 -N '' -f %s", name, name));
    file_text(keys, name, &text);
    if (gl_private_key_parse(gl_buf_text(&text), text.len, NULL, NULL, ret_key, &err) < 0)
        fail_msg("%s", err.message);
}

static int check(const char *text, const struct gl_public_key *key, struct gl_signed what)
{
    gl_autoerr struct gl_error err = {0};
    gl_autosignature struct gl_signature signature = {0};
    int failed = gl_signature_read(text, strlen(text), &signature, &err);
    return failed < 0 ? failed : gl_signature_check(&signature, key, &what, &err);
}

static void ssh_keygen_accepts_ours(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = NULL;
    make_key(keys, "ours", &key);
    struct gl_signed what = about(message);
    assert_int_equal(gl_signature_make(&key, &what, &text, &err), 0);
    gl_autofree char *path = gl_path_join(keys->dir, "ours.sig");
    gl_autofree char *data = gl_path_join(keys->dir, "ours.json");
    assert_int_equal(gl_write_text(path, text, 0644, &err), 0);
    assert_int_equal(gl_write_text(data, message, 0644, &err), 0);
    free(shell(keys, "sed 's/^/me /' ours.pub > allowed && ssh-keygen -Y verify -f allowed -I me "
                     "-n golive-approval -s ours.sig < ours.json"));
}

static void ours_accepts_ssh_keygens(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    make_key(keys, "theirs", &key);
    static const char *const hashes[] = {"sha512", "sha256"};
    for (size_t i = 0; i < GL_COUNT(hashes); i++) {
        gl_autofree char *text =
            shell(keys,
                  "printf '%%s' '%s' > theirs.json; rm -f theirs.json.sig; "
                  "ssh-keygen -q -Y sign -O hashalg=%s -n golive-approval -f theirs theirs.json "
                  "2> /dev/null; cat theirs.json.sig",
                  "{\"a\":1}", hashes[i]);
        assert_int_equal(check(text, &key.public_key, about("{\"a\":1}")), 0);
        assert_int_equal(check(text, &key.public_key, about("{\"a\":2}")), GL_E_MISMATCH);
    }
}

static void another_key_purpose_or_content_does_not_count(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    gl_autoprivatekey struct gl_private_key other = {0};
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = NULL;
    make_key(keys, "one", &key);
    make_key(keys, "two", &other);
    struct gl_signed what = about(message);
    assert_int_equal(gl_signature_make(&key, &what, &text, &err), 0);
    assert_int_equal(check(text, &key.public_key, what), 0);
    assert_int_equal(check(text, &other.public_key, what), GL_E_MISMATCH);
    what.name_space = "git";
    assert_int_equal(check(text, &key.public_key, what), GL_E_MISMATCH);
    what = about(message);
    what.len--;
    assert_int_equal(check(text, &key.public_key, what), GL_E_MISMATCH);
}

/* Every changed character of the armoured text: not read, or not valid. */
static void no_changed_signature_counts(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *text = NULL;
    make_key(keys, "changed", &key);
    struct gl_signed what = about(message);
    assert_int_equal(gl_signature_make(&key, &what, &text, &err), 0);
    const char *from = strchr(text, '\n');
    const char *to = strstr(text, "-----END");
    size_t changed = 0;
    for (char *at = (char *)from; at < to; at++) {
        char before = *at;
        if (before == '\n' || before == '=')
            continue;
        *at = before == 'A' ? 'E' : 'A'; /* bits that count also in the last group */
        if (check(text, &key.public_key, what) == 0)
            fail_msg("character %zu does not count", (size_t)(at - text));
        *at = before;
        changed++;
    }
    assert_true(changed > 200);
    assert_int_equal(check(text, &key.public_key, what), 0);
}

static void what_is_no_signature_is_said_to_be_none(void **state)
{
    const struct keys *keys = *state;
    gl_autofree char *rsa =
        shell(keys, "ssh-keygen -q -t ecdsa -N '' -f ecdsa && echo x > x && "
                    "ssh-keygen -q -Y sign -n golive-approval -f ecdsa x 2> /dev/null; cat x.sig");
    const char *const wrong[] = {rsa, "",
                                 "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----",
                                 "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n"};
    for (size_t i = 0; i < GL_COUNT(wrong); i++) {
        struct gl_signature signature;
        gl_autoerr struct gl_error err = {0};
        if (gl_signature_read(wrong[i], strlen(wrong[i]), &signature, &err) != GL_E_CONFIG)
            fail_msg("text %zu was read as a signature", i);
        assert_non_null(strstr(err.hint, "ssh-keygen -Y sign"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ssh_keygen_accepts_ours),
        cmocka_unit_test(ours_accepts_ssh_keygens),
        cmocka_unit_test(another_key_purpose_or_content_does_not_count),
        cmocka_unit_test(no_changed_signature_counts),
        cmocka_unit_test(what_is_no_signature_is_said_to_be_none),
    };
    return cmocka_run_group_tests(tests, set_up_keys, tear_down_keys);
}
