/* The text of an AWS config or credentials file, line by line as Python's configparser reads it. */
#include "aws/profile_internal.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

struct reader {
    struct gl_aws_profiles *profiles;
    enum gl_aws_file file;
    unsigned line;
    struct gl_aws_body *body; /* of the section we are in; `ignored` for others, NULL before any */
    struct gl_aws_body ignored; /* sections that mean nothing to us, so that their grammar counts */
    bool has_key;               /* an entry is open: deeper lines go on with it */
    bool nested;                /* its value was empty: deeper lines are nested keys */
    size_t open;                /* index of the open entry */
    size_t indent;              /* of its line */
    unsigned blank_lines;       /* seen since its last line */
};

static int fail_at(const struct reader *reader, struct gl_error *err)
{
    return gl_error_at(err, reader->profiles->paths[reader->file], reader->line, 0);
}

static char *trimmed(const char *text, size_t len)
{
    while (len && isspace((unsigned char)*text)) {
        text++;
        len--;
    }
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    return gl_strndup(text, len);
}

static void add_entry(struct reader *reader, struct gl_aws_entry entry)
{
    struct gl_aws_body *body = reader->body;
    entry.line = reader->line;
    body->entries = gl_realloc_array(body->entries, body->count + 1, sizeof *body->entries);
    body->entries[body->count++] = entry;
}

/* ---- sections ----------------------------------------------------------------------------------
 */

static const struct {
    const char *word;
    enum gl_aws_section kind;
} kinds[] = {
    {"profile",     GL_AWS_PROFILE    },
    {"sso-session", GL_AWS_SSO_SESSION},
    {"services",    GL_AWS_SERVICES   },
};

/* The config file's "profile NAME"; NULL for a header that names none of the three kinds. */
static struct gl_aws_profile *config_section(struct reader *reader, const char *header)
{
    gl_autostrv struct gl_strv words = {0};
    if (!gl_aws_split_words(header, &words) || words.count == 0)
        return NULL;
    for (size_t i = 0; words.count == 2 && i < GL_COUNT(kinds); i++) {
        if (strcmp(words.items[0], kinds[i].word) == 0)
            return gl_aws_profiles_section(reader->profiles, kinds[i].kind, words.items[1]);
    }
    if (strcmp(header, "default") == 0)
        return gl_aws_profiles_section(reader->profiles, GL_AWS_PROFILE, header);
    if (words.count == 1)
        gl_strv_add(&reader->profiles->unprefixed, words.items[0]);
    return NULL;
}

static struct gl_aws_profile *section_of(struct reader *reader, const char *header)
{
    if (reader->file == GL_AWS_FILE_CREDENTIALS)
        return gl_aws_profiles_section(reader->profiles, GL_AWS_PROFILE, header);
    return config_section(reader, header);
}

/* [profile default] wins over [default], whichever comes first. True if this header's lines are
 * to be used. */
static bool choose_default(struct reader *reader, struct gl_aws_profile *section,
                           const char *header)
{
    struct gl_aws_body *body = &section->bodies[reader->file];
    if (reader->file != GL_AWS_FILE_CONFIG || section->kind != GL_AWS_PROFILE ||
        strcmp(section->name, "default") != 0)
        return true;
    bool prefixed = strcmp(header, "default") != 0;
    bool use = prefixed || !section->default_prefixed;
    if (use && prefixed && body->line && !section->default_prefixed)
        gl_aws_body_done(body);
    section->default_prefixed |= prefixed;
    return use;
}

static int begin_section(struct reader *reader, const char *header, struct gl_error *err)
{
    reader->has_key = false;
    gl_aws_body_done(&reader->ignored);
    reader->body = &reader->ignored;
    struct gl_aws_profile *section = section_of(reader, header);
    if (!section || !choose_default(reader, section, header))
        return 0;
    struct gl_aws_body *body = &section->bodies[reader->file];
    if (body->line) {
        gl_fail(err, GL_E_CONFIG, _("the section [%s] stands here a second time"), header);
        gl_error_hint(err, _("the first is at line %u: put both into one"), body->line);
        return fail_at(reader, err);
    }
    body->line = reader->line;
    reader->body = body;
    return 0;
}

/* ---- lines -------------------------------------------------------------------------------------
 */

static int twice(const struct reader *reader, const struct gl_aws_entry *first,
                 struct gl_error *err)
{
    gl_fail(err, GL_E_CONFIG, _("the key %s stands here a second time"), first->key);
    gl_error_hint(err, _("the first is at line %u: remove one"), first->line);
    return fail_at(reader, err);
}

static int no_key(const struct reader *reader, struct gl_error *err)
{
    /* The line itself may hold a secret: it is not shown. */
    gl_fail(err, GL_E_CONFIG, _("this line is neither [section], key = value nor a comment"));
    return fail_at(reader, err);
}

/* A nested key that stands twice has its last value, as in botocore. */
static void set_nested(struct reader *reader, const char *parent, char *key, char *value)
{
    struct gl_aws_body *body = reader->body;
    const struct gl_aws_entry *first = gl_aws_body_find(body, parent, key);
    if (!first) {
        add_entry(reader,
                  (struct gl_aws_entry){.parent = gl_strdup(parent), .key = key, .value = value});
        return;
    }
    struct gl_aws_entry *entry = &body->entries[first - body->entries];
    gl_wipe(entry->value, strlen(entry->value));
    free(entry->value);
    free(key);
    entry->value = value;
    entry->line = reader->line;
}

static int nested_line(struct reader *reader, const char *text, size_t len, struct gl_error *err)
{
    const char *parent = reader->body->entries[reader->open].key;
    const char *equals = memchr(text, '=', len);
    if (!equals) {
        gl_fail(err, GL_E_CONFIG, _("expected key = value below %s"), parent);
        return fail_at(reader, err);
    }
    char *key = trimmed(text, (size_t)(equals - text));
    char *value = trimmed(equals + 1, len - (size_t)(equals + 1 - text));
    set_nested(reader, parent, key, value);
    return 0;
}

static void longer_value(struct reader *reader, const char *text, size_t len)
{
    struct gl_aws_entry *entry = &reader->body->entries[reader->open];
    size_t old_len = strlen(entry->value);
    char *value = gl_alloc(old_len + reader->blank_lines + 1 + len + 1);
    memcpy(value, entry->value, old_len);
    memset(value + old_len, '\n', reader->blank_lines + 1);
    memcpy(value + old_len + reader->blank_lines + 1, text, len);
    gl_wipe(entry->value, old_len);
    free(entry->value);
    entry->value = value;
}

static int key_line(struct reader *reader, const char *text, size_t len, struct gl_error *err)
{
    size_t key_len = 0;
    while (key_len < len && text[key_len] != '=' && text[key_len] != ':')
        key_len++;
    if (key_len == len || key_len == 0)
        return no_key(reader, err);
    gl_autofree char *key = trimmed(text, key_len);
    for (char *at = key; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    const struct gl_aws_entry *first = gl_aws_body_find(reader->body, NULL, key);
    if (first)
        return twice(reader, first, err);
    char *value = trimmed(text + key_len + 1, len - key_len - 1);
    reader->open = reader->body->count;
    reader->has_key = true;
    reader->nested = *value == '\0';
    add_entry(reader, (struct gl_aws_entry){.key = gl_steal(&key), .value = value});
    return 0;
}

/* A line that is neither blank nor a comment; `text` begins at its first character. */
static int full_line(struct reader *reader, const char *text, size_t len, size_t indent,
                     struct gl_error *err)
{
    if (reader->has_key && indent > reader->indent) {
        if (reader->nested)
            return nested_line(reader, text, len, err);
        longer_value(reader, text, len);
        return 0;
    }
    reader->indent = indent;
    const char *end = *text == '[' ? memrchr(text, ']', len) : NULL;
    if (end && end > text + 1) {
        gl_autofree char *header = gl_strndup(text + 1, (size_t)(end - text - 1));
        return begin_section(reader, header, err);
    }
    if (!reader->body) {
        gl_fail(err, GL_E_CONFIG, _("a [section] must come before the first key"));
        return fail_at(reader, err);
    }
    return key_line(reader, text, len, err);
}

static int read_line(struct reader *reader, const char *line, size_t len, struct gl_error *err)
{
    size_t indent = 0;
    while (indent < len && isspace((unsigned char)line[indent]))
        indent++;
    while (len > indent && isspace((unsigned char)line[len - 1]))
        len--;
    if (indent == len) {
        reader->blank_lines++;
        return 0;
    }
    if (line[indent] == '#' || line[indent] == ';')
        return 0;
    int result = full_line(reader, line + indent, len - indent, indent, err);
    reader->blank_lines = 0;
    return result;
}

int gl_aws_profiles_read_text(struct gl_aws_profiles *profiles, enum gl_aws_file file,
                              const char *text, struct gl_error *err)
{
    struct reader reader = {.profiles = profiles, .file = file};
    int result = 0;
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* Windows editors begin a file so */
        text += 3;
    while (*text && result == 0) {
        size_t len = strcspn(text, "\n");
        reader.line++;
        result = read_line(&reader, text, len, err);
        text += len + (text[len] == '\n');
    }
    gl_aws_body_done(&reader.ignored);
    return result;
}
