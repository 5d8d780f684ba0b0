/* Language selection, also on machines where no locale is generated. */
#include "base/i18n.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/* What the user asked for, in the order of POSIX: LC_ALL, LC_MESSAGES, LANG. */
static const char *wanted_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return "C";
}

/* Catalogues lie in the installed tree, or beside the program in a build tree. */
static const char *catalogue_dir(void)
{
    const char *override = getenv("GOLIVE_LOCALEDIR");
    if (override && *override)
        return override;
    return access(GL_BUILD_LOCALEDIR, R_OK) == 0 ? GL_BUILD_LOCALEDIR : GL_LOCALEDIR;
}

void gl_i18n_init(void)
{
    const char *wanted = wanted_locale();
    if (!setlocale(LC_ALL, "") || strcmp(setlocale(LC_CTYPE, NULL), "C") == 0) {
        setlocale(LC_ALL, "C.UTF-8");
        /* In C.UTF-8 gettext obeys LANGUAGE, so a missing locale does not cost the translation. */
        gl_autofree char *language = gl_strndup(wanted, strcspn(wanted, ".@"));
        if (strcmp(language, "C") != 0 && strcmp(language, "POSIX") != 0)
            setenv("LANGUAGE", language, 0);
    }
    setlocale(LC_NUMERIC, "C");
    bindtextdomain("golive", catalogue_dir());
    bind_textdomain_codeset("golive", "UTF-8");
    textdomain("golive");
}
