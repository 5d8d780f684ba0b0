/* Regions of AWS: a small table of what golive must know before it can ask. */
#ifndef GL_INFRA_REGION_H
#define GL_INFRA_REGION_H

/* "aws", "aws-cn", "aws-us-gov"; "amazonaws.com", "amazonaws.com.cn". Static text. */
const char *gl_region_partition(const char *region);
const char *gl_region_url_suffix(const char *region);

/* Availability zones that a new account may use there; 0 = golive does not know the region. */
int gl_region_zones(const char *region);

/* The nearest region of the table to a wrong one, or NULL. Static text. */
const char *gl_region_nearest(const char *region);

#endif
