/* People of golive.yaml: who is at work here, who wrote a commit, who has which role. */
#ifndef GL_RELEASE_PERSON_H
#define GL_RELEASE_PERSON_H

#include "config/config.h"

/* The entry of people[] with this id, NULL if there is none. Belongs to the configuration. */
const json_t *gl_person_find(const struct gl_config *config, const char *id);
/* The id of the person with that mail address ("email") or GitHub account ("github"), whose
 * capitals do not count, NULL if there is none. An address that GitHub gives (who merges there
 * commits with it) is that of its account. Belongs to the configuration. */
const char *gl_person_by(const struct gl_config *config, const char *member, const char *value);

/* Who is at work: on GitHub Actions the account that triggered the run, else the mail address that
 * git has here (user.email). NULL if golive.yaml knows nobody of that name; ret_name (the caller
 * owns it) is what was looked for. */
const char *gl_person_here(const struct gl_config *config, char **ret_name);

/* True if `list` (roles.NAME, approval.approvers) names the person. */
bool gl_person_in(const json_t *list, const char *id);

#endif
