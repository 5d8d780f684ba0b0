/* Pi by Machin's formula, 16 atan(1/5) - 4 atan(1/239), in fixed-point numbers of libcrypto. */
#include "sign/pi.h"

#include <assert.h>
#include <openssl/bn.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    WORD_BITS = 32,
    GUARD_BITS = 64, /* each term is cut off: their errors stay in here */
    MOST_WORDS = 4096,
};

/* Only memory can be short. */
static void need(int done)
{
    if (!done)
        abort();
}

static void add_quotient(BIGNUM *sum, const BIGNUM *power, unsigned divisor, int negative)
{
    BIGNUM *term = BN_dup(power);
    need(term != NULL);
    BN_div_word(term, divisor);
    need(negative ? BN_sub(sum, sum, term) : BN_add(sum, sum, term));
    BN_free(term);
}

/* Adds factor * atan(1/x) * 2^bits: the sum of +- 1 / (n x^n) over odd n. */
static void add_arctangent(BIGNUM *sum, unsigned x, unsigned factor, int bits, int negative)
{
    BIGNUM *power = BN_new();
    need(power && BN_set_word(power, factor) && BN_lshift(power, power, bits));
    BN_div_word(power, x);
    for (unsigned n = 1; !BN_is_zero(power); n += 2, negative = !negative) {
        add_quotient(sum, power, n, negative);
        BN_div_word(power, (BN_ULONG)x * x);
    }
    BN_free(power);
}

void gl_pi_words(uint32_t *ret_words, size_t count)
{
    assert(count && count <= MOST_WORDS);
    int bits = (int)count * WORD_BITS + GUARD_BITS;
    BIGNUM *pi = BN_new();
    need(pi && BN_set_word(pi, 0));
    add_arctangent(pi, 5, 16, bits, 0);
    add_arctangent(pi, 239, 4, bits, 1);
    need(BN_mask_bits(pi, bits) && BN_rshift(pi, pi, GUARD_BITS));
    size_t len = count * sizeof *ret_words;
    gl_autofree unsigned char *bytes = gl_alloc(len);
    need(BN_bn2binpad(pi, bytes, (int)len) == (int)len);
    for (size_t i = 0; i < count; i++)
        ret_words[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 |
                       (uint32_t)bytes[4 * i + 2] << 8 | (uint32_t)bytes[4 * i + 3];
    BN_free(pi);
}
