/* Digests against published test vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"

/* FIPS 180-2, appendix B.1 and D.1: "abc". */
static const char abc_sha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char abc_sha384[] = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
                                 "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7";

static void digests_match_the_standard(void **state)
{
    (void)state;
    char hex[GL_SHA256_HEX_SIZE];
    gl_sha256_hex("abc", 3, hex);
    assert_string_equal(hex, abc_sha256);
    gl_sha256_hex("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    unsigned char digest[GL_SHA384_SIZE];
    char long_hex[2 * GL_SHA384_SIZE + 1];
    gl_sha384("abc", 3, digest);
    gl_hex(digest, sizeof digest, long_hex);
    assert_string_equal(long_hex, abc_sha384);
}

/* RFC 1321, A.5: "abc", in base64. */
static void md5_is_as_a_header_wants_it(void **state)
{
    (void)state;
    gl_autofree char *text = gl_md5_base64("abc", 3);
    assert_string_equal(text, "kAFQmDzST7DWlj99KOF/cg==");
}

static void a_file_is_hashed_in_pieces(void **state)
{
    (void)state;
    char path[] = "/tmp/golive-hash-XXXXXX";
    int fd = mkostemp(path, 0);
    assert_true(fd >= 0);
    size_t size = 200001;
    gl_autofree char *data = gl_alloc(size);
    memset(data, 'h', size);
    assert_int_equal(gl_write_all(fd, data, size), 0);
    close(fd);
    char from_file[GL_SHA256_HEX_SIZE];
    char from_memory[GL_SHA256_HEX_SIZE];
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_sha256_file(path, from_file, &err), 0);
    gl_sha256_hex(data, size, from_memory);
    assert_string_equal(from_file, from_memory);
    unlink(path);
    assert_int_equal(gl_sha256_file(path, from_file, &err), GL_E_IO);
    assert_non_null(strstr(err.message, path));
    assert_int_equal(gl_sha256_file("/", from_file, &err), GL_E_IO);
}

static void random_text_differs(void **state)
{
    (void)state;
    gl_autofree char *one = gl_random_hex(16);
    gl_autofree char *two = gl_random_hex(16);
    assert_int_equal(strlen(one), 32);
    assert_int_equal(strspn(one, "0123456789abcdef"), 32);
    assert_string_not_equal(one, two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_match_the_standard),
        cmocka_unit_test(md5_is_as_a_header_wants_it),
        cmocka_unit_test(a_file_is_hashed_in_pieces),
        cmocka_unit_test(random_text_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
