/* Keys as ssh-keygen and openssl write them. */
#include "keys.h"

#include "sign/pi.h"

static int give(void *context, char **ret_passphrase, struct gl_error *err)
{
    (void)err;
    *ret_passphrase = gl_strdup(context);
    return 0;
}

static int decline(void *context, char **ret_passphrase, struct gl_error *err)
{
    (void)context;
    (void)ret_passphrase;
    return gl_fail(err, GL_E_INTERRUPTED, "nobody answers");
}

static int read_key(const struct keys *keys, const char *name, const char *passphrase,
                    struct gl_private_key *ret_key, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    file_text(keys, name, &text);
    return gl_private_key_parse(gl_buf_text(&text), text.len, passphrase ? give : NULL,
                                (void *)passphrase, ret_key, err);
}

static void must_read(const struct keys *keys, const char *name, const char *passphrase,
                      struct gl_private_key *ret_key)
{
    gl_autoerr struct gl_error err = {0};
    if (read_key(keys, name, passphrase, ret_key, &err) < 0)
        fail_msg("%s: %s", name, err.message);
}

static void assert_public(const struct keys *keys, const char *name,
                          const struct gl_private_key *key)
{
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf line = {0};
    struct gl_public_key known;
    file_text(keys, name, &line);
    if (gl_public_key_parse(gl_buf_text(&line), &known, &err) < 0)
        fail_msg("%s: %s", name, err.message);
    assert_true(gl_public_key_same(&known, &key->public_key));
}

static void blowfish_begins_with_the_digits_of_pi(void **state)
{
    (void)state;

    enum { COUNT = 18 + 4 * 256 };

    uint32_t words[COUNT];
    gl_pi_words(words, COUNT);
    assert_int_equal(words[0], 0x243f6a88);
    assert_int_equal(words[17], 0x8979fb1b);
    assert_int_equal(words[18], 0xd1310ba6);        /* the first of the first box */
    assert_int_equal(words[COUNT - 1], 0x3ac372e6); /* the last of the last box */
}

static void a_key_of_ssh_keygen_is_read(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    free(shell(keys, "ssh-keygen -q -t ed25519 -N '' -C 'me @ home' -f plain"));
    must_read(keys, "plain", NULL, &key);
    assert_public(keys, "plain.pub", &key);
    gl_autofree char *line = gl_public_key_line(&key.public_key);
    gl_autofree char *known = shell(keys, "cut -d' ' -f1,2 plain.pub | tr -d '\\n'");
    assert_string_equal(line, known);
    gl_autofree char *fingerprint = gl_public_key_fingerprint(&key.public_key);
    gl_autofree char *shown = shell(keys, "ssh-keygen -lf plain.pub | cut -d' ' -f2 | tr -d '\\n'");
    assert_string_equal(fingerprint, shown);
}

static void an_encrypted_key_of_ssh_keygen_is_read(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    gl_autoerr struct gl_error err = {0};
    free(shell(keys, "ssh-keygen -q -t ed25519 -a 5 -N 'correct horse 電池' -f sealed"));
    must_read(keys, "sealed", "correct horse 電池", &key);
    assert_public(keys, "sealed.pub", &key);
    assert_int_equal(read_key(keys, "sealed", "wrong horse", &key, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "passphrase does not open"));
    assert_int_equal(read_key(keys, "sealed", NULL, &key, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.hint, "ssh-keygen -Y sign"));
}

static void a_key_in_pem_is_read(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    gl_autoprivatekey struct gl_private_key same = {0};
    gl_autoerr struct gl_error err = {0};
    free(shell(keys, "openssl genpkey -algorithm ed25519 -out key.pem && "
                     "openssl pkey -in key.pem -aes256 -passout pass:hunter2 -out sealed.pem && "
                     "openssl pkey -in key.pem -pubout -outform der | tail -c 32 | base64 | "
                     "sed 's/^/ed25519:/' > key.pub"));
    must_read(keys, "key.pem", NULL, &key);
    must_read(keys, "sealed.pem", "hunter2", &same);
    assert_memory_equal(key.seed, same.seed, GL_KEY_BYTES);
    assert_public(keys, "key.pub", &key);
    assert_int_equal(read_key(keys, "sealed.pem", "hunter3", &key, &err), GL_E_REFUSED);
    assert_int_equal(read_key(keys, "sealed.pem", NULL, &key, &err), GL_E_REFUSED);
}

static void who_does_not_answer_ends_it(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    gl_autoerr struct gl_error err = {0};
    gl_autobuf struct gl_buf text = {0};
    free(shell(keys, "ssh-keygen -q -t ed25519 -a 1 -N secret -f asked"));
    file_text(keys, "asked", &text);
    assert_int_equal(gl_private_key_parse(gl_buf_text(&text), text.len, decline, NULL, &key, &err),
                     GL_E_INTERRUPTED);
}

static void other_keys_are_refused(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    free(shell(keys, "ssh-keygen -q -t ecdsa -N '' -f ecdsa && "
                     "openssl genpkey -algorithm x25519 -out x25519.pem && "
                     "ssh-keygen -q -t ed25519 -N '' -f short && head -c 200 short > cut && "
                     "ssh-keygen -q -t ed25519 -a 1 -N x -Z aes256-gcm@openssh.com -f gcm"));
    static const char *const names[] = {"ecdsa", "x25519.pem", "cut", "short.pub"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autoerr struct gl_error err = {0};
        if (read_key(keys, names[i], NULL, &key, &err) != GL_E_CONFIG)
            fail_msg("%s was read as a key", names[i]);
    }
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(read_key(keys, "gcm", "x", &key, &err), GL_E_CONFIG);
    assert_non_null(strstr(err.hint, "ssh-keygen -p"));
}

/* A file whose public half is of another key would make the signature give the seed away. */
static void halves_that_do_not_fit_are_refused(void **state)
{
    const struct keys *keys = *state;
    gl_autoprivatekey struct gl_private_key key = {0};
    gl_autoerr struct gl_error err = {0};
    free(shell(keys, "ssh-keygen -q -t ed25519 -N '' -C '' -f half && python3 -c '"
                     "import base64; t = open(\"half\").read().splitlines();"
                     "b = bytearray(base64.b64decode(\"\".join(t[1:-1])));"
                     "at = b.rfind(b\"\\0\\0\\0\\x40\") + 4 + 5; b[at] ^= 1;"
                     "e = base64.b64encode(b).decode();"
                     "open(\"mixed\", \"w\").write(chr(10).join([t[0], e, t[-1], \"\"]))'"));
    assert_int_equal(read_key(keys, "mixed", NULL, &key, &err), GL_E_CONFIG);
}

static void lines_that_are_no_public_key_are_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "ed25519:AAAA1",
        "ed25519:",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
    };
    for (size_t i = 0; i < GL_COUNT(lines); i++) {
        struct gl_public_key key;
        gl_autoerr struct gl_error err = {0};
        if (gl_public_key_parse(lines[i], &key, &err) != GL_E_CONFIG)
            fail_msg("`%s` was read as a key", lines[i]);
        assert_non_null(err.hint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blowfish_begins_with_the_digits_of_pi),
        cmocka_unit_test(a_key_of_ssh_keygen_is_read),
        cmocka_unit_test(an_encrypted_key_of_ssh_keygen_is_read),
        cmocka_unit_test(a_key_in_pem_is_read),
        cmocka_unit_test(who_does_not_answer_ends_it),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(halves_that_do_not_fit_are_refused),
        cmocka_unit_test(lines_that_are_no_public_key_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up_keys, tear_down_keys);
}
