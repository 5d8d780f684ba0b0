/* Answers that come in pages. */
#include "aws/page.h"

#include <string.h>

#include "aws/words.h"

/* True if the answer says itself that it is the last. */
static bool says_last(const struct gl_aws_page *page, const json_t *result)
{
    if (!page->more)
        return false;
    const json_t *more = gl_aws_at(result, page->more);
    return !json_is_true(more) &&
           strcasecmp(json_string_value(more) ? json_string_value(more) : "", "true") != 0;
}

static bool is_token(const json_t *value)
{
    return value && !json_is_null(value) && !(json_is_string(value) && !json_string_length(value));
}

bool gl_aws_page_next(const struct gl_aws_operation *operation, const json_t *result,
                      json_t *params)
{
    const struct gl_aws_page *page = &operation->page;
    struct gl_aws_word in = {0};
    struct gl_aws_word out = {0};
    bool any = false;
    bool changed = false;
    if (!page->input || says_last(page, result))
        return false;
    while (gl_aws_word_next(page->input, &in) && gl_aws_word_next(page->output, &out)) {
        gl_autofree char *input = gl_aws_word_copy(&in);
        gl_autofree char *output = gl_aws_word_copy(&out);
        json_t *token = gl_aws_at(result, output);
        const json_t *before = json_object_get(params, input);
        any = any || is_token(token);
        changed = changed || (is_token(token) && !(before && json_equal(before, token)));
        if (is_token(token))
            json_object_set(params, input, token);
        else
            json_object_del(params, input);
    }
    return any && changed; /* GetLogEvents gives the same token again at its end */
}

/* The parent object of the last part of a path, and that part; NULL if the way does not exist. */
static json_t *parent_of(json_t *result, const char *path, const char **ret_name)
{
    const char *dot = strrchr(path, '.');
    *ret_name = dot ? dot + 1 : path;
    gl_autofree char *parent = dot ? gl_strndup(path, (size_t)(dot - path)) : gl_strdup("");
    return gl_aws_at(result, parent);
}

void gl_aws_page_append(const struct gl_aws_operation *operation, json_t *result,
                        const json_t *page)
{
    struct gl_aws_word word = {0};
    while (operation && gl_aws_word_next(operation->page.result, &word)) {
        gl_autofree char *path = gl_aws_word_copy(&word);
        json_t *more = gl_aws_at(page, path);
        json_t *list = gl_aws_at(result, path);
        if (!json_is_array(more))
            continue;
        if (json_is_array(list)) {
            json_array_extend(list, more);
            continue;
        }
        const char *name = NULL;
        json_t *parent = parent_of(result, path, &name);
        if (json_is_object(parent))
            json_object_set(parent, name, more);
    }
}

int gl_aws_each_page(struct gl_aws_client *client, const struct gl_aws_request *request,
                     gl_aws_page_fn *see, void *context, struct gl_error *err)
{
    const struct gl_aws_service *service = gl_aws_service_find(request->service);
    const struct gl_aws_operation *operation =
        service ? gl_aws_operation_find(service, request->operation) : NULL;
    gl_autojson json_t *params =
        request->params ? json_copy((json_t *)request->params) : json_object();
    struct gl_aws_request next = *request;
    next.params = params;
    bool more = true;
    while (more) {
        gl_autoanswer struct gl_aws_answer answer = {0};
        int result = gl_aws_call(client, &next, &answer, err);
        if (result < 0)
            return result;
        more = see(answer.result, context) && operation &&
               gl_aws_page_next(operation, answer.result, params);
    }
    return 0;
}

struct collection {
    const struct gl_aws_operation *operation;
    json_t *result;
};

static bool collect(const json_t *page, void *context)
{
    struct collection *collection = context;
    if (collection->result)
        gl_aws_page_append(collection->operation, collection->result, page);
    else
        collection->result = json_deep_copy(page);
    return true;
}

/* What belongs to single pages. */
static void drop_tokens(const struct gl_aws_operation *operation, json_t *result)
{
    struct gl_aws_word word = {0};
    while (operation && gl_aws_word_next(operation->page.output, &word)) {
        gl_autofree char *path = gl_aws_word_copy(&word);
        const char *name = NULL;
        json_t *parent = parent_of(result, path, &name);
        json_object_del(parent, name);
    }
}

int gl_aws_ask_all(struct gl_aws_client *client, const char *service, const char *operation,
                   json_t *params, json_t **ret_result, struct gl_error *err)
{
    gl_autojson json_t *owned = params;
    const struct gl_aws_service *row = gl_aws_service_find(service);
    struct collection collection = {.operation =
                                        row ? gl_aws_operation_find(row, operation) : NULL};
    struct gl_aws_request request = {.service = service, .operation = operation, .params = owned};
    int result = gl_aws_each_page(client, &request, collect, &collection, err);
    if (result < 0) {
        json_decref(collection.result);
        return result;
    }
    drop_tokens(collection.operation, collection.result);
    *ret_result = collection.result;
    return 0;
}
