/* What the commands that judge by facts share: which ledger and environment, and collecting. */
#ifndef GL_CMD_FACTS_CONTEXT_H
#define GL_CMD_FACTS_CONTEXT_H

#include <sqlite3.h>

#include "cmd/command.h"

/* What else than the project is to be looked at; all may be NULL. */
struct gl_facts_wish {
    const struct gl_strv *templates; /* --template */
    const char *parameters;          /* --parameters */
    const char *database;            /* --database */
    int64_t now_unix_s;              /* 0 = now */
};

/* Chooses the environment (--env, else prod, else the only one), and collects all facts that can be
 * had without network into a new database: golive.yaml, stacks, repository, migrations, and of the
 * ledger what is kept here. The caller calls gl_facts_close(). */
gl_nodiscard int gl_cmd_collect_facts(struct gl_context *context, const struct gl_facts_wish *wish,
                                      sqlite3 **ret_db, struct gl_error *err);

#endif
