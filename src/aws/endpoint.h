/* Where a service answers, as botocore resolves it: configured URLs first, then the table of
 * partitions and services. */
#ifndef GL_AWS_ENDPOINT_H
#define GL_AWS_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/profile.h"
#include "base/error.h"

/* The URL of a service (without a trailing slash) and the region to sign for, which is another one
 * for global services (iam, cloudfront: us-east-1).
 *
 * `service` is botocore's client name ("cloudformation", "elbv2", "secretsmanager"); `region` must
 * be a region's name, NULL is allowed for global services only (partition aws); `profile` may be
 * NULL.
 *
 * Precedence (SDK reference guide, "Service-specific endpoints"): AWS_ENDPOINT_URL_<SERVICE>,
 * AWS_ENDPOINT_URL, the profile's services section, the profile's endpoint_url; none of them when
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS (or ignore_configured_endpoint_urls) is true. Then the rules,
 * with AWS_USE_FIPS_ENDPOINT / use_fips_endpoint and AWS_USE_DUALSTACK_ENDPOINT /
 * use_dualstack_endpoint. GL_E_CONFIG for a service that is not in the table, a missing region or a
 * URL without scheme. The caller owns both strings. */
gl_nodiscard int gl_aws_endpoint(const char *service, const char *region,
                                 const struct gl_aws_profile *profile, char **ret_url,
                                 char **ret_signing_region, struct gl_error *err);

/* True if a configured URL (AWS_ENDPOINT_URL and its like) takes the place of AWS's own one. */
bool gl_aws_endpoint_is_configured(const char *service, const struct gl_aws_profile *profile);

/* "aws", "aws-cn", "aws-us-gov", ... of a region; static. */
const char *gl_aws_partition(const char *region);

/* "amazonaws.com" or "amazonaws.com.cn": what comes after a region in host names; static. */
const char *gl_aws_dns_suffix(const char *region);

/* The service's name in a signature's scope ("monitoring" for "cloudwatch"); static, NULL for a
 * service that is not in the table. */
const char *gl_aws_signing_name(const char *service);

/* The names of the table in its order, for tests and error hints; *ret_count of them. */
const char *const *gl_aws_endpoint_services(size_t *ret_count);

#endif
