/* AWS services and their operations as data: one file for each service in src/aws/ops/, every name
 * in them checked against botocore's service models by tests/aws/codec. Adding an operation is
 * adding a row. */
#ifndef GL_AWS_SERVICE_H
#define GL_AWS_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* How parameters and answers are written.
 * https://smithy.io/2.0/aws/protocols/index.html */
enum gl_aws_protocol {
    GL_AWS_QUERY,     /* form in, XML out */
    GL_AWS_EC2,       /* the same with EC2's own names */
    GL_AWS_JSON,      /* X-Amz-Target, JSON both ways */
    GL_AWS_REST_XML,  /* path, query, headers and XML */
    GL_AWS_REST_JSON, /* path, query, headers and JSON */
};

/* What may happen when an operation is sent again while it is unknown whether it was carried out.
 */
enum gl_aws_kind {
    GL_AWS_READ,       /* nothing */
    GL_AWS_WRITE,      /* the same state, or an error that says it is there already */
    GL_AWS_WRITE_ONCE, /* the effect twice: not sent again */
};

/* Names of members in XML and forms, blank-separated: `wire`, `wire=Api` where the API's name
 * differs, `wire/item` for a list whose elements are not called `member` (`item` in EC2),
 * `Context.wire` where the same name is another thing inside Context. What is named nowhere is a
 * string or, with elements inside, a structure; in EC2 its first letter becomes upper-case. */
struct gl_aws_types {
    const char *lists;
    const char *flat_lists; /* the element is repeated without one around it */
    const char *maps;       /* entry, key, value */
    const char *booleans;
    const char *integers;
    const char *reals;
    const char *strings;
    const char *structs;
};

/* How an answer continues. Blank-separated lists of equal length; paths have dots. */
struct gl_aws_page {
    const char *input;  /* parameters that take the tokens; NULL = one page only */
    const char *output; /* where the answer has the tokens */
    const char *result; /* the lists that continue */
    const char *more;   /* the boolean that says whether there is more; NULL = the token says it */
};

struct gl_aws_operation {
    const char *name;
    enum gl_aws_kind kind;
    const char *action; /* of IAM policies, where it is not the operation's name; NULL = it is */
    const char *method; /* REST only, else POST */
    const char *uri;    /* REST only: template with {Label}, or {Label+} that may hold slashes */

    /* Every top-level parameter golive may give, blank-separated. In REST `Name=Label` or `Name`
     * fills the template or, without such a label, is a member of the body; `Name?key` the query;
     * `Name@Header` a header, `Name@Prefix*` headers for a map; `Name!` is the body itself. */
    const char *input;
    const char
        *output;       /* REST only, in the same notation: what comes from headers or is the body */
    const char *root;  /* REST-XML: name of the body's root element; NULL = no XML body */
    const char *token; /* parameter that makes repeating safe; filled when not given; NULL = none */
    bool md5;          /* the body needs a Content-MD5 */
    struct gl_aws_page page;
};

struct gl_aws_service {
    const char *name;         /* as botocore calls it: "elbv2" */
    const char *signing_name; /* in the signature's scope: "elasticloadbalancing" */
    const char *iam_prefix;   /* of actions in policies; NULL = the signing name */
    enum gl_aws_protocol protocol;
    const char *version;       /* query, ec2 */
    const char *json_version;  /* json: "1.0" or "1.1" */
    const char *target_prefix; /* json: X-Amz-Target before the dot */
    const char *xmlns;         /* rest-xml */
    bool lower_names;          /* rest-json: members begin in lower case, the API's names do not */
    const struct gl_aws_operation *operations;
    size_t operation_count;
    struct gl_aws_types input;
    struct gl_aws_types output;
};

/* All services; a NULL ends the list. */
extern const struct gl_aws_service *const gl_aws_service_list[];

/* The rows of "cloudformation", "DescribeStacks"; NULL if there is none. */
const struct gl_aws_service *gl_aws_service_find(const char *name);
const struct gl_aws_operation *gl_aws_operation_find(const struct gl_aws_service *service,
                                                     const char *name);

/* The action that a policy must allow for it: "s3:ListBucket". The caller owns it. (Service
 * Authorization Reference) */
char *gl_aws_operation_action(const struct gl_aws_service *service,
                              const struct gl_aws_operation *operation);

/* True if `input` of the operation names that parameter. */
bool gl_aws_operation_takes(const struct gl_aws_operation *operation, const char *parameter);

#endif
