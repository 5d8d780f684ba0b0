/* Which changes of a column's type PostgreSQL makes in its catalogue only. */
#include "lint/type.h"

#include <string.h>

#include "base/buf.h"

enum { TIMESTAMP_DIGITS = 6 }; /* timestamp without (n) */

struct gl_lint_type gl_lint_type_of(const PgQuery__TypeName *name, struct gl_lint_arena *arena)
{
    struct gl_lint_type type = {0};
    if (!name || name->pct_type)
        return type;
    type.name = gl_lint_copy(arena, gl_lint_last(name->names, name->n_names));
    type.array = name->n_array_bounds > 0;
    for (size_t i = 0; i < name->n_typmods && type.mod_count < 2; i++) {
        const PgQuery__Node *mod = name->typmods[i];
        if (mod->node_case == PG_QUERY__NODE__NODE_A_CONST &&
            mod->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL)
            type.mods[type.mod_count++] = mod->a_const->ival->ival;
    }
    return type;
}

static const struct {
    const char *name;
    const char *text;
} spellings[] = {
    {"int2",        "smallint"         },
    {"int4",        "integer"          },
    {"int8",        "bigint"           },
    {"float4",      "real"             },
    {"float8",      "double precision" },
    {"bool",        "boolean"          },
    {"bpchar",      "character"        },
    {"varchar",     "character varying"},
    {"timestamptz", "timestamptz"      },
    {"varbit",      "bit varying"      },
};

char *gl_lint_type_text(const struct gl_lint_type *type)
{
    gl_autobuf struct gl_buf text = {0};
    const char *name = type->name ? type->name : "?";
    for (size_t i = 0; i < GL_COUNT(spellings); i++) {
        if (strcmp(spellings[i].name, name) == 0)
            name = spellings[i].text;
    }
    gl_buf_puts(&text, name);
    if (type->mod_count == 1)
        gl_buf_printf(&text, "(%d)", type->mods[0]);
    if (type->mod_count == 2)
        gl_buf_printf(&text, "(%d,%d)", type->mods[0], type->mods[1]);
    if (type->array)
        gl_buf_puts(&text, "[]");
    return gl_buf_steal(&text);
}

bool gl_lint_type_is_serial(const char *name)
{
    static const char *const names[] = {"serial",  "serial4",     "bigserial",
                                        "serial8", "smallserial", "serial2"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* ---- lengths -----------------------------------------------------------------------------------
 */

/* character varying and bit varying: the limit may grow or go. */
static bool keeps_length(const struct gl_lint_type *from, const struct gl_lint_type *to)
{
    return to->mod_count == 0 || (from->mod_count == 1 && from->mods[0] <= to->mods[0]);
}

/* char(n), bit(n): values are padded, so only the same length is the same; bpchar has none. */
static bool same_length(const struct gl_lint_type *from, const struct gl_lint_type *to)
{
    return to->mod_count == 0 || (from->mod_count && from->mods[0] == to->mods[0]);
}

/* numeric: the same scale and no fewer digits, or no limit at all. */
static bool keeps_digits(const struct gl_lint_type *from, const struct gl_lint_type *to)
{
    int scale_before = from->mod_count == 2 ? from->mods[1] : 0;
    int scale_after = to->mod_count == 2 ? to->mods[1] : 0;
    return to->mod_count == 0 ||
           (from->mod_count && scale_before == scale_after && from->mods[0] <= to->mods[0]);
}

/* time and timestamp: digits of a second. */
static bool keeps_fraction(const struct gl_lint_type *from, const struct gl_lint_type *to)
{
    int before = from->mod_count ? from->mods[0] : TIMESTAMP_DIGITS;
    int after = to->mod_count ? to->mods[0] : TIMESTAMP_DIGITS;
    return before <= after;
}

/* The least field that an interval keeps, seconds first: [fields, digits of a second]. */
static int least_field(const struct gl_lint_type *type)
{
    static const int bits[] = {12, 11, 10, 3, 1, 2}; /* second, minute, hour, day, month, year */
    for (int i = 0; type->mod_count && i < (int)GL_COUNT(bits); i++) {
        if (type->mods[0] & (1 << bits[i]))
            return i;
    }
    return 0;
}

/* As interval_support() has it: no field is cut off, and digits count where there are seconds. */
static bool keeps_interval(const struct gl_lint_type *from, const struct gl_lint_type *to)
{
    int before = from->mod_count == 2 ? from->mods[1] : TIMESTAMP_DIGITS;
    int after = to->mod_count == 2 ? to->mods[1] : TIMESTAMP_DIGITS;
    return least_field(to) <= least_field(from) && (least_field(from) > 0 || before <= after);
}

static bool same_mods(const struct gl_lint_type *from, const struct gl_lint_type *to)
{
    return from->mod_count == to->mod_count && from->mods[0] == to->mods[0] &&
           from->mods[1] == to->mods[1];
}

static const struct {
    const char *name;
    bool (*keeps)(const struct gl_lint_type *from, const struct gl_lint_type *to);
} limits[] = {
    {"varchar",     keeps_length  },
    {"varbit",      keeps_length  },
    {"bpchar",      same_length   },
    {"bit",         same_length   },
    {"numeric",     keeps_digits  },
    {"time",        keeps_fraction},
    {"timetz",      keeps_fraction},
    {"timestamp",   keeps_fraction},
    {"timestamptz", keeps_fraction},
    {"interval",    keeps_interval},
};

static bool keeps_values(const struct gl_lint_type *from, const struct gl_lint_type *to)
{
    for (size_t i = 0; i < GL_COUNT(limits); i++) {
        if (strcmp(limits[i].name, to->name) == 0)
            return limits[i].keeps(from, to);
    }
    return same_mods(from, to);
}

/* ---- pairs -------------------------------------------------------------------------------------
 */

/* Casts without a function (pg_cast.castmethod = 'b'). `indexes`: the default operator classes
 * differ, so that indexes are built anew. */
static const struct {
    const char *from;
    const char *to;
    bool indexes;
} relabels[] = {
    {"varchar",     "text",        false},
    {"text",        "varchar",     false},
    {"text",        "bpchar",      true },
    {"varchar",     "bpchar",      true },
    {"cidr",        "inet",        false},
    {"xml",         "text",        false},
    {"xml",         "varchar",     false},
    {"xml",         "bpchar",      false},
    {"bit",         "varbit",      true },
    {"varbit",      "bit",         true },
    {"int4",        "oid",         true },
    {"oid",         "int4",        true },
    {"regclass",    "oid",         false},
    {"regclass",    "int4",        true },
    {"oid",         "regclass",    false},
    {"int4",        "regclass",    true },
    {"citext",      "text",        true },
    {"text",        "citext",      true },
    {"citext",      "varchar",     true },
    {"citext",      "bpchar",      true },
    {"varchar",     "citext",      true },
    {"timestamp",   "timestamptz", true }, /* in UTC only */
    {"timestamptz", "timestamp",   true },
};

static bool is_time_zone_pair(const char *from, const char *to)
{
    return (strcmp(from, "timestamp") == 0 && strcmp(to, "timestamptz") == 0) ||
           (strcmp(from, "timestamptz") == 0 && strcmp(to, "timestamp") == 0);
}

static enum gl_lint_change change_of_pair(const struct gl_lint_type *from,
                                          const struct gl_lint_type *to, bool utc)
{
    for (size_t i = 0; i < GL_COUNT(relabels); i++) {
        if (strcmp(relabels[i].from, from->name) != 0 || strcmp(relabels[i].to, to->name) != 0)
            continue;
        if (is_time_zone_pair(from->name, to->name) && !utc)
            return GL_LINT_CHANGE_REWRITE;
        if (to->mod_count) /* a limit is a function that looks at each value */
            return GL_LINT_CHANGE_REWRITE;
        return relabels[i].indexes ? GL_LINT_CHANGE_INDEXES : GL_LINT_CHANGE_NONE;
    }
    return GL_LINT_CHANGE_REWRITE;
}

enum gl_lint_change gl_lint_type_change(const struct gl_lint_type *from,
                                        const struct gl_lint_type *to, bool utc)
{
    if (!to->name || !from->name)
        return GL_LINT_CHANGE_UNKNOWN;
    if (from->array || to->array) {
        bool same = from->array == to->array && strcmp(from->name, to->name) == 0;
        return same && (to->mod_count == 0 || same_mods(from, to)) ? GL_LINT_CHANGE_NONE
                                                                   : GL_LINT_CHANGE_REWRITE;
    }
    if (strcmp(from->name, to->name) == 0)
        return keeps_values(from, to) ? GL_LINT_CHANGE_NONE : GL_LINT_CHANGE_REWRITE;
    return change_of_pair(from, to, utc);
}

/* ---- narrowing ---------------------------------------------------------------------------------
 */

/* Whatever fits into a type fits into those behind it. */
static const char *const ladders[] = {
    " int2 int4 int8 numeric ",     " float4 float8 ", " cidr inet ",
    " date timestamp timestamptz ", " uuid text ",     " bpchar varchar text ",
};

/* The place of a type on a ladder; NULL if it is not there. */
static const char *step_of(const char *ladder, const char *name)
{
    gl_autofree char *word = gl_asprintf(" %s ", name);
    return strstr(ladder, word);
}

static bool climbs(const char *from, const char *to)
{
    for (size_t i = 0; i < GL_COUNT(ladders); i++) {
        const char *before = step_of(ladders[i], from);
        const char *after = step_of(ladders[i], to);
        if (before && after > before)
            return true;
    }
    return false;
}

bool gl_lint_type_narrows(const struct gl_lint_type *from, const struct gl_lint_type *to)
{
    if (!from->name || !to->name)
        return false;
    if (from->array != to->array)
        return true;
    if (strcmp(from->name, to->name) == 0)
        return !keeps_values(from, to);
    bool text_like = strcmp(from->name, "text") == 0 && strcmp(to->name, "varchar") == 0;
    return text_like ? to->mod_count > 0 : !climbs(from->name, to->name);
}
