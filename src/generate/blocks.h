/* Files that golive and people write together: what stands between two marks is golive's, the rest
 * theirs.
 *
 *     # golive:begin NAME HASH      HASH is of the lines between, as golive wrote them
 *     ...
 *     # golive:end NAME
 *     # golive:own NAME             instead: the owner of the file writes this part
 *
 * In Markdown the marks are comments of HTML: <!-- golive:begin NAME HASH -->. */
#ifndef GL_GENERATE_BLOCKS_H
#define GL_GENERATE_BLOCKS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"

/* Puts the hash behind every begin mark of a text that golive made. The caller owns the result.
 * GL_E_CONFIG with the line for marks that do not fit. */
gl_nodiscard int gl_blocks_seal(const char *text, const char *file, char **ret_text,
                                struct gl_error *err);

struct gl_blocks_merged {
    char *text;
    struct gl_strv conflicts; /* names of blocks that somebody changed inside; they stay so */
};

void gl_blocks_merged_done(struct gl_blocks_merged *merged);
#define gl_autoblocks gl_cleanup(gl_blocks_merged_done)

/* Brings a sealed text into what is there: its blocks take the place of those with the same name
 * that nobody changed, new ones come behind the block before them, what is outside of blocks stays.
 * With `force` changed blocks are replaced too. `present` NULL = there is no file. GL_E_CONFIG with
 * the line for marks that do not fit. */
gl_nodiscard int gl_blocks_merge(const char *sealed, const char *present, const char *file,
                                 bool force, struct gl_blocks_merged *ret_merged,
                                 struct gl_error *err);

/* True if the text has any mark: a file without is none of golive's. */
bool gl_blocks_has_marks(const char *text);

#endif
