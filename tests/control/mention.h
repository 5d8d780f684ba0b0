/* Which facts a rule mentions, by the texts in its SQL. */
#ifndef GL_TEST_MENTION_H
#define GL_TEST_MENTION_H

#include <stdbool.h>

#include "base/strv.h"

/* Texts in quotes of a rule's SQL and of the views of facts it reads; zero-initialise. */
struct mention {
    struct gl_strv texts;
    struct gl_strv types; /* of resources, as AWS::EC2::VPC or a pattern of LIKE */
    struct gl_strv views; /* that were read */
    bool follows;         /* references, to resources of types that it does not name */
};

void mention_read(struct mention *mention, const char *sql);
void mention_done(struct mention *mention);

/* True if the rule is about the type (or about no type in particular) and names the property by its
 * path or shape, a pattern of LIKE, or its beginning or end with the dot there. */
bool mention_has_property(const struct mention *mention, const char *type, const char *path,
                          const char *shape);

/* True if the rule names the property, and may come to its resource by a reference. */
bool mention_may_reach(const struct mention *mention, const char *path, const char *shape);

/* As mention_has_property(), of a key of golive.yaml; the key around it counts, too. */
bool mention_has_config(const struct mention *mention, const char *key, const char *shape,
                        const char *parent);

#endif
