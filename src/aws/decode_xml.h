/* Inside the codecs: an XML element into a tree. */
#ifndef GL_AWS_DECODE_XML_H
#define GL_AWS_DECODE_XML_H

#include "aws/service.h"
#include "aws/xml.h"
#include "base/json.h"

/* The members of `element` as an object with the API's names; `context` is the operation's name. */
json_t *gl_aws_decode_members(const struct gl_aws_service *service, const char *context,
                              const xmlNode *element);

/* Text as the table's kind: a boolean, a number, else a string. */
json_t *gl_aws_decode_text(const struct gl_aws_types *types, const char *name, const char *text);

#endif
