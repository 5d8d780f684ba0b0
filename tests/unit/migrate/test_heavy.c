/* Statements that hold long locks, tables that files change, and hours of the day. */
#include "base/clock.h"
#include "config/config.h"
#include "fixture.h"
#include "migrate/heavy.h"
#include "migrate/peak.h"

static void long_locks_are_known_by_their_words(void **state)
{
    (void)state;

    static const struct {
        const char *sql;
        const char *table; /* NULL = harmless */
    } cases[] = {
        {"create index on only s.t (a)",                                          "s.t"  },
        {"CREATE UNIQUE INDEX IF NOT EXISTS i ON \"T\" (a)",                      "\"T\""},
        {"create index concurrently i on t (a)",                                  NULL   },
        {"create table t (a int); create index on t (a)",                         NULL   },
        {"create unlogged table if not exists t (a int); reindex table t",        NULL   },
        {"alter table t alter a set not null",                                    "t"    },
        {"alter table if exists only t alter column a type bigint",               "t"    },
        {"alter table t add constraint c check (a > 0) not valid",                NULL   },
        {"alter table t add constraint c check (a > 0)",                          "t"    },
        {"alter table t add constraint c foreign key (a) references u",           "t"    },
        {"alter table t add constraint c foreign key (a) references u not valid", NULL   },
        {"alter table t add constraint c unique using index i",                   NULL   },
        {"alter table t add primary key (a)",                                     "t"    },
        {"alter table t add column b int default 0",                              NULL   },
        {"alter table t add column b timestamptz default now()",                  NULL   },
        {"alter table t add column b uuid default gen_random_uuid()",             "t"    },
        {"alter table t add column b bigserial",                                  "t"    },
        {"alter table t validate constraint c",                                   NULL   },
        {"update t set a = 1",                                                    "t"    },
        {"update t set a = 1 where b",                                            NULL   },
        {"delete from t",                                                         "t"    },
        {"vacuum full t",                                                         "t"    },
        {"refresh materialized view concurrently t",                              "t"    },
        {"insert into t select 1",                                                NULL   },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        const struct gl_migration migration = {.sql = (char *)cases[i].sql};
        gl_autoheavy struct gl_heavy_list list = {0};
        gl_heavy_read(&migration, &list);
        if (list.count != (cases[i].table != NULL))
            fail_msg("%s: %zu", cases[i].sql, list.count);
        if (cases[i].table)
            assert_string_equal(list.items[0].table, cases[i].table);
    }
}

static void changed_tables_are_named_once(void **state)
{
    (void)state;
    const struct gl_migration migration = {
        .sql = (char *)"alter table a add b int; update s.c set d = 1; drop table if exists a; "
                       "create trigger t after insert on e execute function f(); select 1"};
    gl_autostrv struct gl_strv tables = {0};
    gl_heavy_tables(&migration, &tables);
    gl_autofree char *joined = gl_strv_join(&tables, " ");
    assert_string_equal(joined, "a s.c e");
}

/* ---- peak hours ---- */

static struct gl_config *load(const char *path)
{
    gl_autoerr struct gl_error err = {0};
    gl_autodiag struct gl_diagnostics mistakes = {0};
    struct gl_config *config = NULL;
    const struct gl_config_request request = {.path = path, .env = "local"};
    ok(gl_config_load(&request, &config, &mistakes, &err), &err);
    return config;
}

static void hours_are_those_of_the_time_zone(void **state)
{
    const struct world *world = *state;
    /* 2026-11-27 is a Friday; 00:30 UTC is 09:30 in Tokyo, and Thursday 19:30 in New York. */
    const int64_t friday_ms = INT64_C(1795739400000);

    static const struct {
        const char *window;
        int64_t hours; /* after that moment */
        bool peak;
    } cases[] = {
        {"{days: mon-fri, from: '09:00', to: '18:00', tz: Asia/Tokyo}",   0,  true },
        {"{days: mon-fri, from: '09:00', to: '18:00', tz: Asia/Tokyo}",   9,  false},
        {"{days: mon-fri, from: '09:00', to: '18:00'}",                   0,  false},
        {"{days: thu, from: '19:00', to: '20:00', tz: America/New_York}", 0,  true },
        {"{days: fri, from: '19:00', to: '20:00', tz: America/New_York}", 0,  false},
        {"{days: 'thu', from: '22:00', to: '02:00'}",                     0,  true },
        {"{days: 'thu', from: '22:00', to: '02:00'}",                     2,  false},
        {"{days: 'sat-mon', from: '00:00', to: '24:00'}",                 0,  false},
        {"{days: 'sat-mon', from: '00:00', to: '24:00'}",                 72, true },
        {"{days: 'mon,fri', from: '00:00', to: '24:00'}",                 23, true },
    };

    for (size_t i = 0; i < GL_COUNT(cases); i++) {
        gl_autoerr struct gl_error err = {0};
        gl_autofree char *window = NULL;
        gl_autofree char *text = gl_asprintf("golive: 1\napp: {name: demo}\nmigrations: "
                                             "{peak_hours: [%s]}\n",
                                             cases[i].window);
        put(world, "golive.yaml", text);
        gl_autofree char *path = gl_path_join(world->dir, "golive.yaml");
        struct gl_config *config = load(path);
        ok(gl_peak_window(config, friday_ms + cases[i].hours * 3600000, &window, &err), &err);
        if ((window != NULL) != cases[i].peak)
            fail_msg("%s + %d h: %s", cases[i].window, (int)cases[i].hours,
                     window ? window : "no peak");
        gl_config_free(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_locks_are_known_by_their_words),
        cmocka_unit_test(changed_tables_are_named_once),
        CASE(hours_are_those_of_the_time_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
