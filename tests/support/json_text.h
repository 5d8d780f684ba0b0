/* JSON that a test writes as text. */
#ifndef GL_TESTS_SUPPORT_JSON_TEXT_H
#define GL_TESTS_SUPPORT_JSON_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"

/* The caller owns it; what is no JSON fails the test. */
static inline json_t *json_of(const char *text)
{
    gl_autoerr struct gl_error err = {0};
    json_t *json = NULL;
    if (gl_json_parse(text, strlen(text), "test", &json, &err) < 0)
        fail_msg("%s", err.message);
    return json;
}

#endif
