/* Statements: a table of members, from which they are written and read. */
#include "facts/attestation.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"

static const char kind[] = "attestation";

#define TEXT(member)                                                                               \
    {                                                                                              \
#        member, offsetof(struct gl_attestation, member), false                                    \
    }
#define NUMBER(member)                                                                             \
    {                                                                                              \
#        member, offsetof(struct gl_attestation, member), true                                     \
    }

static const struct member {
    const char *name;
    size_t offset;
    bool number;
} members[] = {
    TEXT(app),
    TEXT(env),
    TEXT(control),
    TEXT(question),
    TEXT(answer),
    TEXT(note),
    TEXT(person),
    TEXT(binds),
    TEXT(bound),
    NUMBER(signed_unix_s),
    NUMBER(valid_until_unix_s),
};

static char **text_at(const struct gl_attestation *attestation, const struct member *member)
{
    return (char **)((char *)attestation + member->offset);
}

static int64_t *number_at(const struct gl_attestation *attestation, const struct member *member)
{
    return (int64_t *)((char *)attestation + member->offset);
}

void gl_attestation_done(struct gl_attestation *attestation)
{
    for (size_t i = 0; i < GL_COUNT(members); i++) {
        if (!members[i].number)
            free(gl_steal(text_at(attestation, &members[i])));
    }
}

char *gl_attestation_text(const struct gl_attestation *attestation)
{
    gl_autojson json_t *object = json_object();
    gl_json_set_str(object, "kind", kind);
    for (size_t i = 0; i < GL_COUNT(members); i++) {
        if (members[i].number)
            gl_json_set_int(object, members[i].name, *number_at(attestation, &members[i]));
        else
            gl_json_set_str(object, members[i].name, *text_at(attestation, &members[i]));
    }
    gl_autofree char *text = gl_json_canonical(object);
    return gl_asprintf("%s\n", text);
}

bool gl_attestation_fits(const char *text)
{
    size_t len = strlen(text);
    if (!gl_utf8_valid(text, len, NULL, NULL))
        return false;
    while (len) {
        uint32_t character = 0;
        size_t bytes = gl_utf8_next(text, len, &character);
        if (gl_utf8_is_deceptive(character))
            return false;
        text += bytes;
        len -= bytes;
    }
    return true;
}

static bool is_number(const json_t *value)
{
    json_int_t number = json_integer_value(value);
    return json_is_integer(value) && number >= 0 && number <= (json_int_t)1 << 53;
}

static bool take_member(const json_t *object, const struct member *member,
                        struct gl_attestation *attestation)
{
    const json_t *value = json_object_get(object, member->name);
    if (member->number) {
        *number_at(attestation, member) = json_integer_value(value);
        return is_number(value);
    }
    const char *text = json_string_value(value);
    bool may_be_empty = strcmp(member->name, "note") == 0 || strcmp(member->name, "bound") == 0;
    *text_at(attestation, member) = gl_strdup(text);
    return text && (*text || may_be_empty) && gl_attestation_fits(text);
}

static bool is_word(const char *text, const char *const *words)
{
    while (*words && strcmp(*words, text) != 0)
        words++;
    return *words;
}

static bool has_words(const struct gl_attestation *attestation)
{
    static const char *const answers[] = {"yes", "no", NULL};
    static const char *const bindings[] = {"config", "release", "none", NULL};
    return is_word(attestation->answer, answers) && is_word(attestation->binds, bindings);
}

static bool is_whole(const struct gl_attestation *attestation, const char *text, size_t len)
{
    gl_autofree char *again = gl_attestation_text(attestation);
    return strlen(again) == len && memcmp(again, text, len) == 0;
}

int gl_attestation_read(const char *text, size_t len, struct gl_attestation *ret_attestation,
                        struct gl_error *err)
{
    gl_autojson json_t *object = NULL;
    gl_autoattestation struct gl_attestation attestation = {0};
    bool good = len <= GL_ATTESTATION_BYTES_MAX &&
                gl_json_parse(text, len, "the statement", &object, NULL) == 0;
    for (size_t i = 0; good && i < GL_COUNT(members); i++)
        good = take_member(object, &members[i], &attestation);
    if (!good || !has_words(&attestation) || !is_whole(&attestation, text, len))
        return gl_fail(err, GL_E_CORRUPT, _("this is no statement of golive attest"));
    *ret_attestation = attestation;
    attestation = (struct gl_attestation){0};
    return 0;
}

void gl_attestation_question(const char *question, const char *ja, char ret_hex[GL_SHA256_HEX_SIZE])
{
    gl_autofree char *both = gl_asprintf("%s\n%s\n", question, ja ? ja : "");
    gl_sha256_hex(both, strlen(both), ret_hex);
}
