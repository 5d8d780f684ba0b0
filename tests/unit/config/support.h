/* What the tests of the room share: loading a text and looking at the mistakes. */
#ifndef GL_TEST_CONFIG_SUPPORT_H
#define GL_TEST_CONFIG_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "config/internal.h"

#define MINIMUM "golive: 1\napp: {name: demo}\n"

struct loaded {
    struct gl_config *config;
    struct gl_diagnostics list;
    struct gl_error err;
    int code;
};

static inline void loaded_done(struct loaded *loaded)
{
    gl_config_free(&loaded->config);
    gl_diagnostics_done(&loaded->list);
    gl_error_done(&loaded->err);
}

#define gl_autoloaded gl_cleanup(loaded_done)

static inline struct loaded load_set(const char *text, const char *env, const char *const *set)
{
    struct loaded loaded = {0};
    gl_autostrv struct gl_strv list = {0};
    for (; set && *set; set++)
        gl_strv_add(&list, *set);
    struct gl_config_request request = {.path = "golive.yaml", .env = env, .set = &list};
    loaded.code = gl_config_parse_text(&request, text, strlen(text), &loaded.config, &loaded.list,
                                       &loaded.err);
    return loaded;
}

static inline struct loaded load(const char *text)
{
    return load_set(text, "local", NULL);
}

/* "line:column message" of every mistake, one a line. */
static inline char *mistakes(const struct loaded *loaded)
{
    struct gl_buf text = {0};
    for (size_t i = 0; i < loaded->list.count; i++)
        gl_buf_printf(&text, "%u:%u %s\n", loaded->list.items[i].line, loaded->list.items[i].column,
                      loaded->list.items[i].message);
    return gl_buf_steal(&text);
}

static inline void assert_mistakes(const char *text, const char *expected)
{
    gl_autoloaded struct loaded loaded = load(text);
    gl_autofree char *found = mistakes(&loaded);
    assert_string_equal(found, expected);
    assert_int_equal(loaded.code, *expected ? GL_E_CONFIG : 0);
}

/* What gl_diagnostics_print() draws. */
static inline char *drawn(const struct gl_diagnostics *list)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    gl_diagnostics_print(list, out, false);
    assert_int_equal(fclose(out), 0);
    return text;
}

#endif
