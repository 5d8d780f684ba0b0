/* The rows themselves: each explained, each default right by its own row; lookups. */
#include "support.h"

static const struct gl_schema_node *first_below(const struct gl_schema_node *node)
{
    if (node->first)
        return node->first;
    return node->any ? node->any : node->item;
}

static const struct gl_schema_node *sibling(const struct gl_schema_node *node)
{
    const struct gl_schema_node *parent = node->parent;
    if (node->next)
        return node->next;
    if (node != parent->any && node != parent->item && parent->any)
        return parent->any;
    return node != parent->item ? parent->item : NULL;
}

static const struct gl_schema_node *next_of(const struct gl_schema_node *node)
{
    if (first_below(node))
        return first_below(node);
    while (node->parent) {
        if (sibling(node))
            return sibling(node);
        node = node->parent;
    }
    return NULL;
}

static void every_value_and_section_is_explained(void **state)
{
    (void)state;
    size_t values = 0;
    for (const struct gl_schema_node *at = next_of(gl_schema_root()); at; at = next_of(at)) {
        bool section = at->parent == gl_schema_root();
        bool value = at->type != GL_TYPE_MAP && at->type != GL_TYPE_LIST;
        if ((section || value) && (!at->row || !at->row->text)) {
            fail_msg("%s has no text", at->path);
            return;
        }
        static const struct gl_key none = {0};
        const struct gl_key *row = at->row ? at->row : &none;
        if (at->type == GL_TYPE_ENUM && !row->words)
            fail_msg("%s has no words", at->path);
        if (at->type == GL_TYPE_REAL && row->max == 0)
            fail_msg("%s has no limits", at->path);
        if (at->type == GL_TYPE_INT && row->max == 0 && !row->words)
            fail_msg("%s has no limits", at->path);
        if (at->type == GL_TYPE_LIST && !at->item)
            fail_msg("%s has no items", at->path);
        values += value;
    }
    assert_true(values > 250);
}

/* A default is checked as if somebody had written it. */
static void every_default_fits_its_own_row(void **state)
{
    (void)state;
    size_t defaults = 0;
    for (const struct gl_schema_node *at = next_of(gl_schema_root()); at; at = next_of(at)) {
        if (!at->fallback || strchr(at->path, '[') || strchr(at->path, '*'))
            continue;
        if (strcmp(at->path, "gate.signers") == 0 || strcmp(at->path, "observability.alarms") == 0)
            continue; /* refer to roles and severities, which are the user's */
        if (strncmp(at->path, "approval", 8) == 0 || strncmp(at->path, "release.approval", 16) == 0)
            continue; /* not said on the command line */
        gl_autofree char *set = gl_asprintf("%s=%s", at->path, at->row->fallback);
        const char *const list[] = {set, NULL};
        gl_autoloaded struct loaded loaded =
            load_set(MINIMUM "infra: {managed: false}\n", "local", list);
        gl_autofree char *found = mistakes(&loaded);
        if (loaded.code)
            fail_msg("%s: %s", at->path, found);
        defaults++;
    }
    assert_true(defaults > 120);
}

static void scalar_defaults_of_items_fit(void **state)
{
    (void)state;
    for (const struct gl_schema_node *at = next_of(gl_schema_root()); at; at = next_of(at)) {
        if (at->fallback && at->fallback->kind == GL_NODE_SCALAR &&
            !gl_value_fits(at, at->row->fallback, false))
            fail_msg("%s: default %s", at->path, at->row->fallback);
    }
}

static void keys_are_found_by_their_paths(void **state)
{
    (void)state;
    static const char *const paths[][2] = {
        {"backend.port",                     "backend.port"                  },
        {"people[].id",                      "people[].id"                   },
        {"people.3.id",                      "people[].id"                   },
        {"decisions.accounts.layout.reason", "decisions.*.reason"            },
        {"decisions.iac.reason",             "decisions.*.reason"            },
        {"edge.waf.rate.*.limit",            "edge.waf.rate.*.limit"         },
        {"edge.waf.rate.api.limit",          "edge.waf.rate.*.limit"         },
        {"environments.prod.sizing.cpu",     "sizing.cpu"                    },
        {"environments.*.sizing.cpu",        "sizing.cpu"                    },
        {"load.profile.0.expect_status.1",   "load.profile[].expect_status[]"},
        {"",                                 ""                              },
    };
    for (size_t i = 0; i < GL_COUNT(paths); i++) {
        const struct gl_schema_node *node = gl_schema_find(paths[i][0]);
        if (!node) {
            fail_msg("%s is not found", paths[i][0]);
            return;
        }
        assert_string_equal(node->path, paths[i][1]);
    }
    assert_null(gl_schema_find("backend.prot"));
    assert_null(gl_schema_find("people.x.id"));
    assert_null(gl_schema_find("backend.port.more"));
    assert_string_equal(gl_schema_nearest("backend.prot"), "backend.port");
}

static void numbers_are_numbers(void **state)
{
    (void)state;
    const struct gl_schema_node *port = gl_schema_find("backend.port");
    const struct gl_schema_node *real = gl_schema_find("slo.error_rate_pct");
    static const char *const bad[] = {
        "", "0x10", " 80", "80 ", "8e1", "80.0", "1_000", "--1", "99999999999999999999"};
    for (size_t i = 0; i < GL_COUNT(bad); i++)
        assert_false(gl_value_fits(port, bad[i], false));
    static const char *const bad_real[] = {"nan", "inf",   "0x1p1", "1,5",
                                           "",    "1e999", "100.1", "-1"};
    for (size_t i = 0; i < GL_COUNT(bad_real); i++)
        assert_false(gl_value_fits(real, bad_real[i], false));
    assert_true(gl_value_fits(port, "80", true));
    assert_true(gl_value_fits(real, "1e1", false));
    assert_false(gl_value_fits(gl_schema_find("sizing.cpu"), "300", false));
    assert_true(gl_value_fits(gl_schema_find("sizing.cpu"), "512", false));
}

static void formats_take_and_refuse(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        enum gl_text_format format;
        bool fits;
    } cases[] = {
        {"demo-2",                    GL_FORMAT_APP_NAME,    true },
        {"x",                         GL_FORMAT_APP_NAME,    false},
        {"2demo",                     GL_FORMAT_APP_NAME,    false},
        {"abcdefghijklmnopqrstuv",    GL_FORMAT_APP_NAME,    false},
        {"2028-02-29",                GL_FORMAT_DATE,        true },
        {"2026-02-29",                GL_FORMAT_DATE,        false},
        {"2026-13-01",                GL_FORMAT_DATE,        false},
        {"2026-12-01T00:00:00+09:00", GL_FORMAT_INSTANT,     true },
        {"2026-12-01T00:00Z",         GL_FORMAT_INSTANT,     true },
        {"2026-12-01 00:00",          GL_FORMAT_INSTANT,     false},
        {"2026-12-01T24:00:00Z",      GL_FORMAT_INSTANT,     false},
        {"10.30.0.0/16",              GL_FORMAT_CIDR,        true },
        {"10.300.0.0/16",             GL_FORMAT_CIDR,        false},
        {"10.30.0.0/33",              GL_FORMAT_CIDR,        false},
        {"app.example.com",           GL_FORMAT_HOST,        true },
        {"localhost",                 GL_FORMAT_HOST,        false},
        {"-a.example.com",            GL_FORMAT_HOST,        false},
        {"my dir/日本",             GL_FORMAT_DIR,         true },
        {"/etc",                      GL_FORMAT_DIR,         false},
        {"18:00-18:30",               GL_FORMAT_CLOCK_RANGE, true },
        {"18:00-25:00",               GL_FORMAT_CLOCK_RANGE, false},
        {"sun:19:00-sun:19:30",       GL_FORMAT_WEEK_RANGE,  true },
        {"son:19:00-sun:19:30",       GL_FORMAT_WEEK_RANGE,  false},
        {"mon-fri,sun",               GL_FORMAT_DAYS,        true },
        {"mon-",                      GL_FORMAT_DAYS,        false},
        {"$.items[0].id",             GL_FORMAT_JSONPATH,    true },
        {"items",                     GL_FORMAT_JSONPATH,    false},
        {"us-gov-west-1",             GL_FORMAT_REGION,      true },
        {"tokyo",                     GL_FORMAT_REGION,      false},
        {"Ärger",                    GL_FORMAT_ENV_NAME,    false},
        {"main",                      GL_FORMAT_BRANCH,      true },
        {"release/1.x-b_2",           GL_FORMAT_BRANCH,      true },
        {"1.10",                      GL_FORMAT_BRANCH,      true },
        {"本番",                    GL_FORMAT_BRANCH,      true },
        {"a,b",                       GL_FORMAT_BRANCH,      false},
        {"a b",                       GL_FORMAT_BRANCH,      false},
        {"it's",                      GL_FORMAT_BRANCH,      false},
        {"rel/*",                     GL_FORMAT_BRANCH,      false},
        {"-main",                     GL_FORMAT_BRANCH,      false},
        {"a..b",                      GL_FORMAT_BRANCH,      false},
        {"a//b",                      GL_FORMAT_BRANCH,      false},
        {"a/",                        GL_FORMAT_BRANCH,      false},
        {"a/.b",                      GL_FORMAT_BRANCH,      false},
        {"a.lock/b",                  GL_FORMAT_BRANCH,      false},
        {"a[0]",                      GL_FORMAT_BRANCH,      false},
        {"a\\b",                      GL_FORMAT_BRANCH,      false},
        {"",                          GL_FORMAT_BRANCH,      false},
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        if (gl_format_matches(cases[i].format, cases[i].text) != cases[i].fits)
            fail_msg("%s", cases[i].text);
    }
    for (int i = 0; i < GL_FORMAT_COUNT; i++)
        assert_non_null(gl_format_description((enum gl_text_format)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_and_section_is_explained),
        cmocka_unit_test(every_default_fits_its_own_row),
        cmocka_unit_test(scalar_defaults_of_items_fit),
        cmocka_unit_test(keys_are_found_by_their_paths),
        cmocka_unit_test(numbers_are_numbers),
        cmocka_unit_test(formats_take_and_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
