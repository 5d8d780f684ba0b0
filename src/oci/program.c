/* What the header of a compiled program says: that it is one, and for which processor. */
#include "oci/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "oci/image.h"

/* e_machine and what an image's configuration calls it (GOARCH). */
static const struct {
    unsigned machine;
    const char *image;
} processors[] = {
    {EM_AARCH64, "arm64"},
    {EM_X86_64,  "amd64"},
};

int gl_program_read(int fd, void *data, size_t len, uint64_t offset)
{
    return offset <= INT64_MAX && pread(fd, data, len, (off_t)offset) == (ssize_t)len ? 0 : -1;
}

int gl_program_invalid(const char *program, struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, _("%s is not a 64-bit Linux program (ELF)"), program);
    return gl_error_hint(err, _("Give the compiled program, not a script or an archive."));
}

int gl_program_open(const char *program, int *ret_fd, Elf64_Ehdr *ret_header, struct gl_error *err)
{
    Elf64_Ehdr header;
    gl_autoclose int fd = open(program, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gl_fail_errno(err, errno, _("cannot read %s"), program);
    if (gl_program_read(fd, &header, sizeof header, 0) < 0 ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_phentsize != sizeof(Elf64_Phdr) ||
        (header.e_type != ET_EXEC && header.e_type != ET_DYN))
        return gl_program_invalid(program, err);
    *ret_header = header;
    *ret_fd = gl_steal_fd(&fd);
    return 0;
}

int gl_image_processor(const char *program, const char **ret_processor, struct gl_error *err)
{
    Elf64_Ehdr header = {0};
    gl_autoclose int fd = -1;
    int failed = gl_program_open(program, &fd, &header, err);
    if (failed < 0)
        return failed;
    for (size_t i = 0; i < GL_COUNT(processors); i++) {
        if (processors[i].machine == header.e_machine) {
            *ret_processor = processors[i].image;
            return 0;
        }
    }
    gl_fail(err, GL_E_CONFIG, _("%s is for a processor that golive makes no image for (ELF %u)"),
            program, (unsigned)header.e_machine);
    return gl_error_hint(err, _("Build it for amd64 (x86_64) or arm64 (aarch64)."));
}
