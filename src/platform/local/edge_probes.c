/* Whether a version is well is asked by the path of its own release: two versions in two slots may
 * have two. HAProxy looks them up in a map by the slot's name. */
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/strv.h"
#include "platform/local/slot.h"

#define READY_MAP   "edge/ready.map"
#define PROBES_LIST "edge/probes.lst"

/* As HAProxy, which runs in its service directory, knows them. */
#define OF_HAPROXY "../../"

struct probes {
    char *ready[GL_SLOT_COUNT];
    struct gl_strv all; /* paths that count against no rate limit, each once */
};

static void probes_done(struct probes *probes)
{
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++)
        gl_free_ptr(&probes->ready[slot]);
    gl_strv_done(&probes->all);
}

static void add_path(struct gl_strv *all, const char *path)
{
    if (!gl_strv_has(all, path))
        gl_strv_add(all, path);
}

static int collect(const struct gl_local *local, struct probes *probes, struct gl_error *err)
{
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++) {
        gl_autoslot struct gl_slot_version version = {0};
        int failed = gl_slot_read(local, slot, &version, err);
        if (failed < 0)
            return failed;
        add_path(&probes->all, version.ready_path);
        add_path(&probes->all, version.health_path);
        probes->ready[slot] = gl_steal(&version.ready_path);
    }
    return 0;
}

static int write_if_new(const struct gl_local *local, const char *relative, const char *text,
                        struct gl_error *err)
{
    gl_autofree char *path = gl_local_path(local, relative);
    gl_autobuf struct gl_buf before = {0};
    bool same = gl_path_exists(path) && gl_read_file(path, 0, &before, NULL) == 0 &&
                strcmp(gl_buf_text(&before), text) == 0;
    return same ? 0 : gl_write_text(path, text, 0644, err);
}

int gl_edge_probes_write(const struct gl_local *local, struct gl_error *err)
{
    gl_cleanup(probes_done) struct probes probes = {0};
    gl_autobuf struct gl_buf map = {0};
    gl_autobuf struct gl_buf list = {0};
    int failed = collect(local, &probes, err);
    if (failed < 0)
        return failed;
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++)
        gl_buf_printf(&map, "%s %s\n", gl_slot_name(slot), probes.ready[slot]);
    for (size_t i = 0; i < probes.all.count; i++)
        gl_buf_printf(&list, "%s\n", probes.all.items[i]);
    failed = write_if_new(local, READY_MAP, gl_buf_text(&map), err);
    return failed < 0 ? failed : write_if_new(local, PROBES_LIST, gl_buf_text(&list), err);
}

/* On HAProxy's command line ; ends a command, and a backslash takes meaning away. */
static void add_word(struct gl_buf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\; <", *text))
            gl_buf_putc(out, '\\');
        gl_buf_putc(out, *text);
    }
}

int gl_edge_probes_tell(struct gl_local *local, struct gl_error *err)
{
    gl_cleanup(probes_done) struct probes probes = {0};
    gl_autobuf struct gl_buf commands = {0};
    int failed = collect(local, &probes, err);
    if (failed < 0)
        return failed;
    gl_buf_puts(&commands, "clear acl " OF_HAPROXY PROBES_LIST);
    for (size_t i = 0; i < probes.all.count; i++) {
        gl_buf_puts(&commands, ";add acl " OF_HAPROXY PROBES_LIST " ");
        add_word(&commands, probes.all.items[i]);
    }
    for (enum gl_slot slot = 0; slot < GL_SLOT_COUNT; slot++) {
        gl_buf_printf(&commands, ";set map " OF_HAPROXY READY_MAP " %s ", gl_slot_name(slot));
        add_word(&commands, probes.ready[slot]);
    }
    gl_autofree char *answer = NULL;
    failed = gl_edge_ask(local, GL_EDGE_SOCKET, gl_buf_text(&commands), &answer, err);
    if (failed < 0)
        return failed;
    /* One that was started by an earlier golive has no map: all its versions share one path. */
    if (!answer[strspn(answer, " \n")] || strstr(answer, "Unknown map identifier"))
        return 0;
    return gl_fail(err, GL_E_PROCESS, _("HAProxy does not take the paths of the versions: %s"),
                   answer);
}
