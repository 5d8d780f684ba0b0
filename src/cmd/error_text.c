/* How an error looks: what, where, and what to do next. */
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cmd/command.h"

static void print_json(const struct gl_error *err, FILE *out)
{
    gl_autojson json_t *object = json_object();
    gl_autofree char *message = gl_redact(err->message ? err->message : "");
    gl_json_set_str(object, "error", gl_code_word(err->code));
    gl_json_set_str(object, "message", message);
    if (err->hint) {
        gl_autofree char *hint = gl_redact(err->hint);
        gl_json_set_str(object, "hint", hint);
    }
    gl_json_set_str(object, "file", err->file);
    if (err->line)
        gl_json_set_int(object, "line", err->line);
    if (err->column)
        gl_json_set_int(object, "column", err->column);
    gl_autofree char *text = gl_json_canonical(object);
    fprintf(out, "%s\n", text);
}

void gl_error_print(const struct gl_error *err, FILE *out, bool json, bool colour)
{
    if (json) {
        print_json(err, out);
        return;
    }
    gl_autofree char *message = gl_redact_shown(err->message ? err->message : _("unknown error"));
    gl_autofree char *file = gl_utf8_line(err->file);
    if (*file && err->line)
        fprintf(out, "%s:%u:%u: ", file, err->line, err->column);
    else
        fprintf(out, "golive: ");
    fprintf(out, "%s%s%s %s\n", colour ? "\033[31m" : "", _("error:"), colour ? "\033[0m" : "",
            message);
    if (err->hint) {
        gl_autofree char *hint = gl_redact_shown(err->hint);
        fprintf(out, "  %s\n", hint);
    }
}
