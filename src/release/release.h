/* Releases: a table of steps over a platform, journaled so that a release killed at any instant is
 * resumed or undone.
 *
 * An operation (a deploy or a rollback) walks its steps; the ledger has the intent before each
 * effect and the result after it; only when a release is undone does its traffic go back first.
 * Every step may run again after a crash and then completes the same effect. */
#ifndef GL_RELEASE_RELEASE_H
#define GL_RELEASE_RELEASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "ledger/ledger.h"
#include "platform/platform.h"
#include "release/journal.h"

struct gl_release;

/* One row of a step table. Functions return 0 or a GL_E_*; NULL = nothing to do. */
struct gl_step {
    const char *name; /* in the journal and on the screen */
    /* NULL, or why the step is left out ("no frontend"); the text is N_(). */
    const char *(*skip)(const struct gl_release *release);
    /* What it would do, for --dry-run; the caller owns the text. */
    char *(*plan)(const struct gl_release *release);
    int (*run)(struct gl_release *release, struct gl_error *err);
    /* Looks at the running system: is the effect there? Asked after run, and again on resume. */
    int (*verify)(struct gl_release *release, struct gl_error *err);
    int (*undo)(struct gl_release *release, struct gl_error *err);
    /* Whether what it made is on this machine, or no later step needs it there: another one may
     * have begun the release. Asked on resume, from the last step to the first; if not, it is done
     * again. NULL = what it makes is on no machine in particular. */
    bool (*is_here)(const struct gl_release *release);
    /* For all requests of run() together; each gets what is left of it. 0 = none: programs of a
     * build have build.timeout_s each, migrations lock_timeout and statement_timeout, the start of
     * a version backend.start_timeout_s; a step that is one operation of the platform has only the
     * limits that the platform sets itself. */
    int64_t timeout_ms;
    bool live;   /* its effect is a running thing that may have gone since: verified on resume */
    bool urgent; /* undone before all others: it gives the traffic back */
};

/* What an operation is about. */
struct gl_release_heading {
    const char *app;
    const char *env;
    const char *version;
    enum gl_operation operation;
    int64_t release;  /* that is to serve */
    int64_t previous; /* that serves; 0 = none */
};

/* What a person or a program is told while an operation runs. Texts may hold secrets (a program's
 * output, say): who shows them masks them. */
struct gl_reporter {
    void (*begin)(const struct gl_release_heading *heading, void *context);
    void (*step_begin)(const struct gl_step *step, void *context);
    void (*step_update)(const struct gl_step *step, const char *text, void *context);
    void (*step_end)(const struct gl_step *step, const char *detail, const struct gl_error *err,
                     int64_t elapsed_ms, void *context);
    /* `why` is N_(), to be translated for people. */
    void (*step_skipped)(const struct gl_step *step, const char *why, void *context);
    void (*step_plan)(const struct gl_step *step, const char *what, void *context);
    void (*undo_end)(const struct gl_step *step, const char *detail, const struct gl_error *err,
                     int64_t elapsed_ms, void *context);
    void (*note)(const char *text, void *context);
    void *context;
};

/* Opens a platform only when it is needed; it stays the property of who opened it. */
typedef int gl_open_platform_fn(void *context, struct gl_platform **ret_platform,
                                struct gl_error *err);

struct gl_release_request {
    const struct gl_config *config;
    struct gl_ledger *ledger;
    struct gl_platform *platform;
    const char *state_dir;
    const struct gl_reporter *reporter;
    bool dry_run;
    bool abort_unfinished; /* deploy: undo an unfinished operation and do nothing else */
    bool resume_only;      /* deploy: go on with an unfinished deploy or do nothing */
    int64_t rollback_to;   /* rollback: 0 = the previous good release */
    const char *hotfix;    /* deploy: why it ships without the environment's approvals; or NULL */
    const char *despite_alarm;      /* deploy, promote: alarm that may fire while it ships, for the
                                       version      that serves makes it fire; NULL = none */
    const char *despite_reason;     /* why; for the ledger */
    const char *promote_from;       /* promote: the environment that the release has passed */
    int64_t promote_release;        /* promote: its number there; 0 = what serves there */
    struct gl_ledger *from_ledger;  /* promote: of that environment; NULL = it is in `ledger` too */
    gl_open_platform_fn *open_from; /* promote: opens the platform of that environment; NULL = the
                                       image must be in the layout */
    void *open_from_context;
};

struct gl_release_outcome {
    int64_t release; /* what the operation was about; 0 = nothing was to be done */
    int64_t serving; /* release that serves now, also where nothing was begun; 0 if none, or not
                        known after a failed undo */
    int64_t stopped; /* undone: release that served before, and by the platform's own word does not
                        now (it is down, say); 0 = none */
    int64_t rollback_target;     /* done: where a rollback would go to now; 0 = nowhere */
    enum gl_operation operation; /* what became done or undone */
    bool done;                   /* the operation reached its goal */
    bool undone;                 /* it was rolled back */
    bool resumed;                /* it continued one that had been killed */
    bool interrupted;            /* Ctrl-C came while it ran or was undone */
    bool told;                   /* the error says no more than that it was undone, and why */
    bool taken_back;     /* undone: something of it ran or was served and does no more; else nothing
                            had been begun that would have to be taken back */
    bool waits;          /* promote: for the approvals that the error names, and for nothing else */
    int64_t rollback_ms; /* from breach to the old version serving; -1 if traffic had not moved */
    int64_t elapsed_ms;
    char *failed_step;     /* NULL = none */
    char *again;           /* the command that does the same anew; NULL = nothing was begun */
    struct gl_error cause; /* why it was undone */
};

void gl_release_outcome_done(struct gl_release_outcome *outcome);

/* Ships the working tree. An unfinished operation of this environment is resumed when it is of the
 * same source, else undone first. The outcome is filled in whatever the result. GL_E_ROLLED_BACK:
 * undone, the old version serves (outcome has the cause); where none serves the code is that of the
 * cause, GL_E_INTERRUPTED after Ctrl-C either way. GL_E_BUSY: another deployer holds the
 * lease, or took it over: then nothing more was touched. With resume_only GL_E_REFUSED says why
 * nothing can be resumed and which ways there are; without, that the environment wants approvals
 * (golive promote) or a hotfix. */
gl_nodiscard int gl_release_deploy(const struct gl_release_request *request,
                                   struct gl_release_outcome *ret_outcome, struct gl_error *err);

/* Ships to request->config's environment what passed `promote_from`: the same image by digest, the
 * same migrations and templates, the frontend built of the same source with this environment's
 * variables. GL_E_REFUSED with the reason for what did not pass, passed too long ago or is not what
 * the working tree has, and while approvals are missing: then the ledger has a request for them
 * (approval.h). Else as gl_release_deploy(). */
gl_nodiscard int gl_release_promote(const struct gl_release_request *request,
                                    struct gl_release_outcome *ret_outcome, struct gl_error *err);

/* Goes back to an earlier good release (gl_journal_rollback_target): at once while it is warm. An
 * unfinished deploy is undone first, an unfinished rollback finished (and that is all, when no
 * release was named). The database is not touched. Results as for gl_release_deploy(). */
gl_nodiscard int gl_release_rollback(const struct gl_release_request *request,
                                     struct gl_release_outcome *ret_outcome, struct gl_error *err);

/* Called after each journal event with its kind and step ("" if none); NULL outside of tests, which
 * use it to end the process at every point. */
extern void (*gl_release_journal_hook)(const char *kind, const char *step);

#endif
