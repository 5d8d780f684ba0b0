/* The sections of the checklist. */
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "control/control.h"

/* clang-format off */
static const struct gl_section sections[] = {
    {"1.1", "Overview", "構成概要"},
    {"1.2", "Network", "ネットワーク設計チェック"},
    {"2.1", "SSL/TLS", "SSL/TLS"},
    {"2.2", "IAM", "IAM"},
    {"2.3", "Security groups and NACL", "Security Groups / NACL"},
    {"2.4", "WAF", "WAF"},
    {"3.1", "Branches", "ブランチ戦略"},
    {"3.2", "Stages of the pipeline", "Pipeline ステージ"},
    {"3.3", "Safety of deployments", "デプロイ安全策"},
    {"4.1", "Separation", "分離ルール"},
    {"4.2", "Variables that must be there", "最低限必要な変数"},
    {"4.3", "Operation of secrets", "運用"},
    {"5.1", "CloudWatch", "CloudWatch"},
    {"5.2", "Error tracking", "Error Tracking"},
    {"5.3", "What is watched at least", "監視対象の最小セット"},
    {"6.1", "Migrations: policy", "方針"},
    {"6.2", "Migrations: procedure", "実行フロー"},
    {"6.3", "Migrations: what is forbidden", "禁止事項"},
    {"7.1", "DNS records", "レコード設計"},
    {"7.2", "Certificates and proofs", "証明書・検証"},
    {"7.3", "Cutover", "切替計画"},
    {"8.P0", "Phase 0: design", "Phase 0: 事前設計"},
    {"8.P1", "Phase 1: foundation", "Phase 1: 基盤構築"},
    {"8.P2", "Phase 2: CI/CD", "Phase 2: CI/CD 構築"},
    {"8.P3", "Phase 3: observability and operations", "Phase 3: 可観測性/運用整備"},
    {"8.P4", "Phase 4: production release", "Phase 4: 本番リリース"},
    {"9", "Go-live", "Go-Live 判定チェック（最終ゲート）"},
    {"10", "Notes on the implementation", "実装メモ（推奨）"},
};
/* clang-format on */

static const struct gl_section own = {"", "Your own", "独自のコントロール"};

const struct gl_section *gl_control_section(const char *id)
{
    for (size_t i = 0; i < GL_COUNT(sections); i++) {
        if (gl_control_selected(id, sections[i].id))
            return &sections[i];
    }
    return &own;
}

const char *gl_section_title(const struct gl_section *section)
{
    return strcmp(gl_i18n_language(), "ja") == 0 ? section->title_ja : section->title;
}
