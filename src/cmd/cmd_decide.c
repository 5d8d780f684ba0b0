/* golive decide: writes down why a key of golive.yaml has its value, and until when. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cmd/attest.h"
#include "cmd/aws_context.h"
#include "cmd/commands.h"
#include "config/decision.h"
#include "config/schema.h"
#include "release/person.h"

enum {
    DAY_S = 86400,
    REASON_MIN = 20,
    REVIEW_DAYS_MAX = 366,
    REVIEW_DAYS = 180, /* when nothing is said */
    FILE_MAX_BYTES = 1 << 20,
};

/* ---- dates -------------------------------------------------------------------------------------
 */

static int64_t day_unix_s(const char *date)
{
    struct tm day = {.tm_mday = (int)strtol(date + 8, NULL, 10),
                     .tm_mon = (int)strtol(date + 5, NULL, 10) - 1,
                     .tm_year = (int)strtol(date, NULL, 10) - 1900};
    return (int64_t)timegm(&day);
}

static int64_t today_unix_s(void)
{
    return gl_now_unix_ms() / 1000 / DAY_S * DAY_S;
}

static int review_date(const struct gl_context *context, char **ret_date, struct gl_error *err)
{
    const char *given = gl_flag_str(context, "review-by");
    int64_t today = today_unix_s();
    if (!given) {
        *ret_date = gl_attest_date(today + (int64_t)REVIEW_DAYS * DAY_S);
        return 0;
    }
    if (!gl_format_matches(GL_FORMAT_DATE, given))
        return gl_fail(err, GL_E_USAGE, _("--review-by is %s, not `%s`"),
                       gl_format_description(GL_FORMAT_DATE), given);
    int64_t day = day_unix_s(given);
    gl_autofree char *last = gl_attest_date(today + (int64_t)REVIEW_DAYS_MAX * DAY_S);
    if (day <= today || day > today + (int64_t)REVIEW_DAYS_MAX * DAY_S)
        return gl_fail(err, GL_E_USAGE,
                       _("--review-by lies after today and at most %d days ahead, until %s"),
                       REVIEW_DAYS_MAX, last);
    *ret_date = gl_strdup(given);
    return 0;
}

/* ---- the command line --------------------------------------------------------------------------
 */

static int check_key(const char *key, struct gl_error *err)
{
    if (gl_schema_find(key))
        return 0;
    const char *nearest = gl_schema_nearest(key);
    gl_fail(err, GL_E_USAGE, _("golive.yaml has no key `%s`"), key);
    return nearest ? gl_error_hint(err, _("did you mean `%s`?"), nearest)
                   : gl_error_hint(err, _("See: golive help config"));
}

static int characters(const char *text)
{
    uint32_t character = 0;
    size_t len = strlen(text);
    int count = 0;
    for (size_t at = 0; at < len; count++)
        at += gl_utf8_next(text + at, len - at, &character);
    return count;
}

static int check_reason(const char *key, const char *reason, struct gl_error *err)
{
    if (!reason) {
        gl_fail(err, GL_E_USAGE, _("why is it decided so? --reason is missing"));
        return gl_error_hint(err, _("golive decide %s --reason TEXT --by PERSON"), key);
    }
    if (!gl_attestation_fits(reason))
        return gl_fail(err, GL_E_USAGE, _("--reason is one line without control characters"));
    return characters(reason) < REASON_MIN
               ? gl_fail(err, GL_E_USAGE,
                         _("--reason has at least %d characters: what was weighed "
                           "against what?"),
                         REASON_MIN)
               : 0;
}

/* NULL = not given: nothing is said about what was weighed. */
static int read_criteria(const char *given, struct gl_strv *criteria, struct gl_error *err)
{
    if (!given)
        return 0;
    gl_strv_split(criteria, given, ", ");
    if (criteria->count)
        return 0;
    gl_fail(err, GL_E_USAGE, _("--criteria names nothing"));
    return gl_error_hint(err, _("What was weighed, separated by commas: --criteria cost,network"));
}

/* Without --by it is who works here, as git knows them. */
static int find_person(const struct gl_context *context, const char **ret_person,
                       struct gl_error *err)
{
    gl_autofree char *here = NULL;
    const char *by = gl_flag_str(context, "by");
    if (!by)
        by = gl_person_here(context->config, &here);
    if (!by) {
        gl_fail(err, GL_E_USAGE, _("who decides? --by is missing"));
        return gl_error_hint(err, _("The id of a person in people of golive.yaml."));
    }
    if (!gl_person_find(context->config, by)) {
        gl_fail(err, GL_E_USAGE, _("%s is not among people of golive.yaml"), by);
        return gl_error_hint(err, _("Write the person below people first."));
    }
    *ret_person = by;
    return 0;
}

/* ---- the file ----------------------------------------------------------------------------------
 */

static size_t line_end(const char *text, size_t from)
{
    const char *newline = strchr(text + from, '\n');
    return newline ? (size_t)(newline - text) + 1 : strlen(text);
}

static void show_part(FILE *out, char mark, const char *text, size_t from, size_t to)
{
    while (from < to) {
        size_t end = line_end(text, from);
        fprintf(out, "%c%.*s%s", mark, (int)(end - from), text + from,
                text[end - 1] == '\n' ? "" : "\n");
        from = end;
    }
}

/* The edit touches one run of lines: what is before and behind it is the same. */
static void show_difference(FILE *out, const char *path, const char *before, const char *after)
{
    size_t head = 0;
    unsigned line = 1;
    while (before[head] && line_end(before, head) == line_end(after, head) &&
           memcmp(before + head, after + head, line_end(before, head) - head) == 0) {
        head = line_end(before, head);
        line++;
    }
    size_t old_end = strlen(before);
    size_t new_end = strlen(after);
    while (old_end > head && new_end > head && before[old_end - 1] == after[new_end - 1]) {
        old_end--;
        new_end--;
    }
    if (old_end > head)
        old_end = line_end(before, old_end - 1);
    if (new_end > head)
        new_end = line_end(after, new_end - 1);
    fprintf(out, "%s:%u\n", gl_path_base(path), line);
    show_part(out, '-', before, head, old_end);
    show_part(out, '+', after, head, new_end);
}

static int write(const char *path, const struct gl_buf *text, struct gl_error *err)
{
    struct stat status;
    gl_autofree char *real = realpath(path, NULL); /* the file, not a link to it */
    const char *target = real ? real : path;
    mode_t mode = stat(target, &status) == 0 ? status.st_mode & 07777 : 0644;
    return gl_write_file(target, text->data, text->len, mode, err);
}

static int verify(const struct gl_context *context, const struct gl_buf *before,
                  const struct gl_buf *after, const struct gl_decision *decision,
                  struct gl_error *err)
{
    gl_autodiag struct gl_diagnostics problems = {0};
    struct gl_config_request request = {.path = gl_config_path(context->config),
                                        .env = gl_config_env(context->config)};
    int failed = gl_decision_verify(&request, before, after, decision, &problems, err);
    if (problems.count)
        gl_diagnostics_print(&problems, stderr, context->colour);
    return failed;
}

/* A default decides nothing: for prod the key must stand in the file. */
static void note_default(const struct gl_context *context, const char *key)
{
    if (gl_config_origin(context->config, key).kind == GL_ORIGIN_DEFAULT)
        fprintf(stderr,
                _("Note: golive.yaml does not say %s itself; a default does not count as "
                  "decided. Write it there, too.\n"),
                key);
}

static int apply(struct gl_context *context, const struct gl_decision *decision,
                 struct gl_error *err)
{
    gl_autobuf struct gl_buf before = {0};
    gl_autobuf struct gl_buf after = {0};
    const char *path = gl_config_path(context->config);
    bool dry = gl_flag_bool(context, "dry-run");
    int failed = gl_read_file(path, FILE_MAX_BYTES, &before, err);
    if (failed == 0)
        failed = gl_decision_edit(gl_buf_text(&before), before.len, decision, &after, err);
    if (failed == GL_E_REFUSED && err->line) {
        gl_error_at(err, path, err->line, 1);
        return gl_error_hint(err, _("Write each decision on a line of its own below decisions:"));
    }
    if (failed == 0)
        failed = verify(context, &before, &after, decision, err);
    if (failed == 0 && !dry)
        failed = write(path, &after, err);
    if (failed < 0)
        return failed;
    show_difference(context->out, path, gl_buf_text(&before), gl_buf_text(&after));
    if (!dry)
        fprintf(context->out, _("%s is decided by %s until %s.\n"), decision->key, decision->by,
                decision->review_by);
    note_default(context, decision->key);
    return 0;
}

static int decide(struct gl_context *context, struct gl_error *err)
{
    gl_autofree char *review_by = NULL;
    gl_autofree char *decided = gl_attest_date(today_unix_s());
    gl_autostrv struct gl_strv criteria = {0};
    struct gl_decision decision = {.key = context->args.items[0],
                                   .reason = gl_flag_str(context, "reason"),
                                   .decided = decided,
                                   .criteria = &criteria};
    int failed = check_key(decision.key, err);
    if (failed == 0)
        failed = check_reason(decision.key, decision.reason, err);
    if (failed == 0)
        failed = read_criteria(gl_flag_str(context, "criteria"), &criteria, err);
    if (failed == 0)
        failed = find_person(context, &decision.by, err);
    if (failed == 0)
        failed = review_date(context, &review_by, err);
    decision.review_by = review_by;
    return failed < 0 ? failed : apply(context, &decision, err);
}

/* ---- the list ----------------------------------------------------------------------------------
 */

/* A decision with its key and value. */
struct row {
    json_t *json;
};

/* Those to be thought over first. */
static int by_review(const void *left, const void *right)
{
    const json_t *a = ((const struct row *)left)->json;
    const json_t *b = ((const struct row *)right)->json;
    int order = strcmp(gl_json_str(a, "review_by", ""), gl_json_str(b, "review_by", ""));
    return order ? order : strcmp(gl_json_str(a, "key", ""), gl_json_str(b, "key", ""));
}

static char *value_of(const struct gl_config *config, const char *key)
{
    const json_t *value = gl_schema_find(key) ? gl_config_node(config, key) : NULL;
    const char *text = json_string_value(value);
    return text ? gl_strdup(text) : value ? gl_json_canonical(value) : gl_strdup("-");
}

static json_t *row_of(const struct gl_config *config, const char *key, const json_t *decision,
                      const char *today)
{
    json_t *row = json_deep_copy(decision);
    gl_autofree char *value = value_of(config, key);
    gl_json_set_str(row, "key", key);
    gl_json_set_str(row, "value", value);
    gl_json_set_bool(row, "due", strcmp(gl_json_str(decision, "review_by", ""), today) <= 0);
    return row;
}

static void show_row(FILE *out, const json_t *row)
{
    fprintf(out, "%s  %-26s %s\n            %s, %s: %s\n", gl_json_str(row, "review_by", ""),
            gl_json_str(row, "key", ""), gl_json_str(row, "value", ""), gl_json_str(row, "by", ""),
            gl_json_str(row, "decided", ""), gl_json_str(row, "reason", ""));
    if (gl_json_bool(row, "due", false))
        fprintf(out, _("            due: think it over, then golive decide %s\n"),
                gl_json_str(row, "key", ""));
}

static int list(struct gl_context *context)
{
    const char *key;
    json_t *decision;
    json_t *decisions = (json_t *)gl_config_node(context->config, "decisions");
    gl_autofree char *today = gl_attest_date(today_unix_s());
    gl_autojson json_t *sorted = json_array();
    size_t count = 0;
    gl_autofree struct row *rows = gl_alloc((json_object_size(decisions) + 1) * sizeof *rows);
    json_object_foreach(decisions, key, decision) rows[count++].json =
        row_of(context->config, key, decision, today);
    qsort(rows, count, sizeof *rows, by_review);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(sorted, rows[i].json);
        if (!context->format_json)
            show_row(context->out, rows[i].json);
    }
    if (context->format_json)
        gl_cmd_print_json(context, sorted);
    else if (!count)
        fputs(_("Nothing is decided yet. Next: golive decide KEY --reason TEXT --by PERSON\n"),
              context->out);
    return 0;
}

static int run(struct gl_context *context, struct gl_error *err)
{
    return context->args.count ? decide(context, err) : list(context);
}

/* clang-format off */
static const struct gl_flag flags[] = {
    {"reason",    0,   GL_FLAG_TEXT, N_("TEXT"),   NULL, N_("why: at least 20 characters")},
    {"by",        0,   GL_FLAG_TEXT, N_("PERSON"), NULL, N_("id in people; who git says works here when not given")},
    {"review-by", 0,   GL_FLAG_TEXT, N_("DATE"),   NULL, N_("when it is thought over again, at most 366 days ahead; 180 days when not given")},
    {"criteria",  0,   GL_FLAG_TEXT, N_("WORDS"),  NULL, N_("what was weighed, separated by commas")},
    {"dry-run",   'n', GL_FLAG_BOOL, NULL,         NULL, N_("show what would be written")},
    {0},
};

static const struct gl_example examples[] = {
    {"golive decide", N_("what is decided, the next review first")},
    {"golive decide network.nat --reason \"prod survives the loss of a zone\" --by tanaka --dry-run", N_("look at the line first")},
    {"golive decide backend.platform --reason \"Blue/green and VPC control are needed\" --by sato --criteria network_control,cost", N_("with what was weighed")},
    {0},
};
/* clang-format on */

const struct gl_command gl_cmd_decide = {
    .name = "decide",
    .arguments = "[KEY]",
    .summary = N_("write down why a key of golive.yaml has its value"),
    .text =
        N_("Writes decisions.KEY into golive.yaml, in place of an older decision about the key; "
           "the rest of the file stays byte for byte. The result is read and compared before "
           "the file is replaced.\n\n"
           "Without KEY it lists the decisions (--format json). Exit status: 2 when the key, the "
           "person or a date does not fit, 7 when decisions is not written line by line."),
    .flags = flags,
    .examples = examples,
    .needs = GL_NEEDS_CONFIG,
    .max_args = 1,
    .run = run,
};
