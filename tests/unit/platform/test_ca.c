/* The local authority: OpenSSL's own verification, a real handshake, renewal and repair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "fixture.h"
#include "platform/local/x509.h"

static const char *const names[] = {"localhost", "api.sample.localhost", "127.0.0.1", "::1", NULL};
static struct gl_local local;

static int make(void **state)
{
    (void)state;
    fixture_make(&local);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    fixture_remove(&local);
    return 0;
}

static void ok(int result, const struct gl_error *err)
{
    if (result < 0)
        fail_msg("%s", err->message);
}

static void ensure(const char *const *dns_names)
{
    gl_autoerr struct gl_error err = {0};
    ok(gl_local_cert_ensure(&local, "edge", dns_names, &err), &err);
}

static char *text_of(const char *relative)
{
    gl_autofree char *path = gl_local_path(&local, relative);
    gl_autobuf struct gl_buf data = {0};
    gl_autoerr struct gl_error err = {0};
    ok(gl_read_file(path, 0, &data, &err), &err);
    return gl_buf_steal(&data);
}

static void replace(const char *relative, const char *text)
{
    gl_autofree char *path = gl_local_path(&local, relative);
    gl_autoerr struct gl_error err = {0};
    ok(gl_write_text(path, text, 0600, &err), &err);
}

static mode_t mode_of_file(const char *relative)
{
    gl_autofree char *path = gl_local_path(&local, relative);
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 0777;
}

/* `openssl verify` with the name a client would ask for; says "OK" or why not. */
static char *verify(const char *kind, const char *name)
{
    gl_autofree char *ca = gl_local_path(&local, "ca/ca.pem");
    gl_autofree char *cert = gl_local_path(&local, "tls/edge.crt");
    const char *argv[] = {"openssl",   "verify", "-x509_strict", "-CAfile", ca,  "-purpose",
                          "sslserver", kind,     name,           cert,      NULL};
    struct gl_proc_spec spec = {.argv = argv, .merge_stderr = true};
    gl_autoproc struct gl_proc_result result = {0};
    gl_autoerr struct gl_error err = {0};
    ok(gl_proc_run(&spec, &result, &err), &err);
    return result.exit_code == 0 ? gl_strdup("OK") : gl_buf_steal(&result.out);
}

static bool verifies(const char *kind, const char *name)
{
    gl_autofree char *answer = verify(kind, name);
    return strcmp(answer, "OK") == 0;
}

static void openssl_accepts_the_chain_for_each_name_and_no_other(void **unused)
{
    (void)unused;
    ensure(names);
    assert_true(verifies("-verify_hostname", "localhost"));
    assert_true(verifies("-verify_hostname", "api.sample.localhost"));
    assert_true(verifies("-verify_ip", "127.0.0.1"));
    assert_true(verifies("-verify_ip", "::1"));
    assert_false(verifies("-verify_hostname", "app.sample.localhost"));
    assert_false(verifies("-verify_ip", "127.0.0.2"));
}

static void keys_are_private_and_certificates_are_not(void **unused)
{
    (void)unused;
    ensure(names);
    assert_int_equal(mode_of_file("ca/ca.key"), 0600);
    assert_int_equal(mode_of_file("ca/ca.pem"), 0644);
    assert_int_equal(mode_of_file("tls/edge.key"), 0600);
    assert_int_equal(mode_of_file("tls/edge.pem"), 0600);
    assert_int_equal(mode_of_file("tls/edge.crt"), 0644);
    gl_autofree char *key = gl_local_path(&local, "tls/edge.key");
    struct stat st;
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_uid, local.accounts[GL_LOCAL_ACCOUNT_EDGE].uid);
}

static void a_second_call_changes_nothing(void **unused)
{
    (void)unused;
    ensure(names);
    gl_autofree char *ca = text_of("ca/ca.pem");
    gl_autofree char *pem = text_of("tls/edge.pem");
    ensure(names);
    gl_autofree char *ca_again = text_of("ca/ca.pem");
    gl_autofree char *pem_again = text_of("tls/edge.pem");
    assert_string_equal(ca, ca_again);
    assert_string_equal(pem, pem_again);
}

static void other_names_renew_the_certificate_but_not_the_authority(void **unused)
{
    static const char *const others[] = {"localhost", "app.sample.localhost", NULL};

    (void)unused;
    ensure(names);
    gl_autofree char *ca = text_of("ca/ca.pem");
    gl_autofree char *before = text_of("tls/edge.crt");
    ensure(others);
    gl_autofree char *ca_again = text_of("ca/ca.pem");
    gl_autofree char *after = text_of("tls/edge.crt");
    assert_string_equal(ca, ca_again);
    assert_string_not_equal(before, after);
    assert_true(verifies("-verify_hostname", "app.sample.localhost"));
    assert_false(verifies("-verify_hostname", "api.sample.localhost"));
}

/* Each way a killed run or a careless hand can leave the files. */
static void damaged_files_are_made_anew(void **unused)
{
    static const char *const damaged[] = {"tls/edge.key", "tls/edge.crt", "tls/edge.pem"};

    (void)unused;
    for (size_t i = 0; i < GL_COUNT(damaged); i++) {
        ensure(names);
        replace(damaged[i], "-----BEGIN CERTIFICATE-----\nnonsense\n");
        ensure(names);
        assert_true(verifies("-verify_hostname", "localhost"));
        gl_autofree char *path = gl_local_path(&local, damaged[i]);
        assert_int_equal(unlink(path), 0);
        ensure(names);
        assert_true(verifies("-verify_hostname", "localhost"));
    }
    ensure(names);
    gl_autofree char *key = gl_local_path(&local, "tls/edge.key");
    assert_int_equal(chmod(key, 0644), 0);
    ensure(names);
    assert_int_equal(mode_of_file("tls/edge.key"), 0600);
}

static void a_certificate_near_its_end_is_renewed(void **unused)
{
    (void)unused;
    ensure(names);
    gl_autofree char *ca_cert = text_of("ca/ca.pem");
    gl_autofree char *ca_key = text_of("ca/ca.key");
    gl_autoidentity struct gl_identity authority = {0};
    gl_autoerr struct gl_error err = {0};
    ok(gl_x509_parse(ca_cert, ca_key, "ca", &authority, &err), &err);

    static const struct {
        int days;
        bool current;
    } rows[] = {
        {32, true },
        {29, false},
        {0,  false}
    };

    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autoidentity struct gl_identity leaf = {0};
        ok(gl_x509_issue(&authority, names, rows[i].days, &leaf, &err), &err);
        assert_int_equal(gl_x509_is_current(leaf.cert, authority.cert, names, 30), rows[i].current);
    }
}

static void a_certificate_of_another_authority_is_renewed(void **unused)
{
    (void)unused;
    ensure(names);
    gl_autofree char *before = text_of("tls/edge.crt");
    gl_autofree char *cert = gl_local_path(&local, "ca/ca.pem");
    assert_int_equal(unlink(cert), 0);
    ensure(names);
    gl_autofree char *after = text_of("tls/edge.crt");
    assert_string_not_equal(before, after);
    assert_true(verifies("-verify_hostname", "localhost"));
}

static void an_authority_without_its_key_is_reported_not_replaced(void **unused)
{
    (void)unused;
    ensure(names);
    gl_autofree char *before = text_of("ca/ca.pem");
    gl_autofree char *key = gl_local_path(&local, "ca/ca.key");
    assert_int_equal(unlink(key), 0);
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_local_cert_ensure(&local, "edge", names, &err), GL_E_CORRUPT);
    assert_non_null(strstr(err.message, "ca/ca.pem"));
    assert_non_null(err.hint);
    gl_autofree char *after = text_of("ca/ca.pem");
    assert_string_equal(before, after);
}

static void names_that_the_authority_may_not_vouch_for_are_refused(void **unused)
{
    static const char *const bad[] = {
        "example.com",   "notlocalhost",          "a.localhost,DNS:example.com",
        "10.0.0.1",      "2001:db8::1",           "",
        "a b.localhost", "localhost.example.com",
    };

    (void)unused;
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        const char *const list[] = {"localhost", bad[i], NULL};
        gl_autoerr struct gl_error err = {0};
        assert_int_equal(gl_local_cert_ensure(&local, "edge", list, &err), GL_E_CONFIG);
        assert_non_null(err.hint);
    }
    const char *const none[] = {NULL};
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_local_cert_ensure(&local, "edge", none, &err), GL_E_CONFIG);
}

/* What the constraints are for: a certificate that somebody signs with the stolen key for a public
 * name. Signed here with OpenSSL's own tool. */
static void a_public_name_signed_with_the_key_is_not_accepted(void **unused)
{
    (void)unused;
    ensure(names);
    gl_autofree char *ca = gl_local_path(&local, "ca/ca.pem");
    gl_autofree char *ca_key = gl_local_path(&local, "ca/ca.key");
    gl_autofree char *key = gl_local_path(&local, "tls/edge.key");
    gl_autofree char *cert = gl_local_path(&local, "tls/edge.crt");
    const char *argv[] = {"openssl", "req",
                          "-x509",   "-new",
                          "-key",    key,
                          "-CA",     ca,
                          "-CAkey",  ca_key,
                          "-subj",   "/CN=bank.example.com",
                          "-addext", "subjectAltName=DNS:bank.example.com",
                          "-out",    cert,
                          NULL};
    struct gl_proc_spec spec = {.argv = argv};
    gl_autoerr struct gl_error err = {0};
    ok(gl_proc_check(&spec, NULL, &err), &err);
    gl_autofree char *answer = verify("-verify_hostname", "bank.example.com");
    assert_non_null(strstr(answer, "permitted subtree violation"));
}

/* A client and a server of OpenSSL joined by memory. */
static bool handshake(SSL *client, SSL *server)
{
    BIO *one = NULL;
    BIO *two = NULL;
    assert_int_equal(BIO_new_bio_pair(&one, 0, &two, 0), 1);
    SSL_set_bio(client, one, one);
    SSL_set_bio(server, two, two);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    for (int i = 0; i < 20; i++) {
        int done = SSL_do_handshake(client);
        int accepted = SSL_do_handshake(server);
        if (done == 1 && accepted == 1)
            return SSL_get_verify_result(client) == X509_V_OK;
        if (done < 0 && SSL_get_error(client, done) == SSL_ERROR_SSL)
            return false;
    }
    return false;
}

static bool connects(const char *expected_name)
{
    gl_autofree char *ca = gl_local_path(&local, "ca/ca.pem");
    gl_autofree char *pem = gl_local_path(&local, "tls/edge.pem");
    SSL_CTX *client_context = SSL_CTX_new(TLS_client_method());
    SSL_CTX *server_context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_load_verify_file(client_context, ca), 1);
    SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, NULL);
    assert_int_equal(SSL_CTX_use_certificate_chain_file(server_context, pem), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(server_context, pem, SSL_FILETYPE_PEM), 1);
    SSL *client = SSL_new(client_context);
    SSL *server = SSL_new(server_context);
    assert_int_equal(SSL_set1_host(client, expected_name), 1);
    bool joined = handshake(client, server);
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(client_context);
    SSL_CTX_free(server_context);
    return joined;
}

static void a_client_that_trusts_the_authority_connects(void **unused)
{
    (void)unused;
    ensure(names);
    assert_true(connects("api.sample.localhost"));
    assert_true(connects("127.0.0.1"));
    assert_false(connects("other.localhost"));
}

/* The authority of a machine whose clock was set back by some hours. */
static void a_clock_before_the_authority_is_named(void **unused)
{
    (void)unused;
    gl_autoerr struct gl_error err = {0};
    gl_autoidentity struct gl_identity authority = {0};
    ensure(names);
    gl_autofree char *cert = text_of("ca/ca.pem");
    gl_autofree char *key = text_of("ca/ca.key");
    ok(gl_x509_parse(cert, key, "ca", &authority, &err), &err);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(authority.cert), 5 * 3600));
    assert_true(X509_sign(authority.cert, authority.key, EVP_sha256()) > 0);
    gl_autofree char *future = gl_x509_cert_pem(authority.cert);
    replace("ca/ca.pem", future);
    assert_int_equal(gl_local_ca_ensure(&local, &err), GL_E_REFUSED);
    assert_non_null(strstr(err.message, "clock"));
    assert_non_null(strstr(err.hint, "clock"));
    gl_autofree char *kept = text_of("ca/ca.pem");
    assert_string_equal(kept, future);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
    const struct CMUnitTest tests[] = {
        TEST(a_clock_before_the_authority_is_named),
        TEST(openssl_accepts_the_chain_for_each_name_and_no_other),
        TEST(keys_are_private_and_certificates_are_not),
        TEST(a_second_call_changes_nothing),
        TEST(other_names_renew_the_certificate_but_not_the_authority),
        TEST(damaged_files_are_made_anew),
        TEST(a_certificate_near_its_end_is_renewed),
        TEST(a_certificate_of_another_authority_is_renewed),
        TEST(an_authority_without_its_key_is_reported_not_replaced),
        TEST(names_that_the_authority_may_not_vouch_for_are_refused),
        TEST(a_public_name_signed_with_the_key_is_not_accepted),
        TEST(a_client_that_trusts_the_authority_connects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
