/* Stacks as data: CloudFormation templates that say about themselves where their parameters come
 * from (`Metadata.golive`), and the catalog of them.
 *
 * Shipped stacks are inside the program. A file stacks/NAME.yaml beside golive.yaml takes
 * precedence over the shipped one of that name (it was ejected), or is a stack of the user's own.
 *
 *     Metadata:
 *       golive:
 *         summary: {en: one line, ja: ...}
 *         placements: [app]           app = the environment's region, global = us-east-1
 *         scope: env                  or account: once for all environments of an account
 *         when: ["frontend.mode == static"]     all must hold; absent = always; "app.repo != null",
 *                                                  "computed.NAME != null" (computed.h)
 *         data: [Database, "Secret[!s]*"]     logical ids that hold data; as in file names
 *         alarms: [error-rate]        words of alarms APP-ENV-WORD that take an update back
 *         parameters:
 *           VpcCidr: {config: network.vpc_cidr}
 *           VpcId: {output: network.VpcId}      or "certificate@global.CertificateArn"
 *           Placement: {instance: placement}    placement, env, app, region, account_id
 *           TaskDefinitionArn: {live: task_definition_arn}
 *           SecretNames: {computed: secret_names}
 *           Image: {release: image}             image, frontend_image, version, arch; only below
 *                                               release/
 */
#ifndef GL_INFRA_STACK_H
#define GL_INFRA_STACK_H

#include "infra/template.h"

enum gl_source_kind {
    GL_SOURCE_CONFIG,   /* a key of golive.yaml */
    GL_SOURCE_OUTPUT,   /* an output of another stack; makes the order */
    GL_SOURCE_INSTANCE, /* of this instance of the stack */
    GL_SOURCE_LIVE,     /* read from the account before each change set (live.h) */
    GL_SOURCE_COMPUTED, /* a function of golive.yaml (computed.h) */
    GL_SOURCE_RELEASE,  /* of one release; only below release/: see release_words in plan_given.c */
};

/* Where the value of a parameter comes from. */
struct gl_stack_parameter {
    const char *name;
    enum gl_source_kind kind;
    const char *source;
    const struct gl_value *at; /* the source in the template, for errors */
};

enum gl_placement {
    GL_PLACEMENT_APP,    /* environments.<env>.region */
    GL_PLACEMENT_GLOBAL, /* us-east-1: CloudFront's certificate and firewall */
    GL_PLACEMENT_COUNT,
};

/* "app", "global". */
const char *gl_placement_word(enum gl_placement placement);

struct gl_stack_def {
    const char *name; /* "network" */
    const char *file; /* "stacks/network.yaml" */
    const char *text; /* the template as it is sent */
    size_t len;
    const char *shipped; /* the shipped template's text, or NULL for a stack of the user's own */
    bool ejected;        /* the user's file takes the place of the shipped one */
    const char *summary; /* one line in the user's language; "" if the stack says none */
    bool placed[GL_PLACEMENT_COUNT];
    bool per_account;
    const struct gl_value *when;   /* list of texts, or NULL */
    const struct gl_value *data;   /* list of logical ids, or NULL */
    const struct gl_value *alarms; /* list of words, or NULL */
    struct gl_stack_parameter *parameters;
    size_t parameter_count;
    struct gl_template template;
};

struct gl_packed_tree;

/* A template inside the program. */
struct gl_shipped {
    const char *name; /* "network", "release/task-definition" */
    const char *text; /* NUL-terminated */
    const struct gl_packed_tree
        *tree; /* the same, read (packed.h); NULL = the text is to be read */
};

/* All shipped templates by name; ends with NULL. */
extern const struct gl_shipped gl_shipped_stacks[];

/* Shipped template by name, NULL if there is none. */
const struct gl_shipped *gl_shipped_find(const char *name);

struct gl_catalog {
    struct gl_arena arena;
    struct gl_stack_def *stacks; /* by name */
    size_t count;
    struct gl_stack_def *releases; /* "release/task-definition", ...: what a release registers by
                                      the API; in the same language, but no stacks */
    size_t release_count;
};

/* Reads the shipped stacks (`shipped`, NULL = gl_shipped_stacks) and those of the project directory
 * (NULL = none). GL_E_CONFIG with file, line and column of a mistake. The caller calls
 * gl_catalog_done(). */
gl_nodiscard int gl_catalog_open(const struct gl_shipped *shipped, const char *project_dir,
                                 struct gl_catalog *ret_catalog, struct gl_error *err);
void gl_catalog_done(struct gl_catalog *catalog);
#define gl_autocatalog gl_cleanup(gl_catalog_done)

/* By name; NULL if there is none. */
const struct gl_stack_def *gl_catalog_find(const struct gl_catalog *catalog, const char *name);
/* GL_E_NOT_FOUND with the nearest name. */
int gl_catalog_no_stack(const struct gl_catalog *catalog, const char *name, struct gl_error *err);

/* Reads Metadata.golive of a template that was read (room-internal; stack_metadata.c). */
gl_nodiscard int gl_stack_def_read(struct gl_arena *arena, struct gl_stack_def *def,
                                   struct gl_error *err);

/* Where the value of a parameter comes from; NULL = the template's Default. */
const struct gl_stack_parameter *gl_stack_source(const struct gl_stack_def *def, const char *name);

/* True if `id` is one of the stack's data resources. */
bool gl_stack_holds_data(const struct gl_stack_def *def, const char *id);

#endif
