/* How stacks look while they are worked on: on a terminal those that are over stand above, those
 * that run are drawn anew below; in a pipe one line for each change; for programs one JSON object a
 * line. */
#ifndef GL_CMD_STACK_TABLE_H
#define GL_CMD_STACK_TABLE_H

#include "cmd/command.h"
#include "infra/up.h"

enum gl_row_mark {
    GL_ROW_GOOD,
    GL_ROW_BAD,
    GL_ROW_RUNNING,
    GL_ROW_LEFT,
};

/* One line: a stack and what happens to it. */
struct gl_row {
    enum gl_row_mark mark;
    const char *stack;  /* "network" */
    const char *word;   /* state for JSON */
    const char *text;   /* what it is doing or became */
    const char *status; /* CloudFormation's, or NULL */
    const char *reason; /* further lines, or NULL */
    int64_t elapsed_ms; /* negative = not shown */
};

struct gl_stack_table {
    FILE *out;
    bool terminal;
    bool colour;
    bool json;
    size_t lines;     /* of the part that is drawn anew */
    int64_t drawn_ms; /* last drawing; they are limited to ten a second */
};

void gl_stack_table_init(struct gl_stack_table *table, const struct gl_context *context);

/* A line that stays. */
void gl_stack_table_line(struct gl_stack_table *table, const struct gl_row *row);

/* A resource's failure, or in JSON any event. */
void gl_stack_table_event(struct gl_stack_table *table, const char *stack,
                          const struct gl_stack_event *event);

/* Draws the part below anew: rows that run, then `rest` (NULL = nothing). Only on a terminal. */
void gl_stack_table_draw(struct gl_stack_table *table, const struct gl_row *rows, size_t count,
                         const char *rest);

/* Takes the part below away, before anything else is written. */
void gl_stack_table_clear(struct gl_stack_table *table);

/* A sentence between the lines; an object {event: `event`, text} in JSON. */
void gl_stack_table_say(struct gl_stack_table *table, const char *event, const char *text);

/* One JSON object on a line; takes it. */
void gl_stack_table_json(struct gl_stack_table *table, const char *event, json_t *object);

#endif
