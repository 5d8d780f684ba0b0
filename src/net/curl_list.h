/* Lists of texts that libcurl is given: header lines, addresses. */
#ifndef GL_NET_CURL_LIST_H
#define GL_NET_CURL_LIST_H

#include <curl/curl.h>

#include "base/mem.h"

/* Adds a copy of the text; *list may be NULL. Aborts where memory is exhausted, as everything does
 * (base/mem.h): curl_slist_append() loses the list then, and with it what was to be signed, hidden
 * or allowed by a header. */
void gl_curl_list_add(struct curl_slist **list, const char *text);

void gl_curl_list_free(struct curl_slist **list);
#define gl_autocurllist gl_cleanup(gl_curl_list_free)

#endif
