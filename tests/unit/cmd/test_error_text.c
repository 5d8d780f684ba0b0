/* Errors as people and programs see them: no secret, whatever characters it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cmd/command.h"

static char *printed(const struct gl_error *err, bool json)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    gl_error_print(err, out, json, false);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* Masked before it is escaped for JSON: afterwards it would no longer be found. */
static void a_secret_with_quotes_is_masked_in_either_form(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_secret_add("pass\"wo\\rd");
    gl_fail(&err, GL_E_NET, "refused: pass\"wo\\rd and {\"pw\":\"pass\\\"wo\\\\rd\"}");
    gl_error_hint(&err, "not pass\"wo\\rd");
    gl_autofree char *text = printed(&err, false);
    gl_autofree char *json = printed(&err, true);
    gl_secret_forget_all();
    assert_non_null(strstr(text, "refused: *** and {\"pw\":\"***\"}"));
    assert_non_null(strstr(json, "\"hint\":\"not ***\""));
    assert_non_null(strstr(json, "refused: *** and "));
    assert_null(strstr(text, "wo"));
    assert_null(strstr(json, "wo\\"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_with_quotes_is_masked_in_either_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
