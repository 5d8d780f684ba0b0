/* What a repository is: found by looking at its files, never by running anything. */
#ifndef GL_CONFIG_DETECT_H
#define GL_CONFIG_DETECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strv.h"

/* Something seen in a source file; `file` is relative to the repository. */
struct gl_found {
    char *text;
    char *file;
    unsigned line; /* 1-based */
    bool optional; /* variables: the code goes on without it */
};

struct gl_found_list {
    struct gl_found *items;
    size_t count;
};

struct gl_detected {
    char *name; /* a name for the application, fit for app.name */
    char *repo; /* "owner/name" of the GitHub remote, or NULL */

    char *backend_dir; /* relative, "." for the repository itself; NULL = none found */
    char *package;     /* [package] name */
    char *binary;      /* relative to backend_dir: "target/release/NAME" */
    char *axum;        /* version as Cargo.toml has it, NULL if it is not used */
    char *sqlx;
    struct gl_found port;           /* text: the number; all NULL when not seen */
    struct gl_found_list routes;    /* all literals in .route("...") */
    struct gl_found websocket;      /* the first use of WebSocketUpgrade */
    bool answers_db;                /* what it answers has a member "db": its readiness shows it */
    bool answers_cors;              /* it answers pages of other origins */
    struct gl_found_list variables; /* of the backend, sorted by name */

    char *frontend_dir; /* relative; NULL = none found */
    char *sveltekit;    /* version as package.json has it */
    char *adapter;      /* "static", "node", "auto", or another adapter's name; NULL = unknown */
    char *build_dir;    /* where its build writes, relative to frontend_dir */
    bool has_lock;      /* package-lock.json is there */
    bool prerenders;    /* the root layout says `prerender = true` */
    size_t pages;       /* +page.svelte files */
    struct gl_found_list public_variables; /* of the frontend, sorted by name */

    char *migrations_dir;        /* relative; NULL = none found */
    size_t migrations;           /* in it */
    const char *migrations_tool; /* by their names: "sqlx" (and those that call them alike),
                                    "diesel" or "refinery" */
};

void gl_detected_done(struct gl_detected *detected);
#define gl_autodetected gl_cleanup(gl_detected_done)

/* Looks at the repository in `dir`; finding nothing is no error. Build output, dependencies and
 * tests are left out. */
gl_nodiscard int gl_detect(const char *dir, struct gl_detected *ret_detected, struct gl_error *err);

/* The routed path for liveness or readiness, NULL if none of the usual ones is routed; points into
 * `detected`. */
const struct gl_found *gl_detected_health(const struct gl_detected *detected);
const struct gl_found *gl_detected_ready(const struct gl_detected *detected);
/* The first routed path that looks like a WebSocket's, or NULL. */
const struct gl_found *gl_detected_websocket_route(const struct gl_detected *detected);

/* Where cargo puts the program of the crate in `backend_dir`, relative to it
 * ("target/release/NAME"); NULL when there is no crate. The caller owns it. */
char *gl_detect_binary(const char *backend_dir);

/* A first golive.yaml with what was found, and why, as comments. The caller owns it. */
char *gl_init_render(const struct gl_detected *detected);

#endif
