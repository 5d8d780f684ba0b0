/* The grammar of golive.yaml: one row per key. The parser, its messages, `golive help config`, the
 * defaults and the merge are all made from these rows.
 *
 * A path is dotted; "*" stands for any name in a map, "[]" for the items of a list:
 * "backend.port", "people[].id", "edge.waf.rate.*.limit". Everything that is not GL_KEY_GLOBAL may
 * also stand below environments.<name>, where it wins over the value at the top. */
#ifndef GL_CONFIG_SCHEMA_H
#define GL_CONFIG_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum gl_type {
    GL_TYPE_MAP,
    GL_TYPE_LIST,
    GL_TYPE_STR,
    GL_TYPE_INT,
    GL_TYPE_REAL,
    GL_TYPE_BOOL,
    GL_TYPE_ENUM,    /* one of `words` */
    GL_TYPE_COMMAND, /* shell text; a list of commands becomes a script that stops at a failure */
    GL_TYPE_ANY,     /* any value, kept as it is */
};

enum gl_key_flags {
    GL_KEY_REQUIRED = 1 << 0,
    GL_KEY_GLOBAL = 1 << 1,      /* the same in all environments */
    GL_KEY_NULLABLE = 1 << 2,    /* `null` is a value, not a mistake */
    GL_KEY_ONE_OR_MANY = 1 << 3, /* list: a single value stands for a list of one */
    GL_KEY_PERSON = 1 << 4,      /* must be the id of one of people */
    GL_KEY_ROLE = 1 << 5,        /* must be one of roles */
    GL_KEY_UNIQUE = 1 << 6,      /* differs between the items of its list */
    GL_KEY_SENSITIVE = 1 << 7,   /* may hold a password: never shown */
};

/* What a text must look like; each has a regular expression and a description (format.c). */
enum gl_text_format {
    GL_FORMAT_ANY = 0,
    GL_FORMAT_APP_NAME,
    GL_FORMAT_ID,
    GL_FORMAT_ENV_NAME,
    GL_FORMAT_UPPER_NAME,
    GL_FORMAT_ACCOUNT,
    GL_FORMAT_REGION,
    GL_FORMAT_REPOSITORY,
    GL_FORMAT_EMAIL,
    GL_FORMAT_HOST,
    GL_FORMAT_URL,
    GL_FORMAT_CIDR,
    GL_FORMAT_PATH,
    GL_FORMAT_URL_PATH,
    GL_FORMAT_DIR,
    GL_FORMAT_DATE,
    GL_FORMAT_INSTANT,
    GL_FORMAT_CLOCK,
    GL_FORMAT_CLOCK_RANGE,
    GL_FORMAT_WEEK_RANGE,
    GL_FORMAT_DAYS,
    GL_FORMAT_TIME_ZONE,
    GL_FORMAT_INSTANCE_CLASS,
    GL_FORMAT_JSONPATH,
    GL_FORMAT_METHOD,
    GL_FORMAT_CRON,
    GL_FORMAT_BRANCH,
    GL_FORMAT_COUNT,
};

struct gl_key {
    const char *path;
    enum gl_type type;
    unsigned flags;             /* enum gl_key_flags */
    double min, max;            /* for numbers; both 0 = no limits */
    const char *fallback;       /* default as YAML text, NULL = none */
    const char *unit;           /* "s", "ms", "GB", ... or NULL */
    const char *words;          /* allowed words or numbers, separated by spaces */
    enum gl_text_format format; /* GL_TYPE_STR */
    enum gl_text_format names;  /* GL_TYPE_MAP with "*": what the names look like */
    const char *text;           /* N_(): one or two sentences */
};

/* The rows, by section; each table ends with a NULL path. */
extern const struct gl_key gl_schema_app[];
extern const struct gl_key gl_schema_team[];
extern const struct gl_key gl_schema_network[];
extern const struct gl_key gl_schema_service[];
extern const struct gl_key gl_schema_variables[];
extern const struct gl_key gl_schema_release[];
extern const struct gl_key gl_schema_load[];
extern const struct gl_key gl_schema_local[];
extern const struct gl_key gl_schema_watch[];
extern const struct gl_key gl_schema_cutover[];

struct gl_node;

/* The rows as a tree, made once. Levels without a row of their own are maps or lists. */
struct gl_schema_node {
    const char *name;         /* segment: a word, "*" or "[]" */
    char *path;               /* as in the rows; "" for the root */
    const struct gl_key *row; /* NULL for a level without row */
    enum gl_type type;
    unsigned flags;
    const struct gl_node *fallback; /* the parsed default, or NULL */
    struct gl_schema_node *parent;
    struct gl_schema_node *first; /* children with a word for a name, in the order of the rows */
    struct gl_schema_node *last;
    struct gl_schema_node *next;
    struct gl_schema_node *any;  /* the "*" child */
    struct gl_schema_node *item; /* the "[]" child */
    bool is_environment;         /* environments.*: takes the root's children */
};

const struct gl_schema_node *gl_schema_root(void);

/* The child of a map for this name, NULL if there is none. */
const struct gl_schema_node *gl_schema_child(const struct gl_schema_node *node, const char *name);

/* By path: "backend.port", "people[].id", "people.0.id", "environments.prod.sizing.cpu"; NULL if
 * there is no such key. */
const struct gl_schema_node *gl_schema_find(const char *path);

/* The nearest key to a wrong path, or NULL; belongs to the schema. */
const char *gl_schema_nearest(const char *path);

/* Words allowed for the name of a child, for suggestions; the array is the caller's, its strings
 * are not. */
const char **gl_schema_child_names(const struct gl_schema_node *node, size_t *ret_count);

/* "a whole number from 1 to 65535", "`ecs` or `app_runner`", ... in the user's language. */
void gl_schema_describe(const struct gl_schema_node *node, struct gl_buf *ret_text);

/* Where the value of a key makes a difference. */
enum gl_effect {
    GL_EFFECT_EVERYWHERE,
    GL_EFFECT_AWS,  /* not on this machine */
    GL_EFFECT_NONE, /* checked by the rules of the file, but nothing acts on it yet */
};

/* By path as in the rows, or of a value ("environments.prod.sizing.cpu"). */
enum gl_effect gl_key_effect(const char *path);

/* A note for people, translated, NULL for everywhere; and a word for JSON. */
const char *gl_effect_text(enum gl_effect effect);
const char *gl_effect_word(enum gl_effect effect);

/* True if the text has the form; the description says what the form is (translated). */
bool gl_format_matches(enum gl_text_format format, const char *text);
const char *gl_format_description(enum gl_text_format format);

/* Turns a scalar's text into its typed value; NULL when it does not fit the type, the limits or the
 * words. The caller owns the result. */
json_t *gl_value_convert(const struct gl_schema_node *node, const char *text, bool quoted);
/* The same question, with the format. */
bool gl_value_fits(const struct gl_schema_node *node, const char *text, bool quoted);

/* Adds a text, number or truth value as golive.yaml would write it; false for anything else, and
 * NULL. */
bool gl_config_scalar_text(const json_t *value, struct gl_buf *text);

#endif
