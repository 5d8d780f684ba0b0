/* GitHub's REST API: https://docs.github.com/rest */
#ifndef GL_GITHUB_CLIENT_H
#define GL_GITHUB_CLIENT_H

#include <jansson.h>

#include "base/error.h"

/* Why GitHub did not do what it was asked for. */
enum gl_github_refusal {
    GL_GITHUB_NOT_REFUSED,
    GL_GITHUB_NO_ACCOUNT, /* 401: the token is none, or has expired */
    GL_GITHUB_NO_RIGHT,   /* 403: the token, or whose it is, may not */
    GL_GITHUB_NO_PLAN,    /* the plan of the repository's owner does not have it */
    GL_GITHUB_MISSING,    /* 404: there is no such thing, or the token may not see it */
    GL_GITHUB_MOVED,      /* 301, 307: the repository has another name now */
    GL_GITHUB_INVALID,    /* 409, 422: as asked it cannot be */
    GL_GITHUB_LIMITED,    /* too many requests, for longer than it is worth waiting */
    GL_GITHUB_BROKEN,     /* no answer, or none of GitHub's */
};

struct gl_github {
    char *api;                      /* "https://api.github.com", without a slash at its end */
    char *repo;                     /* "owner/name" */
    char *authorization;            /* header with the token; secret */
    char *token_source;             /* where the token is from, for messages */
    enum gl_github_refusal refusal; /* of the last call */
};

/* Finds the API (GITHUB_API_URL, else github.com's) and a token (GH_TOKEN, GITHUB_TOKEN, else what
 * `gh auth token` says). GL_E_REFUSED when there is no token, GL_E_CONFIG for an API without
 * encryption that is not on this machine. The caller calls gl_github_done(). */
gl_nodiscard int gl_github_open(const char *repo, struct gl_github *ret_github,
                                struct gl_error *err);
void gl_github_done(struct gl_github *github);
#define gl_autogithub gl_cleanup(gl_github_done)

/* Asks for `path` ("/repos/...") below the API; `body` NULL = none. `ret_body` (may be NULL) is the
 * answer, NULL when it is empty; the caller owns it. Waits and asks again where GitHub says so, up
 * to a minute, and what only reads after a failure of the network too. An error says what GitHub
 * said and which right is missing; github->refusal which kind it was. */
gl_nodiscard int gl_github_call(struct gl_github *github, const char *method, const char *path,
                                const json_t *body, json_t **ret_body, struct gl_error *err);

/* All pages of a list: arrays, or the arrays at `member` of objects when it is not NULL. */
gl_nodiscard int gl_github_list(struct gl_github *github, const char *path, const char *member,
                                json_t **ret_items, struct gl_error *err);

/* A branch or the like as part of a path; slashes stay. The caller owns it. */
char *gl_github_escape(const char *text);

/* ---- room-internal -----------------------------------------------------------------------------
 */

struct gl_http_response;

/* token.c: a token and where it is from; the caller wipes and frees the one, frees the other. */
gl_nodiscard int gl_github_find_token(const char *api, char **ret_token, char **ret_source,
                                      struct gl_error *err);

/* refusal.c: fills `err` and github->refusal from an answer that is not 2xx. */
int gl_github_refuse(struct gl_github *github, const char *method, const char *url,
                     const struct gl_http_response *response, struct gl_error *err);
/* How long to wait before asking again, in ms; -1 = it is not about too many requests. */
int64_t gl_github_asked_wait_ms(const struct gl_http_response *response);

#endif
