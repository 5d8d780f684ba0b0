/* Controls: each judges one item of the checklist by SQL over the facts (docs/controls.md).
 *
 * Shipped controls are inside the program. A file controls/NAME.sql (in any directory below)
 * beside golive.yaml with the id of a shipped one takes its place (it was ejected); any other is
 * one of the user's own. */
#ifndef GL_CONTROL_CONTROL_H
#define GL_CONTROL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strv.h"

/* How much a failure matters; the order is that of weight. */
enum gl_severity {
    GL_SEVERITY_LOW,
    GL_SEVERITY_MEDIUM,
    GL_SEVERITY_HIGH,
    GL_SEVERITY_CRITICAL,
    GL_SEVERITY_COUNT,
};

/* When a control must hold; the order is that of time. */
enum gl_stage {
    GL_STAGE_PLAN,    /* before the first change of production */
    GL_STAGE_INFRA,   /* after golive up */
    GL_STAGE_RELEASE, /* after a release that the public does not see yet */
    GL_STAGE_GO,      /* at the decision */
    GL_STAGE_AFTER,   /* after the switch of DNS */
    GL_STAGE_COUNT,
};

enum { GL_PHASE_COUNT = 5 };

/* The words of the enums; NULL-terminated lists in their order. */
extern const char *const gl_severity_words[];
extern const char *const gl_stage_words[];

/* The place of a word in such a list, -1 if it is not in it. */
int gl_word_index(const char *const *words, const char *word);

/* ---- a control ---------------------------------------------------------------------------------
 */

/* Who has to sign, for how long it holds and what it is bound to. role NULL = nobody. */
struct gl_attest {
    char *role;
    long valid_days;
    char *binds; /* config, release, none */
};

struct gl_rule {
    char *name;
    struct gl_strv sources; /* collectors whose facts it reads */
    char *about;            /* what it wants: its comment, "" if there is none */
    char *sql;              /* one SELECT with its semicolon, NULL = none yet */
    unsigned line;          /* of its `-- rule:` */
    unsigned sql_line;      /* of the first line of `sql` */
};

enum gl_control_origin { GL_CONTROL_SHIPPED, GL_CONTROL_EJECTED, GL_CONTROL_OWN };

/* "shipped", "ejected", "own". */
extern const char *const gl_control_origin_words[];

struct gl_control {
    char *id;
    char *title;
    char *title_ja; /* NULL where a control of the user has none, as the next ones */
    enum gl_severity severity;
    int phase; /* 0 to 4 */
    enum gl_stage judged;
    char *remedy;
    char *remedy_ja;
    struct gl_attest attest;
    char *question;
    char *question_ja;
    struct gl_strv aliases;
    struct gl_strv references;
    struct gl_strv depends;
    struct gl_rule *rules;
    size_t rule_count;
    char *file; /* controls/2.1/2.1.3-tls.sql */
    enum gl_control_origin origin;
};

void gl_control_done(struct gl_control *control);

/* Texts in the user's language, English where there is no other; they belong to the control.
 * Remedy and question may be NULL. */
const char *gl_control_title(const struct gl_control *control);
const char *gl_control_remedy(const struct gl_control *control);
const char *gl_control_question(const struct gl_control *control);

/* A part of the checklist with its heading. */
struct gl_section {
    const char *id; /* "2.1"; "" for controls that are not of the checklist */
    const char *title;
    const char *title_ja;
};

/* The section of an id; never NULL. Its heading in the user's language. */
const struct gl_section *gl_control_section(const char *id);
const char *gl_section_title(const struct gl_section *section);

/* True if the id is the prefix or lies below it: "2.1" selects 2.1 and 2.1.3, not 2.10. */
bool gl_control_selected(const char *id, const char *prefix);

/* < 0, 0, > 0: the order of the checklist, numbers by their value ("9.2" before "10.1"). */
int gl_control_compare_ids(const char *left, const char *right);

/* ---- reading -----------------------------------------------------------------------------------
 */

/* Mistakes in the files of controls, each with its place; zero-initialise. */
struct gl_problems {
    struct gl_error *items;
    size_t count;
};

void gl_problems_done(struct gl_problems *problems);
#define gl_autoproblems gl_cleanup(gl_problems_done)

/* A new one at the end, at a place; the message and hint are the caller's to set. */
struct gl_error *gl_problem_add(struct gl_problems *problems, const char *file, unsigned line,
                                unsigned column);

/* Reads one control from the text of its file. True if it has no mistake; else they are added to
 * `problems` and ret_control stays as it is. The caller calls gl_control_done(). */
bool gl_control_parse(const char *text, size_t len, const char *file,
                      struct gl_control *ret_control, struct gl_problems *problems);

/* Adds a mistake for each msg() of a control's SQL whose text names a value that is not given. True
 * if there is none. */
bool gl_control_check_texts(const struct gl_control *control, struct gl_problems *problems);

/* ---- the catalog -------------------------------------------------------------------------------
 */

/* All controls in the order of the checklist; zero-initialise. */
struct gl_controls {
    struct gl_control *items;
    size_t count;
    struct gl_problems problems; /* of files that were left out */
};

void gl_controls_done(struct gl_controls *controls);
#define gl_autocontrols gl_cleanup(gl_controls_done)

/* Reads the shipped controls and those below project_dir/controls (NULL = only shipped ones). A
 * file with a mistake is left out and reported; only one that cannot be read is an error. Texts of
 * shipped ones are not checked each time: the tests do. */
gl_nodiscard int gl_controls_load(const char *project_dir, struct gl_controls *ret_controls,
                                  struct gl_error *err);

/* By id, NULL if there is none. */
const struct gl_control *gl_controls_find(const struct gl_controls *controls, const char *id);

/* GL_E_NOT_FOUND that names the nearest id. */
int gl_controls_not_found(const struct gl_controls *controls, const char *id, struct gl_error *err);

/* Writes the shipped control to the project, at the path that it has in golive ("controls/2/...").
 * GL_E_NOT_FOUND with the nearest id; GL_E_REFUSED if the project has its own already. The caller
 * owns *ret_file. */
gl_nodiscard int gl_control_eject(const char *project_dir, const char *id, char **ret_file,
                                  struct gl_error *err);

/* The shipped text of such a path, NULL if there is none. */
const char *gl_shipped_control_text(const char *file);

/* The shipped files: pairs of a path and a text, each ended by NUL; `len` counts all of it. */
extern const unsigned char gl_shipped_controls[];
extern const size_t gl_shipped_controls_len;

#endif
