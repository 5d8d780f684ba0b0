/* Answers that come in pages: every page once, in order, and an end to each. */
#include "server.h"

#include "aws/page.h"

#define STACKS(names, token)                                                                       \
    "<ListStacksResponse><ListStacksResult><StackSummaries>" names "</StackSummaries>" token       \
    "</ListStacksResult></ListStacksResponse>"
#define STACK(name) "<member><StackName>" name "</StackName></member>"
#define NEXT(token) "<NextToken>" token "</NextToken>"

struct fixture {
    struct gl_aws_provider *provider;
    struct gl_aws_client *client;
    struct gl_error err;
};

static void fixture_done(struct fixture *fixture)
{
    gl_aws_client_free(&fixture->client);
    gl_aws_provider_free(&fixture->provider);
    gl_error_done(&fixture->err);
}

#define gl_autofixture gl_cleanup(fixture_done) struct fixture

static void fixture_init(struct fixture *fixture)
{
    fixture->client = make_client(&fixture->provider, (struct gl_aws_client_options){0});
}

static void test_collects(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200,   NULL,              STACKS(STACK("a") STACK("b"), NEXT("t&amp;1"))},
        {503,   NULL,              ""                          },
        {200, NULL,         STACKS("",                  NEXT("t2"))                },
        {200, NULL, STACKS(STACK("c"),                          "")},
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture);
    gl_autojson json_t *all = NULL;
    gl_assert_ok(
        gl_aws_ask_all(fixture.client, "cloudformation", "ListStacks", NULL, &all, &fixture.err),
        &fixture.err);
    const json_t *list = json_object_get(all, "StackSummaries");
    assert_int_equal(json_array_size(list), 3);
    assert_string_equal(gl_json_str(json_array_get(list, 2), "StackName", ""), "c");
    assert_null(json_object_get(all, "NextToken"));
    stop_server();
    assert_null(strstr(server.requests.items[0], "NextToken"));
    assert_non_null(strstr(server.requests.items[1], "&NextToken=t%261"));
    assert_non_null(strstr(server.requests.items[3], "&NextToken=t2"));
}

static bool stop_at_first(const json_t *page, void *context)
{
    (void)page;
    ++*(int *)context;
    return false;
}

static void test_stops_early(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200, NULL, STACKS(STACK("a"), NEXT("t"))}
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture);
    struct gl_aws_request request = {.service = "cloudformation", .operation = "ListStacks"};
    int pages = 0;
    gl_assert_ok(gl_aws_each_page(fixture.client, &request, stop_at_first, &pages, &fixture.err),
                 &fixture.err);
    assert_int_equal(pages, 1);
}

/* A failure in the middle is a failure of the whole: half a list would be taken for all. */
static void test_fails_in_the_middle(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {200, NULL, STACKS(STACK("a"), NEXT("t"))},
        {403,   NULL,     "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"               },
    };
    PLAY(steps);
    gl_autofixture fixture = {0};
    fixture_init(&fixture);
    json_t *all = NULL;
    assert_int_equal(
        gl_aws_ask_all(fixture.client, "cloudformation", "ListStacks", NULL, &all, &fixture.err),
        GL_E_REFUSED);
    assert_null(all);
}

/* Walks one operation's pages without a network: (answer, parameters that must follow or NULL). */
static void check_next(const char *service, const char *operation, json_t *answer, json_t *before,
                       json_t *wanted)
{
    const struct gl_aws_operation *row =
        gl_aws_operation_find(gl_aws_service_find(service), operation);
    assert_non_null(row);
    bool more = gl_aws_page_next(row, answer, before);
    assert_int_equal(more, wanted != NULL);
    assert_true(!wanted || json_equal(before, wanted));
    json_decref(answer);
    json_decref(before);
    json_decref(wanted);
}

static void test_kinds_of_tokens(void **state)
{
    (void)state;
    /* Several tokens, of which one may be missing and must then not stay from the page before. */
    check_next(
        "route53", "ListResourceRecordSets",
        json_pack("{sbssss}", "IsTruncated", 1, "NextRecordName", "b.", "NextRecordType", "A"),
        json_pack("{ssss}", "HostedZoneId", "Z", "StartRecordIdentifier", "old"),
        json_pack("{ssssss}", "HostedZoneId", "Z", "StartRecordName", "b.", "StartRecordType",
                  "A"));
    /* The answer says there is no more, whatever tokens it has. */
    check_next("route53", "ListResourceRecordSets",
               json_pack("{sbss}", "IsTruncated", 0, "NextRecordName", "b."), json_object(), NULL);
    /* A token inside a structure. */
    check_next("cloudfront", "ListDistributions",
               json_pack("{s{sbss}}", "DistributionList", "IsTruncated", 1, "NextMarker", "m"),
               json_object(), json_pack("{ss}", "Marker", "m"));
    /* The same token again is the end. */
    check_next("ecs", "ListTasks", json_pack("{ss}", "nextToken", "t"),
               json_pack("{ss}", "nextToken", "t"), NULL);
    check_next("ecs", "ListTasks", json_pack("{ss}", "nextToken", ""), json_object(), NULL);
    /* No pages at all. */
    check_next("sts", "GetCallerIdentity", json_pack("{ss}", "NextToken", "t"), json_object(),
               NULL);
}

static void test_appends_inside_structures(void **state)
{
    (void)state;
    const struct gl_aws_operation *row =
        gl_aws_operation_find(gl_aws_service_find("cloudfront"), "ListDistributions");
    gl_autojson json_t *all = json_pack("{s{}}", "DistributionList");
    gl_autojson json_t *page = json_pack("{s{s[s]}}", "DistributionList", "Items", "d");
    gl_aws_page_append(row, all, page);
    assert_int_equal(json_array_size(gl_aws_at(all, "DistributionList.Items")), 1);
}

int main(void)
{
    unsetenv("AWS_PROFILE");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_collects, end_server),
        cmocka_unit_test_teardown(test_stops_early, end_server),
        cmocka_unit_test_teardown(test_fails_in_the_middle, end_server),
        cmocka_unit_test(test_kinds_of_tokens),
        cmocka_unit_test(test_appends_inside_structures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
