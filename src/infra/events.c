/* Events of stacks, page by page until what was seen already. */
#include "infra/events.h"

#include <string.h>

#include "base/i18n.h"
#include "base/strv.h"
#include "infra/live_calls.h"

enum { PAGES_MAX = 50 }; /* 5,000 events in one look: more is a mistake */

/* The pages of one feed, newest event first. */
struct reading {
    struct gl_event_feed *feed;
    struct gl_aws_pending *pending;
    json_t *events; /* all pages so far */
    unsigned pages;
    bool found; /* the last event that was seen is among them */
    struct gl_error error;
};

static void reading_done(struct reading *reading)
{
    gl_aws_pending_free(&reading->pending);
    json_decref(reading->events);
    gl_error_done(&reading->error);
}

struct readings {
    struct reading *items;
    size_t count;
};

static void readings_done(struct readings *all)
{
    for (size_t i = 0; i < all->count; i++)
        reading_done(&all->items[i]);
    gl_free_ptr(&all->items);
}

static void start(struct gl_aws_client *client, struct reading *reading, const char *token)
{
    gl_autojson json_t *params = json_object();
    gl_json_set_str(params, "StackName", reading->feed->stack);
    gl_json_set_str(params, "NextToken", token);
    struct gl_aws_request request = {
        .service = "cloudformation",
        .operation = "DescribeStackEvents",
        .region = reading->feed->region,
        .params = params,
    };
    reading->pending = gl_aws_start(client, &request);
}

static bool has_seen(const struct reading *reading, const json_t *page)
{
    size_t i;
    const json_t *event;
    json_array_foreach(page, i, event)
    {
        if (reading->feed->last_id &&
            strcmp(gl_json_str(event, "EventId", ""), reading->feed->last_id) == 0)
            return true;
    }
    return false;
}

/* Takes a page; asks for the next one if there is one and it can hold news. */
static void take_page(struct gl_aws_client *client, struct reading *reading)
{
    gl_autoanswer struct gl_aws_answer answer = {0};
    int failed = gl_aws_finish(&reading->pending, &answer, &reading->error);
    bool absent = gl_aws_failure_is(&answer.failure, "ValidationError") &&
                  strstr(answer.failure.message, "does not exist") != NULL;
    if (absent)
        gl_error_done(&reading->error);
    if (failed < 0)
        return;
    const json_t *page = json_object_get(answer.result, "StackEvents");
    const char *token = gl_json_str(answer.result, "NextToken", NULL);
    json_array_extend(reading->events, (json_t *)page);
    reading->found = has_seen(reading, page);
    if (token && reading->feed->last_id && !reading->found && ++reading->pages < PAGES_MAX)
        start(client, reading, token);
}

static int read_all(struct gl_aws_client *client, struct readings *all, struct gl_error *err)
{
    bool more = true;
    while (more) {
        int failed = gl_aws_wait_all(client, err);
        if (failed < 0)
            return failed;
        more = false;
        for (size_t i = 0; i < all->count; i++) {
            if (!all->items[i].pending)
                continue;
            take_page(client, &all->items[i]);
            more = more || all->items[i].pending;
        }
    }
    return 0;
}

static struct gl_stack_event event_of(struct gl_arena *arena, const json_t *json)
{
    const char *physical = gl_json_str(json, "PhysicalResourceId", NULL);
    const char *stack_id = gl_json_str(json, "StackId", "");
    return (struct gl_stack_event){
        .id = gl_arena_strdup(arena, gl_json_str(json, "EventId", "")),
        .resource = gl_arena_strdup(arena, gl_json_str(json, "LogicalResourceId", "")),
        .type = gl_arena_strdup(arena, gl_json_str(json, "ResourceType", "")),
        .physical_id = gl_arena_strdup(arena, physical),
        .status = gl_arena_strdup(arena, gl_json_str(json, "ResourceStatus", "")),
        .reason = gl_arena_strdup(arena, gl_json_str(json, "ResourceStatusReason", NULL)),
        .time = gl_arena_strdup(arena, gl_json_str(json, "Timestamp", "")),
        .of_stack = physical && strcmp(physical, stack_id) == 0,
    };
}

/* Hands out what is new, oldest first, and steps the feed on. */
static void hand_out(struct reading *reading, gl_event_seen_fn *see, void *context)
{
    struct gl_event_feed *feed = reading->feed;
    size_t count = json_array_size(reading->events);
    size_t fresh = 0;
    while (fresh < count &&
           (!feed->last_id ||
            strcmp(gl_json_str(json_array_get(reading->events, fresh), "EventId", ""),
                   feed->last_id) != 0))
        fresh++;
    for (size_t i = fresh; see && i > 0; i--) {
        struct gl_stack_event event = event_of(feed->arena, json_array_get(reading->events, i - 1));
        see(feed, &event, context);
    }
    if (fresh > 0)
        feed->last_id = gl_arena_strdup(
            feed->arena, gl_json_str(json_array_get(reading->events, 0), "EventId", ""));
}

int gl_events_read(struct gl_account *account, struct gl_event_feed *feeds, size_t count,
                   gl_event_seen_fn *see, void *context, struct gl_error *err)
{
    struct gl_aws_client *client = gl_account_client(account);
    gl_cleanup(readings_done) struct readings all = {
        gl_alloc((count ? count : 1) * sizeof(struct reading)), count};
    for (size_t i = 0; i < count; i++) {
        all.items[i].feed = &feeds[i];
        all.items[i].events = json_array();
        if (feeds[i].stack)
            start(client, &all.items[i], NULL);
    }
    int failed = read_all(client, &all, err);
    if (failed < 0)
        return failed;
    for (size_t i = 0; i < count; i++) {
        struct reading *reading = &all.items[i];
        if (reading->error.code < 0 && failed == 0) {
            failed = reading->error.code;
            gl_error_move(err, &reading->error);
        } else if (reading->error.code == 0) {
            hand_out(reading, see, context);
        }
    }
    return failed;
}

bool gl_event_is_cause(const struct gl_stack_event *event)
{
    static const char *const consequences[] = {"creation cancelled", "update cancelled",
                                               "deletion cancelled"};
    if (event->of_stack || !gl_ends_with(event->status, "_FAILED"))
        return false;
    for (size_t i = 0; event->reason && i < GL_COUNT(consequences); i++) {
        if (strstr(event->reason, consequences[i]))
            return false;
    }
    return true;
}

bool gl_event_is_begin(const struct gl_stack_event *event)
{
    return event->of_stack && gl_ends_with(event->status, "_IN_PROGRESS") &&
           strcmp(event->status, "REVIEW_IN_PROGRESS") != 0;
}
