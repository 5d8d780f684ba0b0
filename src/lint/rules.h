/* All rules by name. A new one is a file below rules/ and a row here, in the order of
 * docs/lint.md. */
#ifndef GL_LINT_RULES_H
#define GL_LINT_RULES_H

#include "lint/rule.h"

/* clang-format off */
#define GL_LINT_RULES(row)                                                                         \
    row(add_column_volatile_default)                                                               \
    row(add_column_auto_number)                                                                    \
    row(add_column_generated)                                                                      \
    row(add_column_domain)                                                                         \
    row(add_column_not_null)                                                                       \
    row(add_column_unique)                                                                         \
    row(add_column_check)                                                                          \
    row(add_column_references)                                                                     \
    row(add_foreign_key)                                                                           \
    row(foreign_key_without_index)                                                                 \
    row(add_check)                                                                                 \
    row(validate_in_transaction)                                                                   \
    row(add_unique)                                                                                \
    row(primary_key_nullable)                                                                      \
    row(add_exclude)                                                                               \
    row(set_not_null)                                                                              \
    row(drop_not_null)                                                                             \
    row(alter_column_type)                                                                         \
    row(alter_domain)                                                                              \
    row(create_index)                                                                              \
    row(concurrent_index_unnamed)                                                                  \
    row(concurrent_if_not_exists)                                                                  \
    row(concurrent_on_partitioned)                                                                 \
    row(drop_index)                                                                                \
    row(reindex)                                                                                   \
    row(attach_partition)                                                                          \
    row(detach_partition)                                                                          \
    row(create_partition)                                                                          \
    row(refresh_materialized_view)                                                                 \
    row(cluster_table)                                                                             \
    row(vacuum_full)                                                                               \
    row(rewrite_storage)                                                                           \
    row(lock_table)                                                                                \
    row(brief_lock)                                                                                \
    row(trigger_lock)                                                                              \
    row(drop_foreign_key)                                                                          \
    row(several_tables_locked)                                                                     \
    row(scan_after_lock)                                                                           \
    row(backfill_with_ddl)                                                                         \
    row(change_all_rows)                                                                           \
    row(truncate_table)                                                                            \
    row(drop_column)                                                                               \
    row(drop_default)                                                                              \
    row(drop_table)                                                                                \
    row(drop_schema)                                                                               \
    row(drop_object)                                                                               \
    row(revoke)                                                                                    \
    row(enable_row_security)                                                                       \
    row(rename_column)                                                                             \
    row(rename_table)                                                                              \
    row(rename_schema)                                                                             \
    row(rename_object)                                                                             \
    row(rename_enum_value)                                                                         \
    row(expand_breaks)                                                                             \
    row(enum_value_used)                                                                           \
    row(not_in_transaction)                                                                        \
    row(several_without_transaction)                                                               \
    row(transaction_control)                                                                       \
    row(duplicate_assignment)                                                                      \
    row(identifier_too_long)                                                                       \
    row(unterminated)                                                                              \
    row(psql_command)                                                                              \
    row(syntax_error)                                                                              \
    row(newer_syntax)                                                                              \
    row(not_judged)                                                                                \
    row(dynamic_sql)                                                                               \
    row(unreadable_file)                                                                           \
    row(empty_file)                                                                                \
    row(byte_order_mark)                                                                           \
    row(carriage_return)                                                                           \
    row(applied_file_edited)                                                                       \
    row(version_out_of_order)                                                                      \
    row(header_comment)                                                                            \
    row(allow_comment)                                                                             \
    row(unused_allow)                                                                              \
    row(style_json)                                                                                \
    row(style_char)                                                                                \
    row(style_timestamp)                                                                           \
    row(style_money)                                                                               \
    row(style_small_key)                                                                           \
    row(style_enum)
/* clang-format on */

#define row(name) extern const struct gl_lint_rule gl_lint_rule_##name;
GL_LINT_RULES(row)
#undef row

#endif
