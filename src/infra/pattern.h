/* Patterns: AllowedPattern of parameters (Java's regular expressions, read as POSIX's) and those of
 * file names, which Metadata.golive and golive's own tables use. */
#ifndef GL_INFRA_PATTERN_H
#define GL_INFRA_PATTERN_H

#include <stdbool.h>

/* Looks whether the pattern matches the whole text, as CloudFormation asks. False where golive
 * cannot read the pattern. A pattern is compiled once: stacks of one application and its
 * environments share the few that there are. */
bool gl_pattern_match(const char *java, const char *text, bool *ret_matches);

/* Whether a pattern of file names matches the whole text; like fnmatch() without flags, a `*` also
 * matches `/` and a period at the beginning. */
bool gl_pattern_names(const char *pattern, const char *text);

#endif
