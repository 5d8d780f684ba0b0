/* Room-internal: the version that a commit has for people, as a tag of git. */
#ifndef GL_RELEASE_SOURCE_TAG_H
#define GL_RELEASE_SOURCE_TAG_H

/* Of tag names, a line each, the first that is a version by https://semver.org, a "v" before it
 * allowed, and that an image's tag can be (no build metadata: "+" is none of its characters). The
 * caller owns it; NULL = there is none. Pure. */
char *gl_source_tag_pick(const char *lines);

/* The newest such tag of the commit `version` (as a release calls it); NULL for a source that is no
 * commit, or has no such tag. The caller owns it. */
char *gl_source_tag(const char *dir, const char *version);

#endif
