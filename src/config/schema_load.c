/* Schema: the load of a rehearsal. */
#include "base/i18n.h"
#include "config/schema.h"

/* clang-format off */
const struct gl_key gl_schema_load[] = {
    {"load", GL_TYPE_MAP, .text = N_("requests that a rehearsal sends while it releases")},
    {"load.rps", GL_TYPE_INT, .min = 1, .max = 100000, .unit = "/s", .fallback = "1000", .text = N_("requests a second that a rehearsal sends")},
    {"load.rps_peak", GL_TYPE_INT, .min = 1, .max = 100000, .unit = "/s", .fallback = "50", .text = N_("requests a second at the busiest time in production")},
    {"load.duration_min", GL_TYPE_INT, .min = 1, .max = 1440, .unit = "min", .fallback = "10", .text = N_("how long a load test lasts")},
    {"load.connections", GL_TYPE_INT, .min = 1, .max = 10000, .fallback = "16", .text = N_("connections held open")},
    {"load.profile", GL_TYPE_LIST, .fallback = "[{method: GET, path: /readyz, weight: 1}]", .text = N_("what is requested, in which mix")},
    {"load.profile[].method", GL_TYPE_STR, .format = GL_FORMAT_METHOD, .fallback = "GET", .text = N_("HTTP method")},
    {"load.profile[].path", GL_TYPE_STR, GL_KEY_REQUIRED, .format = GL_FORMAT_URL_PATH, .text = N_("path; {uuid} and {n} are filled in for every request")},
    {"load.profile[].weight", GL_TYPE_INT, .min = 1, .max = 1000, .fallback = "1", .text = N_("share among all requests")},
    {"load.profile[].body", GL_TYPE_ANY, GL_KEY_SENSITIVE, .text = N_("text, or a value that is sent as JSON; {uuid} and {n} are filled in")},
    {"load.profile[].headers", GL_TYPE_MAP, GL_KEY_SENSITIVE, .text = N_("further headers")},
    {"load.profile[].headers.*", GL_TYPE_STR, GL_KEY_SENSITIVE, .text = N_("value of this header")},
    {"load.profile[].expect_status", GL_TYPE_LIST, GL_KEY_ONE_OR_MANY, .text = N_("statuses that are right; 2xx when not given")},
    {"load.profile[].expect_status[]", GL_TYPE_INT, .min = 100, .max = 599, .text = N_("a status")},
    {"load.profile[].auth", GL_TYPE_BOOL, .fallback = "false", .text = N_("sent with the token of load.login")},
    {"load.profile[].idempotency", GL_TYPE_BOOL, .fallback = "false", .text = N_("sent with an Idempotency-Key of its own")},
    {"load.profile[].host", GL_TYPE_ENUM, .words = "api app", .fallback = "api", .text = N_("the backend's or the frontend's name")},
    {"load.login", GL_TYPE_MAP, .text = N_("one request that gets a token")},
    {"load.login.path", GL_TYPE_STR, GL_KEY_REQUIRED, .format = GL_FORMAT_URL_PATH, .text = N_("path, sent to by POST")},
    {"load.login.body", GL_TYPE_ANY, GL_KEY_SENSITIVE, .text = N_("text, or a value that is sent as JSON")},
    {"load.login.token", GL_TYPE_STR, .format = GL_FORMAT_JSONPATH, .fallback = "$.token", .text = N_("where the token stands in the answer")},
    {"load.login.expect_status", GL_TYPE_LIST, GL_KEY_ONE_OR_MANY, .text = N_("statuses that are right; 2xx when not given")},
    {"load.login.expect_status[]", GL_TYPE_INT, .min = 100, .max = 599, .text = N_("a status")},
    {"load.websocket", GL_TYPE_MAP, .text = N_("WebSocket clients that stay connected during releases")},
    {"load.websocket.path", GL_TYPE_STR, GL_KEY_REQUIRED, .format = GL_FORMAT_URL_PATH, .text = N_("path of the WebSocket")},
    {"load.websocket.hello", GL_TYPE_ANY, GL_KEY_SENSITIVE, .text = N_("first message; {token} is filled in")},
    {"load.websocket.expect", GL_TYPE_STR, .text = N_("text in the answer that means connected")},
    {"load.websocket.count", GL_TYPE_INT, .min = 1, .max = 10000, .fallback = "4", .text = N_("clients")},
    {"load.verify_sql", GL_TYPE_STR, .text = N_("counts what the acknowledged writes left in the database; a smaller number means lost rows")},
    {0},
};
/* clang-format on */
