/* One tree type for templates and for what they evaluate to: values that know where they stand in
 * the user's file, and values that are not known before `golive up`. */
#ifndef GL_INFRA_VALUE_H
#define GL_INFRA_VALUE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"
#include "infra/arena.h"

enum gl_value_kind {
    GL_VALUE_NULL,
    GL_VALUE_BOOL,   /* text is "true" or "false" */
    GL_VALUE_NUMBER, /* text as written */
    GL_VALUE_TEXT,
    GL_VALUE_LIST,
    GL_VALUE_MAP,
    GL_VALUE_UNKNOWN, /* evaluated trees only */
    GL_VALUE_NOTHING, /* AWS::NoValue; never inside a finished tree */
};

/* Why a value is unknown. */
enum gl_unknown_kind {
    GL_UNKNOWN_NOT = 0,
    GL_UNKNOWN_RESOURCE, /* source = "LogicalId" (Ref) or "LogicalId.Attribute" (Fn::GetAtt) */
    GL_UNKNOWN_OUTPUT,   /* source = "stack.Output" of another stack */
    GL_UNKNOWN_RELEASE,  /* source = "image", "frontend_image", "version", "arch" */
    GL_UNKNOWN_LIVE,     /* source = name of a live source, read from the account */
    GL_UNKNOWN_ZONES,    /* source = region: its list of availability zones */
    GL_UNKNOWN_IMPORT,   /* source = name of an export */
    GL_UNKNOWN_MIXED,    /* children are the parts, known and unknown, of one text */
    GL_UNKNOWN_COMPUTED, /* a function over unknown values; children are its arguments */
};

struct gl_place {
    const char *file; /* as shown to the user; NULL = unknown */
    unsigned line;    /* 1-based, 0 = unknown */
    unsigned column;  /* 1-based, 0 = unknown */
};

/* Belongs to an arena, with everything it points to. */
struct gl_value {
    enum gl_value_kind kind;
    enum gl_unknown_kind unknown; /* GL_VALUE_UNKNOWN only */
    bool quoted;                  /* scalar written in quotes or as a block */
    bool wrapped;                 /* made by a short tag around the value that follows */
    bool secret;                  /* from a NoEcho parameter: shown as *** */
    const char *name;             /* key in the parent map; NULL otherwise */
    const char *text;             /* scalars; unknown: "(known after up: network.VpcId)" */
    const char *source;           /* unknown: see enum gl_unknown_kind */
    const char *resource;  /* GL_UNKNOWN_OUTPUT: "stack.LogicalId[.Attribute]" behind it, or NULL */
    struct gl_place place; /* of the value */
    struct gl_place name_place; /* of its key */
    struct gl_value *parent;
    struct gl_value *first; /* children of lists, maps and some unknowns */
    struct gl_value *last;
    struct gl_value *next;
    unsigned count; /* children */
    unsigned depth; /* of the template node; 0 in evaluated trees */
};

/* New values; texts are copied. `like` gives the place (may be NULL). */
struct gl_value *gl_value_new(struct gl_arena *arena, enum gl_value_kind kind,
                              const struct gl_value *like);
struct gl_value *gl_value_text(struct gl_arena *arena, const char *text,
                               const struct gl_value *like);
struct gl_value *gl_value_bool(struct gl_arena *arena, bool yes, const struct gl_value *like);
/* Shown as "(known after up: SOURCE)"; see enum gl_unknown_kind. */
struct gl_value *gl_value_unknown(struct gl_arena *arena, enum gl_unknown_kind kind,
                                  const char *source, const struct gl_value *like);

/* Appends a child (not yet in another tree); `name` is not copied, NULL in lists. */
void gl_value_append(struct gl_value *parent, struct gl_value *child, const char *name);

/* A deep copy without parent. */
struct gl_value *gl_value_copy(struct gl_arena *arena, const struct gl_value *value);

/* The child of a map by name, NULL if there is none or `map` is NULL or no map. */
struct gl_value *gl_value_get(const struct gl_value *map, const char *name);
/* The child of a list by index, NULL beyond its end. */
struct gl_value *gl_value_at(const struct gl_value *list, unsigned index);
/* At "Properties.Tags.0.Key"; NULL if there is none. Names must not contain dots. */
struct gl_value *gl_value_find(const struct gl_value *root, const char *path);
/* Text of a scalar child of a map, else `fallback`. */
const char *gl_value_str(const struct gl_value *map, const char *name, const char *fallback);

/* Preorder walk below and including `root`; NULL after the last. */
const struct gl_value *gl_value_next(const struct gl_value *root, const struct gl_value *at);

bool gl_value_is_scalar(const struct gl_value *value); /* text, number, bool */
bool gl_value_is_word(const struct gl_value *value, const char *word);

/* True if it is unknown or has an unknown value inside. */
bool gl_value_has_unknown(const struct gl_value *value);

/* As CloudFormation compares: scalars by their text (true equals "true"), maps without order. */
bool gl_value_equal(const struct gl_value *a, const struct gl_value *b);

/* Plain JSON: unknown values become their text, secrets "***". The caller owns it. */
json_t *gl_value_json(const struct gl_value *value);
/* Any JSON as a value. */
struct gl_value *gl_value_from_json(struct gl_arena *arena, const json_t *json,
                                    const struct gl_value *like);
/* Compact JSON text of it, or the bare text of a scalar: for one line on a screen. */
char *gl_value_show(const struct gl_value *value);

/* Calls `visit` for every leaf below (scalars, unknowns, empty lists and maps) with its path
 * ("Tags[0].Key"); `context` is passed on. */
typedef void gl_leaf_fn(const char *path, const struct gl_value *leaf, void *context);
void gl_value_leaves(const struct gl_value *value, gl_leaf_fn *visit, void *context);

#endif
