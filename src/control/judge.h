/* Judging: runs the rules of controls over the facts and puts their rows together to verdicts. */
#ifndef GL_CONTROL_JUDGE_H
#define GL_CONTROL_JUDGE_H

#include <sqlite3.h>
#include <stdint.h>

#include "control/control.h"

/* By weight: the heaviest of its rows is the status of a rule, the heaviest of its rules that of a
 * control. No row at all is unknown. */
enum gl_status {
    GL_STATUS_NOT_APPLICABLE,
    GL_STATUS_PASS,
    GL_STATUS_WAIVED, /* it fails or is unknown, and a waiver says that it may */
    GL_STATUS_UNKNOWN,
    GL_STATUS_FAIL,
    GL_STATUS_COUNT,
};

/* "not_applicable", ...; NULL-terminated. */
extern const char *const gl_status_words[];

/* A row of a rule. Texts are owned; NULL where there is none. */
struct gl_finding {
    enum gl_status status; /* as the rule says */
    char *resource;
    char *reason;
    char *file;
    unsigned line; /* 1-based, 0 = none */
    char *evidence;
    bool waived;  /* a waiver covers it */
    bool known;   /* stands in the baseline */
    bool outside; /* its file did not change since the given commit */
};

struct gl_rule_result {
    const struct gl_rule *rule;
    enum gl_status status;
    bool deferred; /* it needs the live account, endpoint or GitHub, and was not run */
    bool broken;   /* it cannot be run, or not as it stands: unknown, with its line in the file */
    struct gl_finding *findings;
    size_t count;
    struct gl_strv reads; /* tables and views of facts it reads, sorted */
    int64_t took_us;      /* processor time */
};

struct gl_control_result {
    const struct gl_control *control;
    enum gl_status status;
    struct gl_rule_result *rules;
    size_t count;
    size_t deferred; /* rules of them */
    int64_t took_us;
    bool blocks; /* see gl_check_conclude() */
};

/* It cannot be run, and no waiver covers that. */
bool gl_rule_is_broken(const struct gl_rule_result *result);

void gl_control_result_done(struct gl_control_result *result);

/* The status of a control from its rules as they are marked now. Deferred rules count only where
 * there are no others: then it is unknown. */
enum gl_status gl_control_verdict(const struct gl_control_result *result);

/* ---- running -----------------------------------------------------------------------------------
 */

enum {
    GL_RULE_LIMIT_MS = 1000,
    GL_RULE_ROWS_MAX = 10000,
};

/* What runs the rules. While it is open, the database can only be read. */
struct gl_judge {
    sqlite3 *db;
    bool live;             /* rules of live sources are run, too */
    int64_t limit_ms;      /* of processor time, for one rule */
    int64_t deadline_us;   /* of the running rule, gl_guard_clock_us() */
    sqlite3_stmt *source;  /* state of a source */
    struct gl_strv *reads; /* where the running rule's tables are noted */
    int old_length;        /* limits of the connection, to be put back */
};

/* Begins; the caller calls gl_judge_close(). */
void gl_judge_open(struct gl_judge *judge, sqlite3 *db, bool live);
void gl_judge_close(struct gl_judge *judge);
#define gl_autojudge gl_cleanup(gl_judge_close)

/* Runs all rules of a control. A rule that cannot be run is unknown and says why; nothing fails.
 * The caller calls gl_control_result_done(). */
void gl_judge_control(struct gl_judge *judge, const struct gl_control *control,
                      struct gl_control_result *ret_result);

#endif
