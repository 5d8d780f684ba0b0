/* Room-internal: what git says of the project. It is asked in a thread of its own: starting git
 * takes as long as what is collected meanwhile. */
#ifndef GL_FACTS_REPO_ANSWERS_H
#define GL_FACTS_REPO_ANSWERS_H

#include <pthread.h>

#include "proc/proc.h"

/* Zero-initialise. To be read after gl_repo_answers_wait(); NULL where git failed. */
struct gl_repo_answers {
    const char *dir; /* the project */
    char *status;    /* of the branch and of tracked files; NULL: the project is not in git */
    char *shallow;   /* "true", "false" */
    char *url;       /* of the remote `origin` */
    char *history;   /* commits that added files which should never be there */
    struct gl_proc_result files; /* "H NAME" or "? NAME", each ended by NUL */
    int files_failed;            /* 0, or why there is no list of files */
    int failed;                  /* 0, or why git could not be asked: Ctrl-C, or it took too long */
    struct gl_error err;         /* of either */
    pthread_t thread;
    bool running;
};

/* Begins to ask. `dir` must live until gl_repo_answers_done(). */
void gl_repo_ask(struct gl_repo_answers *git, const char *dir);
/* Waits for the answers. */
void gl_repo_answers_wait(struct gl_repo_answers *git);
/* Waits and frees. */
void gl_repo_answers_done(struct gl_repo_answers *git);

#endif
