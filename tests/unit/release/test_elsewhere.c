/* A release that was begun on another machine: the ledger and the platform are the same, what was
 * built and packed there is not here. */
#include "scripted.h"

#include "oci/image.h"

enum { MOST_EVENTS = 60 };

static struct gl_platform_ops needing; /* as the scripted ones, but they look at what they get */
static int (*scripted_place)(struct gl_platform *, const struct gl_artifact *, struct gl_error *);
static int (*scripted_publish)(struct gl_platform *, const struct gl_artifact *, struct gl_error *);

static int place(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    int failed = gl_image_verify(a->layout_dir, a->image_digest, err);
    return failed < 0 ? failed : scripted_place(p, a, err);
}

static int publish(struct gl_platform *p, const struct gl_artifact *a, struct gl_error *err)
{
    if (!gl_is_dir(a->frontend_dir))
        return gl_fail(err, GL_E_NOT_FOUND, "there is no %s", a->frontend_dir);
    return scripted_publish(p, a, err);
}

static const char settings[] =
    "golive: 1\n"
    "app: {name: sample}\n"
    "backend: {binary: server}\n"
    "build: {backend: 'cp program server', frontend: 'mkdir -p build && cp page build/index.html'}\n"
    "release:\n"
    "  bake_minutes: 0\n"
    "  canary: {percent: 10, seconds: 0}\n"
    "  smoke: [{name: ready, url: 'https://{domain.api}/', status: 200}]\n";

static int set_up_project(void **state)
{
    if (set_up(state) < 0)
        return -1;
    struct fixture *fixture = *state;
    needing = *fixture->platform.base.ops;
    scripted_place = needing.place;
    scripted_publish = needing.publish;
    needing.place = place;
    needing.publish = publish;
    fixture->platform.base.ops = &needing;
    configure(fixture, settings);
    write_file(fixture, "frontend/page", "<title>sample</title>");
    return 0;
}

static void remove_below(const char *dir, const char *name)
{
    gl_autofree char *path = gl_path_join(dir, name);
    assert_int_equal(gl_remove_tree(path, NULL), 0);
}

/* From here on it is a machine with the source alone. */
static void go_elsewhere(const struct fixture *fixture)
{
    remove_below(fixture->state_dir, "images");
    remove_below(fixture->state_dir, "built");
    remove_below(fixture->dir, "backend/server");
    remove_below(fixture->dir, "frontend/build");
}

static void killed_anywhere_it_is_finished_elsewhere(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    int event = 1;
    for (; event < MOST_EVENTS && killed_at(fixture, gl_release_deploy, event); event++) {
        go_elsewhere(fixture);
        must(fixture, deploy(fixture));
        assert_true(fixture->outcome.done);
        assert_serves(fixture, fixture->outcome.release);
        assert_int_equal(fixture->platform.world->frontend, fixture->outcome.release);
    }
    assert_true(event > 25 && event < MOST_EVENTS);
    assert_true(events(fixture, "release.resumed") >= event - 3);
}

/* What lies here is of another release: it would be packed and served under this one's name. */
static void what_another_release_built_is_not_taken(void **state)
{
    struct fixture *fixture = *state;
    gl_autobuf struct gl_buf server = {0};
    gl_autofree char *path = gl_path_join(fixture->dir, "backend/server");
    must(fixture, deploy(fixture));
    kill_on(fixture, gl_release_deploy, "step.done", "build");
    write_file(fixture, "backend/server", "of another release");
    write_file(fixture, ".golive/built", "0123456789abcdef");
    must(fixture, deploy(fixture));
    assert_true(fixture->outcome.resumed);
    assert_int_equal(gl_read_file(path, 0, &server, NULL), 0);
    assert_int_equal(memcmp(server.data, ELFMAG, SELFMAG), 0);
}

/* Nothing is built that nobody needs: on the machine that built, and once all is placed. */
static void what_is_here_or_placed_is_not_made_again(void **state)
{
    struct fixture *fixture = *state;
    must(fixture, deploy(fixture));
    int first = events(fixture, "step.begin");
    must(fixture, deploy(fixture));
    int second = events(fixture, "step.begin"); /* some steps are for later releases only */
    kill_on(fixture, gl_release_deploy, "step.done", "image");
    must(fixture, deploy(fixture));
    assert_true(fixture->outcome.resumed);
    assert_int_equal(events(fixture, "step.begin"), second + (second - first));
    kill_on(fixture, gl_release_deploy, "step.done", "publish");
    int before = events(fixture, "step.begin");
    go_elsewhere(fixture);
    must(fixture, deploy(fixture));
    assert_true(fixture->outcome.resumed);
    assert_int_equal(events(fixture, "step.begin"), before + 3); /* sessions, smoke edge, finish */
}

int main(void)
{
    gl_interrupt_init();
    gl_i18n_init();
    const struct CMUnitTest tests[] = {
#define row(name) cmocka_unit_test_setup_teardown(name, set_up_project, tear_down)
        row(killed_anywhere_it_is_finished_elsewhere),
        row(what_another_release_built_is_not_taken),
        row(what_is_here_or_placed_is_not_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
