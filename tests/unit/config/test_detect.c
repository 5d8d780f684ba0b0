/* Detection of repositories of several shapes, and the file golive init writes for them. */
#include "support.h"

#include <stdio.h>

#include "base/json.h"
#include "config/cargo.h"
#include "config/detect.h"
#include "config/show.h"
#include "config/source.h"

struct repository {
    char dir[64];
};

static void repository_done(struct repository *repository)
{
    assert_int_equal(gl_remove_tree(repository->dir, NULL), 0);
}

#define gl_autorepository gl_cleanup(repository_done)

static struct repository new_repository(void)
{
    struct repository repository = {.dir = "/tmp/golive 検出-XXXXXX"};
    assert_non_null(mkdtemp(repository.dir));
    return repository;
}

static void put(const struct repository *repository, const char *relative, const char *text)
{
    gl_autofree char *path = gl_path_join(repository->dir, relative);
    gl_autofree char *dir = gl_path_dir(path);
    assert_int_equal(gl_mkdir_p(dir, 0755, NULL), 0);
    assert_int_equal(gl_write_text(path, text, 0644, NULL), 0);
}

static const char cargo_toml[] = "[package]\nname = \"shop-backend\" # the shop\n"
                                 "[dependencies]\n"
                                 "axum = { version = \"0.8\", features = [\n  \"ws\", # x ]\n] }\n"
                                 "sqlx = \"0.8.6\"\n"
                                 "[dev-dependencies]\nsqlx = \"9\"\n";

static const char main_rs[] =
    "use std::env;\n"
    "// env::var(\"IN_A_COMMENT\") and .route(\"/commented\")\n"
    "fn main() {\n"
    "    let db = env::var(\"DATABASE_URL\").expect(\"DATABASE_URL\");\n"
    "    let key = required(\"JWT_SECRET\");\n"
    "    let log = env::var(\"RUST_LOG\").unwrap_or_else(|_| \"info\".into());\n"
    "    let port = env::var(\"PORT\").ok().and_then(|p| p.parse().ok()).unwrap_or(3000);\n"
    "    let app = Router::new()\n"
    "        .route(\n            \"/livez\", get(live))\n"
    "        .route(\"/readyz\", get(ready))\n"
    "        .route(\"/api/ws\", get(socket));\n"
    "    let v = env!(\"CARGO_PKG_VERSION\");\n"
    "}\n"
    "async fn socket(ws: WebSocketUpgrade) {}\n"
    "#[cfg(test)]\nmod tests { fn t() { env::var(\"ONLY_IN_TESTS\"); } }\n";

static void make_shop(const struct repository *repository)
{
    put(repository, "backend/Cargo.toml", cargo_toml);
    put(repository, "backend/src/main.rs", main_rs);
    put(repository, "backend/target/debug/x.rs", "env::var(\"FROM_TARGET\")");
    put(repository, "backend/tests/t.rs", "env::var(\"FROM_TESTS\")");
    put(repository, "backend/migrations/1_a.sql", "select 1;");
    put(repository, "backend/migrations/20260101_b.up.sql", "select 1;");
    put(repository, "backend/migrations/20260101_b.down.sql", "select 1;");
    put(repository, "backend/migrations/notes.sql", "");
    put(repository, "web/package.json",
        "{\"devDependencies\": {\"@sveltejs/kit\": \"^2.5.0\", \"x\": \"1\"}}");
    put(repository, "web/svelte.config.js",
        "// import adapter from '@sveltejs/adapter-node';\n"
        "import adapter from \"@sveltejs/adapter-static\";\n"
        "export default { kit: { adapter: adapter({ pages: 'dist' }) } };\n");
    put(repository, "web/src/routes/+layout.ts", "export const prerender = true;\n");
    put(repository, "web/src/routes/+page.svelte", "<h1>hi</h1>");
    put(repository, "web/src/lib/api.ts",
        "import { PUBLIC_API_BASE_URL } from '$env/static/public';\n"
        "const site = 'https://x'; const mode = import.meta.env.VITE_MODE ?? 'x';\n");
    put(repository, "web/node_modules/a/package.json",
        "{\"dependencies\": {\"@sveltejs/kit\": \"1\"}}");
    put(repository, "web/node_modules/a/src/x.ts", "env.PUBLIC_FROM_NODE_MODULES");
    put(repository, ".git/config", "[remote \"origin\"]\n\turl = git@github.com:acme/shop.git\n");
}

static const struct gl_found *variable(const struct gl_found_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].text, name) == 0)
            return &list->items[i];
    }
    return NULL;
}

static void a_backend_is_recognised(void **state)
{
    (void)state;
    gl_autorepository struct repository repository = new_repository();
    make_shop(&repository);
    gl_autodetected struct gl_detected found = {0};
    assert_int_equal(gl_detect(repository.dir, &found, NULL), 0);
    assert_string_equal(found.repo, "acme/shop");
    assert_string_equal(found.name, "shop");
    assert_string_equal(found.backend_dir, "backend");
    assert_string_equal(found.axum, "0.8");
    assert_string_equal(found.sqlx, "0.8.6");
    assert_string_equal(found.binary, "target/release/shop-backend");
    assert_string_equal(found.port.text, "3000");
    assert_int_equal(found.port.line, 7);
    assert_string_equal(found.port.file, "backend/src/main.rs");
    assert_string_equal(gl_detected_health(&found)->text, "/livez");
    assert_int_equal(gl_detected_health(&found)->line, 9);
    assert_string_equal(gl_detected_ready(&found)->text, "/readyz");
    assert_string_equal(gl_detected_websocket_route(&found)->text, "/api/ws");
    assert_string_equal(found.migrations_dir, "backend/migrations");
    assert_int_equal(found.migrations, 2);
}

static void variables_are_found_with_their_places(void **state)
{
    (void)state;
    gl_autorepository struct repository repository = new_repository();
    make_shop(&repository);
    gl_autodetected struct gl_detected found = {0};
    assert_int_equal(gl_detect(repository.dir, &found, NULL), 0);
    assert_int_equal(found.variables.count, 4);
    assert_int_equal(variable(&found.variables, "DATABASE_URL")->line, 4);
    assert_false(variable(&found.variables, "DATABASE_URL")->optional);
    assert_false(variable(&found.variables, "JWT_SECRET")->optional);
    assert_true(variable(&found.variables, "RUST_LOG")->optional);
    assert_true(variable(&found.variables, "PORT")->optional);
    assert_int_equal(found.public_variables.count, 2);
    assert_string_equal(found.public_variables.items[0].text, "PUBLIC_API_BASE_URL");
    assert_string_equal(found.public_variables.items[1].text, "VITE_MODE");
    assert_false(found.public_variables.items[0].optional);
    assert_true(found.public_variables.items[1].optional);
}

static void a_frontend_is_recognised(void **state)
{
    (void)state;
    gl_autorepository struct repository repository = new_repository();
    make_shop(&repository);
    gl_autodetected struct gl_detected found = {0};
    assert_int_equal(gl_detect(repository.dir, &found, NULL), 0);
    assert_string_equal(found.frontend_dir, "web");
    assert_string_equal(found.sveltekit, "^2.5.0");
    assert_string_equal(found.adapter, "static");
    assert_string_equal(found.build_dir, "dist");
    assert_true(found.prerenders);
    assert_false(found.has_lock);
    assert_int_equal(found.pages, 1);
}

/* The written file must load, and mean what was found. */
static void assert_rendered_loads(const struct gl_detected *found)
{
    gl_autofree char *text = gl_init_render(found);
    gl_autoloaded struct loaded loaded = load(text);
    if (loaded.code < 0)
        gl_diagnostics_print(&loaded.list, stderr, false);
    assert_int_equal(loaded.code, 0);
    assert_string_equal(gl_config_str(loaded.config, "app.name"), found->name);
    if (found->backend_dir)
        assert_string_equal(gl_config_str(loaded.config, "backend.dir"), found->backend_dir);
}

static void the_written_file_loads_and_says_what_was_found(void **state)
{
    (void)state;
    gl_autorepository struct repository repository = new_repository();
    make_shop(&repository);
    gl_autodetected struct gl_detected found = {0};
    assert_int_equal(gl_detect(repository.dir, &found, NULL), 0);
    assert_rendered_loads(&found);
    gl_autofree char *text = gl_init_render(&found);
    gl_autoloaded struct loaded loaded = load(text);
    assert_int_equal(gl_config_int(loaded.config, "backend.port"), 3000);
    assert_string_equal(gl_config_str(loaded.config, "frontend.build_dir"), "dist");
    assert_string_equal(gl_config_str(loaded.config, "load.websocket.path"), "/api/ws");
    assert_non_null(strstr(text, "# backend/src/main.rs:7"));
    assert_null(strstr(text, "name: PORT"));
}

static const char plain_toml[] = "[package]\nname = \"plain\"\n[dependencies]\naxum = \"0.8\"\n";

/* Loads what is written for a backend of this one source, perhaps with a frontend. */
static struct loaded load_rendered(const char *source, bool frontend)
{
    gl_autorepository struct repository repository = new_repository();
    put(&repository, "Cargo.toml", plain_toml);
    put(&repository, "src/main.rs", source);
    if (frontend)
        put(&repository, "web/package.json", "{\"devDependencies\": {\"@sveltejs/kit\": \"2\"}}");
    gl_autodetected struct gl_detected found = {0};
    assert_int_equal(gl_detect(repository.dir, &found, NULL), 0);
    gl_autofree char *text = gl_init_render(&found);
    struct loaded loaded = load(text);
    if (loaded.code < 0)
        gl_diagnostics_print(&loaded.list, stderr, false);
    assert_int_equal(loaded.code, 0);
    return loaded;
}

/* A test that an application cannot pass although nothing is wrong would end its first release. */
static void smoke_tests_are_those_that_the_code_can_pass(void **state)
{
    static const char routes[] = "Router::new().route(\"/healthz\", get(live))"
                                 ".route(\"/readyz\", get(ready));";

    static const struct {
        const char *answers; /* further code */
        bool frontend;
        bool asks_db, asks_cors;
    } rows[] = {
        {"",                                                    false, false, false},
        {"Json(json!({\"db\": \"ok\"}))",                       false, true,  false},
        {"Json(Ready { db: \"ok\" })",                          false, true,  false},
        {"// answers {\"db\": \"ok\"} one day",                 false, false, false},
        {"",                                                    true,  false, true },
        {"json!({\"db\": \"ok\"}); Router::layer(CorsLayer())", true,  true,  true },
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autofree char *source = gl_asprintf("%s\n%s\n", routes, rows[i].answers);
        gl_autoloaded struct loaded loaded = load_rendered(source, rows[i].frontend);
        const json_t *smoke = gl_config_node(loaded.config, "release.smoke");
        assert_int_equal(json_array_size(smoke), rows[i].asks_cors ? 2 : 1);
        const json_t *ready = json_array_get(smoke, 0);
        assert_string_equal(gl_json_str(ready, "url", ""),
                            "https://{domain.api}{backend.ready_path}");
        assert_int_equal(gl_json_str(ready, "jsonpath", NULL) != NULL, rows[i].asks_db);
        if (rows[i].asks_cors)
            assert_string_equal(gl_json_str(json_array_get(smoke, 1), "expect_header", ""),
                                "access-control-allow-origin");
    }
}

/* The list that holds without one is for an application as the example is. */
static void an_application_that_reads_no_variables_is_given_no_list_of_others(void **state)
{
    (void)state;
    gl_autoloaded struct loaded none =
        load_rendered("let p = env::var(\"PORT\").unwrap_or(\"80\".into());\n", false);
    assert_int_equal(json_array_size(gl_config_node(none.config, "env_vars")), 0);
    gl_autoloaded struct loaded one = load_rendered("env::var(\"COLOUR\").unwrap();\n", false);
    assert_int_equal(json_array_size(gl_config_node(one.config, "env_vars")), 1);
}

/* Without its folder no release would apply any. */
static void migrations_of_every_tool_are_found(void **state)
{
    static const struct {
        const char *files[3];
        const char *tool; /* NULL = none is found */
        const char *dir;
        size_t count;
    } rows[] = {
        {{"migrations/1_a.sql", "migrations/2_b.sql"},                         "sqlx",     "migrations",     2},
        {{"db/migrations/000001_a.up.sql", "db/migrations/000001_a.down.sql"},
         "sqlx",                                                                           "db/migrations",
         1                                                                                                    },
        {{"migrations/2026-01-02-030405_a/up.sql", "migrations/2026-01-02-030405_a/down.sql",
          "migrations/00000000000000_setup/up.sql"},
         "diesel",                                                                         "migrations",
         2                                                                                                    },
        {{"api/migrations/V1__a.sql", "api/migrations/U2__b.sql"},             "refinery", "api/migrations", 2},
        {{"migrations/notes.sql", "migrations/V1.sql", "migrations/a/up.sql"}, NULL,       NULL,             0},
        {{"old/2026_a/up.sql", "migrations/x/1_a.sql"},                        NULL,       NULL,             0},
    };

    (void)state;
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autorepository struct repository repository = new_repository();
        put(&repository, "Cargo.toml", plain_toml);
        put(&repository, "src/main.rs", "fn main() {}\n");
        for (size_t j = 0; j < GL_COUNT(rows[i].files) && rows[i].files[j]; j++)
            put(&repository, rows[i].files[j], "select 1;\n");
        gl_autodetected struct gl_detected found = {0};
        assert_int_equal(gl_detect(repository.dir, &found, NULL), 0);
        assert_int_equal(found.migrations, rows[i].count);
        assert_rendered_loads(&found);
        if (!rows[i].tool) {
            assert_null(found.migrations_dir);
            continue;
        }
        assert_string_equal(found.migrations_dir, rows[i].dir);
        assert_string_equal(found.migrations_tool, rows[i].tool);
    }
}

static void cross_origin_answers_are_seen(void **state)
{
    static const char *const codes[] = {
        "use tower_http::cors::CorsLayer;",
        "headers.insert(\"Access-Control-Allow-Origin\", origin);",
        "headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);",
    };
    (void)state;
    for (size_t i = 0; i <= GL_COUNT(codes); i++) {
        gl_autorepository struct repository repository = new_repository();
        put(&repository, "Cargo.toml", plain_toml);
        put(&repository, "src/main.rs", i < GL_COUNT(codes) ? codes[i] : "// CorsLayer\n");
        gl_autodetected struct gl_detected found = {0};
        assert_int_equal(gl_detect(repository.dir, &found, NULL), 0);
        assert_int_equal(found.answers_cors, i < GL_COUNT(codes));
    }
}

static void a_workspace_names_its_program_and_versions(void **state)
{
    (void)state;
    gl_autorepository struct repository repository = new_repository();
    put(&repository, "Cargo.toml",
        "[workspace]\nmembers = [\"crates/*\"]\n[workspace.dependencies]\naxum = \"0.7\"\n"
        "[workspace.dependencies.sqlx]\nversion = '0.8'\n");
    put(&repository, "crates/cli/Cargo.toml", "[package]\nname = \"tool\"\n");
    put(&repository, "crates/cli/src/main.rs", "fn main() {}");
    put(&repository, "crates/server/Cargo.toml",
        "[package]\nname = \"srv\"\n[[bin]]\nname = \"helper\"\npath = \"src/h.rs\"\n"
        "[[bin]]\nname = \"served\"\n[dependencies]\naxum.workspace = true\n"
        "sqlx = { workspace = true }\n");
    put(&repository, "crates/server/src/main.rs",
        "fn main() { bind(\"0.0.0.0:4000\"); Router::new().route(\"/\", get(x)); }");
    gl_autodetected struct gl_detected found = {0};
    assert_int_equal(gl_detect(repository.dir, &found, NULL), 0);
    assert_string_equal(found.backend_dir, "crates/server");
    assert_string_equal(found.axum, "0.7");
    assert_string_equal(found.sqlx, "0.8");
    assert_string_equal(found.binary, "../../target/release/helper");
    assert_string_equal(found.port.text, "4000");
    assert_null(gl_detected_health(&found));
    assert_rendered_loads(&found);
    gl_autofree char *program = gl_detect_binary(repository.dir);
    assert_string_equal(program, "target/release/helper");
}

static void an_empty_repository_is_no_error(void **state)
{
    (void)state;
    gl_autorepository struct repository repository = new_repository();
    gl_autodetected struct gl_detected found = {0};
    assert_int_equal(gl_detect(repository.dir, &found, NULL), 0);
    assert_null(found.backend_dir);
    assert_null(found.frontend_dir);
    assert_rendered_loads(&found);
    assert_null(gl_detect_binary(repository.dir));
    gl_autoerr struct gl_error err = {0};
    gl_autodetected struct gl_detected none = {0};
    gl_autofree char *missing = gl_path_join(repository.dir, "missing");
    assert_int_equal(gl_detect(missing, &none, &err), GL_E_NOT_FOUND);
}

static void cargo_files_are_read_as_people_write_them(void **state)
{
    (void)state;
    gl_autocargo struct gl_cargo cargo = {0};
    gl_cargo_parse("[ package ]\r\n  name='a#b'   # c\r\ndefault-run = \"run\"\r\n"
                   "description = \"[dependencies]\"\r\n"
                   "[dependencies]\r\n\"axum\" = {features=[\"a\",\r\n\"b\"],version=\"0.8.1\"}\r\n"
                   "sqlx.version = \"0.7\"\r\n[lib]\r\n[profile.release]\r\nlto = true",
                   &cargo);
    assert_string_equal(cargo.package, "a#b");
    assert_string_equal(cargo.default_run, "run");
    assert_string_equal(cargo.axum, "0.8.1");
    assert_string_equal(cargo.sqlx, "0.7");
    assert_true(cargo.is_library);
    assert_false(cargo.is_workspace);
    gl_autocargo struct gl_cargo broken = {0};
    gl_cargo_parse("[package\nname\n=\nname = \n[[bin]]\nname = 3\naxum = [\n\"never closed",
                   &broken);
    assert_null(broken.package);
    assert_int_equal(broken.bins.count, 0);
}

static void comments_are_blanked_and_lines_kept(void **state)
{
    (void)state;
    char text[] = "a // b\n\"// no\" /* x\n y */ c";
    gl_source_blank_comments(text, false);
    assert_string_equal(text, "a     \n\"// no\"     \n      c");
    char script[] = "'/* no */' <!-- x --> `//` https://x // y";
    gl_source_blank_comments(script, true);
    assert_string_equal(script, "'/* no */'            `//` https://x     ");
}

static void showing_a_configuration_names_origins_and_hides_secrets(void **state)
{
    (void)state;
    static const char *const set[] = {"release.keep=7", NULL};
    gl_autoloaded struct loaded loaded =
        load_set(MINIMUM "backend: {port: 81}\nload: {login: {path: /in, body: {pw: geheim}}}\n"
                         "environments:\n  prod:\n    backend: {dir: srv}\n",
                 "prod", set);
    gl_autofree char *text = NULL;
    assert_int_equal(gl_config_show_text(loaded.config, "", &text, NULL), 0);
    assert_non_null(
        strstr(text, "  port: 81                                       # golive.yaml:3:17\n"));
    assert_non_null(strstr(text, "  dir: srv                                       "
                                 "# environments.prod golive.yaml:7:20\n"));
    assert_non_null(strstr(text, "  keep: 7                                        # --set\n"));
    assert_non_null(strstr(text, "# default\n"));
    assert_null(strstr(text, "geheim"));
    gl_autofree char *json = NULL;
    assert_int_equal(gl_config_show_json(loaded.config, "load", &json, NULL), 0);
    assert_null(strstr(json, "geheim"));
    assert_non_null(strstr(json, "\"***\""));
    gl_autoerr struct gl_error err = {0};
    gl_autofree char *none = NULL;
    assert_int_equal(gl_config_show_text(loaded.config, "lod", &none, &err), GL_E_NOT_FOUND);
    assert_string_equal(err.hint, "Did you mean `load`?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backend_is_recognised),
        cmocka_unit_test(variables_are_found_with_their_places),
        cmocka_unit_test(a_frontend_is_recognised),
        cmocka_unit_test(the_written_file_loads_and_says_what_was_found),
        cmocka_unit_test(smoke_tests_are_those_that_the_code_can_pass),
        cmocka_unit_test(an_application_that_reads_no_variables_is_given_no_list_of_others),
        cmocka_unit_test(migrations_of_every_tool_are_found),
        cmocka_unit_test(cross_origin_answers_are_seen),
        cmocka_unit_test(a_workspace_names_its_program_and_versions),
        cmocka_unit_test(an_empty_repository_is_no_error),
        cmocka_unit_test(cargo_files_are_read_as_people_write_them),
        cmocka_unit_test(comments_are_blanked_and_lines_kept),
        cmocka_unit_test(showing_a_configuration_names_origins_and_hides_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
