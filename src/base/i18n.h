/* Translation of text that a person reads: _() at the place of use, N_() in tables. */
#ifndef GL_BASE_I18N_H
#define GL_BASE_I18N_H

#include <libintl.h>

/* NOLINTNEXTLINE(bugprone-reserved-identifier): gettext's own convention */
#define _(text)  gettext(text)
#define N_(text) text

/* Chooses the language from LC_ALL, LC_MESSAGES, LANG and LANGUAGE. Where the machine has no such
 * locale (a bare container), falls back to C.UTF-8 and still finds the translation. Call once. */
void gl_i18n_init(void);

/* The language that texts with translations of their own are shown in: "ja" or "en". */
const char *gl_i18n_language(void);

#endif
