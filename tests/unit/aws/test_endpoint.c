/* The tables themselves; tests/aws/credentials/test_endpoints.py compares every address with
 * botocore's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/endpoint_table.h"
#include "aws/service.h"

static void every_exception_is_of_a_known_service_and_partition(void **state)
{
    (void)state;
    for (size_t i = 0; i < gl_aws_host_exception_count; i++) {
        const struct gl_aws_host_exception *row = &gl_aws_host_exceptions[i];
        bool known = false;
        for (size_t j = 0; j < gl_aws_partition_count; j++)
            known |= strcmp(gl_aws_partitions[j].name, row->partition) == 0;
        assert_true(known);
        assert_non_null(gl_aws_signing_name(row->service));
    }
}

static void services_are_in_order_and_once(void **state)
{
    (void)state;
    size_t count;
    const char *const *names = gl_aws_endpoint_services(&count);
    assert_int_equal(count, gl_aws_service_host_count);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(gl_aws_service_hosts[i - 1].prefix, gl_aws_service_hosts[i].prefix) == 0)
            fail_msg("two services answer at %s", gl_aws_service_hosts[i].prefix);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(names[j], names[i]);
    }
}

static void every_service_with_operations_has_an_endpoint(void **state)
{
    (void)state;
    assert_non_null(gl_aws_service_list[0]);
    for (size_t i = 0; gl_aws_service_list[i]; i++) {
        const struct gl_aws_service *service = gl_aws_service_list[i];
        const char *signing_name = gl_aws_signing_name(service->name);
        if (!signing_name)
            fail_msg("%s has no endpoint", service->name);
        assert_string_equal(signing_name,
                            service->signing_name ? service->signing_name : service->name);
    }
}

static void partitions_are_told_by_the_region(void **state)
{
    (void)state;

    static const struct {
        const char *region;
        const char *partition;
        const char *suffix;
    } cases[] = {
        {"us-east-1",      "aws",        "amazonaws.com"   },
        {"ap-northeast-3", "aws",        "amazonaws.com"   },
        {NULL,             "aws",        "amazonaws.com"   },
        {"cn-north-1",     "aws-cn",     "amazonaws.com.cn"},
        {"us-gov-west-1",  "aws-us-gov", "amazonaws.com"   },
        {"us-isob-east-1", "aws-iso-b",  "sc2s.sgov.gov"   },
        {"eusc-de-east-1", "aws-eusc",   "amazonaws.eu"    },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        assert_string_equal(gl_aws_partition(cases[i].region), cases[i].partition);
        assert_string_equal(gl_aws_dns_suffix(cases[i].region), cases[i].suffix);
    }
}

static void a_failure_leaves_the_results_alone(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"nonsense", "us-east-1"},
        {"ecs",      NULL       },
        {"ecs",      ""         },
        {"ecs",      "us/east"  },
        {"s3",       "a.b"      },
    };
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        char *url = NULL;
        char *region = NULL;
        gl_autoerr struct gl_error err = {0};
        assert_int_equal(gl_aws_endpoint(bad[i][0], bad[i][1], NULL, &url, &region, &err),
                         GL_E_CONFIG);
        assert_non_null(err.message);
        assert_null(url);
        assert_null(region);
        assert_true(gl_aws_endpoint(bad[i][0], bad[i][1], NULL, &url, &region, NULL) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exception_is_of_a_known_service_and_partition),
        cmocka_unit_test(services_are_in_order_and_once),
        cmocka_unit_test(every_service_with_operations_has_an_endpoint),
        cmocka_unit_test(partitions_are_told_by_the_region),
        cmocka_unit_test(a_failure_leaves_the_results_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
