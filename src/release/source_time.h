/* Room-internal: the one time that is written into what a release builds. */
#ifndef GL_RELEASE_SOURCE_TIME_H
#define GL_RELEASE_SOURCE_TIME_H

#include <stdint.h>

#include "base/error.h"

/* The time of images and of the files in them, seconds since 1970: SOURCE_DATE_EPOCH if it is set
 * (https://reproducible-builds.org/specs/source-date-epoch/), else the commit's.
 *
 * Without git (`commit_unix_s` is 0) it is made of `revision`, the hash of the files, and lies
 * between 1980 and 1996: times of files change with every copy and check-out, and the same source
 * would get another digest. It is not one time for all, because servers of files make ETags of size
 * and time: a changed page of the same length must have another.
 *
 * GL_E_CONFIG: SOURCE_DATE_EPOCH is not a number of seconds that an image can have (to 2106). */
gl_nodiscard int gl_source_time(int64_t commit_unix_s, const char *revision, int64_t *ret_unix_s,
                                struct gl_error *err);

#endif
