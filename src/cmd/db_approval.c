/* The second name on a statement that writes to a shared database. */
#include "cmd/db_approval.h"

#include <string.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "release/approval.h"
#include "release/person.h"
#include "sign/signature.h"

#define TEXT_MAX 4096

bool gl_db_approval_is_wanted(const struct gl_config *config)
{
    return strcmp(gl_config_env(config), "local") != 0;
}

int gl_db_approval_text(const struct gl_context *context, const char *sql, char **ret_text,
                        struct gl_error *err)
{
    const struct gl_config *config = context->config;
    gl_autofree char *name = NULL;
    gl_autojson json_t *json = json_object();
    char hash[GL_SHA256_HEX_SIZE];
    int64_t now_s = gl_ledger_unix_ms(context->ledger) / 1000;
    const char *requester = gl_person_here(config, &name);
    if (!requester) {
        gl_fail(err, GL_E_REFUSED, _("it is not known who asks: %s is nobody of people[]"),
                name ? name : "?");
        return gl_error_hint(err, _("Put git's user.email into people[] of golive.yaml: nobody "
                                    "approves a statement of their own."));
    }
    gl_sha256_hex(sql, strlen(sql), hash);
    gl_json_set_str(json, "app", gl_config_str(config, "app.name"));
    gl_json_set_str(json, "env", gl_config_env(config));
    gl_json_set_str(json, "requester", requester);
    gl_json_set_str(json, "sql_sha256", hash);
    gl_json_set_int(json, "time", now_s);
    gl_json_set_int(json, "expires", now_s + gl_config_int(config, "approval.valid_hours") * 3600);
    gl_autofree char *line = gl_json_canonical(json);
    *ret_text = gl_asprintf("%s\n", line);
    return 0;
}

/* ---- whether it counts ---- */

/* What is judged; everything is borrowed. */
struct judged {
    const struct gl_context *context;
    const char *sql;
    const json_t *statement;
    const char *signer;
    const char *hash; /* of the signed text */
};

static bool is_about_this(const struct judged *judged)
{
    const struct gl_config *config = judged->context->config;
    char hash[GL_SHA256_HEX_SIZE];
    gl_sha256_hex(judged->sql, strlen(judged->sql), hash);
    return strcmp(gl_json_str(judged->statement, "sql_sha256", ""), hash) == 0 &&
           strcmp(gl_json_str(judged->statement, "env", ""), gl_config_env(config)) == 0 &&
           strcmp(gl_json_str(judged->statement, "app", ""), gl_config_str(config, "app.name")) ==
               0;
}

static bool is_in_time(const struct judged *judged)
{
    const struct gl_config *config = judged->context->config;
    int64_t now_s = gl_ledger_unix_ms(judged->context->ledger) / 1000;
    int64_t time_s = gl_json_int(judged->statement, "time", 0);
    int64_t expires_s = gl_json_int(judged->statement, "expires", 0);
    int64_t longest_s = gl_config_int(config, "approval.valid_hours") * 3600;
    return time_s > 0 && now_s <= expires_s && expires_s - time_s <= longest_s &&
           time_s <= now_s + 300;
}

static bool is_an_approver(const struct judged *judged)
{
    return judged->signer &&
           gl_person_in(gl_config_node(judged->context->config, "approval.approvers"),
                        judged->signer);
}

/* Neither who asked then, nor who runs it now; nobody knows that of somebody unknown. */
static bool is_another(const struct judged *judged)
{
    gl_autofree char *name = NULL;
    const char *here = gl_person_here(judged->context->config, &name);
    const char *requester = gl_json_str(judged->statement, "requester", "");
    return *requester && strcmp(requester, judged->signer) != 0 && here &&
           strcmp(here, judged->signer) != 0;
}

struct use {
    const char *hash; /* of the signed text */
    int64_t seq;      /* of the first event that notes it; 0 = none */
};

static int find_use(const struct gl_event *event, void *context, struct gl_error *err)
{
    struct use *use = context;
    (void)err;
    if (!use->seq && strcmp(event->kind, "db.exec.begin") == 0 &&
        strcmp(gl_json_str(event->data, "approval", ""), use->hash) == 0)
        use->seq = event->seq;
    return 0;
}

static bool is_unused(const struct judged *judged)
{
    gl_autoerr struct gl_error ignored = {0};
    struct use use = {.hash = judged->hash};
    return gl_ledger_read(judged->context->ledger, 0, find_use, &use, &ignored) == 0 && !use.seq;
}

int gl_db_approval_claim(const struct gl_context *context, const char *hash, int64_t seq,
                         struct gl_error *err)
{
    struct use use = {.hash = hash};
    int failed = gl_ledger_read(context->ledger, 0, find_use, &use, err);
    if (failed < 0 || use.seq == seq)
        return failed;
    gl_fail(err, GL_E_REFUSED, _("the approval does not count: %s"), _("it was used already"));
    return gl_error_hint(err, _("Ask for a new one: golive db exec ... --write --statement "
                                "shows what is to be signed."));
}

static const struct {
    bool (*holds)(const struct judged *judged);
    const char *objection; /* N_() */
} rules[] = {
    {is_about_this,  N_("it is about another statement, environment or application")               },
    {is_in_time,     N_("it has expired")                                                          },
    {is_an_approver, N_("its signer is not in approval.approvers")                                 },
    {is_another,     N_("its signer is who asked for it or runs it, or nobody of people[] runs it")},
    {is_unused,      N_("it was used already")                                                     },
};

static int judge(const struct judged *judged, struct gl_error *err)
{
    for (size_t i = 0; i < GL_COUNT(rules); i++) {
        if (rules[i].holds(judged))
            continue;
        gl_fail(err, GL_E_REFUSED, _("the approval does not count: %s"), _(rules[i].objection));
        return gl_error_hint(err, _("Ask for a new one: golive db exec ... --write --statement "
                                    "shows what is to be signed."));
    }
    return 0;
}

static int read_text(const char *path, size_t most, struct gl_buf *ret_text, struct gl_error *err)
{
    return gl_read_file(path, most, ret_text, err);
}

static int check_signature(const struct gl_buf *text, const char *path,
                           struct gl_signature *ret_signature, struct gl_error *err)
{
    gl_autofree char *beside = gl_asprintf("%s.sig", path);
    gl_autobuf struct gl_buf armoured = {0};
    const struct gl_signed what = {GL_DB_APPROVAL_NAMESPACE, gl_buf_text(text), text->len};
    int failed = read_text(beside, GL_SIGNATURE_TEXT_MAX, &armoured, err);
    if (failed == 0)
        failed = gl_signature_read(gl_buf_text(&armoured), armoured.len, ret_signature, err);
    if (failed == 0)
        failed = gl_signature_check(ret_signature, &ret_signature->key, &what, err);
    return failed;
}

int gl_db_approval_check(const struct gl_context *context, const char *sql, const char *path,
                         const char **ret_person, char **ret_hash, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    gl_autosignature struct gl_signature signature = {0};
    gl_autojson json_t *statement = NULL;
    char hash[GL_SHA256_HEX_SIZE];
    int failed = read_text(path, TEXT_MAX, &text, err);
    if (failed == 0)
        failed = check_signature(&text, path, &signature, err);
    if (failed == 0)
        failed = gl_json_parse(gl_buf_text(&text), text.len, path, &statement, err);
    if (failed < 0)
        return failed;
    gl_sha256_hex(gl_buf_text(&text), text.len, hash);
    const struct judged judged = {
        .context = context,
        .sql = sql,
        .statement = statement,
        .signer = gl_approval_owner(context->config, &signature.key),
        .hash = hash,
    };
    failed = judge(&judged, err);
    if (failed < 0)
        return failed;
    *ret_person = judged.signer;
    *ret_hash = gl_strdup(hash);
    return 0;
}
