/* The cases of a rehearsal: what happens to a release, and what must come of it. */
#include <signal.h>

#include "base/i18n.h"
#include "platform/local/fault.h"
#include "rehearse/internal.h"

enum {
    FAULT_5XX_PCT = 40,   /* at least, ... */
    FAULT_5XX_TIMES = 4,  /* ... and so many times what release.limits bears: half of the requests
                             may be for paths that faults spare */
    FAULT_SLOW_MS = 1500, /* at least and at most, ... */
    FAULT_SLOW_MOST_MS = 20000,
    FAULT_SLOW_TIMES = 2, /* ... and so many times what release.limits bears */
};

int64_t gl_fault_slow_ms(const struct gl_config *config)
{
    int64_t slow_ms = FAULT_SLOW_TIMES * gl_config_int(config, "release.limits.p95_ms");
    if (slow_ms > FAULT_SLOW_MOST_MS)
        return FAULT_SLOW_MOST_MS;
    return slow_ms > FAULT_SLOW_MS ? slow_ms : FAULT_SLOW_MS;
}

int gl_fault_5xx_pct(const struct gl_config *config)
{
    double pct = FAULT_5XX_TIMES * gl_config_real(config, "release.limits.error_rate_pct");
    if (pct > 100)
        return 100;
    return pct > FAULT_5XX_PCT ? (int)pct : FAULT_5XX_PCT;
}

static int crash_at_start(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    return gl_local_fault(rehearsal->platform, 0, GL_FAULT_CRASH_AT_START, 1, err);
}

static int kill_version(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    return gl_local_fault(rehearsal->platform, rehearsal->release, GL_FAULT_KILL, 0, err);
}

static int answer_5xx(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    return gl_local_fault(rehearsal->platform, rehearsal->release, GL_FAULT_5XX,
                          gl_fault_5xx_pct(rehearsal->request->config), err);
}

static int answer_slowly(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    return gl_local_fault(rehearsal->platform, rehearsal->release, GL_FAULT_SLOW,
                          (int)gl_fault_slow_ms(rehearsal->request->config), err);
}

static int kill_golive(struct gl_rehearsal *rehearsal, struct gl_error *err)
{
    if (rehearsal->deployer <= 0 || kill(rehearsal->deployer, SIGKILL) < 0)
        return gl_fail(err, GL_E_PROCESS, _("golive could not be killed: it does not run"));
    return 0;
}

static const char expand_sql[] =
    "-- golive: phase=expand\n"
    "-- rollback: nothing reads this table\n"
    "create table golive_rehearsal (id bigint primary key, note text);\n";

/* Right, and dangerous: who writes to the table waits until the index is built. */
static const char unsafe_sql[] = "-- golive: phase=expand\n"
                                 "create index golive_rehearsal_note on golive_rehearsal (note);\n";

/* Half of it is good: nothing of it may stay. */
static const char failing_sql[] = "-- golive: phase=expand\n"
                                  "create table golive_rehearsal_broken (id bigint primary key);\n"
                                  "insert into golive_rehearsal_broken values (1), (1);\n";

const struct gl_case gl_cases[] = {
    {.name = N_("good release"),
     .expected = GL_EXPECT_DONE,
     .command = "deploy",
     .migration = expand_sql},
    {.name = N_("crash at start"),
     .expected = GL_EXPECT_ROLLED_BACK,
     .command = "deploy",
     .before = crash_at_start},
    {.name = N_("crash during bake"),
     .expected = GL_EXPECT_ROLLED_BACK,
     .command = "deploy",
     .at_step = "bake",
     .after_ms = 500,
     .strike = kill_version},
    {.name = N_("5xx during bake"),
     .expected = GL_EXPECT_ROLLED_BACK,
     .command = "deploy",
     .at_step = "bake",
     .after_ms = 500,
     .strike = answer_5xx},
    {.name = N_("slow answers"),
     .expected = GL_EXPECT_ROLLED_BACK,
     .command = "deploy",
     .at_step = "bake",
     .after_ms = 500,
     .strike = answer_slowly},
    {.name = N_("failing migration"),
     .expected = GL_EXPECT_ROLLED_BACK,
     .command = "deploy",
     .migration = failing_sql},
    {.name = N_("unsafe migration"),
     .expected = GL_EXPECT_ROLLED_BACK,
     .command = "deploy",
     .migration = unsafe_sql,
     .cause = "[create-index]"},
    {.name = N_("golive killed in the shift"),
     .expected = GL_EXPECT_RESUMED,
     .command = "deploy",
     .at_step = "canary",
     .after_ms = 300,
     .strike = kill_golive},
    {.name = N_("rollback by hand"),                                 .expected = GL_EXPECT_DONE, .command = "rollback"},
    {0},
};
