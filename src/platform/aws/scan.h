/* Room-internal: what ECR's scan found in an image, and whether that stops a release. */
#ifndef GL_PLATFORM_AWS_SCAN_H
#define GL_PLATFORM_AWS_SCAN_H

#include "platform/aws/aws.h"

/* What came of a scan. Zero-initialise. */
struct gl_scan_verdict {
    struct gl_strv stopping; /* "CRITICAL CVE-2026-1 openssl 3.0.1 (fixed in 3.0.2)", worst first */
    size_t waived;           /* critical and high ones that golive.yaml accepts for now */
    size_t lesser;           /* everything below high */
};

void gl_scan_verdict_done(struct gl_scan_verdict *verdict);
#define gl_autoscanverdict gl_cleanup(gl_scan_verdict_done)

/* Judges an answer of DescribeImageScanFindings, of basic or enhanced scanning. `ignores` is
 * ci.audit.ignores; `today` is "2026-11-23", and an entry holds to the end of its last day. */
void gl_scan_judge(const json_t *answer, const json_t *ignores, const char *today,
                   struct gl_scan_verdict *verdict);

/* Waits for the scan of an image and judges it. GL_E_REFUSED names at most ten findings and their
 * number. An image that ECR cannot scan, or does not, is said and no failure. */
gl_nodiscard int gl_cloud_scan_wait(struct gl_cloud *cloud, const char *repository,
                                    const char *digest, struct gl_error *err);

#endif
