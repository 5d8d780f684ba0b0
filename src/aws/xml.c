/* XML as AWS sends it. */
#include "aws/xml.h"

#include <libxml/parser.h>
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"

void gl_aws_xml_free(xmlDoc **doc)
{
    if (*doc)
        xmlFreeDoc(*doc);
}

int gl_aws_xml_parse(const char *text, size_t len, xmlDoc **ret_doc, struct gl_error *err)
{
    enum {
        OPTIONS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA
    };

    if (len > INT_MAX)
        return gl_fail(err, GL_E_CORRUPT, _("the XML is too large"));
    gl_autoxml xmlDoc *doc = xmlReadMemory(text, (int)len, NULL, NULL, OPTIONS);
    if (!doc || !xmlDocGetRootElement(doc))
        return gl_fail(err, GL_E_CORRUPT, _("the answer is not XML"));
    if (doc->intSubset)
        return gl_fail(err, GL_E_CORRUPT, _("the answer is XML with a document type"));
    *ret_doc = gl_steal(&doc);
    return 0;
}

static xmlNode *element_from(xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

xmlNode *gl_aws_xml_first(const xmlNode *node)
{
    return element_from(node->children);
}

xmlNode *gl_aws_xml_next(const xmlNode *node)
{
    return element_from(node->next);
}

const char *gl_aws_xml_name(const xmlNode *node)
{
    return (const char *)node->name;
}

char *gl_aws_xml_text(const xmlNode *node)
{
    struct gl_buf text = {0};
    for (const xmlNode *child = node->children; child; child = child->next) {
        if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) &&
            child->content)
            gl_buf_puts(&text, (const char *)child->content);
    }
    return gl_buf_steal(&text);
}

/* The next element in document order below `top`. */
static xmlNode *following(const xmlNode *top, xmlNode *node)
{
    xmlNode *next = gl_aws_xml_first(node);
    while (!next && node != top) {
        next = gl_aws_xml_next(node);
        if (!next)
            node = node->parent;
    }
    return next;
}

xmlNode *gl_aws_xml_find(xmlNode *node, const char *name)
{
    for (xmlNode *at = node; at; at = following(node, at)) {
        if (strcmp(gl_aws_xml_name(at), name) == 0)
            return at;
    }
    return NULL;
}
