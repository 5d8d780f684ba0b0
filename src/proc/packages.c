/* Programs golive runs and the packages that bring them (dpkg -S on Debian 12). */
#include "proc/packages.h"

#include <string.h>

#include "base/i18n.h"

static const struct {
    const char *program;
    const char *package;
} packages[] = {
    {"cargo",           "cargo-web"           },
    {"git",             "git"                 },
    {"haproxy",         "haproxy"             },
    {"initdb",          "postgresql-15"       },
    {"ldd",             "libc-bin"            },
    {"nginx",           "nginx-light"         },
    {"node",            "nodejs"              },
    {"npm",             "npm"                 },
    {"npx",             "npm"                 },
    {"pg_basebackup",   "postgresql-client-15"},
    {"pg_ctl",          "postgresql-15"       },
    {"pg_dump",         "postgresql-client-15"},
    {"pg_restore",      "postgresql-client-15"},
    {"pg_verifybackup", "postgresql-client-15"},
    {"postgres",        "postgresql-15"       },
    {"psql",            "postgresql-client-15"},
    {"ps",              "procps"              },
    {"rustc",           "rustc-web"           },
    {"s6-log",          "s6"                  },
    {"s6-svc",          "s6"                  },
    {"s6-svdt",         "s6"                  },
    {"s6-svscan",       "s6"                  },
    {"s6-svscanctl",    "s6"                  },
    {"s6-svstat",       "s6"                  },
    {"s6-svwait",       "s6"                  },
    {"setsid",          "util-linux"          },
};

const char *gl_package_of(const char *program)
{
    for (size_t i = 0; i < GL_COUNT(packages); i++) {
        if (strcmp(packages[i].program, program) == 0)
            return packages[i].package;
    }
    return NULL;
}

void gl_package_hint(const char *program, struct gl_error *err)
{
    const char *package = gl_package_of(program);
    if (package)
        gl_error_hint(err, _("On Debian: apt-get install %s"), package);
    else
        gl_error_hint(err, _("Install the package that has %s, or add its directory to PATH."),
                      program);
}
