/* Waits for ECR's scan of an image.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html */
#include "platform/aws/scan.h"

#include <string.h>

#include "aws/page.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "platform/aws/pace.h"

enum {
    BEGIN_MS = 30000,        /* a scan on push has begun by then, or there will be none */
    LONGEST_MS = 10 * 60000, /* a large image takes a minute or two */
    SHOWN = 10,
};

/* What a scan's status means for the waiting. */
static const struct {
    const char *status;

    enum {
        WAIT,
        JUDGE,
        SAY,
    } then;

    const char *text;
} statuses[] = {
    {"PENDING",                  WAIT,  NULL                                                       },
    {"IN_PROGRESS",              WAIT,  NULL                                                       },
    {"COMPLETE",                 JUDGE, NULL                                                       },
    {"ACTIVE",                   JUDGE, NULL                                                       },
    {"UNSUPPORTED_IMAGE",        SAY,   N_("ECR cannot scan an image without packages of a system")},
    {"SCAN_ELIGIBILITY_EXPIRED", SAY,   N_("ECR scans the image no more: it is too old")           },
    {"FINDINGS_UNAVAILABLE",     SAY,   N_("ECR has no findings for the image")                    },
    {"LIMIT_EXCEEDED",           SAY,   N_("ECR did not scan the image: its quota is used up")     },
    {"FAILED",                   SAY,   N_("ECR's scan of the image failed")                       },
};

/* The answer, or NULL if there is no scan (yet). */
static int ask(struct gl_cloud *cloud, const char *repository, const char *digest,
               json_t **ret_answer, struct gl_error *err)
{
    json_t *params =
        json_pack("{s:s, s:{s:s}}", "repositoryName", repository, "imageId", "imageDigest", digest);
    int failed =
        gl_aws_ask_all(cloud->client, "ecr", "DescribeImageScanFindings", params, ret_answer, err);
    if (failed == GL_E_NOT_FOUND &&
        gl_aws_failure_is(gl_aws_last_failure(cloud->client), "ScanNotFoundException")) {
        gl_error_done(err);
        *ret_answer = NULL;
        return 0;
    }
    return failed;
}

static int stop(const struct gl_scan_verdict *verdict, struct gl_error *err)
{
    gl_autobuf struct gl_buf text = {0};
    size_t count = verdict->stopping.count;
    for (size_t i = 0; i < count && i < SHOWN; i++)
        gl_buf_printf(&text, "\n  %s", verdict->stopping.items[i]);
    if (count > SHOWN)
        gl_buf_printf(&text, _("\n  and %zu more"), count - SHOWN);
    gl_fail(err, GL_E_REFUSED, _("ECR found %zu critical or high vulnerabilities in the image:%s"),
            count, gl_buf_text(&text));
    return gl_error_hint(err, _("Update those packages and release again; one that does no harm "
                                "here can be accepted for a while in ci.audit.ignores, with "
                                "reason and expires."));
}

static int judge(struct gl_cloud *cloud, const json_t *answer, struct gl_error *err)
{
    gl_autoscanverdict struct gl_scan_verdict verdict = {0};
    gl_autofree char *now = gl_format_rfc3339(gl_now_unix_ms());
    gl_autofree char *today = gl_strndup(now, strlen("2026-11-23"));
    gl_scan_judge(answer, gl_config_node(cloud->base.config, "ci.audit.ignores"), today, &verdict);
    if (verdict.stopping.count)
        return stop(&verdict, err);
    gl_platform_progress(&cloud->base,
                         _("scan: nothing critical or high, %zu accepted, %zu lesser"),
                         verdict.waived, verdict.lesser);
    return 0;
}

/* 1 = ask again. */
static int decide(struct gl_cloud *cloud, const json_t *answer, struct gl_error *err)
{
    const json_t *status = json_object_get(answer, "imageScanStatus");
    const char *word = gl_json_str(status, "status", "");
    for (size_t i = 0; i < GL_COUNT(statuses); i++) {
        if (strcmp(statuses[i].status, word) != 0)
            continue;
        if (statuses[i].then == WAIT)
            return 1;
        if (statuses[i].then == JUDGE)
            return judge(cloud, answer, err);
        gl_platform_progress(&cloud->base, "%s: %s", _(statuses[i].text),
                             gl_json_str(status, "description", word));
        return 0;
    }
    return gl_fail(err, GL_E_CORRUPT, _("ECR's scan has a state that golive does not know: %s"),
                   word);
}

int gl_cloud_scan_wait(struct gl_cloud *cloud, const char *repository, const char *digest,
                       struct gl_error *err)
{
    int64_t begun_ms = gl_mono_ms();
    struct gl_pace pace = {.begun_ms = begun_ms};
    for (;;) {
        gl_autojson json_t *answer = NULL;
        int failed = ask(cloud, repository, digest, &answer, err);
        int64_t elapsed_ms = gl_mono_ms() - begun_ms;
        if (failed < 0)
            return failed;
        if (!answer && elapsed_ms >= BEGIN_MS) {
            gl_platform_progress(&cloud->base, _("ECR does not scan the image: scanning is off"));
            return 0;
        }
        int again = answer ? decide(cloud, answer, err) : 1;
        if (again <= 0)
            return again;
        if (elapsed_ms >= LONGEST_MS) {
            gl_fail(err, GL_E_TIMEOUT, _("ECR's scan of the image does not end (waited 10 min)"));
            return gl_error_hint(err, _("Run the same command again: what was done is kept."));
        }
        gl_platform_progress(&cloud->base, _("waiting for the scan of the image, %lld s"),
                             (long long)elapsed_ms / 1000);
        failed = gl_pace_wait(&pace, err);
        if (failed < 0)
            return failed;
    }
}
