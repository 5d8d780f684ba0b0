/* What is kept of an applied migration. */
#include "migrate/record.h"

#include <string.h>

#include "base/fs.h"
#include "base/json.h"

json_t *gl_migration_record(const struct gl_migrate_event *event)
{
    const struct gl_migration *migration = event->migration;
    char checksum[2 * GL_SHA384_SIZE + 1];
    json_t *record = json_object();
    gl_hex(migration->checksum, GL_SHA384_SIZE, checksum);
    gl_json_set_int(record, "version", migration->version);
    gl_json_set_str(record, "file", gl_path_base(migration->path));
    gl_json_set_str(record, "checksum", checksum);
    gl_json_set_bool(record, "no_transaction", migration->no_transaction);
    gl_json_set_int(record, "elapsed_us", event->elapsed_us);
    gl_json_set_int(record, "rows", event->rows);
    if (event->pass) {
        gl_json_set_int(record, "passes", event->pass);
        gl_json_set_int(record, "left", event->left);
        gl_json_set_bool(record, "once", event->once);
    }
    return record;
}

char *gl_migration_failure_text(const struct gl_error *cause)
{
    static const char mark[] = "(SQLSTATE "; /* gl_pq_fail() puts the detail behind it */
    const char *at = cause->message ? strstr(cause->message, mark) : NULL;
    if (!at)
        return cause->message ? gl_strdup(cause->message) : NULL;
    size_t len = (size_t)(at - cause->message) + strcspn(at, ")") + 1;
    return gl_strndup(cause->message, len);
}
