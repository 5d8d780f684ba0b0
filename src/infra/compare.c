/* Comparing the evaluated stacks of two environments. */
#include "infra/compare.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "infra/pattern.h"
#include "infra/render.h"

/* ---- rules: the first one that fits decides -----------------------------------------------------
 */

#define MAY      GL_VERDICT_MAY
#define MUST_NOT GL_VERDICT_MUST_NOT

/* `type` and `path` are patterns with *; an empty path stands for a resource on one side only. */
/* clang-format off */
static const struct {
    const char *type;
    const char *path;
    enum gl_verdict verdict;
    const char *reason;
} rules[] = {
    {"*", "SslPolicy",                                 MUST_NOT, N_("TLS policy")},
    {"*", "*MinimumProtocolVersion",                   MUST_NOT, N_("TLS policy")},
    {"*", "*ViewerProtocolPolicy",                     MUST_NOT, N_("TLS policy")},
    {"*", "*strict_transport_security*",               MUST_NOT, N_("HSTS")},
    {"*", "*StrictTransportSecurity*",                 MUST_NOT, N_("HSTS")},
    {"AWS::RDS::DBParameterGroup", "Parameters.*",     MUST_NOT, N_("parameters of the database")},
    {"*", "StorageEncrypted",                          MUST_NOT, N_("encryption")},
    {"*", "*[Ee]ncrypt*",                              MUST_NOT, N_("encryption")},
    {"*", "EnableKeyRotation",                         MUST_NOT, N_("encryption")},
    {"AWS::WAFv2::*", "*",                             MUST_NOT, N_("firewall")},
    {"AWS::WAFv2::*", "",                              MUST_NOT, N_("firewall")},
    {"*", "PubliclyAccessible",                        MUST_NOT, N_("public access")},
    {"*", "*PublicAccessBlock*",                       MUST_NOT, N_("public access")},
    {"*", "MapPublicIpOnLaunch",                       MUST_NOT, N_("public access")},
    {"*", "*AssignPublicIp",                           MUST_NOT, N_("public access")},
    {"*", "Scheme",                                    MUST_NOT, N_("public access")},
    {"AWS::EC2::SecurityGroup*", "CidrIp*",            MUST_NOT, N_("who may connect")},
    {"AWS::EC2::SecurityGroup*", "SecurityGroup*gress*", MUST_NOT, N_("who may connect")},
    {"AWS::EC2::SecurityGroup*", "",                   MUST_NOT, N_("who may connect")},
    {"*", "*ImageTagMutability*",                      MUST_NOT, N_("images")},
    {"*", "ImageScanningConfiguration*",               MUST_NOT, N_("images")},
    {"AWS::IAM::*", "*githubusercontent.com:sub*",     MAY, N_("branch that may release")},
    {"AWS::IAM::*", "*PolicyDocument*",                MUST_NOT, N_("rights")},
    {"AWS::IAM::*", "PermissionsBoundary",             MUST_NOT, N_("rights")},
    {"AWS::IAM::*", "ManagedPolicyArns*",              MUST_NOT, N_("rights")},
    {"AWS::ECS::Service", "DeploymentConfiguration.*", MUST_NOT, N_("how releases happen")},
    {"AWS::CloudTrail::*", "*",                        MUST_NOT, N_("audit")},

    {"AWS::RDS::DBInstance", "DBInstanceClass",        MAY, N_("size")},
    {"AWS::RDS::DBInstance", "*AllocatedStorage",      MAY, N_("size")},
    {"AWS::RDS::DBInstance", "MultiAZ",                MAY, N_("standby")},
    {"AWS::RDS::DBInstance", "DeletionProtection",     MAY, N_("deletion protection")},
    {"AWS::RDS::DBInstance", "*RetentionPeriod",       MAY, N_("how long things are kept")},
    {"AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerAttributes*", MAY, N_("deletion protection")},
    {"*", "*DesiredCount",                             MAY, N_("size")},
    {"*", "MinCapacity",                               MAY, N_("size")},
    {"*", "MaxCapacity",                               MAY, N_("size")},
    {"*", "*Cpu",                                      MAY, N_("size")},
    {"*", "*Memory",                                   MAY, N_("size")},
    {"*", "CidrBlock",                                 MAY, N_("addresses")},
    {"*", "*Cidr*",                                    MAY, N_("addresses")},
    {"AWS::EC2::NatGateway", "*",                      MAY, N_("NAT")},
    {"AWS::EC2::NatGateway", "",                       MAY, N_("NAT")},
    {"AWS::EC2::EIP", "",                              MAY, N_("NAT")},
    {"AWS::EC2::Route", "*",                           MAY, N_("NAT")},
    {"AWS::EC2::Route", "",                            MAY, N_("NAT")},
    {"AWS::EC2::VPCEndpoint", "",                      MAY, N_("endpoints")},
    {"AWS::Scheduler::*", "",                          MAY, N_("office hours")},
    {"AWS::Scheduler::*", "*",                         MAY, N_("office hours")},
    {"AWS::EC2::Subnet*", "",                          MAY, N_("availability zones")},
    {"AWS::EC2::RouteTable", "",                       MAY, N_("availability zones")},
    {"*", "RetentionInDays",                           MAY, N_("how long things are kept")},
    {"AWS::CloudWatch::Alarm", "Threshold",            MAY, N_("size")},
    {"AWS::CloudWatch::Dashboard", "DashboardBody",    MAY, N_("lines of the thresholds")},
    {"AWS::Backup::BackupVault", "LockConfiguration*", MAY, N_("how long things are kept")},
    {"AWS::Budgets::Budget", "*",                      MAY, N_("budget")},
    {"AWS::SSM::Parameter", "Value",                   MAY, N_("value of a variable")},
    {"AWS::SSM::Parameter", "",                        MAY, N_("value of a variable")},
    {"*", "Tags*",                                     MAY, N_("tags")},
};

/* clang-format on */

static void judge(struct gl_difference *item)
{
    item->verdict = GL_VERDICT_UNCLEAR;
    item->reason = "";
    for (size_t i = 0; i < GL_COUNT(rules); i++) {
        bool whole = *rules[i].path == '\0';
        if (!gl_pattern_names(rules[i].type, item->type) || whole != !item->path ||
            (item->path && !gl_pattern_names(rules[i].path, item->path)))
            continue;
        item->verdict = rules[i].verdict;
        item->reason = _(rules[i].reason);
        return;
    }
}

/* ---- an environment's own names ----------------------------------------------------------------
 */

/* Values by which every environment differs; in texts they are taken for the same. */
static const char *const own_keys[] = {
    "domain.app", "domain.api", "domain.zone", "account_id", "region", "secrets_path",
};

static bool is_letter(char c)
{
    return isalnum((unsigned char)c);
}

/* Replaces whole words only: "stg" is not in "postgresql". */
static void replace_all(struct gl_buf *out, const char *text, const char *what, const char *by)
{
    size_t len = strlen(what);
    const char *begin = text;
    while (*text) {
        bool hit = len && strncmp(text, what, len) == 0 && !is_letter(text[len]) &&
                   (text == begin || !is_letter(text[-1]));
        if (hit) {
            gl_buf_puts(out, by);
            text += len;
        } else {
            gl_buf_putc(out, *text++);
        }
    }
}

/* The text with the environment's own names replaced by the keys they come from. */
static char *neutral(const struct gl_plan *plan, const char *text)
{
    char *now = gl_strdup(text);
    for (size_t i = 0; i <= GL_COUNT(own_keys); i++) {
        bool last = i == GL_COUNT(own_keys);
        const char *value = last ? plan->env : gl_config_str(plan->config, own_keys[i]);
        struct gl_buf out = {0};
        replace_all(&out, now, value ? value : "", last ? "{env}" : own_keys[i]);
        free(now);
        now = gl_buf_steal(&out);
    }
    return now;
}

static bool only_names(const struct gl_plan *before, const struct gl_plan *after,
                       const struct gl_property_change *property)
{
    if (!property->before || !property->after)
        return false;
    gl_autofree char *a = neutral(before, property->before);
    gl_autofree char *b = neutral(after, property->after);
    return strcmp(a, b) == 0;
}

/* ---- collecting --------------------------------------------------------------------------------
 */

struct comparing {
    const struct gl_plan *before;
    struct gl_plan *after;
    struct gl_comparison *result;
    size_t room;
};

static void add(struct comparing *c, struct gl_difference item)
{
    struct gl_comparison *result = c->result;
    judge(&item);
    if (result->count == c->room) {
        size_t room = c->room ? c->room * 2 : 64;
        struct gl_difference *more = gl_arena_alloc(&c->after->arena, room * sizeof *more);
        if (result->count)
            memcpy(more, result->items, result->count * sizeof *more);
        result->items = more;
        c->room = room;
    }
    result->items[result->count++] = item;
    result->counts[item.verdict]++;
}

static void add_resource(struct comparing *c, const char *stack,
                         const struct gl_resource_change *change)
{
    struct gl_difference item = {
        .stack = stack, .id = change->id, .type = change->type, .place = change->place};
    if (change->action != GL_CHANGE_MODIFY) {
        item.before = change->action == GL_CHANGE_ADD ? NULL : change->type;
        item.after = change->action == GL_CHANGE_REMOVE ? NULL : change->type;
        add(c, item);
        return;
    }
    for (size_t i = 0; i < change->property_count; i++) {
        const struct gl_property_change *property = &change->properties[i];
        if (only_names(c->before, c->after, property)) {
            c->result->names++;
            continue;
        }
        item.path = property->path;
        item.before = property->secret && property->before ? "***" : property->before;
        item.after = property->secret && property->after ? "***" : property->after;
        item.place = property->place;
        add(c, item);
    }
}

static void compare_stack(struct comparing *c, const struct gl_plan_stack *before,
                          const struct gl_plan_stack *after)
{
    static const struct gl_evaluated nothing;
    struct gl_stack_change change = {0};
    const struct gl_plan_stack *named = after ? after : before;
    gl_diff_stacks(&c->after->arena, before ? &before->result : &nothing,
                   after ? &after->result : &nothing, &change);
    for (size_t i = 0; i < change.resource_count; i++)
        add_resource(c, named->key, &change.resources[i]);
}

static const struct gl_plan_stack *same_stack(const struct gl_plan *plan, const char *key)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->stacks[i].key, key) == 0)
            return &plan->stacks[i];
    }
    return NULL;
}

static int worst_first(const void *a, const void *b)
{
    const struct gl_difference *left = a;
    const struct gl_difference *right = b;
    if (left->verdict != right->verdict)
        return left->verdict < right->verdict ? 1 : -1;
    int order = strcmp(left->stack, right->stack);
    if (order == 0)
        order = strcmp(left->id, right->id);
    return order ? order : strcmp(left->path ? left->path : "", right->path ? right->path : "");
}

void gl_compare_plans(const struct gl_plan *before, struct gl_plan *after,
                      struct gl_comparison *ret_comparison)
{
    struct gl_comparison result = {.before_env = before->env, .after_env = after->env};
    struct comparing c = {.before = before, .after = after, .result = &result};
    for (size_t i = 0; i < after->count; i++)
        compare_stack(&c, same_stack(before, after->stacks[i].key), &after->stacks[i]);
    for (size_t i = 0; i < before->count; i++) {
        if (!same_stack(after, before->stacks[i].key))
            compare_stack(&c, &before->stacks[i], NULL);
    }
    if (result.count)
        qsort(result.items, result.count, sizeof *result.items, worst_first);
    *ret_comparison = result;
}

/* ---- showing -----------------------------------------------------------------------------------
 */

enum { VERDICT_COLUMNS = 10 };

static const char *const words[] = {
    [GL_VERDICT_MAY] = N_("may differ"),
    [GL_VERDICT_UNCLEAR] = N_("look"),
    [GL_VERDICT_MUST_NOT] = N_("MUST NOT"),
};
static const char *const json_words[] = {"may", "unclear", "must_not"};

static void show_item(const struct gl_comparison *comparison, const struct gl_difference *item,
                      bool colour, struct gl_buf *out)
{
    bool bad = item->verdict == GL_VERDICT_MUST_NOT;
    gl_autofree char *verdict = gl_utf8_pad(_(words[item->verdict]), VERDICT_COLUMNS);
    gl_buf_printf(out, "  %s%s%s  %s %s", bad && colour ? "\033[31m" : "", verdict,
                  bad && colour ? "\033[0m" : "", item->stack, item->id);
    if (item->path) {
        gl_buf_printf(out, "  %s  ", item->path);
        gl_render_value(item->before ? item->before : _("(none)"), 60, out);
        gl_buf_puts(out, " | ");
        gl_render_value(item->after ? item->after : _("(none)"), 60, out);
    } else {
        gl_buf_printf(out, _("  %s only in %s"), item->type,
                      item->before ? comparison->before_env : comparison->after_env);
    }
    if (*item->reason)
        gl_buf_printf(out, "   %s", item->reason);
    if (bad && item->place.file)
        gl_buf_printf(out, "   %s:%u", item->place.file, item->place.line);
    gl_buf_putc(out, '\n');
}

void gl_compare_text(const struct gl_comparison *comparison, bool colour, struct gl_buf *out)
{
    gl_buf_printf(out,
                  _("%s | %s: %zu differences, %zu that must not be, %zu to look at, %zu that "
                    "may be; %zu only names\n"),
                  comparison->before_env, comparison->after_env, comparison->count,
                  comparison->counts[GL_VERDICT_MUST_NOT], comparison->counts[GL_VERDICT_UNCLEAR],
                  comparison->counts[GL_VERDICT_MAY], comparison->names);
    for (size_t i = 0; i < comparison->count; i++)
        show_item(comparison, &comparison->items[i], colour, out);
}

json_t *gl_compare_json(const struct gl_comparison *comparison)
{
    json_t *json = json_object();
    json_t *items = json_array();
    gl_json_set_str(json, "before", comparison->before_env);
    gl_json_set_str(json, "after", comparison->after_env);
    gl_json_set_int(json, "names", (int64_t)comparison->names);
    for (int i = 0; i < GL_VERDICT_COUNT; i++)
        gl_json_set_int(json, json_words[i], (int64_t)comparison->counts[i]);
    for (size_t i = 0; i < comparison->count; i++) {
        const struct gl_difference *at = &comparison->items[i];
        json_t *item = json_object();
        gl_json_set_str(item, "verdict", json_words[at->verdict]);
        gl_json_set_str(item, "stack", at->stack);
        gl_json_set_str(item, "id", at->id);
        gl_json_set_str(item, "type", at->type);
        gl_json_set_str(item, "path", at->path);
        gl_json_set_str(item, "before", at->before);
        gl_json_set_str(item, "after", at->after);
        gl_json_set_str(item, "reason", at->reason);
        gl_json_set_str(item, "file", at->place.file);
        gl_json_set_int(item, "line", at->place.line);
        json_array_append_new(items, item);
    }
    json_object_set_new(json, "differences", items);
    return json;
}
