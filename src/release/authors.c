/* Authors of commits, as git counts them. */
#include "release/authors.h"

#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "release/git.h"
#include "release/person.h"

enum { SIGNERS_WHEN_UNKNOWN = 2 };

void gl_authors_done(struct gl_authors *authors)
{
    gl_strv_done(&authors->people);
    gl_strv_done(&authors->unknown);
}

int64_t gl_authors_least(const struct gl_authors *authors)
{
    return authors->unknown.count ? SIGNERS_WHEN_UNKNOWN : 0;
}

static void add_once(struct gl_strv *list, const char *text)
{
    if (!gl_strv_has(list, text))
        gl_strv_add(list, text);
}

/* ---- git ---------------------------------------------------------------------------------------
 */

/* Which trailer counts in which list. */
struct asking {
    const char *group;  /* of git shortlog */
    bool keeps_unknown; /* whether who is not in people is kept */
};

static const struct asking askings[] = {
    {"--group=author",                 true },
    {"--group=trailer:co-authored-by", false},
};

/* "     3\tTanaka Yui <tanaka@example.com>" */
static void add_line(const struct gl_config *config, const char *line, bool keeps_unknown,
                     struct gl_authors *authors)
{
    const char *tab = strchr(line, '\t');
    const char *who = tab ? tab + 1 : line;
    const char *open = strrchr(who, '<');
    gl_autofree char *email = gl_strdup(open ? open + 1 : "");
    email[strcspn(email, ">")] = '\0';
    const char *person = gl_person_by(config, "email", email);
    if (person)
        add_once(&authors->people, person);
    else if (keeps_unknown)
        add_once(&authors->unknown, who);
}

/* Adds who wrote the commits of a range ("A", or "B" without those of "^A"). */
static int add_range(const struct gl_config *config, const char *commit, const char *without,
                     struct gl_authors *authors, struct gl_error *err)
{
    for (size_t i = 0; i < GL_COUNT(askings); i++) {
        gl_autoproc struct gl_proc_result result = {0};
        gl_autostrv struct gl_strv lines = {0};
        const char *const command[] = {"shortlog", "-s",    "-e", askings[i].group,
                                       commit,     without, "--", NULL};
        const char *const all[] = {"shortlog", "-s", "-e", askings[i].group, commit, "--", NULL};
        if (!gl_git_run(gl_config_dir(config), without ? command : all, &result) || result.out_cut)
            return gl_fail(err, GL_E_IO, _("git cannot tell who wrote commit %s"), commit);
        gl_strv_split(&lines, gl_buf_text(&result.out), "\n");
        for (size_t j = 0; j < lines.count; j++)
            add_line(config, lines.items[j], askings[i].keeps_unknown, authors);
    }
    return 0;
}

static bool has_commit(const struct gl_config *config, const char *commit)
{
    bool is_name = *commit && strspn(commit, "0123456789abcdef") == strlen(commit);
    gl_autofree char *name = gl_asprintf("%s^{commit}", commit);
    const char *const command[] = {"cat-file", "-e", name, NULL};
    gl_autofree char *found = is_name ? gl_git_ask(gl_config_dir(config), command) : NULL;
    return found != NULL;
}

static int check_history(const struct gl_config *config, const char *commit, struct gl_error *err)
{
    const char *const command[] = {"rev-parse", "--is-shallow-repository", NULL};
    gl_autofree char *shallow = gl_git_ask(gl_config_dir(config), command);
    if (shallow && strcmp(shallow, "false") == 0 && has_commit(config, commit))
        return 0;
    gl_fail(err, GL_E_REFUSED, _("git does not have all commits up to %.7s here"), commit);
    return gl_error_hint(err,
                         _("Who wrote them may not approve them, so their authors must be known: "
                           "git fetch --unshallow (on GitHub: actions/checkout with fetch-depth: "
                           "0), or git fetch."));
}

int gl_authors_find(const struct gl_config *config, const char *base, const char *commit,
                    struct gl_authors *ret_authors, struct gl_error *err)
{
    gl_autoauthors struct gl_authors authors = {0};
    int failed = 0;
    if (!*commit) {
        gl_strv_add(&ret_authors->unknown, _("somebody (there is no git)"));
        return 0;
    }
    gl_autofree char *without = base && has_commit(config, base) ? gl_asprintf("^%s", base) : NULL;
    gl_autofree char *itself = gl_asprintf("%s^!", commit);
    failed = check_history(config, commit, err);
    if (failed == 0)
        failed = add_range(config, commit, without, &authors, err);
    if (failed == 0 && !authors.people.count && !authors.unknown.count)
        failed = add_range(config, itself, NULL, &authors, err);
    if (failed < 0)
        return failed;
    *ret_authors = authors;
    authors = (struct gl_authors){0};
    return 0;
}

/* ---- the ledger --------------------------------------------------------------------------------
 */

static json_t *list_json(const struct gl_strv *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) {
        json_t *text = json_string(list->items[i]);
        json_array_append_new(array, text ? text : json_string("?")); /* not UTF-8 */
    }
    return array;
}

static void read_list(const json_t *array, struct gl_strv *list)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)array, index, item)
        add_once(list, json_is_string(item) ? json_string_value(item) : "?");
}

json_t *gl_authors_json(const struct gl_authors *authors)
{
    json_t *json = json_object();
    json_object_set_new(json, "people", list_json(&authors->people));
    json_object_set_new(json, "unknown", list_json(&authors->unknown));
    return json;
}

void gl_authors_read(const json_t *json, struct gl_authors *ret_authors)
{
    *ret_authors = (struct gl_authors){0};
    read_list(json_object_get(json, "people"), &ret_authors->people);
    read_list(json_object_get(json, "unknown"), &ret_authors->unknown);
}
