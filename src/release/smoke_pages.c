/* Loads the main pages as a browser would: the page, its scripts, styles and icons, and what those
 * load. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "net/http.h"
#include "release/internal.h"
#include "release/references.h"

enum {
    MOST_ASSETS = 1000, /* more than any sensible page loads; an endless chain ends here */
    REQUEST_MS = 10000,
};

struct crawl {
    struct gl_release *release;
    struct gl_target target;
    struct gl_strv seen; /* paths, fetched or waiting */
    size_t next;         /* first of `seen` that was not fetched */
};

static void crawl_done(struct crawl *crawl)
{
    gl_target_done(&crawl->target);
    gl_strv_done(&crawl->seen);
}

static int fetch(const struct crawl *crawl, const char *path, struct gl_http_response *response,
                 struct gl_error *err)
{
    gl_autofree char *url = gl_asprintf("%s%s", crawl->target.base_url, path);
    const char *const headers[] = {crawl->target.header, NULL};
    struct gl_http_request request = {
        .url = url,
        .headers = headers,
        .resolve = crawl->target.resolve,
        .ca_file = crawl->target.ca_file,
        .timeout_ms = gl_step_left_ms(crawl->release, REQUEST_MS),
        .follow = true,
    };
    int failed = gl_step_check_time(crawl->release, err);
    if (failed == 0)
        failed = gl_http_fetch(&request, response, err);
    if (failed < 0)
        return failed;
    if (response->status != 200)
        return gl_fail(err, GL_E_UNHEALTHY, _("%s answers %ld"), url, response->status);
    return 0;
}

static void add_references(struct crawl *crawl, const char *path,
                           const struct gl_http_response *response)
{
    const char *type = gl_http_header(response, "content-type");
    gl_autostrv struct gl_strv found = {0};
    gl_references_find(gl_buf_text(&response->body), response->body.len, type ? type : "", path,
                       &found);
    for (size_t i = 0; i < found.count; i++) {
        if (!gl_strv_has(&crawl->seen, found.items[i]) && crawl->seen.count < MOST_ASSETS)
            gl_strv_add(&crawl->seen, found.items[i]);
    }
}

static int load_page(struct crawl *crawl, const json_t *page, struct gl_error *err)
{
    const char *path = gl_json_str(page, "path", "/");
    const char *marker = gl_json_str(page, "marker", NULL);
    gl_autohttp struct gl_http_response response = {0};
    int failed = fetch(crawl, path, &response, err);
    if (failed < 0)
        return gl_error_wrap(err, _("page %s"), path);
    if (marker && !strstr(gl_buf_text(&response.body), marker)) {
        gl_fail(err, GL_E_UNHEALTHY, _("page %s does not contain `%s`"), path, marker);
        return gl_error_hint(err,
                             _("The page or what is looked for is wrong. What is looked for: "
                               "golive config show frontend.smoke_pages%s"),
                             gl_config_env_words(crawl->release->config));
    }
    add_references(crawl, path, &response);
    return 0;
}

static int load_assets(struct crawl *crawl, struct gl_error *err)
{
    for (; crawl->next < crawl->seen.count; crawl->next++) {
        gl_autofree char *path = gl_strdup(crawl->seen.items[crawl->next]);
        gl_autohttp struct gl_http_response response = {0};
        int failed = fetch(crawl, path, &response, err);
        if (failed < 0)
            return gl_error_wrap(err, _("an asset that a page loads"));
        add_references(crawl, path, &response);
    }
    return 0;
}

int gl_smoke_pages(struct gl_release *release, enum gl_smoke_stage stage, size_t *ret_pages,
                   size_t *ret_assets, struct gl_error *err)
{
    const json_t *pages = gl_config_node(release->config, "frontend.smoke_pages");
    gl_cleanup(crawl_done) struct crawl crawl = {.release = release};
    enum gl_endpoint which = stage == GL_SMOKE_VERSION ? GL_ENDPOINT_PAGES : GL_ENDPOINT_APP;
    int failed = release->platform->ops->endpoint(release->platform, which, release->number,
                                                  &crawl.target, err);
    size_t index;
    json_t *page;
    json_array_foreach(pages, index, page)
    {
        if (failed == 0)
            failed = load_page(&crawl, page, err);
    }
    if (failed == 0)
        failed = load_assets(&crawl, err);
    if (failed < 0)
        return failed;
    *ret_pages = json_array_size(pages);
    *ret_assets = crawl.seen.count;
    return 0;
}
