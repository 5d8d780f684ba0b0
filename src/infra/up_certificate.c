/* `golive up`: a certificate waits until the world can see its validation records.
 * https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html */
#include <string.h>

#include "base/i18n.h"
#include "infra/up_internal.h"

static const char type[] = "AWS::CertificateManager::Certificate";

void gl_up_note_certificate(struct up_run *run, size_t i, const struct gl_stack_event *event)
{
    if (strcmp(event->type, type) != 0)
        return;
    bool waits = strcmp(event->status, "CREATE_IN_PROGRESS") == 0 && event->physical_id &&
                 *event->physical_id;
    run->work[i].certificate = waits ? event->physical_id : NULL;
}

/* One line for each record that is not seen yet, each once: names of one zone may share theirs. */
static void add_records(const json_t *answer, struct gl_buf *text)
{
    const json_t *certificate = json_object_get(answer, "Certificate");
    size_t i;
    const json_t *option;
    json_array_foreach(json_object_get(certificate, "DomainValidationOptions"), i, option)
    {
        const json_t *record = json_object_get(option, "ResourceRecord");
        if (!record || strcmp(gl_json_str(option, "ValidationStatus", ""), "SUCCESS") == 0)
            continue;
        gl_autofree char *line =
            gl_asprintf("\n    %s  %s  %s", gl_json_str(record, "Name", "?"),
                        gl_json_str(record, "Type", "?"), gl_json_str(record, "Value", "?"));
        if (!strstr(gl_buf_text(text), line))
            gl_buf_puts(text, line);
    }
}

static void tell(struct up_run *run, size_t i, const json_t *answer)
{
    const struct gl_up_reporter *reporter = &run->options->reporter;
    gl_autobuf struct gl_buf records = {0};
    add_records(answer, &records);
    if (!records.len)
        return; /* ACM makes them up within seconds: the next round asks again */
    run->work[i].certificate = NULL;
    gl_autofree char *text = gl_asprintf(
        _("%s waits until its certificate is valid: these records must be seen in the public DNS. "
          "They are made in Route 53 by themselves; where another server answers for the zone, "
          "make them there.%s"),
        run->shown[i].stack->key, gl_buf_text(&records));
    if (reporter->note)
        reporter->note(&run->shown[i], text, reporter->context);
}

/* What cannot be read is only not told: the certificate itself is CloudFormation's. */
int gl_up_tell_certificates(struct up_run *run, struct gl_error *err)
{
    gl_autocalls struct gl_live_calls calls = gl_live_calls_new(run->count);
    for (size_t i = 0; i < run->count; i++) {
        if (run->work[i].certificate && run->shown[i].state == GL_UP_RUNNING)
            calls.items[i] = (struct gl_live_call){
                .service = "acm",
                .operation = "DescribeCertificate",
                .region = run->shown[i].stack->region,
                .params = json_pack("{ss}", "CertificateArn", run->work[i].certificate)};
    }
    int failed = gl_live_calls(gl_account_client(run->options->account), calls.items, calls.count,
                               false, err);
    for (size_t i = 0; failed == 0 && i < run->count; i++) {
        if (calls.items[i].operation && calls.items[i].code == 0)
            tell(run, i, calls.items[i].result);
    }
    return failed;
}
