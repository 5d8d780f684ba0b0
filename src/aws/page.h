/* Answers that come in pages. */
#ifndef GL_AWS_PAGE_H
#define GL_AWS_PAGE_H

#include <stdbool.h>

#include "aws/client.h"

/* Sees one page; false ends the walk early (which is no failure). `page` belongs to the caller. */
typedef bool gl_aws_page_fn(const json_t *page, void *context);

/* Asks page after page until there is no more. An operation without pages has one. */
gl_nodiscard int gl_aws_each_page(struct gl_aws_client *client,
                                  const struct gl_aws_request *request, gl_aws_page_fn *see,
                                  void *context, struct gl_error *err);

/* All pages as one answer: the lists that continue hold everything, all else is from the first
 * page, the tokens are gone. Takes `params` (may be NULL); the caller owns the result. */
gl_nodiscard int gl_aws_ask_all(struct gl_aws_client *client, const char *service,
                                const char *operation, json_t *params, json_t **ret_result,
                                struct gl_error *err);

/* Puts the tokens of an answer into the next request's parameters; false if it was the last page.
 * For callers that start() their calls themselves. */
bool gl_aws_page_next(const struct gl_aws_operation *operation, const json_t *result,
                      json_t *params);

/* Appends the continuing lists of `page` to those of `result`. */
void gl_aws_page_append(const struct gl_aws_operation *operation, json_t *result,
                        const json_t *page);

#endif
