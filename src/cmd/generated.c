/* What the commands do that generate files: say, compare, write. */
#include "cmd/generated.h"

#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "cmd/aws_context.h"
#include "proc/proc.h"

enum { DIFF_MS = 20000 };

static const struct {
    const char *word; /* for programs */
    const char *text;
} states[] = {
    [GL_DOCUMENT_NEW] = {"new",     N_("written")                               },
    [GL_DOCUMENT_SAME] = {"same",    N_("is up to date")                         },
    [GL_DOCUMENT_CHANGES] = {"changed", N_("brought up to date")                    },
    [GL_DOCUMENT_FOREIGN] = {"foreign", N_("stays as it is: golive did not make it")},
};

/* clang-format off */
const struct gl_flag gl_generated_flags[] = {
    {"check",     0, GL_FLAG_BOOL, NULL, NULL, N_("write nothing; exit status 16 if something is not up to date")},
    {"diff",      0, GL_FLAG_BOOL, NULL, NULL, N_("write nothing; show how the files differ from what golive.yaml asks for")},
    {"dry-run", 'n', GL_FLAG_BOOL, NULL, NULL, N_("write nothing; say what would be written")},
    {"force",     0, GL_FLAG_BOOL, NULL, NULL, N_("replace also what was changed by hand inside of golive's parts")},
    {0},
};

/* clang-format on */

/* ---- what is to be done ------------------------------------------------------------------------
 */

static bool is_current(const struct gl_document *document)
{
    return document->state == GL_DOCUMENT_SAME && !document->merged.conflicts.count;
}

static size_t count_conflicts(const struct gl_documents *documents)
{
    size_t count = 0;
    for (size_t i = 0; i < documents->count; i++) {
        const struct gl_document *document = &documents->items[i];
        count += document->merged.conflicts.count + (document->state == GL_DOCUMENT_FOREIGN);
    }
    return count;
}

static int check(const struct gl_documents *documents, const char *command, struct gl_error *err)
{
    gl_autostrv struct gl_strv files = {0};
    for (size_t i = 0; i < documents->count; i++) {
        if (!is_current(&documents->items[i]))
            gl_strv_add(&files, documents->items[i].file);
    }
    if (!files.count)
        return 0;
    gl_autofree char *all = gl_strv_join(&files, ", ");
    gl_fail(err, GL_E_MISMATCH, _("not as golive.yaml asks for: %s"), all);
    return gl_error_hint(err, _("%s --diff shows what differs; without it, it is written."),
                         command);
}

static int write_all(const struct gl_documents *documents, struct gl_error *err)
{
    for (size_t i = 0; i < documents->count; i++) {
        int failed = gl_document_write(&documents->items[i], err);
        if (failed < 0)
            return failed;
    }
    if (!count_conflicts(documents))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("some parts were changed by hand and stay so"));
    return gl_error_hint(
        err, _("Take the change out (--diff shows it), own the part with a line "
               "`golive:own NAME`, as a comment, in its place, or replace it: --force."));
}

/* ---- showing -----------------------------------------------------------------------------------
 */

static int show_difference(struct gl_context *context, const struct gl_document *document,
                           struct gl_error *err)
{
    const char *argv[] = {"diff",
                          "-u",
                          "--label",
                          document->file,
                          "--label",
                          document->file,
                          document->present ? document->path : "/dev/null",
                          "-",
                          NULL};
    struct gl_proc_spec spec = {
        .argv = argv, .stdin_text = document->merged.text, .timeout_ms = DIFF_MS};
    gl_autoproc struct gl_proc_result result = {0};
    if (document->state == GL_DOCUMENT_SAME)
        return 0;
    int failed = gl_proc_run(&spec, &result, err);
    if (failed < 0)
        return failed;
    if (result.exit_code > 1)
        return gl_fail(err, GL_E_PROCESS, _("diff failed: %s"), gl_buf_text(&result.err));
    fputs(gl_buf_text(&result.out), context->out);
    return 0;
}

static int show_differences(struct gl_context *context, const struct gl_documents *documents,
                            struct gl_error *err)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < documents->count; i++)
        failed = show_difference(context, &documents->items[i], err);
    return failed;
}

static void print_json(struct gl_context *context, const struct gl_documents *documents)
{
    gl_autojson json_t *all = json_object();
    json_t *files = json_array();
    for (size_t i = 0; i < documents->count; i++) {
        const struct gl_document *document = &documents->items[i];
        json_t *conflicts = json_array();
        for (size_t j = 0; j < document->merged.conflicts.count; j++)
            json_array_append_new(conflicts, json_string(document->merged.conflicts.items[j]));
        json_t *object = json_object();
        gl_json_set_str(object, "file", document->file);
        gl_json_set_str(object, "state", states[document->state].word);
        json_object_set_new(object, "conflicts", conflicts);
        json_array_append_new(files, object);
    }
    json_object_set_new(all, "files", files);
    gl_cmd_print_json(context, all);
}

static void print_text(struct gl_context *context, const struct gl_documents *documents,
                       bool written)
{
    for (size_t i = 0; i < documents->count; i++) {
        const struct gl_document *document = &documents->items[i];
        bool waits = !written &&
                     (document->state == GL_DOCUMENT_NEW || document->state == GL_DOCUMENT_CHANGES);
        fprintf(context->out, "  %-40s %s\n", document->file,
                waits ? _("would be written") : _(states[document->state].text));
        for (size_t j = 0; j < document->merged.conflicts.count; j++)
            fprintf(context->out, _("    the part `%s` was changed by hand\n"),
                    document->merged.conflicts.items[j]);
    }
    for (size_t i = 0; i < documents->notes.count; i++)
        fprintf(context->out, _("Note: %s\n"), documents->notes.items[i]);
}

/* ---- both ways ---------------------------------------------------------------------------------
 */

bool gl_generated_replaces(const struct gl_context *context)
{
    return gl_flag_bool(context, "force") || gl_flag_bool(context, "diff");
}

int gl_generated_act(struct gl_context *context, const struct gl_documents *documents,
                     const char *next, struct gl_error *err)
{
    bool only_look = gl_flag_bool(context, "check") || gl_flag_bool(context, "dry-run");
    gl_autofree char *command = gl_asprintf("golive %s", context->command->name);
    if (gl_flag_bool(context, "diff"))
        return show_differences(context, documents, err);
    int failed = only_look ? 0 : write_all(documents, err);
    if (failed < 0 && failed != GL_E_REFUSED)
        return failed;
    if (context->format_json)
        print_json(context, documents);
    else
        print_text(context, documents, !only_look);
    if (failed == 0 && gl_flag_bool(context, "check"))
        return check(documents, command, err);
    if (failed == 0 && !only_look && !context->format_json)
        fputs(next, context->out);
    return failed;
}
