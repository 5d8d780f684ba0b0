/* Where cargo puts what it builds. */
#ifndef GL_RELEASE_CARGO_H
#define GL_RELEASE_CARGO_H

#include "base/error.h"

/* The release binary of the crate in `dir`, as `cargo metadata` tells (workspaces, target
 * directories and names included); the caller owns the path, which need not exist. GL_E_CONFIG when
 * the crate has no binary or several. https://doc.rust-lang.org/cargo/commands/cargo-metadata.html
 */
gl_nodiscard int gl_cargo_binary(const char *dir, char **ret_path, struct gl_error *err);

#endif
