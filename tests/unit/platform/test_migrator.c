/* Parts of the AWS platform that decide without AWS: orders of migrations, why a task ended, what a
 * scan found, the token for a push, task definitions, RDS's certificates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "config/internal.h"
#include "platform/aws/migrator.h"
#include "platform/aws/scan.h"
#include "platform/aws/snapshot.h"
#include "platform/aws/token.h"
#include "support/json_text.h"

/* ---- orders ---- */

static void an_order_arrives_as_it_was_given(void **state)
{
    (void)state;
    gl_autojson json_t *due = json_of("[20260101000000, 7]");
    const struct gl_migration_job job = {
        .expand_only = true, .due = due, .lock_timeout_ms = 1500, .statement_timeout_ms = 9000};
    gl_autofree char *text = gl_migration_order_text(&job, GL_MIGRATION_RUN);
    gl_autoerr struct gl_error err = {0};
    gl_automigrationorder struct gl_migration_order order = {0};
    assert_int_equal(gl_migration_order_parse(text, &order, &err), 0);
    assert_int_equal(order.mode, GL_MIGRATION_RUN);
    assert_true(order.job.expand_only);
    assert_int_equal(order.job.lock_timeout_ms, 1500);
    assert_int_equal(order.job.statement_timeout_ms, 9000);
    assert_true(json_equal(order.job.due, due));
    assert_string_equal(order.tool, "auto");
    gl_autofree char *again = gl_migration_order_text(&order.job, GL_MIGRATION_RUN);
    assert_string_equal(again, text);
}

/* The task sees no golive.yaml. */
static void an_order_names_the_tool(void **state)
{
    (void)state;
    gl_autoerr struct gl_error err = {0};
    gl_automigrations struct gl_migrations list = {0};
    gl_automigrationorder struct gl_migration_order order = {0};
    assert_int_equal(gl_migrations_scan_as("/nowhere", "sqlx", &list, &err), 0);
    const struct gl_migration_job job = {.list = &list};
    gl_autofree char *text = gl_migration_order_text(&job, GL_MIGRATION_STATUS);
    assert_int_equal(gl_migration_order_parse(text, &order, &err), 0);
    assert_string_equal(order.tool, "sqlx");
}

/* A missing "expand_only" must not be taken for "everything". */
static void what_is_no_order_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{}",
        "run",
        "{\"mode\":\"drop\"}",
        "{\"mode\":\"run\"}",
        "{\"mode\":\"run\",\"due\":[],\"lock_timeout_ms\":0,\"statement_timeout_ms\":0}",
        "{\"mode\":\"run\",\"expand_only\":\"yes\",\"due\":[],\"lock_timeout_ms\":0,"
        "\"statement_timeout_ms\":0}",
        "{\"mode\":\"run\",\"expand_only\":true,\"due\":[\"7\"],\"lock_timeout_ms\":0,"
        "\"statement_timeout_ms\":0}",
        "{\"mode\":\"run\",\"expand_only\":true,\"due\":[],\"lock_timeout_ms\":-1,"
        "\"statement_timeout_ms\":0}",
    };
    for (size_t i = 0; i < GL_COUNT(texts); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_automigrationorder struct gl_migration_order order = {0};
        if (gl_migration_order_parse(texts[i], &order, &err) != GL_E_USAGE)
            fail_msg("taken for an order: %s", texts[i]);
    }
}

/* ---- why a task ended ---- */

static struct gl_config *config_of_stg(void)
{
    static const char text[] = "golive: 1\napp: {name: sample}\nenvironments: {stg: {}}\n";
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics problems = {0};
    struct gl_config_request request = {.env = "stg"};
    struct gl_config *config = NULL;
    assert_int_equal(gl_config_parse_text(&request, text, strlen(text), &config, &problems, &err),
                     0);
    return config;
}

static void the_end_of_a_task_is_explained(void **state)
{
    (void)state;

    static const struct {
        const char *task, *says;
    } rows[] = {
        {"{\"containers\":[{\"exitCode\":137,\"reason\":\"OutOfMemoryError: Container killed due to "
         "memory usage\"}],\"stopCode\":\"EssentialContainerExited\"}",                              "its memory was used up"                                    },
        {"{\"containers\":[{\"exitCode\":137}],\"stopCode\":\"EssentialContainerExited\","
         "\"stoppedReason\":\"Essential container in task exited\"}",                                "killed (exit code 137, Essential container in task exited)"},
        {"{\"containers\":[{\"exitCode\":6}],\"stopCode\":\"UserInitiated\",\"stoppedReason\":\"Task "
         "stopped by user\"}",                                                                       "somebody stopped it (Task stopped by user)"                },
        {"{\"containers\":[{\"reason\":\"CannotPullContainerError: pull image manifest has been "
         "retried 5 time(s): not found\"}],\"stopCode\":\"TaskFailedToStart\"}",                     "the image cannot be pulled (CannotPullContainerError"      },
        {"{\"containers\":[{}],\"stopCode\":\"TaskFailedToStart\",\"stoppedReason\":"
         "\"ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
         "retrieval failed: unable to retrieve secret from asm: service call has been retried\"}",   "a secret that the task names cannot be read"               },
        {"{\"containers\":[{}],\"stopCode\":\"TaskFailedToStart\",\"stoppedReason\":"
         "\"ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
         "retrieval failed: unable to retrieve ecr registry auth: service call has been retried\"}", "the image cannot be pulled"                                },
        {"{\"containers\":[{}],\"stopCode\":\"TaskFailedToStart\",\"stoppedReason\":\"something "
         "new\"}",                                                                                   "was not started: something new"                            },
        {"{\"containers\":[{\"exitCode\":12}],\"stopCode\":\"EssentialContainerExited\","
         "\"stoppedReason\":\"Essential container in task exited\"}",                                "ended with exit code 12"                                   },
        {"{}",                                                                                                "was not started"                                           },
        {"{\"containers\":[{\"exitCode\":\"0\"}]}",                                                           "was not started"                                           },
    };

    gl_autoconfig struct gl_config *config = config_of_stg();
    size_t named = 0;
    for (size_t i = 0; i < GL_COUNT(rows); i++) {
        gl_autojson json_t *task = json_of(rows[i].task);
        gl_autoerr struct gl_error err = {0};
        assert_int_equal(gl_migrator_stopped(config, task, &err), GL_E_PROCESS);
        if (!strstr(err.message, rows[i].says) || !err.hint)
            fail_msg("%s: %s", rows[i].task, err.message);
        /* A command in a hint can be given as it stands there. */
        const char *command = strstr(err.hint, "golive up");
        if (command && !strstr(command, "golive up --env stg "))
            fail_msg("%s", err.hint);
        named += command != NULL;
    }
    gl_autojson json_t *good = json_of("{\"containers\":[{\"exitCode\":0}]}");
    gl_autoerr struct gl_error err = {0};
    assert_int_equal(gl_migrator_stopped(config, good, &err), 0);
    assert_true(named >= 3);
}

/* ---- a task that says nothing ---- */

static void silence_is_told_and_has_an_end(void **state)
{
    (void)state;

    enum { MINUTE_MS = 60000, HOUR_MS = 3600000, STATEMENT_MS = 15000 };
    struct gl_migrator_log log = {
        .stream = "migrate/migrate/7", .begun_ms = 1, .word_ms = 1, .told_ms = 1};
    gl_autoerr struct gl_error err = {0};
    bool tell = true;
    assert_int_equal(gl_migrator_silence(&log, MINUTE_MS, STATEMENT_MS, &tell, &err), 0);
    assert_false(tell);
    assert_int_equal(gl_migrator_silence(&log, MINUTE_MS + 1, STATEMENT_MS, &tell, &err), 0);
    assert_true(tell);
    assert_int_equal(gl_migrator_silence(&log, MINUTE_MS + 2, STATEMENT_MS, &tell, &err), 0);
    assert_false(tell); /* once a minute */
    assert_int_equal(gl_migrator_silence(&log, HOUR_MS + STATEMENT_MS, STATEMENT_MS, &tell, &err),
                     0);
    assert_true(tell);
    assert_int_equal(
        gl_migrator_silence(&log, HOUR_MS + STATEMENT_MS + 1, STATEMENT_MS, &tell, &err),
        GL_E_TIMEOUT);
    assert_non_null(strstr(err.message, "has said nothing for"));
    assert_non_null(strstr(err.hint, "goes on in AWS"));
    log.word_ms = HOUR_MS; /* a word begins it anew */
    assert_int_equal(
        gl_migrator_silence(&log, HOUR_MS + STATEMENT_MS + 1, STATEMENT_MS, &tell, &err), 0);
}

/* ---- scans ---- */

#define BASIC(name, severity)                                                                      \
    "{\"name\":\"" name "\",\"severity\":\"" severity                                              \
    "\",\"attributes\":[{\"key\":\"package_name\",\"value\":\"openssl\"},{\"key\":"                \
    "\"package_version\",\"value\":\"3.0.1\"}]}"

static const char basic[] =
    "{\"imageScanFindings\":{\"findings\":[" BASIC("CVE-1", "HIGH") "," BASIC(
        "CVE-2", "CRITICAL") "," BASIC("CVE-3", "MEDIUM") "," BASIC("CVE-4", "HIGH") "]}}";

static void serious_findings_stop(void **state)
{
    (void)state;
    gl_autojson json_t *answer = json_of(basic);
    gl_autojson json_t *ignores =
        json_of("[{\"id\":\"CVE-1\",\"reason\":\"r\",\"expires\":\"2026-11-23\"},"
                "{\"id\":\"CVE-4\",\"reason\":\"r\",\"expires\":\"2026-11-22\"}]");
    gl_autoscanverdict struct gl_scan_verdict verdict = {0};
    gl_scan_judge(answer, ignores, "2026-11-23", &verdict);
    assert_int_equal(verdict.stopping.count, 2);
    assert_string_equal(verdict.stopping.items[0], "CRITICAL CVE-2 openssl 3.0.1");
    assert_string_equal(verdict.stopping.items[1], "HIGH CVE-4 openssl 3.0.1");
    assert_int_equal(verdict.waived, 1);
    assert_int_equal(verdict.lesser, 1);
}

static void enhanced_findings_are_read_too(void **state)
{
    (void)state;
    gl_autojson json_t *answer = json_of(
        "{\"imageScanFindings\":{\"enhancedFindings\":[{\"severity\":\"HIGH\",\"title\":\"T\","
        "\"packageVulnerabilityDetails\":{\"vulnerabilityId\":\"CVE-9\",\"vulnerablePackages\":[{"
        "\"name\":\"curl\",\"version\":\"8.1\",\"fixedInVersion\":\"8.2\"}]}},{\"severity\":"
        "\"LOW\",\"title\":\"U\"}]}}");
    gl_autoscanverdict struct gl_scan_verdict verdict = {0};
    gl_scan_judge(answer, NULL, "2026-11-23", &verdict);
    assert_int_equal(verdict.stopping.count, 1);
    assert_string_equal(verdict.stopping.items[0], "HIGH CVE-9 curl 8.1 (fixed in 8.2)");
    assert_int_equal(verdict.lesser, 1);
}

/* ---- the token of ECR ---- */

static void a_token_is_user_and_password(void **state)
{
    (void)state;
    gl_autojson json_t *answer = json_of(
        "{\"authorizationData\":[{\"authorizationToken\":\"QVdTOmdlOmhlaW0=\",\"proxyEndpoint\":"
        "\"https://1.dkr.ecr.eu-west-1.amazonaws.com\"}]}"); /* AWS:ge:heim */
    gl_autoerr struct gl_error err = {0};
    gl_autoregistrytoken struct gl_registry_token token = {0};
    assert_int_equal(gl_registry_token_read(answer, &token, &err), 0);
    assert_string_equal(token.user, "AWS");
    assert_string_equal(token.password, "ge:heim");
    static const char *const bad[] = {
        "{}",
        "{\"authorizationData\":[{\"authorizationToken\":\"QVdTOmdl\"}]}",
        "{\"authorizationData\":[{\"authorizationToken\":\"QVdT\",\"proxyEndpoint\":\"https://x\"}]}",
        "{\"authorizationData\":[{\"authorizationToken\":\"???\",\"proxyEndpoint\":\"https://x\"}]}",
    };
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        gl_autojson json_t *json = json_of(bad[i]);
        gl_autoregistrytoken struct gl_registry_token none = {0};
        assert_int_equal(gl_registry_token_read(json, &none, &err), GL_E_CORRUPT);
    }
}

/* ---- snapshots ---- */

static void only_releases_own_snapshots_are_known(void **state)
{
    (void)state;
    const struct gl_cloud cloud = {.app = "shop", .env = "prod"};
    gl_autojson json_t *tags = gl_snapshot_tags(&cloud, 42);
    gl_autojson json_t *own = json_pack("{sO}", "TagList", tags);
    assert_int_equal(gl_snapshot_release(&cloud, own), 42);
    const struct gl_cloud others[] = {
        {.app = "shop",  .env = "stg" },
        {.app = "other", .env = "prod"},
    };
    for (size_t i = 0; i < GL_COUNT(others); i++)
        assert_int_equal(gl_snapshot_release(&others[i], own), 0);
    static const char *const bad[] = {"", "x", "-1", "7x", "99999999999999999999"};
    for (size_t i = 0; i < GL_COUNT(bad); i++) {
        json_t *tag = json_array_get(json_object_get(own, "TagList"), 2);
        gl_json_set_str(tag, "Value", bad[i]);
        assert_int_equal(gl_snapshot_release(&cloud, own), 0);
    }
    gl_autojson json_t *none = json_of("{\"DBSnapshotIdentifier\":\"shop-prod-release-3\"}");
    assert_int_equal(gl_snapshot_release(&cloud, none), 0);
}

/* ---- certificates ---- */

static void expect_authority(const char *region)
{
    gl_autofree char *pem = gl_rds_authority(region);
    if (!pem)
        fail_msg("no certificate for %s", region);
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    assert_non_null(certificate);
    assert_null(PEM_read_bio_X509(bio, NULL, NULL, NULL)); /* one, and only one */
    gl_autofree char *wanted = gl_asprintf("Amazon RDS %s Root CA RSA2048 G1", region);
    char name[128] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    assert_string_equal(name, wanted);
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    assert_int_equal(X509_verify(certificate, key), 1);
    assert_true(X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0);
    X509_free(certificate);
    BIO_free(bio);
}

static void rds_is_known_where_golive_works(void **state)
{
    (void)state;
    static const char *const regions[] = {
        "af-south-1",     "ap-east-1",    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
        "ap-south-1",     "ap-south-2",   "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
        "ap-southeast-4", "ca-central-1", "eu-central-1",   "eu-central-2",   "eu-north-1",
        "eu-south-1",     "eu-south-2",   "eu-west-1",      "eu-west-2",      "eu-west-3",
        "me-central-1",   "me-south-1",   "sa-east-1",      "us-east-1",      "us-east-2",
        "us-west-1",      "us-west-2",
    };
    for (size_t i = 0; i < GL_COUNT(regions); i++)
        expect_authority(regions[i]);
    assert_null(gl_rds_authority("mars-north-1"));
    assert_null(gl_rds_authority(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_arrives_as_it_was_given),
        cmocka_unit_test(an_order_names_the_tool),
        cmocka_unit_test(what_is_no_order_is_refused),
        cmocka_unit_test(the_end_of_a_task_is_explained),
        cmocka_unit_test(silence_is_told_and_has_an_end),
        cmocka_unit_test(serious_findings_stop),
        cmocka_unit_test(enhanced_findings_are_read_too),
        cmocka_unit_test(a_token_is_user_and_password),
        cmocka_unit_test(only_releases_own_snapshots_are_known),
        cmocka_unit_test(rds_is_known_where_golive_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
