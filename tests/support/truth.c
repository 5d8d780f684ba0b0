/* Reads the truth set. */
#include "support/truth.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/strv.h"

static void case_done(struct truth_case *item)
{
    free(item->name);
    free(item->file);
    free(item->breaks);
    free(item->either);
    free(item->hidden);
    free(item->setup);
    free(item->sql);
    free(item->verdict);
    free(item->detail);
}

void truth_done(struct truth *truth)
{
    for (size_t i = 0; i < truth->count; i++)
        case_done(&truth->items[i]);
    free(truth->items);
    free(truth->schema);
    *truth = (struct truth){0};
}

char *truth_path(const char *name)
{
    const char *root = getenv("SOURCE_ROOT");
    return gl_asprintf("%s/tests/lint/truth/%s", root ? root : ".", name);
}

bool truth_hurts(const struct truth_case *item)
{
    return item->breaks || (item->verdict && (strcmp(item->verdict, "dangerous") == 0 ||
                                              strcmp(item->verdict, "fails") == 0));
}

static struct truth_case *find(const struct truth *truth, const char *name)
{
    for (size_t i = 0; i < truth->count; i++) {
        if (strcmp(truth->items[i].name, name) == 0)
            return &truth->items[i];
    }
    return NULL;
}

/* ---- cases ------------------------------------------------------------------------------------
 */

/* What is being read: lines go to the setup or to the statements. */
struct reader {
    struct truth *truth;
    const char *file;
    unsigned line;
    struct truth_case *current;
    struct gl_buf setup;
    struct gl_buf sql;
    bool in_setup;
};

static int close_case(struct reader *reader, struct gl_error *err)
{
    if (!reader->current)
        return 0;
    struct truth_case *item = reader->current;
    if (!strchr(gl_buf_text(&reader->sql), ';')) {
        gl_fail(err, GL_E_CONFIG, "the case %s has no statement", item->name);
        return gl_error_at(err, item->file, item->line, 1);
    }
    item->setup = reader->setup.len ? gl_buf_steal(&reader->setup) : NULL;
    item->sql = gl_buf_steal(&reader->sql);
    item->no_transaction = gl_starts_with(item->sql, "-- no-transaction");
    reader->current = NULL;
    reader->in_setup = false;
    return 0;
}

static int open_case(struct reader *reader, const char *name, struct gl_error *err)
{
    int failed = close_case(reader, err);
    if (failed < 0)
        return failed;
    struct truth *truth = reader->truth;
    if (find(truth, name)) {
        gl_fail(err, GL_E_CONFIG, "there are two cases %s", name);
        return gl_error_at(err, reader->file, reader->line, 1);
    }
    truth->items = gl_realloc_array(truth->items, truth->count + 1, sizeof *truth->items);
    reader->current = &truth->items[truth->count++];
    *reader->current = (struct truth_case){
        .name = gl_strdup(name), .file = gl_strdup(reader->file), .line = reader->line};
    return 0;
}

static const char *after(const char *line, const char *prefix)
{
    return gl_starts_with(line, prefix) ? line + strlen(prefix) : NULL;
}

/* True if the line was a remark about the case. */
static bool take_remark(struct truth_case *item, const char *line)
{
    const char *text;
    if ((text = after(line, "-- breaks: ")))
        item->breaks = gl_strdup(text);
    else if ((text = after(line, "-- either: ")))
        item->either = gl_strdup(text);
    else if ((text = after(line, "-- hidden: ")))
        item->hidden = gl_strdup(text);
    return text != NULL;
}

static int take_line(struct reader *reader, const char *line, struct gl_error *err)
{
    const char *name = after(line, "-- case: ");
    if (name)
        return open_case(reader, name, err);
    if (!reader->current || take_remark(reader->current, line))
        return 0;
    if (strcmp(line, "-- setup:") == 0)
        reader->in_setup = true;
    else if (strcmp(line, "-- statement:") == 0)
        reader->in_setup = false;
    else if (*line)
        gl_buf_printf(reader->in_setup ? &reader->setup : &reader->sql, "%s\n", line);
    return 0;
}

static int read_file(const char *relative, const char *full, void *context, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    struct reader reader = {.truth = context, .file = relative};
    int failed = gl_read_file(full, 0, &text, err);
    char *rest = text.data;
    for (char *line; failed == 0 && rest && (line = strsep(&rest, "\n"));) {
        reader.line++;
        failed = take_line(&reader, line, err);
    }
    if (failed == 0)
        failed = close_case(&reader, err);
    gl_buf_done(&reader.setup);
    gl_buf_done(&reader.sql);
    return failed;
}

/* ---- what is known ----------------------------------------------------------------------------
 */

static void take_known(struct truth *truth, char *line)
{
    char *name = strsep(&line, "\t");
    char *verdict = strsep(&line, "\t");
    struct truth_case *item = name && verdict ? find(truth, name) : NULL;
    if (!item || item->verdict)
        return;
    item->verdict = gl_strdup(verdict);
    item->detail = gl_strdup(line ? line : "");
}

static int read_known(struct truth *truth, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autofree char *path = truth_path("truth.tsv");
    if (!gl_path_exists(path))
        return 0;
    int failed = gl_read_file(path, 0, &text, err);
    char *rest = text.data;
    for (char *line; failed == 0 && rest && (line = strsep(&rest, "\n"));)
        take_known(truth, line);
    return failed;
}

int truth_read(struct truth *ret_truth, struct gl_error *err)
{
    struct truth truth = {0};
    gl_autobuf struct gl_buf schema = {0};
    gl_autofree char *cases = truth_path("cases");
    gl_autofree char *path = truth_path("schema.sql");
    int failed = gl_walk_files(cases, read_file, &truth, err);
    if (failed == 0)
        failed = gl_read_file(path, 0, &schema, err);
    if (failed == 0)
        failed = read_known(&truth, err);
    if (failed < 0) {
        truth_done(&truth);
        return failed;
    }
    truth.schema = gl_buf_steal(&schema);
    *ret_truth = truth;
    return 0;
}
