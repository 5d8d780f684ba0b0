/* Lists of libcurl that are whole, or there is no process any more. */
#include "net/curl_list.h"

#include <stdlib.h>

void gl_curl_list_add(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);
    if (!longer)
        abort(); /* memory: see base/mem.h */
    *list = longer;
}

void gl_curl_list_free(struct curl_slist **list)
{
    curl_slist_free_all(*list);
    *list = NULL;
}
