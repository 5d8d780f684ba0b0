/* The words of controls, and their ids. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "control/control.h"

const char *const gl_severity_words[] = {"low", "medium", "high", "critical", NULL};
const char *const gl_stage_words[] = {"plan", "infra", "release", "go", "after", NULL};
const char *const gl_control_origin_words[] = {"shipped", "ejected", "own", NULL};

int gl_word_index(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
    }
    return -1;
}

/* ---- ids ---------------------------------------------------------------------------------------
 */

bool gl_control_selected(const char *id, const char *prefix)
{
    size_t len = strlen(prefix);
    while (len > 0 && prefix[len - 1] == '.')
        len--;
    return strncmp(id, prefix, len) == 0 && (id[len] == '\0' || id[len] == '.');
}

int gl_control_compare_ids(const char *left, const char *right)
{
    while (*left && *right) {
        if (isdigit((unsigned char)*left) && isdigit((unsigned char)*right)) {
            char *left_end = NULL;
            char *right_end = NULL;
            unsigned long a = strtoul(left, &left_end, 10);
            unsigned long b = strtoul(right, &right_end, 10);
            if (a != b)
                return a < b ? -1 : 1;
            left = left_end;
            right = right_end;
        } else if (*left != *right) {
            return (unsigned char)*left < (unsigned char)*right ? -1 : 1;
        } else {
            left++;
            right++;
        }
    }
    return *left ? 1 : *right ? -1 : 0;
}

/* ---- texts -------------------------------------------------------------------------------------
 */

static const char *choose(const char *english, const char *japanese)
{
    return japanese && strcmp(gl_i18n_language(), "ja") == 0 ? japanese : english;
}

const char *gl_control_title(const struct gl_control *control)
{
    return choose(control->title, control->title_ja);
}

const char *gl_control_remedy(const struct gl_control *control)
{
    return choose(control->remedy, control->remedy_ja);
}

const char *gl_control_question(const struct gl_control *control)
{
    return choose(control->question, control->question_ja);
}
