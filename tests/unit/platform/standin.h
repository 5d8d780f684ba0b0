/* Until platform.c exists. */
#include "platform/platform.h"

__attribute__((weak)) void gl_platform_progress(const struct gl_platform *p, const char *fmt, ...)
{
    (void)p;
    (void)fmt;
}

__attribute__((weak)) void gl_backup_done(struct gl_backup *b)
{
    free(b->id);
    free(b->location);
}
#include "config/config.h"
__attribute__((weak)) int64_t gl_config_int(const struct gl_config *config, const char *key)
{
    (void)config;
    (void)key;
    abort();
}
