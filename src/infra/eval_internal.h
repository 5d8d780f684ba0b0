/* Room-internal: what the files of the evaluator share. */
#ifndef GL_INFRA_EVAL_INTERNAL_H
#define GL_INFRA_EVAL_INTERNAL_H

#include "infra/eval.h"

enum gl_condition_state {
    GL_CONDITION_NEW,
    GL_CONDITION_RUNNING,
    GL_CONDITION_DONE,
};

struct gl_condition {
    const char *name;
    const struct gl_value *node;
    enum gl_condition_state state;
    enum gl_truth truth;
};

/* One evaluation. Functions that return a value return NULL after filling `err`. */
struct gl_evaluation {
    struct gl_arena *arena;
    const struct gl_eval_input *input;
    const struct gl_value *parameters; /* typed */
    const struct gl_value *resources;  /* map of the template, loops expanded */
    struct gl_condition *conditions;
    size_t condition_count;
    size_t first_bytes; /* of the arena, before this evaluation */
    struct gl_error *err;
};

/* NULL after gl_fail_at(), so that `return gl_eval_fail(...)` reads as one step. */
struct gl_value *gl_eval_fail(struct gl_evaluation *e, const struct gl_value *at, const char *fmt,
                              ...) gl_printf(3, 4);

/* Whether it has grown beyond its limit. */
bool gl_eval_too_large(const struct gl_evaluation *e);

/* ---- eval.c: any value; AWS::NoValue is removed from lists and maps */
struct gl_value *gl_eval_value(struct gl_evaluation *e, const struct gl_value *node);

/* ---- eval_functions.c */
typedef struct gl_value *gl_function_fn(struct gl_evaluation *e, const struct gl_value *argument);
/* The function a map with one key calls; NULL if it calls none. */
gl_function_fn *gl_function_find(const char *name);
/* The nearest name of a function to a wrong one, or NULL. */
const char *gl_function_nearest(const char *name);

/* ---- eval_reference.c */
struct gl_value *gl_eval_ref(struct gl_evaluation *e, const struct gl_value *argument);
struct gl_value *gl_eval_getatt(struct gl_evaluation *e, const struct gl_value *argument);
/* What "Name" or "Name.Attribute" stands for; `at` gives the place of an error. */
struct gl_value *gl_eval_name(struct gl_evaluation *e, const char *name, const struct gl_value *at);
struct gl_value *gl_eval_attribute(struct gl_evaluation *e, const char *id, const char *attribute,
                                   const struct gl_value *at);

/* ---- eval_text.c */
struct gl_value *gl_eval_sub(struct gl_evaluation *e, const struct gl_value *argument);
struct gl_value *gl_eval_join(struct gl_evaluation *e, const struct gl_value *argument);
struct gl_value *gl_eval_split(struct gl_evaluation *e, const struct gl_value *argument);
struct gl_value *gl_eval_base64(struct gl_evaluation *e, const struct gl_value *argument);
struct gl_value *gl_eval_json_text(struct gl_evaluation *e, const struct gl_value *argument);

/* ---- eval_list.c */
struct gl_value *gl_eval_select(struct gl_evaluation *e, const struct gl_value *argument);
struct gl_value *gl_eval_cidr(struct gl_evaluation *e, const struct gl_value *argument);
struct gl_value *gl_eval_zones(struct gl_evaluation *e, const struct gl_value *argument);
struct gl_value *gl_eval_length(struct gl_evaluation *e, const struct gl_value *argument);
struct gl_value *gl_eval_map(struct gl_evaluation *e, const struct gl_value *argument);

/* An unknown result of a function, "(known after up: Fn::Select of ...)". */
struct gl_value *gl_eval_unknown(struct gl_evaluation *e, const char *function,
                                 const struct gl_value *of);

/* ---- eval_condition.c */
int gl_conditions_prepare(struct gl_evaluation *e, const struct gl_value *conditions);
/* The named condition; GL_E_CONFIG for an unknown name or a cycle. */
gl_nodiscard int gl_condition_named(struct gl_evaluation *e, const char *name,
                                    const struct gl_value *at, enum gl_truth *ret_truth);
struct gl_value *gl_eval_if(struct gl_evaluation *e, const struct gl_value *argument);
/* Fn::Equals, And, Or, Not and Condition where a value is expected. */
struct gl_value *gl_eval_misplaced(struct gl_evaluation *e, const struct gl_value *argument);

/* ---- eval_cycle.c: GL_E_CONFIG if resources need each other in a circle */
gl_nodiscard int gl_eval_check_cycles(struct gl_arena *arena, const struct gl_evaluated *stack,
                                      struct gl_error *err);

/* ---- eval_loop.c: a section or any value with its Fn::ForEach expanded */
struct gl_value *gl_eval_expand(struct gl_evaluation *e, const struct gl_value *node);

#endif
