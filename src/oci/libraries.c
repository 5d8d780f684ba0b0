/* The shared libraries of a program, as its own loader finds them.
 * https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "oci/image.h"
#include "oci/later.h"
#include "oci/program.h"
#include "proc/proc.h"

enum { LOADER_TIMEOUT_MS = 20000 };

static int read_interpreter(int fd, const Elf64_Phdr *segment, const char *program,
                            char **ret_loader, struct gl_error *err)
{
    if (segment->p_filesz < 2 || segment->p_filesz > PATH_MAX)
        return gl_program_invalid(program, err);
    gl_autofree char *loader = gl_alloc(segment->p_filesz + 1);
    if (gl_program_read(fd, loader, segment->p_filesz, segment->p_offset) < 0 || loader[0] != '/')
        return gl_program_invalid(program, err);
    *ret_loader = gl_steal(&loader);
    return 0;
}

/* The path in PT_INTERP; stays NULL for a static program. */
static int find_loader(const char *program, char **ret_loader, struct gl_error *err)
{
    Elf64_Ehdr header = {0};
    gl_autoclose int fd = -1;
    int failed = gl_program_open(program, &fd, &header, err);
    if (failed < 0)
        return failed;
    for (uint64_t i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        if (gl_program_read(fd, &segment, sizeof segment, header.e_phoff + i * sizeof segment) < 0)
            return gl_program_invalid(program, err);
        if (segment.p_type == PT_INTERP)
            return read_interpreter(fd, &segment, program, ret_loader, err);
    }
    return 0;
}

/* The directory is made plain ($ORIGIN gives "/app/bin/../lib"); the file keeps the name by which
 * it is asked for. */
static char *plain_path(const char *path)
{
    if (!strstr(path, "/../") && !strstr(path, "/./"))
        return gl_strdup(path);
    gl_autofree char *dir = gl_path_dir(path);
    gl_autofree char *real = realpath(dir, NULL);
    return gl_path_join(real ? real : dir, gl_path_base(path));
}

static int missing_library(const char *program, const char *why, struct gl_error *err)
{
    gl_fail(err, GL_E_NOT_FOUND, _("%s needs a library that its loader does not find: %s"), program,
            why);
    return gl_error_hint(err,
                         _("Install the library in a standard directory or link with an rpath; "
                           "LD_LIBRARY_PATH and /etc/ld.so.conf do not exist in the image."));
}

/* glibc and musl say it in these words; LC_ALL=C keeps them from being translated. */
static int loader_failure(const char *loader, const char *program,
                          const struct gl_proc_result *answer, struct gl_error *err)
{
    gl_autofree char *why =
        gl_strndup(gl_buf_text(&answer->err), answer->err.len < 300 ? answer->err.len : 300);
    why[strcspn(why, "\n")] = '\0';
    if (strstr(why, "cannot open shared object file") ||
        strstr(why, "Error loading shared library"))
        return missing_library(program, why, err);
    return gl_fail(err, GL_E_PROCESS, _("%s cannot list the libraries of %s: %s"), loader, program,
                   why);
}

/* Lines: "\tNAME => PATH (0xADDRESS)", "\tPATH (0xADDRESS)", "\tNAME => not found", and the
 * kernel's
 * "\tlinux-vdso.so.1 (0xADDRESS)". */
static int add_line(const char *line, const char *program, struct gl_strv *paths,
                    struct gl_error *err)
{
    line += strspn(line, " \t");
    const char *arrow = strstr(line, " => ");
    if (arrow && gl_starts_with(arrow + 4, "not found"))
        return missing_library(program, line, err);
    const char *path = arrow ? arrow + 4 : line;
    const char *address = strstr(path, " (0x");
    if (path[0] != '/' || !address)
        return 0;
    gl_autofree char *name = gl_strndup(path, (size_t)(address - path));
    gl_autofree char *plain = plain_path(name);
    if (!gl_strv_has(paths, plain))
        gl_strv_add(paths, plain);
    return 0;
}

/* The loader only maps the libraries here and runs nothing of the program. Its cache is left out
 * because the image has none: what is found now is found there. musl's loader knows no cache. What
 * the program loads later is loaded here as what stands before it. */
static int ask_loader(const char *loader, const char *program, const json_t *later,
                      struct gl_proc_result *result, struct gl_error *err)
{
    gl_autostrv struct gl_strv names = {0};
    gl_later_names(later, &names);
    gl_autofree char *all = gl_strv_join(&names, " ");
    gl_autofree char *before = gl_asprintf("LD_PRELOAD=%s", all);
    const char *const env[] = {"LC_ALL=C", names.count ? before : NULL, NULL};
    bool glibc = gl_starts_with(gl_path_base(loader), "ld-linux");
    const char *const with_cache_off[] = {loader, "--inhibit-cache", "--list", program, NULL};
    const char *const plain[] = {loader, "--list", program, NULL};
    struct gl_proc_spec spec = {
        .argv = glibc ? with_cache_off : plain,
        .env = env,
        .timeout_ms = LOADER_TIMEOUT_MS,
    };
    return gl_proc_run(&spec, result, err);
}

static int list_libraries(const char *loader, const char *program, struct gl_strv *paths,
                          struct gl_error *err)
{
    gl_autoproc struct gl_proc_result answer = {0};
    gl_autojson json_t *later = NULL;
    gl_autostrv struct gl_strv lines = {0};
    int result = gl_later_read(program, &later, err);
    if (result == 0)
        result = ask_loader(loader, program, later, &answer, err);
    if (result == 0)
        gl_strv_split(&lines, gl_buf_text(&answer.out), "\n");
    for (size_t i = 0; result == 0 && i < lines.count; i++)
        result = add_line(lines.items[i], program, paths, err);
    if (result == 0 && answer.exit_code != 0)
        return loader_failure(loader, program, &answer, err);
    const char *missing = result == 0 ? gl_later_missing(later, paths) : NULL;
    if (missing)
        return missing_library(program, missing, err);
    if (result == 0 && !gl_strv_has(paths, loader))
        gl_strv_add(paths, loader);
    return result;
}

int gl_image_libraries(const char *program, struct gl_strv *ret_paths, struct gl_error *err)
{
    gl_autofree char *loader = NULL;
    gl_autofree char *full = realpath(program, NULL);
    if (!full)
        return gl_fail_errno(err, errno, _("cannot read %s"), program);
    int result = find_loader(full, &loader, err);
    if (result < 0)
        return result;
    gl_autostrv struct gl_strv paths = {0};
    if (loader && !gl_is_file(loader)) {
        gl_fail(err, GL_E_NOT_FOUND, _("%s needs the loader %s, which is not on this machine"),
                program, loader);
        return gl_error_hint(err, _("It was built for another system or processor."));
    }
    if (loader)
        result = list_libraries(loader, full, &paths, err);
    if (result < 0)
        return result;
    gl_strv_sort(&paths);
    *ret_paths = paths;
    paths = (struct gl_strv){0};
    return 0;
}
