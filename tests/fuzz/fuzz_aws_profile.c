/* The shared AWS files: the part before a NUL byte is the config file, the rest the credentials
 * file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_value.h"
#include "aws/endpoint.h"
#include "aws/profile_internal.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every entry that was read is found again, with a value that has no end of line at its ends. */
static void check_body(const struct gl_aws_profile *section, enum gl_aws_file file)
{
    const struct gl_aws_body *body = &section->bodies[file];
    for (size_t i = 0; i < body->count; i++) {
        const struct gl_aws_entry *entry = &body->entries[i];
        size_t len = strlen(entry->value);
        if (gl_aws_body_find(body, entry->parent, entry->key) != entry || entry->line == 0)
            abort();
        if (len && (entry->value[0] == '\n' || entry->value[len - 1] == '\n'))
            abort();
        int64_t unix_ms;
        if (gl_aws_parse_time(entry->value, &unix_ms) && unix_ms < -INT64_C(86400000))
            abort();
        gl_autostrv struct gl_strv words = {0};
        if (gl_aws_split_words(entry->value, &words) && len == 0 && words.count)
            abort();
    }
}

static void check_section(const struct gl_aws_profiles *files, const struct gl_aws_profile *section)
{
    for (unsigned file = 0; file < GL_AWS_FILES; file++)
        check_body(section, file);
    const struct gl_aws_profile *found = gl_aws_profiles_find(files, section->kind, section->name);
    if (found && found != section)
        abort();
    gl_autofree char *url = NULL;
    gl_autofree char *region = NULL;
    const char *wanted = gl_aws_profile_get(section, "region");
    if (gl_aws_endpoint("s3", wanted, section, &url, &region, NULL) == 0 &&
        strpbrk(url, " \t\r\n?#"))
        abort();
}

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autofree char *config = gl_strndup(size ? (const char *)data : "", size);
    size_t config_len = strlen(config);
    gl_autofree char *credentials =
        config_len < size ? gl_strndup((const char *)data + config_len + 1, size - config_len - 1)
                          : NULL;
    gl_autoprofiles struct gl_aws_profiles *files = NULL;
    gl_autoerr struct gl_error err = {0};
    if (gl_aws_profiles_parse(config, "config", credentials, "credentials", &files, &err) < 0) {
        if (!err.message || !err.file || err.line == 0)
            abort();
        return 0;
    }
    for (size_t i = 0; i < files->count; i++)
        check_section(files, files->sections[i]);
    return 0;
}
