/* The four workflows: rendered and merged with what is there. */
#include "generate/workflows.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/i18n.h"
#include "base/json.h"
#include "generate/render.h"
#include "generate/values.h"
#include "infra/template.h"

/* clang-format off */
static const char text_ci[] = {
#include "generate/ci.yml.inc"
    , '\0'};
static const char text_staging[] = {
#include "generate/deploy-staging.yml.inc"
    , '\0'};
static const char text_production[] = {
#include "generate/deploy-production.yml.inc"
    , '\0'};
static const char text_nightly[] = {
#include "generate/nightly.yml.inc"
    , '\0'};
static const char text_actions[] = {
#include "generate/actions.yaml.inc"
    , '\0'};

/* clang-format on */

static const struct {
    const char *name;
    const char *text;
} templates[GL_WORKFLOW_COUNT] = {
    {"ci.yml",                text_ci        },
    {"deploy-staging.yml",    text_staging   },
    {"deploy-production.yml", text_production},
    {"nightly.yml",           text_nightly   },
};

/* ---- the repository ----------------------------------------------------------------------------
 */

/* GitHub reads workflows at the top of the repository only; without one, the project is the top. */
static char *find_top(const char *project_dir)
{
    char *top = gl_find_upwards(project_dir, ".git");
    return top ? top : gl_strdup(project_dir);
}

static char *prefix_of(const char *top, const char *project_dir)
{
    const char *rest = project_dir + strlen(top);
    rest += *rest == '/';
    return gl_strdup(*rest ? rest : ".");
}

/* ---- making ------------------------------------------------------------------------------------
 */

static int make_all(const char *top, const json_t *values, bool force,
                    struct gl_documents *workflows, struct gl_error *err)
{
    gl_autoarena struct gl_arena arena = {0};
    struct gl_value *actions = NULL;
    int failed = gl_template_parse(&arena, text_actions, strlen(text_actions), "data/actions.yaml",
                                   &actions, err);
    for (size_t i = 0; failed == 0 && i < GL_WORKFLOW_COUNT; i++) {
        gl_autofree char *fresh = NULL;
        gl_autofree char *file = gl_asprintf(".github/workflows/%s", templates[i].name);
        failed = gl_render(templates[i].name, templates[i].text, values, actions, &fresh, err);
        struct gl_document_source source = {top, file, fresh};
        if (failed == 0)
            failed = gl_documents_add(workflows, &source, force, err);
    }
    return failed;
}

int gl_workflows_make(const struct gl_config *staging, const struct gl_config *production,
                      bool force, struct gl_documents *ret_workflows, struct gl_error *err)
{
    gl_autofree char *top = find_top(gl_config_dir(production));
    gl_autofree char *prefix = prefix_of(top, gl_config_dir(production));
    gl_autodocuments struct gl_documents workflows = {0};
    gl_autojson json_t *values = NULL;
    int failed = gl_workflow_values(staging, production, prefix, &values, &workflows.notes, err);
    if (failed == 0)
        failed = make_all(top, values, force, &workflows, err);
    if (failed < 0)
        return failed;
    *ret_workflows = workflows;
    workflows = (struct gl_documents){0};
    return 0;
}
