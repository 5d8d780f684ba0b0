/* The parallel gzip: any reader understands it, and the threads do not show. */
#include "support.h"

#include <fcntl.h>
#include <zlib.h>

#include "oci/digest.h"
#include "oci/gzip.h"

static void compress_to(const char *path, const char *data, size_t len, unsigned workers,
                        char digest[GL_DIGEST_SIZE])
{
    gl_autoerr struct gl_error err = {0};
    gl_autoclose int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    struct gl_gzip *gzip = gl_gzip_new(fd, workers);
    uint64_t size = 0;
    for (size_t at = 0; at < len; at += 70001) /* parts that never fit the chunks */
        gl_assert_ok(gl_gzip_write(gzip, data + at, len - at < 70001 ? len - at : 70001, &err),
                     &err);
    gl_assert_ok(gl_gzip_finish(gzip, digest, &size, &err), &err);
    gl_gzip_free(gzip);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, size);
    char actual[GL_DIGEST_SIZE];
    gl_assert_ok(gl_digest_file(path, actual, &err), &err);
    assert_string_equal(actual, digest);
}

static void assert_unpacks_to(const char *path, const char *data, size_t len)
{
    gl_autofree char *back = gl_alloc(len + 1);
    gzFile file = gzopen(path, "rbe");
    assert_non_null(file);
    assert_int_equal(gzread(file, back, (unsigned)len + 1), len);
    assert_int_equal(gzclose(file), Z_OK); /* the trailer's sum and length are right */
    assert_memory_equal(back, data, len);
}

static void check_length(const char *dir, size_t len)
{
    gl_autofree char *path = gl_path_join(dir, "out.gz");
    gl_autofree char *data = noise(len, 7);
    for (size_t i = 0; i < len; i++) {
        if (i % 4096 < 3000)
            data[i] = (char)('a' + i % 17); /* compressible in part */
    }
    char alone[GL_DIGEST_SIZE];
    compress_to(path, data, len, 0, alone);
    assert_unpacks_to(path, data, len);
    for (unsigned workers = 1; workers <= 8; workers += 3) {
        char digest[GL_DIGEST_SIZE];
        compress_to(path, data, len, workers, digest);
        assert_string_equal(digest, alone);
    }
}

static void the_number_of_threads_does_not_change_a_byte(void **state)
{
    enum { CHUNK = 256 << 10 };

    const size_t lengths[] = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2UL * CHUNK, 21UL * CHUNK + 77};
    for (size_t i = 0; i < GL_COUNT(lengths); i++)
        check_length(*state, lengths[i]);
}

static void a_file_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    for (unsigned workers = 0; workers < 3; workers++) {
        gl_autoerr struct gl_error err = {0};
        gl_autoclose int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
        struct gl_gzip *gzip = gl_gzip_new(fd, workers);
        gl_autofree char *data = noise(8 << 20, 1);
        assert_int_equal(gl_gzip_write(gzip, data, 8 << 20, &err), GL_E_IO);
        assert_non_null(strstr(err.message, strerror(ENOSPC)));
        gl_gzip_free(gzip);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_number_of_threads_does_not_change_a_byte, make_dir,
                                        remove_dir),
        cmocka_unit_test(a_file_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
