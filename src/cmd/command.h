/* Commands as data: one struct per command, from which the parser, help, the man page and shell
 * completion are made. One file per command holds its struct, its flags and its code. */
#ifndef GL_CMD_COMMAND_H
#define GL_CMD_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/strv.h"
#include "config/config.h"
#include "ledger/ledger.h"

enum gl_flag_kind {
    GL_FLAG_BOOL,
    GL_FLAG_TEXT, /* given twice is a mistake, as of the next one */
    GL_FLAG_INT,
    GL_FLAG_LIST, /* may be given several times */
};

struct gl_flag {
    const char *name; /* without "--"; NULL ends a list */
    char letter;      /* short form, or 0 */
    enum gl_flag_kind kind;
    const char *value;    /* what the value is called in help ("ENV"); NULL for GL_FLAG_BOOL */
    const char *fallback; /* value when not given, or NULL */
    const char *text;     /* N_() */
};

struct gl_example {
    const char *command; /* NULL ends a list */
    const char *text;    /* N_() */
};

/* What must be there before run() is called; the dispatcher provides it or fails with the reason.
 */
enum gl_needs {
    GL_NEEDS_NOTHING = 0,
    GL_NEEDS_CONFIG = 1, /* golive.yaml, for the environment of --env */
    GL_NEEDS_LEDGER =
        2, /* of the environment (gl_cmd_open_ledger()); implies a project directory */
};

struct gl_context;

struct gl_command {
    const char *name;            /* "deploy", "local up" */
    const char *arguments;       /* "[KEY]", or NULL when there are none */
    const char *summary;         /* N_(), one line */
    const char *text;            /* N_(), paragraphs for --help and the man page; may be NULL */
    const struct gl_flag *flags; /* of this command; NULL = none */
    const struct gl_example *examples; /* NULL = none */
    const char *const *formats;        /* words of --format, NULL-terminated; NULL = text, json */
    const char *default_env;           /* environment without --env; NULL = "local" */
    unsigned needs;                    /* enum gl_needs */
    int max_args;                      /* positional arguments accepted */
    bool hidden;                       /* not in help: for golive itself */
    int (*run)(struct gl_context *context, struct gl_error *err);
};

/* All commands in the order help shows them; ends with NULL. */
extern const struct gl_command *const gl_commands[];

/* Flags every command understands; ends with name NULL. */
extern const struct gl_flag gl_global_flags[];

struct gl_context {
    const struct gl_command *command;
    const char *program;        /* argv[0], for messages */
    struct gl_strv args;        /* positional arguments */
    struct gl_config *config;   /* with GL_NEEDS_CONFIG */
    struct gl_ledger *ledger;   /* with GL_NEEDS_LEDGER */
    struct gl_account *account; /* of an environment on AWS, once something asked for it */
    char *project_dir;          /* directory of golive.yaml, with either */
    char *state_dir;            /* project_dir/.golive, or --state */
    FILE *out;                  /* results */
    bool format_json;
    bool colour;                  /* results may be coloured */
    bool terminal;                /* progress may redraw lines */
    struct gl_flag_value *values; /* see gl_flag_*() */
    size_t value_count;
};

/* A flag of the running command by name: the given value, else its fallback, else NULL/0/false. The
 * name must be one of its flags or a global one (asserted). */
const char *gl_flag_str(const struct gl_context *context, const char *name);
int64_t gl_flag_int(const struct gl_context *context, const char *name);
bool gl_flag_bool(const struct gl_context *context, const char *name);
/* All values of a GL_FLAG_LIST, in order; belongs to the context. */
const struct gl_strv *gl_flag_list(const struct gl_context *context, const char *name);

/* Runs the program: parses argv, runs the command, shows an error; returns the exit status. */
int gl_main(int argc, char **argv);

/* ---- parse.c, help.c, man.c, completion.c ------------------------------------------------------
 */

struct gl_flag_value {
    const struct gl_flag *flag;
    const char *text; /* the value given, the last of a list */
    struct gl_strv list;
};

/* The command that the words at the front of argv name (longest match); NULL if none.
 * ret_words: how many words its name has. */
const struct gl_command *gl_command_find(char **words, size_t count, size_t *ret_words);

/* Parses the words after the command's name into context->args and ->values. GL_E_USAGE names the
 * wrong word and the nearest right one. */
gl_nodiscard int gl_command_parse(struct gl_context *context, size_t count, char **words,
                                  struct gl_error *err);

/* "text, json, sarif": the words of --format, NULL where they are the common ones; the caller owns
 * it. */
char *gl_format_words(const struct gl_command *command);

/* What a flag is for in the user's language, of a command (NULL = of any): --format has the words
 * of the command. The caller owns it. */
char *gl_flag_text(const struct gl_command *command, const struct gl_flag *flag);

/* What `golive help` shows: all commands but hidden ones, by summary; or one with its flags and
 * examples. In the user's language. */
void gl_help_overview(FILE *out);
void gl_help_command(const struct gl_command *command, FILE *out);

/* "local" is a group: no command by itself, but the first word of some (hidden ones do not count).
 */
bool gl_command_is_group(const char *word);
bool gl_command_in_group(const struct gl_command *command, const char *group);
/* The commands of a group. */
void gl_help_group(const char *group, FILE *out);

/* The same three as one JSON object each: the tables as they are, texts in the user's language.
 * `group` NULL = all commands. */
void gl_help_list_json(const char *group, FILE *out);
void gl_help_command_json(const struct gl_command *command, FILE *out);

/* ---- reader.c ----------------------------------------------------------------------------------
 */

/* True once nobody reads the output any more (`golive deploy | head`). What runs goes on and ends
 * as it would have; only what is shown is lost. */
bool gl_reader_is_gone(FILE *out);

/* Writes out what is left; GL_E_IO unless everything arrived, or nobody reads any more. */
gl_nodiscard int gl_reader_end(FILE *out, struct gl_error *err);

/* ---- error_text.c ------------------------------------------------------------------------------
 */

/* "golive: error: ..." with the place and the hint, secrets masked, or one JSON object. */
void gl_error_print(const struct gl_error *err, FILE *out, bool json, bool colour);

#endif
