/* Rules that ask for a person's signature. The collector has judged whether each is genuine
 * (attestation.flaw); here it is held against what the control's header demands. */
#include "base/i18n.h"
#include "control/judge_internal.h"
#include "data/sqlite.h"
#include "facts/attestation.h"

/* clang-format off */
static const char newest_answer[] =
    "with judged as ("
    " select a.*, case"
    "  when a.flaw is not null then a.flaw"
    "  when not exists (select 1 from config c where c.env = run.env and c.parent = 'roles.' || ?2 and c.value = a.person)"
    "   then msg('{1} is not in roles.{2}', a.person, ?2)"
    "  when a.binds <> ?4 then msg('the answer of {1} binds {2}, not {3}', a.person, a.binds, ?4)"
    "  when exists (select 1 from event e where e.seq = a.seq"
    "    and json_extract(json_extract(e.data, '$.statement'), '$.question') <> ?5)"
    "   then msg('the question that {1} answered was another one', a.person)"
    "  when a.valid_until_unix_s > a.signed_unix_s + ?3 * 86400"
    "   then msg('the answer of {1} is to hold longer than {2} days', a.person, ?3)"
    "  when a.signed_unix_s > run.now_unix_s then msg('the answer of {1} lies in the future', a.person)"
    "  when a.valid_until_unix_s < run.now_unix_s"
    "   then msg('the answer of {1} is from {2} and too old', a.person, date(a.signed_unix_s, 'unixepoch'))"
    "  end as why"
    " from attestation a join run where a.control = ?1)"
    "select person as resource,"
    " case when why is not null then 'unknown' when answer = 'yes' then 'pass' else 'fail' end as status,"
    " case when why is not null then why"
    "  when answer = 'yes' then msg('{1} signed on {2}', person, date(signed_unix_s, 'unixepoch'))"
    "  else msg('{1} answered no on {2}: {3}', person, date(signed_unix_s, 'unixepoch'), coalesce(note, '')) end as reason,"
    " 'event ' || seq as evidence "
    "from judged order by why is not null, seq desc limit 1";

/* clang-format on */

void gl_rule_attested(struct gl_judge *judge, const struct gl_control *control,
                      struct gl_rule_result *result)
{
    gl_autostmt sqlite3_stmt *stmt = NULL;
    gl_autoerr struct gl_error err = {0};
    const struct gl_attest *attest = &control->attest;
    char question[GL_SHA256_HEX_SIZE];
    gl_attestation_question(control->question, control->question_ja, question);
    int failed =
        gl_sqlite_prepare(judge->db, &stmt, &err, newest_answer, "ttitt", control->id, attest->role,
                          (int64_t)attest->valid_days, attest->binds, question);
    if (failed < 0) {
        gl_rule_failed(judge, control, result);
        return;
    }
    gl_rule_rows(judge, control, stmt, result);
    bool none = result->count == 1 && !result->findings[0].resource;
    if (none)
        gl_rule_unknown(result,
                        gl_asprintf(_("nobody of roles.%s has signed this yet"), attest->role));
}
