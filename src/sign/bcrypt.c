/* bcrypt_pbkdf: Blowfish with an expensive key schedule, as a key derivation. libcrypto has
 * Blowfish but not this schedule. */
#include "sign/bcrypt.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

#include "sign/pi.h"

enum {
    ROUNDS = 16,
    P_WORDS = ROUNDS + 2,
    BOXES = 4,
    BOX_WORDS = 256,
    HASH_WORDS = 8,
    HASH_BYTES = 4 * HASH_WORDS,
    SCHEDULES = 64,
    WORDS = P_WORDS + BOXES * BOX_WORDS,
};

struct state {
    uint32_t p[P_WORDS];
    uint32_t s[BOXES][BOX_WORDS];
};

_Static_assert(sizeof(struct state) == WORDS * sizeof(uint32_t), "no gap between p and s");

static uint32_t mix(const struct state *state, uint32_t x)
{
    return ((state->s[0][x >> 24] + state->s[1][x >> 16 & 255]) ^ state->s[2][x >> 8 & 255]) +
           state->s[3][x & 255];
}

static void encipher(const struct state *state, uint32_t pair[2])
{
    uint32_t left = pair[0] ^ state->p[0];
    uint32_t right = pair[1];
    for (int i = 1; i <= ROUNDS; i += 2) {
        right ^= mix(state, left) ^ state->p[i];
        left ^= mix(state, right) ^ state->p[i + 1];
    }
    pair[0] = right ^ state->p[P_WORDS - 1];
    pair[1] = left;
}

/* The next four bytes, most significant first, of SHA-512 digests that repeat for ever. */
static uint32_t next_word(const unsigned char digest[SHA512_DIGEST_LENGTH], size_t *at)
{
    uint32_t word = 0;
    for (int i = 0; i < 4; i++)
        word = word << 8 | digest[(*at)++ % SHA512_DIGEST_LENGTH];
    return word;
}

/* The key goes into p; then all words become the cipher of those before them, mixed with the salt
 * (NULL = none). */
static void expand(struct state *state, const unsigned char *salt, const unsigned char *key)
{
    size_t key_at = 0;
    size_t salt_at = 0;
    uint32_t pair[2] = {0};
    for (int i = 0; i < P_WORDS; i++)
        state->p[i] ^= next_word(key, &key_at);
    for (int i = 0; i < WORDS; i += 2) {
        uint32_t *target = i < P_WORDS ? &state->p[i] : &state->s[0][0] + (i - P_WORDS);
        for (int j = 0; salt && j < 2; j++)
            pair[j] ^= next_word(salt, &salt_at);
        encipher(state, pair);
        target[0] = pair[0];
        target[1] = pair[1];
    }
}

static void hash(const struct state *fresh, const unsigned char *passphrase,
                 const unsigned char *salt, unsigned char ret_hash[HASH_BYTES])
{
    static const unsigned char text[] = "OxychromaticBlowfishSwatDynamite";
    struct state state = *fresh;
    uint32_t words[HASH_WORDS];
    size_t at = 0;
    expand(&state, salt, passphrase);
    for (int i = 0; i < SCHEDULES; i++) {
        expand(&state, NULL, salt);
        expand(&state, NULL, passphrase);
    }
    for (int i = 0; i < HASH_WORDS; i++, at += 4)
        words[i] = (uint32_t)text[at] << 24 | (uint32_t)text[at + 1] << 16 |
                   (uint32_t)text[at + 2] << 8 | (uint32_t)text[at + 3];
    for (int i = 0; i < SCHEDULES; i++) {
        for (int j = 0; j < HASH_WORDS; j += 2)
            encipher(&state, words + j);
    }
    for (int i = 0; i < HASH_BYTES; i++)
        ret_hash[i] = (unsigned char)(words[i / 4] >> 8 * (i % 4));
    gl_wipe(&state, sizeof state);
    gl_wipe(words, sizeof words);
}

/* One block of the output: the hashes of `rounds` rounds together. */
static void make_block(const struct state *fresh, const struct gl_bcrypt_input *input,
                       uint32_t number, unsigned char ret_block[HASH_BYTES])
{
    unsigned char passphrase[SHA512_DIGEST_LENGTH];
    unsigned char salt[SHA512_DIGEST_LENGTH];
    unsigned char part[HASH_BYTES];
    unsigned char counted[GL_BCRYPT_SALT_MAX + 4];
    memcpy(counted, input->salt, input->salt_len);
    for (size_t i = 0; i < 4; i++)
        counted[input->salt_len + i] = (unsigned char)(number >> (24 - 8 * i));
    SHA512((const unsigned char *)input->passphrase, strlen(input->passphrase), passphrase);
    SHA512(counted, input->salt_len + 4, salt);
    memset(ret_block, 0, HASH_BYTES);
    for (uint32_t round = 0; round < input->rounds; round++) {
        hash(fresh, passphrase, salt, part);
        for (int i = 0; i < HASH_BYTES; i++)
            ret_block[i] ^= part[i];
        SHA512(part, HASH_BYTES, salt);
    }
    gl_wipe(passphrase, sizeof passphrase);
    gl_wipe(salt, sizeof salt);
    gl_wipe(part, sizeof part);
}

/* Neighbouring bytes of the key come from different blocks, so that all of them must be made. */
void gl_bcrypt_pbkdf(const struct gl_bcrypt_input *input, unsigned char *ret_key, size_t len)
{
    assert(len && len <= GL_BCRYPT_KEY_MAX);
    assert(input->salt_len && input->salt_len <= GL_BCRYPT_SALT_MAX);
    assert(input->rounds && input->rounds <= GL_BCRYPT_ROUNDS_MAX);
    struct state fresh;
    uint32_t words[WORDS];
    gl_pi_words(words, WORDS);
    memcpy(&fresh, words, sizeof fresh);
    size_t blocks = (len + HASH_BYTES - 1) / HASH_BYTES;
    for (size_t i = 0; i < blocks; i++) {
        unsigned char block[HASH_BYTES];
        make_block(&fresh, input, (uint32_t)i + 1, block);
        for (size_t j = 0; j < HASH_BYTES && j * blocks + i < len; j++)
            ret_key[j * blocks + i] = block[j];
        gl_wipe(block, sizeof block);
    }
}
