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

/* It may hold what a program, a server or a file said. */
static void an_error_cannot_steer_the_terminal(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_fail(&err, GL_E_PROCESS, "cargo failed:\n\033[31merror\033[0m: \033]0;x\007 \302\2332J");
    gl_error_hint(&err, "see \342\200\256txt");
    gl_error_at(&err, "\033[2Ja.yaml", 3, 4);
    gl_autofree char *text = printed(&err, false);
    assert_string_equal(text, " [2Ja.yaml:3:4: error: cargo failed:\nerror:  ]0;x   2J\n"
                              "  see  txt\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_with_quotes_is_masked_in_either_form),
        cmocka_unit_test(an_error_cannot_steer_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
