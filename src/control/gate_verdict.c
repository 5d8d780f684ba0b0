/* Go or No-Go, by the controls of a check as they stand in its JSON. */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "control/gate.h"

/* The gate's own control is the signature over its result. */
static const char own_control[] = "8.P4.1";
static const char never_waived[] = "9";

/* The longest that fits counts, so the more special ones stand first. */
static const struct {
    const char *prefix;
    const char *area;
} areas[] = {
    {"1.1.3",  "database"      },
    {"1.1.4",  "dns"           },
    {"1.1.5",  "security"      },
    {"1.1.6",  "security"      },
    {"1.1.7",  "incident"      },
    {"1.2.5",  "cost"          },
    {"1",      "infrastructure"},
    {"2.1.1",  "dns"           },
    {"2",      "security"      },
    {"3",      "release"       },
    {"4.3",    "security"      },
    {"4",      "application"   },
    {"5.3.4",  "database"      },
    {"5",      "incident"      },
    {"6",      "database"      },
    {"7",      "dns"           },
    {"8.P0.3", "cost"          },
    {"8.P0",   "infrastructure"},
    {"8.P1",   "infrastructure"},
    {"8.P2",   "release"       },
    {"8.P3",   "incident"      },
    {"8.P4",   "release"       },
    {"9.1",    "security"      },
    {"9.2",    "database"      },
    {"9.3",    "incident"      },
    {"9.5",    "dns"           },
    {"9.6",    "incident"      },
    {"9",      "release"       },
    {"10",     "infrastructure"},
};

const char *gl_gate_area(const char *id)
{
    for (size_t i = 0; i < GL_COUNT(areas); i++) {
        if (gl_control_selected(id, areas[i].prefix))
            return areas[i].area;
    }
    return "application"; /* controls of its own */
}

/* ---- why a control is open ---------------------------------------------------------------------
 */

/* The first finding of a rule with the status that makes the control what it is. */
static const json_t *telling_of(const json_t *rule, const char *status)
{
    size_t index;
    json_t *finding;
    json_array_foreach(json_object_get(rule, "findings"), index, finding)
    {
        if (strcmp(gl_json_str(finding, "status", ""), status) == 0 &&
            !gl_json_bool(finding, "waived", false))
            return finding;
    }
    return NULL;
}

/* The first one of a control; what waits for --live tells only where nothing else does. */
static const json_t *telling(const json_t *control)
{
    const char *status = gl_json_str(control, "status", "");
    for (int deferred = 0; deferred <= 1; deferred++) {
        size_t index;
        json_t *rule;
        json_array_foreach(json_object_get(control, "rules"), index, rule)
        {
            const json_t *finding = telling_of(rule, status);
            if (finding && gl_json_bool(rule, "deferred", false) == deferred)
                return finding;
        }
    }
    return NULL;
}

static char *reason_of(const json_t *finding)
{
    const char *resource = gl_json_str(finding, "resource", NULL);
    const char *reason = gl_json_str(finding, "reason", "");
    return resource ? gl_asprintf("%s: %s", resource, reason) : gl_strdup(reason);
}

static bool is_closed(const json_t *control)
{
    static const char *const closed[] = {"pass", "waived", "not_applicable"};
    const char *status = gl_json_str(control, "status", "");
    for (size_t i = 0; i < GL_COUNT(closed); i++) {
        if (strcmp(closed[i], status) == 0)
            return true;
    }
    return false;
}

/* NULL = it is not open; the caller owns it. */
static char *why_open(const json_t *control)
{
    int64_t deferred = gl_json_int(control, "deferred", 0);
    if (!is_closed(control))
        return reason_of(telling(control));
    if (strcmp(gl_json_str(control, "status", ""), "waived") == 0 &&
        gl_control_selected(gl_json_str(control, "id", ""), never_waived))
        return gl_strdup(_("it is waived, which the last gate does not allow"));
    return deferred ? gl_asprintf(_("%lld rules need --live"), (long long)deferred) : NULL;
}

/* ---- the verdict -------------------------------------------------------------------------------
 */

static bool is_judged(const json_t *control, const char *stage)
{
    int when = gl_word_index(gl_stage_words, gl_json_str(control, "judged", ""));
    return when <= gl_word_index(gl_stage_words, stage) &&
           strcmp(gl_json_str(control, "id", ""), own_control) != 0;
}

static void set_place(json_t *item, const json_t *at)
{
    static const char *const members[] = {"file", "line"};
    for (size_t i = 0; i < GL_COUNT(members); i++) {
        json_t *value = json_object_get(at, members[i]);
        if (value)
            json_object_set(item, members[i], value);
    }
}

static void add_control(json_t *open, const json_t *control)
{
    gl_autofree char *why = why_open(control);
    const char *id = gl_json_str(control, "id", "");
    if (!why)
        return;
    json_t *item = json_object();
    gl_json_set_str(item, "control", id);
    gl_json_set_str(item, "title", gl_json_str(control, "title", ""));
    gl_json_set_str(item, "area", gl_gate_area(id));
    gl_json_set_str(item, "severity", gl_json_str(control, "severity", ""));
    gl_json_set_str(item, "status", gl_json_str(control, "status", ""));
    gl_json_set_str(item, "why", why);
    if (!is_closed(control))
        set_place(item, telling(control));
    gl_json_set_str(item, "remedy", gl_json_str(control, "remedy", NULL));
    json_array_append_new(open, item);
}

/* What was left out was not judged. */
static void add_problem(json_t *open, const json_t *problem)
{
    const char *file = gl_json_str(problem, "file", "");
    json_t *item = json_object();
    gl_json_set_str(item, "control", file);
    gl_json_set_str(item, "title", _("A control that was left out"));
    gl_json_set_str(item, "area", gl_gate_area(""));
    gl_json_set_str(item, "severity", "critical");
    gl_json_set_str(item, "status", "unknown");
    gl_json_set_str(item, "why", gl_json_str(problem, "message", ""));
    set_place(item, problem);
    gl_json_set_str(item, "remedy", gl_json_str(problem, "hint", NULL));
    json_array_append_new(open, item);
}

json_t *gl_gate_verdict(const char *stage, const json_t *controls, const json_t *problems)
{
    size_t index;
    size_t judged = 0;
    json_t *item;
    json_t *open = json_array();
    json_array_foreach((json_t *)controls, index, item)
    {
        if (!is_judged(item, stage))
            continue;
        judged++;
        add_control(open, item);
    }
    json_array_foreach((json_t *)problems, index, item) add_problem(open, item);
    json_t *verdict = json_object();
    gl_json_set_bool(verdict, "go", judged > 0 && json_array_size(open) == 0);
    gl_json_set_int(verdict, "judged", (int64_t)judged);
    json_object_set_new(verdict, "open", open);
    return verdict;
}
