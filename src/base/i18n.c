/* Language selection, also on machines where no locale is generated. */
#include "base/i18n.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "localedirs.h"

/* What the user asked for, in the order of POSIX: LC_ALL, LC_MESSAGES, LANG; NULL = nothing. */
static const char *wanted_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return NULL;
}

/* Who asks for the C locale by name wants no translation (GNU gettext manual, "The LANGUAGE
 * variable"); where nothing is set, LANGUAGE alone may choose. */
static bool is_c(const char *locale)
{
    return strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
}

/* In C.UTF-8 gettext obeys LANGUAGE, so a missing locale does not cost the translation. */
static void choose_language(const char *wanted)
{
    const char *chosen = getenv("LANGUAGE");
    const char *locale = wanted ? wanted : "C";
    gl_autofree char *language = gl_strndup(locale, strcspn(locale, ".@"));
    if (wanted && is_c(wanted))
        unsetenv("LANGUAGE");
    else if ((!chosen || !*chosen) && !is_c(language)) /* an empty one chooses nothing */
        setenv("LANGUAGE", language, 1);
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
        choose_language(wanted);
    }
    setlocale(LC_NUMERIC, "C");
    bindtextdomain("golive", catalogue_dir());
    bind_textdomain_codeset("golive", "UTF-8");
    textdomain("golive");
}

/* "ja" and "ja_JP.UTF-8", but not the language "jam". */
static bool is_japanese(const char *locale)
{
    return strncmp(locale, "ja", 2) == 0 && strchr("_.@:", locale[2]) != NULL;
}

const char *gl_i18n_language(void)
{
    const char *locale = setlocale(LC_MESSAGES, NULL);
    if (!locale || strcmp(locale, "C") == 0)
        return "en";
    const char *chosen = getenv("LANGUAGE"); /* gl_i18n_init() sets it where a locale is missing */
    return is_japanese(chosen && *chosen ? chosen : locale) ? "ja" : "en";
}
