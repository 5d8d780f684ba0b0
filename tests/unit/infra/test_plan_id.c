/* Plans that are kept and found again. */
#include "infra/plan_id.h"

#include <unistd.h>

#include "base/fs.h"

#include "support.h"

static const struct gl_shipped stacks[] = {
    {"a",                             "Metadata:\n  golive:\n    parameters:\n      Size: {config: sizing.storage_gb}\n"
          "Parameters:\n  Size: {Type: Number}\nResources:\n  R: {Type: T}\n"},
    {"b",                               "Resources:\n  R: {Type: T}\n"},
    {"c","Resources:\n  R: {Type: T}\n"},
    {0                            },
};

struct kept {
    struct planning planning;
    struct gl_ledger *ledger;
    char dir[32];
};

static void kept_done(struct kept *kept)
{
    gl_ledger_free(&kept->ledger);
    planning_done(&kept->planning);
    gl_autoerr struct gl_error err = {0};
    if (gl_remove_tree(kept->dir, &err) < 0)
        print_message("%s\n", err.message);
}

/* A plan at time 1,000 of three stacks: a changed, b unchanged, c planned without AWS. */
static void keep(struct kept *kept)
{
    strcpy(kept->dir, "/tmp/golive-plan-XXXXXX");
    assert_non_null(mkdtemp(kept->dir));
    gl_autofree char *path = gl_path_join(kept->dir, "ledger.db");
    struct gl_plan *plan = &kept->planning.plan;
    make_plan(&kept->planning, MINIMUM, "prod", stacks);
    assert_int_equal(kept->planning.code, 0);
    plan->stacks[0].change =
        (struct gl_stack_change){.action = GL_CHANGE_MODIFY, .change_set = "arn:one"};
    plan->stacks[0].asked_change_set = "golive-p-00000001";
    plan->stacks[1].change = (struct gl_stack_change){.action = GL_CHANGE_NONE};
    plan->stacks[2].change.note = "later";
    struct gl_error *err = &kept->planning.err;
    assert_int_equal(gl_ledger_open_sqlite(path, &kept->ledger, err), 0);
    assert_int_equal(gl_plan_keep(kept->ledger, plan, "p-00000001", 1000, err), 0);
}

static int recall(struct kept *kept, struct planning *p, const char *config, const char *id,
                  int64_t now_unix_ms)
{
    make_plan(p, config, "prod", stacks);
    assert_int_equal(p->code, 0);
    return gl_plan_recall(kept->ledger, &p->plan, id, now_unix_ms, &p->err);
}

static void test_found_again(void **state)
{
    (void)state;
    gl_cleanup(kept_done) struct kept kept = {0};
    gl_autoplanning struct planning p = {0};
    keep(&kept);
    assert_int_equal(recall(&kept, &p, MINIMUM, "p-00000001", 1000 + 60 * 60000), 0);
    assert_int_equal(p.plan.stacks[0].change.action, GL_CHANGE_MODIFY);
    assert_string_equal(p.plan.stacks[0].change.change_set, "arn:one");
    assert_string_equal(p.plan.stacks[0].asked_change_set, "golive-p-00000001");
    assert_int_equal(p.plan.stacks[1].change.action, GL_CHANGE_NONE);
    assert_null(p.plan.stacks[1].change.change_set);
    assert_int_equal(p.plan.stacks[2].change.action, GL_CHANGE_ADD); /* as it was */
}

static void test_refused(void **state)
{
    (void)state;
    gl_cleanup(kept_done) struct kept kept = {0};
    keep(&kept);

    static const struct {
        const char *config;
        const char *id;
        int64_t now_unix_ms;
        int code;
        const char *words;
    } cases[] = {
        {MINIMUM,                                                                   "p-00000002", 1000,              GL_E_NOT_FOUND, "there is no plan"     },
        {MINIMUM,                                                                   "p-00000001", 1001 + 60 * 60000, GL_E_REFUSED,   "older than 60 minutes"},
        {MINIMUM "sizing: {storage_gb: 40}\n",                                      "p-00000001", 1000,              GL_E_REFUSED,
         "stack a would be made otherwise"                                                                                                                  },
        {"golive: 1\napp: {name: demo}\nenvironments:\n"
         "  prod: {account_id: \"333333333333\", region: eu-central-1}\n", "p-00000001", 1000,              GL_E_REFUSED,   "account 222222222222" },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoplanning struct planning p = {0};
        int code = recall(&kept, &p, cases[i].config, cases[i].id, cases[i].now_unix_ms);
        assert_int_equal(code, cases[i].code);
        assert_non_null(strstr(p.err.message, cases[i].words));
    }
}

static void test_of_another_environment(void **state)
{
    (void)state;
    gl_cleanup(kept_done) struct kept kept = {0};
    gl_autoplanning struct planning p = {0};
    keep(&kept);
    make_plan(&p, MINIMUM, "stg", stacks);
    assert_int_equal(gl_plan_recall(kept.ledger, &p.plan, "p-00000001", 1000, &p.err),
                     GL_E_REFUSED);
    assert_non_null(strstr(p.err.message, "one of prod, not of stg"));
}

static void test_ids(void **state)
{
    (void)state;
    char id[GL_PLAN_ID_SIZE];
    char other[GL_PLAN_ID_SIZE];
    gl_plan_id_new(id);
    gl_plan_id_new(other);
    gl_autofree char *name = gl_plan_change_set_name("p-1f0a9b3c");
    assert_int_equal(strlen(id), 10);
    assert_int_equal(strspn(id + 2, "0123456789abcdef"), 8);
    assert_memory_equal(id, "p-", 2);
    assert_string_not_equal(id, other);
    assert_string_equal(name, "golive-p-1f0a9b3c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found_again),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_of_another_environment),
        cmocka_unit_test(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
