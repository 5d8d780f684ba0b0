/* Room-internal: snapshots of the database that releases take. Whose a snapshot is, its tags say;
 * its name is for people. */
#ifndef GL_PLATFORM_AWS_SNAPSHOT_H
#define GL_PLATFORM_AWS_SNAPSHOT_H

#include "platform/aws/aws.h"

/* Tags of a snapshot that a release took, beside golive:app and golive:env. */
#define GL_SNAPSHOT_TAG "golive:release" /* its number */

/* The number of the release of this application and environment that took a snapshot, an element
 * of DescribeDBSnapshots' answer; 0 if it is anybody else's. */
int64_t gl_snapshot_release(const struct gl_cloud *cloud, const json_t *snapshot);

/* The tags of one that release `number` takes. The caller owns the list. */
json_t *gl_snapshot_tags(const struct gl_cloud *cloud, int64_t number);

/* The snapshot of that name, NULL if there is none. The caller owns it. */
gl_nodiscard int gl_snapshot_find(struct gl_cloud *cloud, const char *id, json_t **ret_snapshot,
                                  struct gl_error *err);

#endif
