/* UTF-8: what is well-formed (RFC 3629), and as a terminal shows it. */
#ifndef GL_BASE_UTF8_H
#define GL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed character at the front: no overlong form, no surrogate, nothing above
 * U+10FFFF. 0 if there is none, or only a part of one. NUL is a character. */
size_t gl_utf8_sequence(const char *text, size_t len);

/* How many leading bytes are well-formed; `len` if all are. */
size_t gl_utf8_valid_prefix(const char *text, size_t len);

/* Reads one character of valid or broken UTF-8 and returns how many bytes it has (0 at the end);
 * a byte that fits nowhere counts as one character, U+FFFD. */
size_t gl_utf8_next(const char *text, size_t len, uint32_t *ret_character);

/* True if the text is UTF-8 without NUL; else the place of the first wrong byte, 1-based, where it
 * is asked for (either may be NULL). */
bool gl_utf8_valid(const char *text, size_t len, unsigned *ret_line, unsigned *ret_column);

/* Columns a terminal gives to a character: 0 for combining marks, 2 for wide (East Asian) ones. */
int gl_utf8_width(uint32_t character);

/* Columns of a text: the sum of its characters' widths. */
int gl_utf8_columns(const char *text);

/* The text with spaces behind it up to `columns`; a longer one stays as it is. The caller owns it.
 * printf("%-10s") counts bytes, of which a character of Japanese has three and two columns. */
char *gl_utf8_pad(const char *text, int columns);

/* True for what makes a terminal show what is not there: control characters (C0, DEL, C1), ends of
 * lines, marks and overrides of direction, invisible characters (Unicode, UAX #9, chapter 23). */
bool gl_utf8_is_deceptive(uint32_t character);

/* A text from outside as one line that is safe to print: a space in place of each deceptive
 * character, U+FFFD in place of a byte that fits nowhere. The caller owns it; NULL is "". */
char *gl_utf8_line(const char *text);

/* The same with its line ends and tabs, and without the colours that a program gave it (CSI
 * sequences, ECMA-48, 5.4); a carriage return before a line end goes. */
char *gl_utf8_lines(const char *text);

#endif
