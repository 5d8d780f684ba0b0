/* What migrations do to a real PostgreSQL: every statement is run as the runner would run it, and
 * what it did is looked up from inside its transaction: locks by relation and mode, rewritten
 * tables, index builds, full scans, changed rows, time and WAL. Effects are measured, not text:
 * what a DO block or a function does is seen like anything else. */
#ifndef GL_TRACE_TRACE_H
#define GL_TRACE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strv.h"
#include "trace/compare.h"
#include "trace/traffic.h"

/* PostgreSQL manual, 13.3.1 "Table-Level Locks", from weak to strong. */
enum gl_lock_mode {
    GL_LOCK_NONE,
    GL_LOCK_ACCESS_SHARE,
    GL_LOCK_ROW_SHARE,
    GL_LOCK_ROW_EXCLUSIVE,
    GL_LOCK_SHARE_UPDATE_EXCLUSIVE,
    GL_LOCK_SHARE,
    GL_LOCK_SHARE_ROW_EXCLUSIVE,
    GL_LOCK_EXCLUSIVE,
    GL_LOCK_ACCESS_EXCLUSIVE,
};

/* What a relation's lock keeps others from. */
enum gl_lock_blocks {
    GL_BLOCKS_NOTHING,
    GL_BLOCKS_WRITES,
    GL_BLOCKS_ALL, /* reads and writes */
};

struct gl_trace_lock {
    char *relation; /* "orders", "audit.entries" */
    char *table;    /* of an index; else NULL */
    char kind;      /* as in pg_class.relkind */
    enum gl_lock_mode mode;
    enum gl_lock_blocks blocks;
    bool existed; /* the relation was there before the file; nobody waits for a new one */
    bool held;    /* by an earlier statement of the same transaction */
};

enum gl_trace_work {
    GL_WORK_REWRITE, /* the relation got a new file */
    GL_WORK_INDEX,   /* an index was built on it */
    GL_WORK_SCAN,    /* most of its rows were read, or none were there to be read */
    GL_WORK_ROWS,    /* most of its rows, or thousands, were changed and so are locked */
};

/* Work that grows with the relation. */
struct gl_trace_effect {
    enum gl_trace_work work;
    char *relation;
    char *table; /* of an index; else NULL */
    bool existed;
    int64_t rows; /* read or changed; for a rewrite or an index those that it has; -1 = unknown */
};

enum gl_trace_verdict {
    GL_TRACE_HARMLESS,  /* takes no lock that an application could wait for */
    GL_TRACE_BRIEF,     /* takes one, and does nothing that grows with a table while it is held */
    GL_TRACE_DANGEROUS, /* holds one while it does such work */
    GL_TRACE_FAILED,
    GL_TRACE_NOT_RUN, /* an earlier one failed */
};

struct gl_trace_statement {
    unsigned line, column;       /* 1-based, in the file */
    char *text;                  /* as in the file */
    int64_t time_us;             /* on the server */
    int64_t wal_bytes;           /* of the whole server meanwhile */
    struct gl_trace_lock *locks; /* strongest first */
    size_t lock_count;
    struct gl_trace_effect *effects;
    size_t effect_count;
    bool outside; /* of a transaction; its locks were looked at every millisecond while it ran */
    enum gl_trace_verdict verdict;
    struct gl_error problem; /* GL_TRACE_FAILED: what PostgreSQL said and where */
    char sqlstate[6];
    char *broken_table; /* GL_TRACE_FAILED: whose constraint was broken, quoted; or NULL */
};

/* One migration. */
struct gl_trace_file {
    char *path;
    bool no_transaction;
    int64_t batch; /* rows of a batch; 0 = the file runs as a whole */
    struct gl_trace_statement *statements;
    size_t count;
    int64_t time_us; /* of its statements */
    /* Of those from the first that takes a lock an application waits for; outside of a transaction,
     * where each lets go of its locks, of those that take one. */
    int64_t blocked_us;
    struct gl_strv left_out; /* tables whose generated rows broke what the file demands */
    struct gl_error problem; /* of the COMMIT; GL_E_REFUSED: the runner does not run it */
};

struct gl_trace {
    int server_version; /* as PQserverVersion() says it: 150014 */
    bool private_server;
    struct gl_trace_file *files;
    size_t count;
    struct gl_strv notes; /* sentences about what could not be done, for people */
    struct gl_trace_traffic traffic;
    struct gl_trace_comparison comparison;
};

void gl_trace_file_done(struct gl_trace_file *file);
void gl_trace_done(struct gl_trace *trace);
#define gl_autotrace gl_cleanup(gl_trace_done)

/* Rows that a table gets when it is empty. */
enum { GL_TRACE_ROWS = 1000 };

struct gl_trace_options {
    const char *dir;             /* of the migrations; need not exist when `files` are given */
    const char *tool;            /* whose they are (migrations.tool); NULL or "auto" guesses */
    const struct gl_strv *files; /* to trace; empty = the pending ones, else the last */
    const char *server_bin;      /* programs of the private server; NULL = the newest installed */
    const char *conninfo;        /* a server instead of a private one; a secret */
    bool copy;                   /* work in a copy of its database instead of an empty one */
    const char *schema_path;     /* a plain dump; NULL = earlier migrations make the schema */
    int64_t rows;                /* of every empty table */
    const struct gl_strv *table_rows; /* "TABLE=N", wins over `rows`; may be NULL */
    int64_t lock_timeout_ms;          /* as golive migrate up has them; 0 = its own */
    int64_t statement_timeout_ms;     /* only beside traffic: a trace may take its time */
    const char *traffic_path;         /* queries to replay beside the migrations; or NULL */
    int traffic_clients;
    bool compare;                                      /* with what the linter says */
    void (*on_stage)(const char *text, void *context); /* what is being done; or NULL */
    void *context;
};

/* Traces migrations. That one fails is a result, not an error: its statement says why. Errors are
 * what keeps from tracing: no server (GL_E_NOT_FOUND, GL_E_PROCESS, GL_E_NET), a database that is
 * in use (GL_E_REFUSED), files and dumps that cannot be read (GL_E_CONFIG, GL_E_DATABASE), a lost
 * connection, Ctrl-C. Nothing that was made for it stays. */
gl_nodiscard int gl_trace_run(const struct gl_trace_options *options, struct gl_trace *ret_trace,
                              struct gl_error *err);

/* "AccessExclusive", "rewrite", "dangerous": stable words, also of the JSON. */
const char *gl_lock_mode_word(enum gl_lock_mode mode);
const char *gl_trace_work_word(enum gl_trace_work work);
const char *gl_trace_verdict_word(enum gl_trace_verdict verdict);

/* Statements with this verdict, in all files. */
size_t gl_trace_count(const struct gl_trace *trace, enum gl_trace_verdict verdict);

#endif
