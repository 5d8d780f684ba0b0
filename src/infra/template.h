/* Reading CloudFormation templates, YAML with short and long function tags or JSON.
 *
 * Every value knows its file, line and column. Short tags are rewritten to the long form while
 * reading (`!Sub x` to {"Fn::Sub": x}), so that what follows sees one notation.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html */
#ifndef GL_INFRA_TEMPLATE_H
#define GL_INFRA_TEMPLATE_H

#include "base/error.h"
#include "infra/value.h"

enum {
    GL_TEMPLATE_DEPTH_MAX = 64,           /* nesting; keeps every walk shallow */
    GL_TEMPLATE_BYTES_MAX = 1024 * 1024,  /* CloudFormation's own limit for a template in S3 */
    GL_TEMPLATE_CHILDREN_MAX = 1000,      /* entries of one list or map */
    GL_TEMPLATE_RESOURCES_MAX = 500,      /* CloudFormation's own limit */
    GL_TEMPLATE_PARAMETERS_MAX = 200,     /* CloudFormation's own limit */
    GL_TEMPLATE_INLINE_BYTES_MAX = 51200, /* above, CloudFormation wants the template in S3 */
};

/* Sections are maps, or NULL where the template has none. Belongs to the arena. */
struct gl_template {
    const char *file; /* as messages call it */
    const struct gl_value *root;
    const struct gl_value *parameters;
    const struct gl_value *mappings;
    const struct gl_value *conditions;
    const struct gl_value *resources; /* never NULL */
    const struct gl_value *outputs;
    const struct gl_value *golive; /* Metadata.golive */
    bool language_extensions;      /* Transform has AWS::LanguageExtensions */
    bool loops;                    /* a key begins with Fn::ForEach */
};

/* Reads any YAML or JSON text into a tree. GL_E_CONFIG with file, line and column: syntax,
 * duplicate keys, anchors, aliases, unknown tags, more than one document, the limits above.
 * `file` is copied. */
gl_nodiscard int gl_template_parse(struct gl_arena *arena, const char *text, size_t len,
                                   const char *file, struct gl_value **ret_root,
                                   struct gl_error *err);

/* The same, and checks the shape of a template: known sections, resources with a Type, at most the
 * limits above. */
gl_nodiscard int gl_template_read(struct gl_arena *arena, const char *text, size_t len,
                                  const char *file, struct gl_template *ret_template,
                                  struct gl_error *err);

/* gl_fail(GL_E_CONFIG) at the place of a value. */
int gl_fail_at(struct gl_error *err, const struct gl_value *at, const char *fmt, ...)
    gl_printf(3, 4);

#endif
