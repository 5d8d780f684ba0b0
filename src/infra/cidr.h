/* Address ranges, IPv4 and IPv6. */
#ifndef GL_INFRA_CIDR_H
#define GL_INFRA_CIDR_H

#include <stdbool.h>
#include <stddef.h>

struct gl_cidr {
    unsigned char address[16]; /* network byte order; 4 bytes used for IPv4 */
    int bits;                  /* length of the prefix */
    int width;                 /* 32 or 128 */
};

/* Reads "10.0.0.0/16"; false if it is no range or has bits set behind its prefix. */
bool gl_cidr_parse(const char *text, struct gl_cidr *ret_cidr);

/* "10.0.0.0/16"; `text` has room for GL_CIDR_TEXT_SIZE bytes. */
enum { GL_CIDR_TEXT_SIZE = 64 };

void gl_cidr_format(const struct gl_cidr *cidr, char text[GL_CIDR_TEXT_SIZE]);

bool gl_cidr_contains(const struct gl_cidr *outer, const struct gl_cidr *inner);
bool gl_cidr_overlaps(const struct gl_cidr *a, const struct gl_cidr *b);

/* Addresses in it; beyond 2^63, SIZE_MAX / 2. */
size_t gl_cidr_addresses(const struct gl_cidr *cidr);

/* The n-th (0-based) range of `bits` length inside `cidr`; false when there are not that many. */
bool gl_cidr_subnet(const struct gl_cidr *cidr, int bits, unsigned n, struct gl_cidr *ret_subnet);

#endif
