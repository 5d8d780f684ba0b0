/* Two environments, stg and prod, of one project with git, over two scripted worlds and one ledger;
 * people with keys, and the clock of the ledger. */
#ifndef GL_TESTS_RELEASE_PROMOTED_H
#define GL_TESTS_RELEASE_PROMOTED_H

#include "scripted.h"

#include "oci/image.h"
#include "proc/proc.h"
#include "release/approval.h"
#include "sign/signature.h"

/* NOLINTBEGIN(misc-definitions-in-headers): each test program is one source file */

enum { HOUR_MS = 3600000 };

/* sato wrote the commit, who starts is set by start_as(). */
struct pair {
    struct fixture *fixture;
    struct world *worlds[2]; /* stg, prod */
    struct gl_private_key keys[3];
};

static const char *const names[] = {"sato", "tanaka", "suzuki"};

static const char approval_settings[] = "approval: {min: 1, approvers: [sato, tanaka, suzuki]}";

/* Runs a program in the project; fails the test when it fails. */
static inline void git(const struct pair *pair, const char *command)
{
    gl_autoerr struct gl_error err = {0};
    const char *argv[] = {"sh", "-ec", command, NULL};
    const char *env[] = {"GIT_AUTHOR_NAME=s", "GIT_AUTHOR_EMAIL=sato@example.com",
                         "GIT_COMMITTER_NAME=s", "GIT_COMMITTER_EMAIL=sato@example.com", NULL};
    struct gl_proc_spec spec = {
        .argv = argv, .env_add = env, .cwd = pair->fixture->dir, .timeout_ms = 60000};
    if (gl_proc_check(&spec, NULL, &err) < 0)
        fail_msg("%s: %s", command, err.message);
}

/* Who is at work: on GitHub this is told by the environment. */
static inline void start_as(const char *github)
{
    setenv("GITHUB_ACTIONS", "true", 1);
    setenv("GITHUB_ACTOR", github, 1);
    unsetenv("GITHUB_TRIGGERING_ACTOR");
    unsetenv("GITHUB_RUN_ID");
}

static inline char *settings_of(const struct pair *pair, const char *approval, const char *people)
{
    gl_autobuf struct gl_buf text = {0};
    gl_buf_puts(&text, quick_settings);
    gl_buf_puts(&text, "people:\n");
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autofree char *line = gl_public_key_line(&pair->keys[i].public_key);
        if (strstr(people, names[i]))
            gl_buf_printf(&text, "  - {id: %s, email: %s@example.com, github: %s, key: '%s'}\n",
                          names[i], names[i], names[i], line);
    }
    gl_buf_printf(&text,
                  "environments:\n"
                  "  stg: {app: {platform: local}}\n"
                  "  prod: {app: {platform: local}, domain: {api: api.example.com}, %s}\n",
                  approval);
    return gl_buf_steal(&text);
}

static inline void load_env(struct pair *pair, const char *env)
{
    struct fixture *fixture = pair->fixture;
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    gl_autofree char *path = gl_path_join(fixture->dir, "golive.yaml");
    gl_config_free(&fixture->config);
    struct gl_config_request request = {.path = path, .env = env};
    if (gl_config_load(&request, &fixture->config, &problems, &err) < 0)
        fail_msg("%s: %s", err.message, problems.count ? problems.items[0].message : "");
    fixture->platform.base.config = fixture->config;
    fixture->platform.world = pair->worlds[strcmp(env, "prod") == 0];
}

/* golive.yaml anew, and committed. */
static inline void write_settings(struct pair *pair, const char *settings)
{
    write_file(pair->fixture, "golive.yaml", settings);
    git(pair, "test ! -d .git || git diff --quiet || git commit -qm settings golive.yaml");
}

static inline void set_approval(struct pair *pair, const char *approval, const char *people)
{
    gl_autofree char *settings = settings_of(pair, approval, people);
    write_settings(pair, settings);
}

static inline int deploy_to(struct pair *pair, const char *env, struct gl_release_request request)
{
    load_env(pair, env);
    return run(pair->fixture, gl_release_deploy, request);
}

static inline void pass_stg(struct pair *pair)
{
    must(pair->fixture, deploy_to(pair, "stg", (struct gl_release_request){0}));
}

static inline int promote_with(struct pair *pair, struct gl_release_request request)
{
    load_env(pair, "prod");
    request.promote_from = "stg";
    return run(pair->fixture, gl_release_promote, request);
}

static inline int promote(struct pair *pair)
{
    return promote_with(pair, (struct gl_release_request){0});
}

static inline void must_refuse(struct pair *pair, int result, const char *why)
{
    if (result != GL_E_REFUSED)
        fail_msg("%d instead of refused: %s", result,
                 pair->fixture->err.message ? pair->fixture->err.message : pair->fixture->notes);
    assert_has(pair->fixture->err.message, why);
    assert_non_null(pair->fixture->err.hint);
    assert_int_equal(pair->worlds[1]->calls_len, 0); /* nothing was touched in prod */
}

static inline const struct gl_private_key *key_of(const struct pair *pair, const char *name)
{
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0)
            return &pair->keys[i];
    }
    fail_msg("nobody is called %s", name);
    return NULL;
}

static inline char *signature_of(const struct pair *pair, const char *name, const char *text)
{
    gl_autoerr struct gl_error err = {0};
    const struct gl_signed what = {GL_STATEMENT_NAMESPACE, text, strlen(text)};
    char *signature = NULL;
    if (gl_signature_make(key_of(pair, name), &what, &signature, &err) < 0)
        fail_msg("%s", err.message);
    return signature;
}

/* What golive approve does. */
static inline int approve(struct pair *pair, const char *name)
{
    struct fixture *fixture = pair->fixture;
    gl_autoapprovalrequest struct gl_approval_request asked = {0};
    const char *person = NULL;
    int64_t now_unix_s = gl_ledger_unix_ms(fixture->ledger) / 1000;
    gl_error_done(&fixture->err);
    int failed = gl_approval_asked(fixture->ledger, "prod", 0, now_unix_s, &asked, &fixture->err);
    if (failed < 0)
        return failed;
    const struct gl_approval_rules rules = {
        .config = fixture->config, .authors = &asked.authors, .now_unix_s = now_unix_s};
    gl_autofree char *signature = signature_of(pair, name, asked.text);
    failed =
        gl_approval_take(fixture->ledger, &rules, asked.text, signature, &person, &fixture->err);
    if (failed == 0)
        assert_string_equal(person, name);
    return failed;
}

/* An event as a forger, or an older time, may have left it. */
static inline void put_signature(struct pair *pair, const char *name, const char *text,
                                 const char *signature)
{
    gl_autojson json_t *data =
        json_pack("{s:s, s:s, s:s}", "statement", text, "person", name, "signature", signature);
    assert_int_equal(
        gl_ledger_append(pair->fixture->ledger, "approval.signed", "prod", 0, data, NULL, NULL), 0);
}

static inline char *asked_text(const struct pair *pair)
{
    gl_autoerr struct gl_error err = {0};
    gl_autoapprovalrequest struct gl_approval_request asked = {0};
    int64_t now_unix_s = gl_ledger_unix_ms(pair->fixture->ledger) / 1000;
    if (gl_approval_asked(pair->fixture->ledger, "prod", 0, now_unix_s, &asked, &err) < 0)
        fail_msg("%s", err.message);
    return gl_steal(&asked.text);
}

/* ---- the ledger's clock ------------------------------------------------------------------------
 */

static int64_t hours_ago;

static int64_t earlier_unix_ms(void)
{
    return gl_now_unix_ms() - hours_ago * HOUR_MS;
}

static const struct gl_clock_fns earlier = {earlier_unix_ms, gl_boot_ms, gl_boot_id};

/* ---- life --------------------------------------------------------------------------------------
 */

static inline struct world *new_world(void)
{
    struct world *world =
        mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(world, MAP_FAILED);
    return world;
}

static inline void make_keys(struct pair *pair)
{
    for (size_t i = 0; i < GL_COUNT(names); i++) {
        gl_autobuf struct gl_buf text = {0};
        gl_autofree char *path =
            gl_asprintf("%s/../golive-key-%d-%s", pair->fixture->dir, (int)getpid(), names[i]);
        gl_autofree char *command =
            gl_asprintf("rm -f '%s'; ssh-keygen -q -t ed25519 -N '' -f '%s'", path, path);
        gl_autoerr struct gl_error err = {0};
        git(pair, command);
        if (gl_read_file(path, 0, &text, &err) < 0 ||
            gl_private_key_parse(gl_buf_text(&text), text.len, NULL, NULL, &pair->keys[i], &err) <
                0)
            fail_msg("%s", err.message);
        gl_autofree char *clean = gl_asprintf("rm -f '%s' '%s.pub'", path, path);
        git(pair, clean);
    }
}

static int set_up_pair(void **state)
{
    struct pair *pair = gl_alloc(sizeof *pair);
    set_up((void **)&pair->fixture);
    hours_ago = 0;
    gl_ledger_set_clock(pair->fixture->ledger, &earlier);
    pair->worlds[0] = pair->fixture->platform.world;
    pair->worlds[1] = new_world();
    make_keys(pair);
    start_as("sato");
    set_approval(pair, approval_settings, "sato tanaka suzuki");
    write_file(pair->fixture, ".gitignore", ".golive/\nbackend/server\nfrontend/build/\n");
    add_frontend(pair->fixture);
    write_file(pair->fixture, "frontend/src/app.html", "one");
    git(pair, "git init -q . && git add -A && git commit -qm first");
    *state = pair;
    return 0;
}

static int tear_down_pair(void **state)
{
    struct pair *pair = *state;
    void *fixture = pair->fixture;
    pair->fixture->platform.world = pair->worlds[0];
    munmap(pair->worlds[1], sizeof *pair->worlds[1]);
    int failed = tear_down(&fixture);
    free(pair);
    return failed;
}

/* NOLINTEND(misc-definitions-in-headers) */

#endif
