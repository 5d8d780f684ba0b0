/* TCP ports on the loopback address: choosing free ones, and who holds one. */
#include "platform/local/ports.h"

#include <ctype.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "platform/local/s6.h"

enum {
    FIRST_PORT = 20000,
    BLOCK_SIZE = 10,
    BLOCKS = 1200,
};

/* SO_REUSEADDR ignores connections in TIME_WAIT but not a listener. */
bool gl_port_is_free(uint16_t port)
{
    gl_autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        return false;
    return bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0;
}

static bool block_is_free(unsigned first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!gl_port_is_free((uint16_t)(first + i)))
            return false;
    }
    return true;
}

int gl_ports_choose(const char *key, uint16_t *ret_ports, size_t count, struct gl_error *err)
{
    char hash[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(key, strlen(key), hash);
    hash[8] = '\0';
    unsigned long start = strtoul(hash, NULL, 16);
    for (unsigned long i = 0; i < BLOCKS; i++) {
        unsigned first = FIRST_PORT + (unsigned)((start + i) % BLOCKS) * BLOCK_SIZE;
        if (!block_is_free(first, count))
            continue;
        for (size_t k = 0; k < count; k++)
            ret_ports[k] = (uint16_t)(first + k);
        return 0;
    }
    gl_fail(err, GL_E_BUSY, _("no %zu neighbouring ports are free between %d and %d"), count,
            FIRST_PORT, FIRST_PORT + BLOCKS * BLOCK_SIZE - 1);
    return gl_error_hint(err, _("See who listens with: ss -ltnp"));
}

/* The inode of the listening socket in one of /proc/net/tcp and tcp6; 0 if none. Fields: sl
 * local:port remote:port state(0A = LISTEN) queues timer retransmits uid timeout inode. */
static unsigned long listener_inode(const char *table, uint16_t port)
{
    gl_autobuf struct gl_buf text = {0};
    if (gl_read_file(table, 0, &text, NULL) < 0)
        return 0;
    gl_autostrv struct gl_strv lines = {0};
    gl_strv_split(&lines, gl_buf_text(&text), "\n");
    gl_autofree char *suffix = gl_asprintf(":%04X", port);
    for (size_t i = 1; i < lines.count; i++) {
        gl_autostrv struct gl_strv words = {0};
        gl_strv_split(&words, lines.items[i], " ");
        if (words.count > 9 && gl_ends_with(words.items[1], suffix) &&
            strcmp(words.items[3], "0A") == 0)
            return strtoul(words.items[9], NULL, 10);
    }
    return 0;
}

static bool has_descriptor(const char *pid, const char *link_text)
{
    gl_autofree char *path = gl_asprintf("/proc/%s/fd", pid);
    DIR *dir = opendir(path);
    bool found = false;
    for (struct dirent *entry; dir && !found && (entry = readdir(dir));) {
        char target[64] = {0};
        gl_autofree char *link = gl_path_join(path, entry->d_name);
        found = readlink(link, target, sizeof target - 1) > 0 && strcmp(target, link_text) == 0;
    }
    if (dir)
        closedir(dir);
    return found;
}

static void read_name(pid_t pid, char ret_name[64])
{
    gl_autofree char *path = gl_asprintf("/proc/%d/comm", (int)pid);
    gl_autobuf struct gl_buf text = {0};
    if (gl_read_file(path, 0, &text, NULL) < 0)
        gl_buf_puts(&text, "?");
    (void)snprintf(ret_name, 64, "%.*s", (int)strcspn(gl_buf_text(&text), "\n"),
                   gl_buf_text(&text));
}

pid_t gl_port_holder(uint16_t port, char ret_name[64])
{
    unsigned long inode = listener_inode("/proc/net/tcp", port);
    if (!inode)
        inode = listener_inode("/proc/net/tcp6", port);
    DIR *proc = inode ? opendir("/proc") : NULL;
    gl_autofree char *link_text = gl_asprintf("socket:[%lu]", inode);
    pid_t holder = 0;
    for (struct dirent *entry; proc && !holder && (entry = readdir(proc));) {
        if (isdigit((unsigned char)entry->d_name[0]) && has_descriptor(entry->d_name, link_text))
            holder = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    if (proc)
        closedir(proc);
    if (holder)
        read_name(holder, ret_name);
    return holder;
}

static int port_taken(const struct gl_local *local, enum gl_local_port which, pid_t holder,
                      const char *name, struct gl_error *err)
{
    if (holder)
        gl_fail(err, GL_E_BUSY, _("port %u (%s) is taken by %s (pid %d)"), local->ports[which],
                gl_local_port_name(which), name, (int)holder);
    else
        gl_fail(err, GL_E_BUSY, _("port %u (%s) is taken by a program of another user"),
                local->ports[which], gl_local_port_name(which));
    return gl_error_hint(err,
                         _("End that program, or choose other ports: set local.https_port, "
                           "local.http_port or local.postgres_port, or remove %s/instance.json "
                           "to have all ports chosen anew."),
                         local->root);
}

int gl_local_ports_check(const struct gl_local *local, struct gl_error *err)
{
    for (size_t i = 0; i < GL_PORT_COUNT; i++) {
        char name[64] = "";
        if (gl_port_is_free(local->ports[i]))
            continue;
        pid_t holder = gl_port_holder(local->ports[i], name);
        if (!holder || !gl_s6_owns(local, holder))
            return port_taken(local, (enum gl_local_port)i, holder, name, err);
    }
    return 0;
}
