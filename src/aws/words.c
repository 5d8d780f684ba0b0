/* The small notations in the service tables. */
#include "aws/words.h"

#include <string.h>

bool gl_aws_word_next(const char *list, struct gl_aws_word *word)
{
    const char *at = word->text ? word->text + word->len : list;
    if (!at)
        return false;
    at += strspn(at, " ");
    word->text = at;
    word->len = strcspn(at, " ");
    return word->len > 0;
}

char *gl_aws_word_copy(const struct gl_aws_word *word)
{
    return gl_strndup(word->text, word->len);
}

static bool word_is(const struct gl_aws_word *word, const char *text)
{
    return strlen(text) == word->len && memcmp(word->text, text, word->len) == 0;
}

/* Splits `Context.wire=Api/item`; false if the context is there and another one. */
static bool read_type(const struct gl_aws_word *word, const char *context,
                      struct gl_aws_type *ret_type)
{
    const char *at = word->text;
    const char *end = at + word->len;
    const char *dot = memchr(at, '.', word->len);
    if ((dot != NULL) != (context != NULL))
        return false;
    if (dot) {
        struct gl_aws_word given = {at, (size_t)(dot - at)};
        if (!word_is(&given, context))
            return false;
        at = dot + 1;
    }
    const char *slash = memchr(at, '/', (size_t)(end - at));
    const char *names_end = slash ? slash : end;
    const char *equals = memchr(at, '=', (size_t)(names_end - at));
    const char *wire_end = equals ? equals : names_end;
    const char *api = equals ? equals + 1 : at;
    ret_type->wire = (struct gl_aws_word){at, (size_t)(wire_end - at)};
    ret_type->api = (struct gl_aws_word){api, (size_t)(names_end - api)};
    ret_type->item = (struct gl_aws_word){0};
    if (slash)
        ret_type->item = (struct gl_aws_word){slash + 1, (size_t)(end - slash - 1)};
    return true;
}

static bool find_in(const struct gl_aws_types *types, const char *context, const char *name,
                    bool by_api, struct gl_aws_type *ret_type)
{
    const char *const lists[] = {
        [GL_AWS_LIST] = types->lists,       [GL_AWS_FLAT_LIST] = types->flat_lists,
        [GL_AWS_MAP] = types->maps,         [GL_AWS_BOOLEAN] = types->booleans,
        [GL_AWS_INTEGER] = types->integers, [GL_AWS_REAL] = types->reals,
        [GL_AWS_STRING] = types->strings,   [GL_AWS_STRUCT] = types->structs,
    };
    for (size_t kind = 0; kind < GL_COUNT(lists); kind++) {
        struct gl_aws_word word = {0};
        /* Most names are in no list: that must be quick, for an answer may have 100,000 elements. */
        if (!lists[kind] || !strstr(lists[kind], name))
            continue;
        while (gl_aws_word_next(lists[kind], &word)) {
            struct gl_aws_type type = {.kind = (enum gl_aws_type_kind)kind};
            if (read_type(&word, context, &type) &&
                word_is(by_api ? &type.api : &type.wire, name)) {
                *ret_type = type;
                return true;
            }
        }
    }
    return false;
}

struct gl_aws_type gl_aws_type_find(const struct gl_aws_types *types, const char *context,
                                    const char *name, bool by_api)
{
    struct gl_aws_type type = {
        .wire = {name, strlen(name)},
          .api = {name, strlen(name)}
    };
    if (!context || !find_in(types, context, name, by_api, &type))
        (void)find_in(types, NULL, name, by_api, &type);
    return type;
}

struct gl_aws_type gl_aws_item_type_find(const struct gl_aws_types *types, const char *list,
                                         const char *name)
{
    struct gl_aws_type type = {
        .wire = {name, strlen(name)},
          .api = {name, strlen(name)}
    };
    (void)find_in(types, list, name, false, &type);
    return type;
}

struct gl_aws_binding gl_aws_binding_read(const struct gl_aws_word *word)
{
    size_t name_len = 0;
    while (name_len < word->len && !strchr("=?@!", word->text[name_len]))
        name_len++;
    struct gl_aws_binding binding = {
        .place = GL_AWS_IN_BODY, .api = {word->text, name_len},
             .wire = {word->text, name_len}
    };
    if (name_len == word->len)
        return binding;
    char mark = word->text[name_len];
    bool prefix = word->text[word->len - 1] == '*';
    binding.place = mark == '?'   ? GL_AWS_IN_QUERY
                    : mark == '!' ? GL_AWS_IS_BODY
                    : mark == '@' ? (prefix ? GL_AWS_IN_HEADERS : GL_AWS_IN_HEADER)
                                  : GL_AWS_IN_BODY;
    if (mark != '!')
        binding.wire = (struct gl_aws_word){word->text + name_len + 1,
                                            word->len - name_len - 1 - (prefix ? 1 : 0)};
    return binding;
}
