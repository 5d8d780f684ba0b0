/* Parameters of a template: types and constraints, with CloudFormation's meaning.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
#ifndef GL_INFRA_PARAMETERS_H
#define GL_INFRA_PARAMETERS_H

#include "base/error.h"
#include "infra/template.h"

/* Gives every parameter of the template its typed value: `given` (map of name to text, number,
 * bool, list or unknown; may be NULL), else its Default. Lists become lists, texts stay texts, a
 * NoEcho value is marked secret. GL_E_CONFIG names the parameter and the rule it breaks. */
gl_nodiscard int gl_parameters_resolve(struct gl_arena *arena, const struct gl_template *template,
                                       const struct gl_value *given,
                                       const struct gl_value **ret_values, struct gl_error *err);

/* True for CommaDelimitedList and List<...>. */
bool gl_parameter_type_is_list(const char *type);

#endif
