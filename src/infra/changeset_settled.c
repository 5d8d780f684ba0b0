/* Which "may change" of a change set cannot be.
 *
 * CloudFormation marks every reference to an attribute of a resource that changes as one whose
 * value only the execution knows (Evaluation Dynamic). But identifiers stay as long as the resource
 * is not replaced: a new tag on a key changes nothing for what is encrypted by it. */
#include <string.h>

#include "base/strv.h"
#include "infra/changeset_internal.h"

enum { DEPTH_MAX = 16 }; /* longer chains of references count as unsettled */

/* Attributes that a resource keeps for life, by their ends. */
static const char *const lasting[] = {"Arn", "ARN", "Id", "ID", "Name", "Address", "Port"};

static bool lasts(const char *attribute)
{
    for (size_t i = 0; i < GL_COUNT(lasting); i++) {
        if (gl_ends_with(attribute, lasting[i]))
            return true;
    }
    return false;
}

static const json_t *change_of(const json_t *changes, const char *id)
{
    size_t i;
    const json_t *item;
    json_array_foreach(changes, i, item)
    {
        const json_t *change = json_object_get(item, "ResourceChange");
        if (strcmp(gl_json_str(change, "LogicalResourceId", ""), id) == 0)
            return change;
    }
    return NULL;
}

static bool is_settled(const json_t *changes, const json_t *detail, int depth);

/* Bounded by DEPTH_MAX. */
/* NOLINTBEGIN(misc-no-recursion) */

/* True if the resource gets, or may get, another identity. */
static bool may_be_replaced(const json_t *changes, const json_t *change, int depth)
{
    const char *replacement = gl_json_str(change, "Replacement", "False");
    const json_t *details = json_object_get(change, "Details");
    size_t i;
    const json_t *detail;
    if (strcmp(replacement, "Conditional") != 0 || depth > DEPTH_MAX)
        return strcmp(replacement, "False") != 0;
    json_array_foreach(details, i, detail)
    {
        const json_t *target = json_object_get(detail, "Target");
        bool never = strcmp(gl_json_str(target, "RequiresRecreation", "Never"), "Never") == 0;
        if (!never && !is_settled(changes, detail, depth + 1))
            return true;
    }
    return false;
}

static bool is_settled(const json_t *changes, const json_t *detail, int depth)
{
    const char *cause = gl_json_str(detail, "CausingEntity", NULL);
    const char *source = gl_json_str(detail, "ChangeSource", "");
    if (!cause || strcmp(gl_json_str(detail, "Evaluation", ""), "Dynamic") != 0 ||
        !gl_starts_with(source, "Resource"))
        return false;
    gl_autofree char *id = gl_strndup(cause, strcspn(cause, "."));
    const char *attribute = cause + strlen(id);
    if (*attribute && !lasts(attribute))
        return false;
    const json_t *change = change_of(changes, id);
    return change && !may_be_replaced(changes, change, depth);
}

/* NOLINTEND(misc-no-recursion) */

bool gl_changeset_detail_is_settled(const json_t *changes, const json_t *detail)
{
    return is_settled(changes, detail, 0);
}
