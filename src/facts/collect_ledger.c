/* Facts of the ledger: its events, and whether its chain holds. */
#include "base/i18n.h"
#include "base/json.h"
#include "facts/internal.h"

static int write_event(const struct gl_event *event, void *context, struct gl_error *err)
{
    (void)err;
    struct gl_rows *rows = context;
    gl_autofree char *data = gl_json_canonical(event->data);
    gl_rows_int(rows, event->seq);
    gl_rows_int(rows, event->time_unix_ms);
    gl_rows_text(rows, event->actor);
    gl_rows_text(rows, event->kind);
    gl_rows_text(rows, event->env);
    gl_rows_int(rows, event->release);
    gl_rows_text(rows, data);
    gl_rows_add(rows);
    return rows->failed;
}

static int write_events(const struct gl_collecting *c, struct gl_error *err)
{
    struct gl_rows rows;
    gl_rows_open(c->db, "event", &rows, err);
    int failed = gl_ledger_read(c->request->ledger, 0, write_event, &rows, err);
    int of_rows = gl_rows_done(&rows);
    return failed < 0 ? failed : of_rows;
}

/* What lies in a broken ledger proves nothing: the collector fails with the flaw, and only the row
 * that tells of it stays. */
static int write_state(const struct gl_collecting *c, struct gl_error *err)
{
    gl_autoledgerreport struct gl_ledger_report report = {0};
    gl_autoerr struct gl_error flaw = {0};
    struct gl_rows rows;
    int broken = gl_ledger_verify_report(c->request->ledger, NULL, &report, &flaw);
    if (broken < 0 && broken != GL_E_CORRUPT) {
        gl_error_move(err, &flaw);
        return broken;
    }
    gl_rows_open(c->db, "ledger_state", &rows, err);
    gl_rows_int(&rows, report.count);
    gl_rows_int(&rows, broken == 0);
    gl_rows_text(&rows, broken < 0 ? flaw.message : NULL);
    gl_rows_text(&rows, report.head ? report.head : "");
    gl_rows_add(&rows);
    int failed = gl_rows_done(&rows);
    if (failed < 0 || broken == 0)
        return failed;
    *c->keeps = true;
    gl_error_move(err, &flaw);
    return broken;
}

int gl_collect_ledger(const struct gl_collecting *c, struct gl_error *err)
{
    if (!c->request->ledger)
        return gl_fail(err, GL_E_NOT_FOUND, _("there is no ledger here yet"));
    int failed = write_state(c, err);
    if (failed == 0)
        failed = write_events(c, err);
    return failed < 0 ? failed : gl_collect_gate_signatures(c, err);
}
