/* Room-internal: the frontend as a service (gl_platform_has_pages()): what SvelteKit's adapter-node
 * built, the packages it needs at run time, and node itself, as an image.
 * https://svelte.dev/docs/kit/adapter-node */
#ifndef GL_RELEASE_PAGES_H
#define GL_RELEASE_PAGES_H

#include "release/internal.h"

/* Before anything is built: there is a frontend, and a node that can be packed, whose processor is
 * *ret_processor ("amd64"). GL_E_CONFIG or GL_E_REFUSED says
 * what lacks. */
gl_nodiscard int gl_pages_check(const struct gl_release *release, const char **ret_processor,
                                struct gl_error *err);

/* Packs the image of a frontend that is built; its digest becomes the running step's fact
 * "frontend_digest". Does nothing where pages are files. */
gl_nodiscard int gl_pages_pack(struct gl_release *release, struct gl_error *err);

/* ---- pages_packages.c */

/* True if package.json names packages that its program loads at run time: adapter-node bundles the
 * others. Pure. */
bool gl_pages_has_packages(const json_t *package);

/* Brings those packages, and no others, into a directory of their own below the state directory,
 * once for each lock file; *ret_dir is it (the caller owns it), NULL if none are needed. */
gl_nodiscard int gl_pages_packages(struct gl_release *release, const char *frontend_dir,
                                   char **ret_dir, struct gl_error *err);

#endif
