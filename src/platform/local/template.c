/* The configuration templates of templates/ and filling them in. */
#include "platform/local/template.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

const char gl_template_haproxy[] = {
#include "platform/haproxy.cfg.inc"
    , '\0'};
const char gl_template_nginx[] = {
#include "platform/nginx.conf.inc"
    , '\0'};
const char gl_template_fault[] = {
#include "platform/fault.cfg.inc"
    , '\0'};

static const char *value_of(const char *name, size_t len, const struct gl_template_value *values,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(values[i].name) == len && memcmp(values[i].name, name, len) == 0)
            return values[i].text;
    }
    return NULL;
}

char *gl_template_fill(const char *text, const struct gl_template_value *values, size_t count)
{
    gl_autobuf struct gl_buf out = {0};
    const char *open;
    while ((open = strstr(text, "{{"))) {
        const char *close = strstr(open, "}}");
        assert(close);
        const char *value = value_of(open + 2, (size_t)(close - open) - 2, values, count);
        if (!value)
            abort();
        gl_buf_add(&out, text, (size_t)(open - text));
        gl_buf_puts(&out, value);
        text = close + 2;
    }
    gl_buf_puts(&out, text);
    return gl_buf_steal(&out);
}
