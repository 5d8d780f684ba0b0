/* XML as AWS sends it: read without network, entities or document types. */
#ifndef GL_AWS_XML_H
#define GL_AWS_XML_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

void gl_aws_xml_free(xmlDoc **doc);
#define gl_autoxml gl_cleanup(gl_aws_xml_free)

/* Parses a document; GL_E_CORRUPT if it is not well-formed or has a document type. */
gl_nodiscard int gl_aws_xml_parse(const char *text, size_t len, xmlDoc **ret_doc,
                                  struct gl_error *err);

/* Elements only: the first child, the next sibling; NULL if there is none. */
xmlNode *gl_aws_xml_first(const xmlNode *node);
xmlNode *gl_aws_xml_next(const xmlNode *node);

/* The name without its namespace. */
const char *gl_aws_xml_name(const xmlNode *node);

/* The element's own text as the caller's, never NULL. */
char *gl_aws_xml_text(const xmlNode *node);

/* The first element of that name at or below `node`, in document order; NULL if there is none. */
xmlNode *gl_aws_xml_find(xmlNode *node, const char *name);

#endif
