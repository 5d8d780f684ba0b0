/* The functions of CloudFormation by name. */
#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/eval_internal.h"

static struct gl_value *import(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *name = gl_eval_value(e, argument);
    if (!name)
        return NULL;
    gl_autofree char *text = gl_value_show(name);
    return gl_value_unknown(e->arena, GL_UNKNOWN_IMPORT, text, argument);
}

/* A macro runs in the account; its call stays as it is. */
static struct gl_value *macro(struct gl_evaluation *e, const struct gl_value *argument)
{
    struct gl_value *call = gl_value_new(e->arena, GL_VALUE_MAP, argument);
    gl_value_append(call, gl_value_copy(e->arena, argument), "Fn::Transform");
    return call;
}

static const struct {
    const char *name;
    gl_function_fn *run;
} functions[] = {
    {"Fn::And",          gl_eval_misplaced},
    {"Fn::Base64",       gl_eval_base64   },
    {"Fn::Cidr",         gl_eval_cidr     },
    {"Fn::Equals",       gl_eval_misplaced},
    {"Fn::FindInMap",    gl_eval_map      },
    {"Fn::GetAZs",       gl_eval_zones    },
    {"Fn::GetAtt",       gl_eval_getatt   },
    {"Fn::If",           gl_eval_if       },
    {"Fn::ImportValue",  import           },
    {"Fn::Join",         gl_eval_join     },
    {"Fn::Length",       gl_eval_length   },
    {"Fn::Not",          gl_eval_misplaced},
    {"Fn::Or",           gl_eval_misplaced},
    {"Fn::Select",       gl_eval_select   },
    {"Fn::Split",        gl_eval_split    },
    {"Fn::Sub",          gl_eval_sub      },
    {"Fn::ToJsonString", gl_eval_json_text},
    {"Fn::Transform",    macro            },
    {"Ref",              gl_eval_ref      },
};

gl_function_fn *gl_function_find(const char *name)
{
    for (size_t i = 0; i < GL_COUNT(functions); i++) {
        if (strcmp(functions[i].name, name) == 0)
            return functions[i].run;
    }
    return NULL;
}

const char *gl_function_nearest(const char *name)
{
    const char *names[GL_COUNT(functions)];
    for (size_t i = 0; i < GL_COUNT(functions); i++)
        names[i] = functions[i].name;
    return gl_nearest(name, names, GL_COUNT(functions));
}
