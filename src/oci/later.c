/* Libraries that a program loads itself, later: no loader knows of them, but a note in the program
 * names them. */
#include "oci/later.h"

#include <elf.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "oci/program.h"

enum {
    NOTES_MOST = 1 << 20,
    DLOPEN_NOTE = 0x407c0c0a,
};

static const char owner[] = "FDO";

static size_t aligned(size_t size, size_t align)
{
    return (size + align - 1) / align * align;
}

/* Adds the objects of one note's text. */
static int add_text(const char *text, size_t len, const char *program, json_t *later,
                    struct gl_error *err)
{
    gl_autojson json_t *rows = NULL;
    len = strnlen(text, len);
    int failed = gl_json_parse(text, len, ".note.dlopen", &rows, err);
    if (failed < 0 || !json_is_array(rows))
        return gl_program_invalid(program, err);
    json_array_extend(later, rows);
    return 0;
}

/* The notes of a segment; what runs over its end is not there. */
static int add_notes(const char *data, size_t len, size_t align, const char *program, json_t *later,
                     struct gl_error *err)
{
    int failed = 0;
    for (size_t at = 0; failed == 0 && at + sizeof(Elf64_Nhdr) <= len;) {
        Elf64_Nhdr header;
        memcpy(&header, data + at, sizeof header);
        size_t name = at + sizeof header;
        size_t text = aligned(name + header.n_namesz, align);
        size_t end = text + header.n_descsz;
        if (end > len)
            return gl_program_invalid(program, err);
        if (header.n_type == DLOPEN_NOTE && header.n_namesz == sizeof owner &&
            memcmp(data + name, owner, sizeof owner) == 0)
            failed = add_text(data + text, header.n_descsz, program, later, err);
        at = aligned(end, align);
    }
    return failed;
}

static int read_segment(int fd, const Elf64_Phdr *segment, const char *program, json_t *later,
                        struct gl_error *err)
{
    if (segment->p_filesz > NOTES_MOST)
        return gl_program_invalid(program, err);
    gl_autofree char *data = gl_alloc(segment->p_filesz + 1);
    if (gl_program_read(fd, data, segment->p_filesz, segment->p_offset) < 0)
        return gl_program_invalid(program, err);
    return add_notes(data, segment->p_filesz, segment->p_align == 8 ? 8 : 4, program, later, err);
}

int gl_later_read(const char *program, json_t **ret_later, struct gl_error *err)
{
    Elf64_Ehdr header = {0};
    gl_autoclose int fd = -1;
    gl_autojson json_t *later = json_array();
    int failed = gl_program_open(program, &fd, &header, err);
    for (uint64_t i = 0; failed == 0 && i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        if (gl_program_read(fd, &segment, sizeof segment, header.e_phoff + i * sizeof segment) < 0)
            return gl_program_invalid(program, err);
        if (segment.p_type == PT_NOTE)
            failed = read_segment(fd, &segment, program, later, err);
    }
    if (failed == 0)
        *ret_later = gl_steal(&later);
    return failed;
}

void gl_later_names(const json_t *later, struct gl_strv *names)
{
    size_t i;
    size_t j;
    const json_t *row;
    const json_t *name;
    json_array_foreach(later, i, row)
    {
        json_array_foreach(json_object_get(row, "soname"), j, name)
        {
            if (json_is_string(name))
                gl_strv_add(names, json_string_value(name));
        }
    }
}

static bool is_there(const char *name, const struct gl_strv *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        if (strcmp(gl_path_base(paths->items[i]), name) == 0)
            return true;
    }
    return false;
}

const char *gl_later_missing(const json_t *later, const struct gl_strv *paths)
{
    size_t i;
    size_t j;
    const json_t *row;
    const json_t *name;
    json_array_foreach(later, i, row)
    {
        bool found = strcmp(gl_json_str(row, "priority", "recommended"), "required") != 0;
        const char *first = NULL;
        json_array_foreach(json_object_get(row, "soname"), j, name)
        {
            const char *text = json_string_value(name);
            first = first ? first : text;
            found = found || (text && is_there(text, paths));
        }
        if (!found && first)
            return first;
    }
    return NULL;
}
