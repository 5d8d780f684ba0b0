/* The header Link of an answer in pages (RFC 8288):
 * https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
#ifndef GL_GITHUB_LINK_H
#define GL_GITHUB_LINK_H

#include "base/mem.h"

/* The address of the next page, if it lies below `api` ("https://api.github.com"): the token goes
 * nowhere else. NULL if there is none. The caller owns it. */
char *gl_github_link_next(const char *header, const char *api);

#endif
