/* The header Link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "github/link.h"

static const char api[] = "https://api.github.com";

static const struct {
    const char *header, *next; /* NULL = none */
} cases[] = {
    {"<https://api.github.com/x?page=2>; rel=\"next\"",                        "https://api.github.com/x?page=2"     },
    {"<https://api.github.com/x?page=1>; rel=\"prev\", <https://api.github.com/x?page=3>; "
     "rel=\"next\", <https://api.github.com/x?page=9>; rel=\"last\"",     "https://api.github.com/x?page=3"     },
    {"<https://api.github.com/x?a=1,2;b>;title=\"a, <b>; rel=next\";rel=next", /* RFC 8288, 3 */
     "https://api.github.com/x?a=1,2;b"},
    {"<https://api.github.com/x>; REL=\"last Next\"",                          "https://api.github.com/x"            },
    {"<https://api.github.com/x>; rel=\"last\"",                               NULL                                  },
    {"<https://api.github.com/x>",                                             NULL                                  },
    {"<https://api.github.com/x>; rel=\"nextx\"",                              NULL                                  },
    {"<https://api.github.com/x; rel=\"next\"",                                NULL                                  },
    {"",                                                                       NULL                                  },
    {"<>; rel=next",                                                           NULL                                  },
    {"<https://api.github.com>; rel=next",                                     NULL                                  },
    {"<https://api.github.com.evil.example/x>; rel=next",                      NULL                                  },
    {"<https://evil.example/https://api.github.com/x>; rel=next",              NULL                                  },
    {"<http://api.github.com/x>; rel=next",                                    NULL                                  },
    {"</x?page=2>; rel=next",                                                  NULL                                  },
    {"<https://api.github.com/x\r\nHost: evil>; rel=next",                     NULL                                  },
    {"<https://api.github.com/x<y>; rel=next",                                 NULL                                  },
    {"<https://api.github.com/x y>; rel=next",                                 NULL                                  },
};

static void the_next_page_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autofree char *next = gl_github_link_next(cases[i].header, api);
        if (!cases[i].next && next)
            fail_msg("%s leads to %s", cases[i].header, next);
        if (cases[i].next && (!next || strcmp(next, cases[i].next) != 0))
            fail_msg("%s leads to %s", cases[i].header, next ? next : "nothing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_page_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
