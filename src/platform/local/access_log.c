/* Reading the edge's access log; its format stands in templates/haproxy.cfg. */
#include "platform/local/access_log.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "platform/local/edge.h"

enum {
    LINE_LIMIT = 16384,
};

static char *log_dir(const struct gl_local *local)
{
    return gl_local_path(local, "logs/" GL_EDGE_SERVICE);
}

int gl_access_log_position(const struct gl_local *local, struct gl_log_position *ret_position,
                           struct gl_error *err)
{
    gl_autofree char *dir = log_dir(local);
    gl_autofree char *path = gl_path_join(dir, "current");
    struct stat st;
    if (stat(path, &st) < 0)
        return gl_fail_errno(err, errno, _("cannot examine the edge's log %s"), path);
    *ret_position = (struct gl_log_position){(uint64_t)st.st_ino, (uint64_t)st.st_size};
    return 0;
}

/* Words of a line in place; the last one takes the rest. */
static size_t cut_words(char *text, char **words, size_t count)
{
    size_t found = 0;
    for (char *at = text; found < count && *at; found++) {
        words[found] = at;
        at += strcspn(at, " \n");
        if (*at)
            *at++ = '\0';
    }
    return found;
}

bool gl_access_line_parse(char *text, struct gl_access_line *ret_line)
{
    enum { SERVER, STATUS, ELAPSED, RETRIES, STATE, METHOD, PATH, COUNT };

    static const char kind[] = "  request "; /* after the logger's time stamp */
    char *words[COUNT] = {0};
    char *start = strstr(text, kind);
    if (!start || cut_words(start + strlen(kind), words, COUNT) != COUNT)
        return false;
    char *slash = strchr(words[SERVER], '/');
    if (!slash)
        return false;
    *slash = '\0';
    char *end = NULL;
    long long elapsed = strtoll(words[ELAPSED], &end, 10);
    *ret_line = (struct gl_access_line){
        .backend = words[SERVER],
        .server = slash + 1,
        .status = (int)strtol(words[STATUS], NULL, 10),
        .elapsed_us = end != words[ELAPSED] && *end == '\0' && elapsed >= 0 ? elapsed : -1,
        .retries = (int)strtol(words[RETRIES] + strspn(words[RETRIES], "+"), NULL, 10),
        .method = words[METHOD],
        .path = words[PATH],
    };
    return true;
}

static int read_from(const char *path, uint64_t offset, gl_access_fn *take, void *context,
                     struct gl_error *err)
{
    char text[LINE_LIMIT];
    struct gl_access_line line;
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 0 : gl_fail_errno(err, errno, _("cannot read %s"), path);
    if (fseeko(file, (off_t)offset, SEEK_SET) == 0) {
        while (fgets(text, sizeof text, file)) {
            if (strchr(text, '\n') && gl_access_line_parse(text, &line))
                take(&line, context);
        }
    }
    (void)fclose(file);
    return 0;
}

/* Rotated files are named @TIME, so their names sort by age; `current` is the newest. */
static int list_files(const char *dir_path, struct gl_strv *names, struct gl_error *err)
{
    DIR *dir = opendir(dir_path);
    if (!dir)
        return gl_fail_errno(err, errno, _("cannot read %s"), dir_path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '@')
            gl_strv_add(names, entry->d_name);
    }
    closedir(dir);
    if (names->count)
        gl_strv_sort(names);
    gl_strv_add(names, "current");
    return 0;
}

static uint64_t inode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

/* The file of the position and all younger ones; where it was removed since, all that are left. */
static size_t first_file(const char *dir, const struct gl_strv *names, uint64_t inode)
{
    for (size_t i = 0; i < names->count; i++) {
        gl_autofree char *path = gl_path_join(dir, names->items[i]);
        if (inode_of(path) == inode)
            return i;
    }
    return 0;
}

int gl_access_log_read(const struct gl_local *local, const struct gl_log_position *since,
                       gl_access_fn *take, void *context, struct gl_error *err)
{
    gl_autofree char *dir = log_dir(local);
    gl_autostrv struct gl_strv names = {0};
    int failed = list_files(dir, &names, err);
    if (failed < 0)
        return failed;
    for (size_t i = first_file(dir, &names, since->inode); failed == 0 && i < names.count; i++) {
        gl_autofree char *path = gl_path_join(dir, names.items[i]);
        uint64_t offset = inode_of(path) == since->inode ? since->offset_bytes : 0;
        failed = read_from(path, offset, take, context, err);
    }
    return failed;
}
