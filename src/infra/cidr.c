/* Arithmetic on address ranges. */
#include "infra/cidr.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* True if no bit behind the prefix is set. */
static bool is_network(const struct gl_cidr *cidr)
{
    for (int bit = cidr->bits; bit < cidr->width; bit++) {
        if (cidr->address[bit / 8] & (0x80 >> bit % 8))
            return false;
    }
    return true;
}

bool gl_cidr_parse(const char *text, struct gl_cidr *ret_cidr)
{
    struct gl_cidr cidr = {0};
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : 0;
    if (len == 0 || len >= sizeof address)
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    int family = strchr(address, ':') ? AF_INET6 : AF_INET;
    cidr.width = family == AF_INET6 ? 128 : 32;
    char *end;
    long bits = strtol(slash + 1, &end, 10);
    if (end == slash + 1 || *end || slash[1] < '0' || slash[1] > '9' || bits > cidr.width)
        return false;
    cidr.bits = (int)bits;
    if (inet_pton(family, address, cidr.address) != 1 || !is_network(&cidr))
        return false;
    *ret_cidr = cidr;
    return true;
}

void gl_cidr_format(const struct gl_cidr *cidr, char text[GL_CIDR_TEXT_SIZE])
{
    char address[INET6_ADDRSTRLEN] = "";
    inet_ntop(cidr->width == 128 ? AF_INET6 : AF_INET, cidr->address, address, sizeof address);
    snprintf(text, GL_CIDR_TEXT_SIZE, "%s/%d", address, cidr->bits);
}

static bool same_prefix(const struct gl_cidr *a, const struct gl_cidr *b, int bits)
{
    for (int bit = 0; bit < bits; bit++) {
        unsigned char mask = (unsigned char)(0x80 >> bit % 8);
        if ((a->address[bit / 8] & mask) != (b->address[bit / 8] & mask))
            return false;
    }
    return true;
}

bool gl_cidr_contains(const struct gl_cidr *outer, const struct gl_cidr *inner)
{
    return outer->width == inner->width && outer->bits <= inner->bits &&
           same_prefix(outer, inner, outer->bits);
}

bool gl_cidr_overlaps(const struct gl_cidr *a, const struct gl_cidr *b)
{
    return gl_cidr_contains(a, b) || gl_cidr_contains(b, a);
}

size_t gl_cidr_addresses(const struct gl_cidr *cidr)
{
    int host_bits = cidr->width - cidr->bits;
    return host_bits > 62 ? SIZE_MAX / 2 : (size_t)1 << host_bits;
}

bool gl_cidr_subnet(const struct gl_cidr *cidr, int bits, unsigned n, struct gl_cidr *ret_subnet)
{
    if (bits < cidr->bits || bits > cidr->width)
        return false;
    int room = bits - cidr->bits;
    if (room < 32 && n >= (UINT32_C(1) << room))
        return false;
    struct gl_cidr subnet = *cidr;
    subnet.bits = bits;
    /* The address is a network's, so the bits of n fall into a field of zeros: no carry. */
    for (int i = 0; i < room && i < 32; i++) {
        int bit = bits - 1 - i;
        if (n >> i & 1)
            subnet.address[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
    }
    *ret_subnet = subnet;
    return true;
}
