/* Facts of what people signed: each answer in the ledger, with why it does not count. */
#include "base/i18n.h"
#include "data/sqlite.h"
#include "facts/attestation.h"
#include "facts/internal.h"

/* Row for the control that it is put forward for, also where it was copied from another. */
static void write_row(struct gl_rows *rows, const struct gl_attested *attested)
{
    const struct gl_attestation *statement = &attested->statement;
    gl_rows_text(rows, attested->control);
    gl_rows_text(rows, statement->person);
    gl_rows_text(rows, statement->answer);
    gl_rows_text(rows, statement->note);
    gl_rows_int(rows, statement->signed_unix_s);
    gl_rows_int(rows, statement->valid_until_unix_s);
    gl_rows_text(rows, statement->binds);
    gl_rows_text(rows, statement->bound);
    gl_rows_int(rows, attested->seq);
    gl_rows_text(rows, attested->flaw);
    gl_rows_add(rows);
}

/* Each signature is judged by itself, but one may be missing from a ledger that is broken. */
static int check_ledger(const struct gl_collecting *c, struct gl_error *err)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    int step =
        gl_sqlite_prepare(c->db, &stmt, err, "select flaw from ledger_state where intact = 0", "");
    if (step == 0)
        step = gl_sqlite_step(stmt, err);
    return step == 1 ? gl_fail(err, GL_E_CORRUPT, "%s", gl_sqlite_text(stmt, 0)) : step;
}

int gl_collect_attestation(const struct gl_collecting *c, struct gl_error *err)
{
    gl_autobasis struct gl_attestation_basis basis = {0};
    gl_autoattested struct gl_attested_list list = {0};
    struct gl_ledger *ledger = c->request->ledger;
    if (!ledger)
        return gl_fail(err, GL_E_NOT_FOUND,
                       _("nobody has signed anything yet: there is no ledger"));
    int failed = check_ledger(c, err);
    if (failed == 0)
        failed = gl_attestation_basis_read(ledger, c->request->config, c->now_unix_s, &basis, err);
    if (failed == 0)
        failed = gl_attested_read(ledger, &basis, &list, err);
    if (failed < 0)
        return failed;
    struct gl_rows rows;
    gl_rows_open(c->db, "attestation", &rows, err);
    for (size_t i = 0; i < list.count; i++)
        write_row(&rows, &list.items[i]);
    return gl_rows_done(&rows);
}
