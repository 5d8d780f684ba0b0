/* The plan: what it means, and that every mistake is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "rehearse/load_plan.h"

/* JSON with ' for ". */
static int parse(const char *text, struct gl_load_plan **ret_plan, struct gl_error *err)
{
    gl_autofree char *json = gl_strdup(text);
    for (char *at = json; *at; at++) {
        if (*at == '\'')
            *at = '"';
    }
    return gl_load_plan_parse(json, ret_plan, err);
}

static struct gl_load_plan *parsed(const char *text)
{
    gl_autoerr struct gl_error err = {0};
    struct gl_load_plan *plan = NULL;
    if (parse(text, &plan, &err) < 0)
        fail_msg("%s", err.message);
    return plan;
}

static void members_and_defaults_are_taken(void **state)
{
    (void)state;
    gl_autoloadplan struct gl_load_plan *plan =
        parsed("{'rps':2.5,'targets':[{'name':'a','url':'https://x.test:8443/p/q?r=s#f',"
               "'headers':['A: b','C: d'],'expect_status':[200,404]}]}");
    assert_true(plan->rps > 2.4 && plan->rps < 2.6);
    assert_int_equal(plan->duration_ms, 0);
    assert_int_equal(plan->timeout_ms, 10000);
    assert_null(plan->ca_file);
    assert_int_equal(plan->clients[GL_LOAD_KEEP_ALIVE].share, 1);
    assert_int_equal(plan->clients[GL_LOAD_KEEP_ALIVE].connections, 16);
    assert_int_equal(plan->clients[GL_LOAD_FRESH].share, 0);
    const struct gl_load_target *target = &plan->targets[0];
    assert_string_equal(target->method, "GET");
    assert_string_equal(target->path, "/p/q");
    assert_string_equal(target->headers->data, "A: b");
    assert_int_equal(target->expect_status[1], 404);
    assert_int_equal(target->expect_status[2], 0);
    assert_true(target->repeatable);
}

static void a_post_is_repeatable_only_with_a_key(void **state)
{
    (void)state;
    gl_autoloadplan struct gl_load_plan *plan =
        parsed("{'rps':1,'targets':[{'name':'a','method':'POST','url':'http://x/'},"
               "{'name':'b','method':'POST','url':'http://x/','idempotency':true},"
               "{'name':'c','method':'PATCH','url':'http://x/'},"
               "{'name':'d','method':'PUT','url':'http://x/'}]}");
    assert_false(plan->targets[0].repeatable);
    assert_true(plan->targets[1].repeatable);
    assert_false(plan->targets[2].repeatable);
    assert_true(plan->targets[3].repeatable);
}

static void websocket_urls_become_what_libcurl_connects(void **state)
{
    (void)state;
    gl_autoloadplan struct gl_load_plan *plan =
        parsed("{'websockets':[{'url':'wss://x.test:8443/ws?a=1','count':3},"
               "{'url':'ws://x.test/','hello':'h','expect_ready':'r','ping_interval_ms':7}]}");
    assert_string_equal(plan->websockets[0].url, "https://x.test:8443/ws?a=1");
    assert_string_equal(plan->websockets[0].host, "x.test:8443");
    assert_string_equal(plan->websockets[0].path, "/ws?a=1");
    assert_int_equal(plan->websockets[0].count, 3);
    assert_string_equal(plan->websockets[1].host, "x.test");
    assert_string_equal(plan->websockets[1].name, "websocket");
    assert_int_equal(plan->websockets[1].ping_interval_ms, 7);
}

static const struct mistake {
    const char *plan;
    const char *place;
} mistakes[] = {
    {"{",                                                                                 "load plan"             },
    {"[]",                                                                                "load plan"             },
    {"{}",                                                                                "targets"               },
    {"{'rps':1,'rps':2}",                                                                 "load plan"             },
    {"{'rps':1,'targets':{}}",                                                            "targets"               },
    {"{'rps':1,'targets':[7]}",                                                           "targets[0].name"       },
    {"{'rps':1,'targets':[{'url':'http://x/'}]}",                                         "targets[0].name"       },
    {"{'rps':1,'targets':[{'name':'','url':'http://x/'}]}",                               "targets[0].name"       },
    {"{'rps':1,'targets':[{'name':'a'}]}",                                                "targets[0].url"        },
    {"{'rps':1,'targets':[{'name':'a','url':'file:///etc/passwd'}]}",                     "targets[0].url"        },
    {"{'rps':1,'targets':[{'name':'a','url':'http://'}]}",                                "targets[0].url"        },
    {"{'rps':1,'targets':[{'name':'a','url':'http://x/','weight':0}]}",                   "targets[0].weight"     },
    {"{'rps':1,'targets':[{'name':'a','url':'http://x/','method':'G T'}]}",               "targets[0].method"     },
    {"{'rps':1,'targets':[{'name':'a','url':'http://x/','method':''}]}",                  "targets[0].method"     },
    {"{'rps':1,'targets':[{'name':'a','url':'http://x/','ack':1}]}",                      "targets[0].ack"        },
    {"{'rps':1,'targets':[{'name':'a','url':'http://x/','body':1}]}",                     "targets[0].body"       },
    {"{'rps':1,'targets':[{'name':'a','url':'http://x/','headers':['A: b\\r\\nC: d']}]}",
     "targets[0].headers"                                                                                         },
    {"{'rps':1,'targets':[{'name':'a','url':'http://x/','expect_status':[99]}]}",
     "targets[0].expect_status"                                                                                   },
    {"{'rps':1,'targets':[{'name':'a','url':'http://x/','expect_status':200}]}",
     "targets[0].expect_status"                                                                                   },
    {"{'targets':[{'name':'a','url':'http://x/'}]}",                                      "rps"                   },
    {"{'rps':-1,'targets':[{'name':'a','url':'http://x/'}]}",                             "rps"                   },
    {"{'rps':'9','targets':[{'name':'a','url':'http://x/'}]}",                            "rps"                   },
    {"{'rps':1,'clients':{},'targets':[{'name':'a','url':'http://x/'}]}",                 "clients"               },
    {"{'rps':1,'clients':{'h2':{'connections':0}},'targets':[]}",                         "clients.h2.connections"},
    {"{'rps':1,'clients':{'fresh':{'streams':2}},'targets':[]}",                          "clients.fresh.streams" },
    {"{'timeout_ms':1,'websockets':[{'url':'ws://x/'}]}",                                 "timeout_ms"            },
    {"{'duration_ms':1.5,'websockets':[{'url':'ws://x/'}]}",                              "duration_ms"           },
    {"{'resolve':'x:1:y','websockets':[{'url':'ws://x/'}]}",                              "resolve"               },
    {"{'websockets':[{'url':'ftp://x/'}]}",                                               "websockets[0].url"     },
    {"{'websockets':[{'url':'ws://x/','count':0}]}",                                      "websockets[0].count"   },
};

static void every_mistake_is_named_by_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < GL_COUNT(mistakes); i++) {
        gl_autoerr struct gl_error err = {0};
        struct gl_load_plan *plan = NULL;
        int failed = parse(mistakes[i].plan, &plan, &err);
        if (failed >= 0 || !strstr(err.message, mistakes[i].place))
            fail_msg("%s: %s", mistakes[i].plan, err.message ? err.message : "accepted");
        assert_null(plan);
    }
}

static void turns_follow_weights_and_shares_exactly(void **state)
{
    (void)state;
    gl_autoloadplan struct gl_load_plan *plan =
        parsed("{'rps':1,'clients':{'keep_alive':{'share':7},'fresh':{'share':1},"
               "'h2':{'share':2}},'targets':[{'name':'a','url':'http://x/','weight':5},"
               "{'name':'b','url':'http://x/','weight':3},"
               "{'name':'c','url':'http://x/','weight':2}]}");
    int seen[3][GL_LOAD_CLIENTS] = {0};
    for (int i = 0; i < 1000; i++) {
        struct gl_load_target *target = gl_load_next_target(plan);
        seen[target - plan->targets][gl_load_next_client(plan, target)]++;
    }
    static const int expected[3][GL_LOAD_CLIENTS] = {
        {350, 50, 100},
        {210, 30, 60 },
        {140, 20, 40 },
    };
    assert_memory_equal(seen, expected, sizeof seen);
}

static void uuids_are_version_4_and_new(void **state)
{
    (void)state;
    char one[GL_LOAD_UUID_SIZE];
    char two[GL_LOAD_UUID_SIZE];
    gl_load_make_uuid(one);
    gl_load_make_uuid(two);
    assert_string_not_equal(one, two);
    assert_int_equal(strlen(one), 36);
    assert_int_equal(one[14], '4');
    assert_non_null(strchr("89ab", one[19]));
    assert_int_equal(strspn(one, "0123456789abcdef-"), 36);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_defaults_are_taken),
        cmocka_unit_test(a_post_is_repeatable_only_with_a_key),
        cmocka_unit_test(websocket_urls_become_what_libcurl_connects),
        cmocka_unit_test(every_mistake_is_named_by_its_place),
        cmocka_unit_test(turns_follow_weights_and_shares_exactly),
        cmocka_unit_test(uuids_are_version_4_and_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
