/* What ECS, the load balancer and CloudWatch say of a release. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "platform/aws/ecs.h"
#include "platform/aws/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autojson json_t *answer = NULL;
    gl_autoerr struct gl_error err = {0};
    if (gl_json_parse((const char *)data, size, "", &answer, &err) < 0)
        return 0;
    gl_autodeployment struct gl_ecs_deployment d = {0};
    gl_ecs_deployment_read(answer, &d);
    if (d.phase == GL_ECS_PAUSED && !d.hook_id)
        abort();
    int share = gl_alb_share(answer, "group");
    if (share < 0 || share > 100)
        abort();
    struct gl_metrics metrics = {0};
    gl_metrics_sum(answer, &metrics);
    gl_stop_reason_find(gl_json_str(answer, "stopCode", NULL),
                        gl_json_str(answer, "stoppedReason", NULL));
    gl_autojson json_t *made = json_is_object(answer) ? gl_ecs_from_properties(answer) : NULL;
    return 0;
}
