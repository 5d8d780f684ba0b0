/* What the ledger says about the releases of one environment. */
#ifndef GL_RELEASE_JOURNAL_H
#define GL_RELEASE_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"

enum gl_operation {
    GL_DEPLOY,
    GL_ROLLBACK,
};

enum gl_operation_state {
    GL_OP_UNFINISHED,
    GL_OP_UNDOING,
    GL_OP_DONE,
    GL_OP_UNDONE,
};

/* One deploy or rollback. What is written about it after its end (by a process that had lost the
 * lease, say) does not count. */
struct gl_operation_record {
    int64_t op; /* seq of its release.begin event */
    enum gl_operation operation;
    int64_t release;  /* that is to serve */
    int64_t previous; /* that served before; 0 = none */
    char *version;
    char *source_hash;
    char *config_hash; /* of the merged configuration it was begun with */
    int64_t commit_unix_s;
    json_t *about;    /* all of its release.begin: also commit, author, tree, templates, starter,
                         hotfix, despite, promotion (operation.c) */
    char *undone_why; /* why it was undone; NULL = it was not */
    int64_t begun_unix_ms;
    int64_t ended_unix_ms;

    enum gl_operation_state state;

    json_t *facts; /* step -> facts of finished steps */
    json_t *begun; /* array of step names that were begun, in order */
};

struct gl_journal {
    struct gl_operation_record *items; /* oldest first */
    size_t count;
};

void gl_journal_done(struct gl_journal *journal);
#define gl_autojournal gl_cleanup(gl_journal_done)

gl_nodiscard int gl_journal_read(struct gl_ledger *ledger, const char *env,
                                 struct gl_journal *ret_journal, struct gl_error *err);
/* The operation that is neither done nor undone, or NULL. Only the newest can be. */
const struct gl_operation_record *gl_journal_unfinished(const struct gl_journal *journal);
/* The environment that an unfinished promotion comes from; NULL for anything else, also for NULL
 * and for what is being undone already. It belongs to the journal. */
const char *gl_journal_promotion_left(const struct gl_operation_record *record);
/* The newest operation that is done: its release serves. NULL if none. */
const struct gl_operation_record *gl_journal_serving(const struct gl_journal *journal);
/* The deploy that made a release, or NULL. */
const struct gl_operation_record *gl_journal_deploy_of(const struct gl_journal *journal,
                                                       int64_t release);
/* The seq of the newest operation that moved requests to a release, whether that came to serve or
 * was undone (an approval given before it is not one for after it); 0 if none. */
int64_t gl_journal_attempt(const struct gl_journal *journal);
int64_t gl_journal_next_release(const struct gl_journal *journal);
/* Where `golive rollback` without an argument goes: the newest release older than the serving one
 * that served and was not rolled back from; 0 if there is none. Going forward again to a release
 * (`golive rollback N`) makes it good again. */
int64_t gl_journal_rollback_target(const struct gl_journal *journal);
/* True if the release came to serve and was not rolled back from since. */
bool gl_journal_is_good(const struct gl_journal *journal, int64_t release);
/* The newest `most` distinct releases that served, newest first; returns their number. */
size_t gl_journal_good_releases(const struct gl_journal *journal, int64_t *ret_releases,
                                size_t most);
/* True if the database was found without any migration by an operation since something last became
 * the serving release: what it has now are the files of releases that never served. */
bool gl_journal_database_was_new(const struct gl_journal *journal);

#endif
