/* Source text for detection: without comments, with places, and simple questions to it. */
#ifndef GL_CONFIG_SOURCE_H
#define GL_CONFIG_SOURCE_H

#include <stdbool.h>

#include "config/detect.h"

/* Replaces comments by spaces in place; line ends and strings stay. `script`: JavaScript,
 * TypeScript, Svelte (three kinds of quotes, and <!-- -->) instead of Rust. */
void gl_source_blank_comments(char *text, bool script);

/* The line of a position, 1-based. */
unsigned gl_source_line(const char *text, const char *at);

/* True for a name like DATABASE_URL: capitals, digits, underscores, at least three characters. */
bool gl_source_is_variable(const char *name);

/* If a string literal stands at `at` (behind white space), its content; else NULL. Caller owns. */
char *gl_source_literal(const char *at);

/* Adds text seen at file:line unless the list has it; returns the item. */
struct gl_found *gl_found_add(struct gl_found_list *list, const char *text, const char *file,
                              unsigned line);
void gl_found_list_done(struct gl_found_list *list);
void gl_found_sort(struct gl_found_list *list);

/* What detect.c hands to the two halves: adds what one source file shows. `relative` names it. */
void gl_detect_rust(const char *text, const char *relative, struct gl_detected *detected);
void gl_detect_script(const char *text, const char *relative, struct gl_detected *detected);
/* package.json and svelte.config.* in the directory `dir`. */
void gl_detect_sveltekit(const char *dir, struct gl_detected *detected);

#endif
