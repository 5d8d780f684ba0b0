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

/* How much is read. */
struct gl_template_limits {
    size_t bytes;        /* of the file */
    size_t eval_bytes;   /* of what it evaluates to: a template can multiply its text without end */
    unsigned children;   /* entries of one list or map */
    unsigned resources;  /* also of what it evaluates to */
    unsigned parameters; /* and mappings, outputs */
};

/* What CloudFormation takes, for templates that golive sends: the limits above. */
extern const struct gl_template_limits gl_template_limits_aws;
/* For templates that are only judged: 5 MB and 10,000 resources. */
extern const struct gl_template_limits gl_template_limits_given;

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
    const struct gl_template_limits *limits;
    bool serverless;          /* Transform has AWS::Serverless-2016-10-31 */
    bool language_extensions; /* Transform has AWS::LanguageExtensions */
    bool loops;               /* a key begins with Fn::ForEach */
};

/* Reads any YAML or JSON text into a tree. GL_E_CONFIG with file, line and column: syntax,
 * duplicate keys, anchors, aliases, unknown tags, more than one document, the limits above.
 * `file` is copied. */
gl_nodiscard int gl_template_parse(struct gl_arena *arena, const char *text, size_t len,
                                   const char *file, struct gl_value **ret_root,
                                   struct gl_error *err);

/* The same within other limits (NULL = gl_template_limits_aws). */
gl_nodiscard int gl_template_parse_within(struct gl_arena *arena,
                                          const struct gl_template_limits *limits,
                                          const struct gl_buf *text, const char *file,
                                          struct gl_value **ret_root, struct gl_error *err);

/* The same, and checks the shape of a template: known sections, resources with a Type, at most the
 * limits above. */
gl_nodiscard int gl_template_read(struct gl_arena *arena, const char *text, size_t len,
                                  const char *file, struct gl_template *ret_template,
                                  struct gl_error *err);

/* The same within other limits, which must live as long as the template. */
gl_nodiscard int gl_template_read_within(struct gl_arena *arena,
                                         const struct gl_template_limits *limits,
                                         const struct gl_buf *text, const char *file,
                                         struct gl_template *ret_template, struct gl_error *err);

/* The same of a tree that was read; `root` belongs to the arena. */
gl_nodiscard int gl_template_take(struct gl_arena *arena, const struct gl_template_limits *limits,
                                  const struct gl_value *root, const char *file,
                                  struct gl_template *ret_template, struct gl_error *err);

/* gl_fail(GL_E_CONFIG) at the place of a value. */
int gl_fail_at(struct gl_error *err, const struct gl_value *at, const char *fmt, ...)
    gl_printf(3, 4);

#endif
