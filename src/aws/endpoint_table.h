/* Room-internal: partitions and services as data. Where the numbers come from: the endpoint rule
 * sets of botocore 1.43 for all regions; tests/unit/aws/test_endpoint.c compares them again. */
#ifndef GL_AWS_ENDPOINT_TABLE_H
#define GL_AWS_ENDPOINT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* The four ways to reach a service; FIPS and dual stack are bits. */
enum {
    GL_ENDPOINT_PLAIN = 0,
    GL_ENDPOINT_FIPS = 1,
    GL_ENDPOINT_DUALSTACK = 2,
    GL_ENDPOINT_WAYS = 4,
};

struct gl_aws_partition {
    const char *name;
    const char *region_prefix; /* "" fits every region: what fits no other row */
    const char *dns_suffix;
    const char *dualstack_suffix;
};

/* A service answers at PREFIX[-fips].REGION.SUFFIX unless an exception says otherwise. */
struct gl_aws_service_host {
    const char *name;         /* botocore's client name */
    const char *prefix;       /* of the host name */
    const char *signing_name; /* NULL = the prefix */
    const char *id;       /* in AWS_ENDPOINT_URL_<ID> and in services sections; NULL = the name */
    bool gov_has_no_fips; /* us-gov: the plain host is the FIPS host */
};

struct gl_aws_host_exception {
    const char *service;
    const char *partition;
    const char *hosts[GL_ENDPOINT_WAYS]; /* "{r}" is the region; NULL = this row says nothing */
    const char *signing_region;          /* NULL = the region itself */
};

/* What a host of an exception says where a way is not offered. */
#define GL_ENDPOINT_REFUSED ""

extern const struct gl_aws_partition gl_aws_partitions[];
extern const size_t gl_aws_partition_count;
extern const struct gl_aws_service_host gl_aws_service_hosts[];
extern const size_t gl_aws_service_host_count;
extern const struct gl_aws_host_exception gl_aws_host_exceptions[];
extern const size_t gl_aws_host_exception_count;

#endif
