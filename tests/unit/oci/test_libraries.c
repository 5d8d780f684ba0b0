/* Which libraries a program needs, judged by programs compiled here. */
#include "support.h"

#include <elf.h>

#include "proc/proc.h"

static void compile(const char *dir, const char *arguments)
{
    need_program("cc", "gcc");
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *command = gl_asprintf("cc %s", arguments);
    const char *const argv[] = {"sh", "-c", command, NULL};
    struct gl_proc_spec spec = {.argv = argv, .cwd = dir, .timeout_ms = 60000};
    gl_assert_ok(gl_proc_check(&spec, NULL, &err), &err);
}

static bool has_base(const struct gl_strv *paths, const char *base)
{
    for (size_t i = 0; i < paths->count; i++) {
        if (strcmp(gl_path_base(paths->items[i]), base) == 0)
            return true;
    }
    return false;
}

static void a_dynamic_program_names_its_libraries_and_the_loader(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv paths = {0};
    write_text(*state, "main.c", "#include <zlib.h>\nint main(void){return !zlibVersion();}", 0644);
    compile(*state, "main.c -o main -lz");
    gl_autofree char *program = gl_path_join(*state, "main");
    gl_assert_ok(gl_image_libraries(program, &paths, &err), &err);
    assert_int_equal(paths.count, 3);
    assert_true(has_base(&paths, "libc.so.6"));
    assert_true(has_base(&paths, "libz.so.1")); /* the name it is asked for, not libz.so.1.2.13 */
#ifdef __x86_64__
    assert_true(gl_strv_has(&paths, "/lib64/ld-linux-x86-64.so.2"));
#endif
    for (size_t i = 0; i < paths.count; i++) {
        assert_true(gl_is_file(paths.items[i]));
        assert_true(i == 0 || strcmp(paths.items[i - 1], paths.items[i]) < 0);
    }
}

static void a_static_program_needs_none(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv paths = {0};
    write_text(*state, "main.c", "int main(void){return 0;}", 0644);
    compile(*state, "-static main.c -o main && cc -static-pie main.c -o pie");
    gl_autofree char *program = gl_path_join(*state, "main");
    gl_autofree char *pie = gl_path_join(*state, "pie");
    gl_assert_ok(gl_image_libraries(program, &paths, &err), &err);
    assert_int_equal(paths.count, 0);
    gl_assert_ok(gl_image_libraries(pie, &paths, &err), &err);
    assert_int_equal(paths.count, 0);
}

static void a_library_beside_the_program_is_found_by_its_rpath(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv paths = {0};
    write_text(*state, "own.c", "int own(void){return 0;}", 0644);
    write_text(*state, "main.c", "int own(void);int main(void){return own();}", 0644);
    gl_autofree char *lib = gl_path_join(*state, "lib");
    gl_autofree char *bin = gl_path_join(*state, "bin");
    assert_int_equal(mkdir(lib, 0755), 0);
    assert_int_equal(mkdir(bin, 0755), 0);
    compile(*state, "-shared -fPIC own.c -o lib/libown.so");
    compile(*state, "main.c -o bin/main -Llib -lown '-Wl,-rpath,$ORIGIN/../lib'");
    gl_autofree char *program = gl_path_join(*state, "bin/main");
    gl_autofree char *expected = gl_path_join(*state, "lib/libown.so");
    gl_assert_ok(gl_image_libraries(program, &paths, &err), &err);
    assert_true(gl_strv_has(&paths, expected));
}

static void a_library_the_image_would_not_find_is_an_error(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv paths = {0};
    write_text(*state, "own.c", "int own(void){return 0;}", 0644);
    write_text(*state, "main.c", "int own(void);int main(void){return own();}", 0644);
    compile(*state, "-shared -fPIC own.c -o libown.so && cc main.c -o main -L. -lown");
    gl_autofree char *program = gl_path_join(*state, "main");
    assert_int_equal(setenv("LD_LIBRARY_PATH", *state, 1), 0);
    int result = gl_image_libraries(program, &paths, &err);
    assert_int_equal(unsetenv("LD_LIBRARY_PATH"), 0);
    assert_int_equal(result, GL_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "libown.so"));
    assert_non_null(strstr(err.hint, "LD_LIBRARY_PATH"));
    assert_int_equal(paths.count, 0);
}

/* .note.dlopen as https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ has it. */
#define NOTE(text)                                                                                      \
    "__asm__(\".section .note.dlopen, \\\"a\\\", @note\\n.balign 4\\n.long 4, 2f - 1f, 0x407c0c0a\\n\"" \
    "\".asciz \\\"FDO\\\"\\n1: .asciz \\\"" text "\\\"\\n2: .balign 4\\n.text\");"
#define Q "\\\\\\\""

static void libraries_that_are_loaded_later_are_named(void **state)
{
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv paths = {0};
    gl_autostrv struct gl_strv none = {0};
    write_text(*state, "main.c",
               NOTE("[{" Q "soname" Q ":[" Q "libnowhere.so.9" Q "," Q "libz.so.1" Q "]," Q
                    "priority" Q ":" Q "required" Q "},{" Q "soname" Q ":[" Q "libnope.so.1" Q
                    "]," Q "priority" Q ":" Q "suggested" Q "}]") "int main(void){return 0;}",
               0644);
    write_text(*state, "wants.c",
               NOTE("[{" Q "soname" Q ":[" Q "libnowhere.so.9" Q "]," Q "priority" Q ":" Q
                    "required" Q "}]") "int main(void){return 0;}",
               0644);
    compile(*state, "main.c -o main && cc wants.c -o wants");
    gl_autofree char *program = gl_path_join(*state, "main");
    gl_autofree char *wants = gl_path_join(*state, "wants");
    gl_assert_ok(gl_image_libraries(program, &paths, &err), &err);
    assert_true(has_base(&paths, "libz.so.1"));
    assert_int_equal(gl_image_libraries(wants, &none, &err), GL_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "libnowhere.so.9"));
}

/* What golive itself loads later has to be in the image that migrates. */
static void golive_names_what_it_loads_later(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_autostrv struct gl_strv paths = {0};
    const char *program = getenv("GOLIVE");
    assert_non_null(program);
    gl_assert_ok(gl_image_libraries(program, &paths, &err), &err);
    assert_true(has_base(&paths, "libpq.so.5"));
    assert_true(has_base(&paths, "libcurl.so.4"));
    assert_true(has_base(&paths, "libcrypto.so.3"));
}

static void what_is_no_program_is_refused(void **state)
{
    gl_autostrv struct gl_strv paths = {0};
    write_text(*state, "main.c", "int main(void){return 0;}", 0644);
    compile(*state, "main.c -o main");
    gl_autofree char *program = gl_path_join(*state, "main");
    struct gl_buf whole = {0};
    gl_autoerr struct gl_error err = {0};
    gl_assert_ok(gl_read_file(program, 0, &whole, &err), &err);
    write_text(*state, "script", "#!/bin/sh\n", 0755);
    write_text(*state, "empty", "", 0755);
    free(write_file(*state, "cut", whole.data, 100, 0755));
    whole.data[4] = 1; /* says it is a 32-bit program */
    free(write_file(*state, "half", whole.data, whole.len, 0755));
    gl_buf_done(&whole);
    static const char *const names[] = {"script", "empty", "cut", "half", ".", NULL};
    for (size_t i = 0; names[i]; i++) {
        gl_autofree char *path = gl_path_join(*state, names[i]);
        assert_int_equal(gl_image_libraries(path, &paths, &err), GL_E_CONFIG);
        assert_non_null(strstr(err.message, "is not a 64-bit Linux program"));
    }
    gl_autofree char *missing = gl_path_join(*state, "missing");
    assert_int_equal(gl_image_libraries(missing, &paths, &err), GL_E_IO);
}

/* The header tells, not the machine that asks. */
static void a_program_says_its_processor(void **state)
{
    static const struct {
        unsigned machine;
        const char *image; /* NULL = none is made for it */
    } rows[] = {
        {EM_AARCH64, "arm64"},
        {EM_X86_64,  "amd64"},
        {EM_RISCV,   NULL   },
        {EM_NONE,    NULL   },
    };

    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB},
        .e_type = ET_EXEC,
        .e_phentsize = sizeof(Elf64_Phdr)
    };
    gl_autofree char *path = gl_path_join(*state, "program");
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autoerr struct gl_error err = {0};
        const char *processor = NULL;
        header.e_machine = (Elf64_Half)rows[i].machine;
        assert_int_equal(gl_write_file(path, &header, sizeof header, 0755, &err), 0);
        int failed = gl_image_processor(path, &processor, &err);
        assert_int_equal(failed, rows[i].image ? 0 : GL_E_CONFIG);
        if (rows[i].image)
            assert_string_equal(processor, rows[i].image);
    }
    gl_autoerr struct gl_error err = {0};
    const char *processor = NULL;
    assert_int_equal(gl_write_text(path, "#!/bin/sh\n", 0755, &err), 0);
    assert_int_equal(gl_image_processor(path, &processor, &err), GL_E_CONFIG);
}

#define gl_with_dir(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gl_with_dir(a_dynamic_program_names_its_libraries_and_the_loader),
        gl_with_dir(a_program_says_its_processor),
        gl_with_dir(a_static_program_needs_none),
        gl_with_dir(a_library_beside_the_program_is_found_by_its_rpath),
        gl_with_dir(a_library_the_image_would_not_find_is_an_error),
        gl_with_dir(libraries_that_are_loaded_later_are_named),
        cmocka_unit_test(golive_names_what_it_loads_later),
        gl_with_dir(what_is_no_program_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
