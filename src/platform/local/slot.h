/* Room-internal: the two process slots, blue and green, and what runs in them. */
#ifndef GL_PLATFORM_LOCAL_SLOT_H
#define GL_PLATFORM_LOCAL_SLOT_H

#include "platform/local/edge.h"

/* slots/COLOUR/version.json: what a slot was last given. */
struct gl_slot_version {
    int64_t release; /* 0 = nothing */
    char digest[GL_DIGEST_SIZE];
    char *version;
    bool wanted; /* should run: `up` starts it again after a reboot */
    char
        *ready_path; /* what it answers when it can serve, and while it lives: as its own release */
    char
        *health_path; /* had them configured, whatever golive.yaml says now; never NULL when read */
};

void gl_slot_version_done(struct gl_slot_version *version);
#define gl_autoslot gl_cleanup(gl_slot_version_done)

/* "backend-blue"; static storage. */
const char *gl_slot_service(enum gl_slot slot);

gl_nodiscard int gl_slot_read(const struct gl_local *local, enum gl_slot slot,
                              struct gl_slot_version *ret_version, struct gl_error *err);
gl_nodiscard int gl_slot_write(const struct gl_local *local, enum gl_slot slot,
                               const struct gl_slot_version *version, struct gl_error *err);

/* Says that a slot's version need not run: `up` leaves it down from now on. */
gl_nodiscard int gl_slot_retire(const struct gl_local *local, enum gl_slot slot,
                                struct gl_error *err);

/* Leaves a slot whose version did not become ready stopped, retired and out of the routing. */
gl_nodiscard int gl_slot_give_up(struct gl_local *local, enum gl_slot slot, struct gl_error *err);

/* The slot that holds a release; GL_E_NOT_FOUND. */
gl_nodiscard int gl_slot_find(const struct gl_local *local, int64_t release, enum gl_slot *ret_slot,
                              struct gl_error *err);

/* The slot a release may be started in: its own, else one without traffic (an empty one first).
 * GL_E_REFUSED when both have traffic. */
gl_nodiscard int gl_slot_choose(const struct gl_local *local, int64_t release,
                                enum gl_slot *ret_slot, struct gl_error *err);

/* images/HEX: where an image lies unpacked. The caller owns it. */
char *gl_slot_image_dir(const struct gl_local *local, const char *digest);

/* Writes environment, run script and service of a slot for an artifact; starts nothing. */
gl_nodiscard int gl_slot_prepare(struct gl_local *local, enum gl_slot slot,
                                 const struct gl_artifact *artifact, struct gl_error *err);

/* Starts a prepared slot and waits until its own ready path and HAProxy's check say that it can
 * serve; it has no traffic. A process that was told to end ends first; one that runs is only waited
 * for. GL_E_UNHEALTHY with the last log lines when it dies twice or is not ready in time; it is
 * stopped then. Every other error says nothing about the version. */
gl_nodiscard int gl_slot_start(struct gl_local *local, enum gl_slot slot, int64_t timeout_ms,
                               struct gl_error *err);

/* Lets requests and connections in flight finish (at most backend.stop_timeout_s), then stops. */
gl_nodiscard int gl_slot_stop(struct gl_local *local, enum gl_slot slot, struct gl_error *err);

/* True when the slot's process runs, was not told to end, and HAProxy's last health check of it was
 * good. */
bool gl_slot_is_healthy(struct gl_local *local, enum gl_slot slot, const char *stat_csv);

/* Numbers behind "is there room for one more version". */
struct gl_room {
    uint64_t memory_available_bytes;
    uint64_t memory_running_bytes; /* resident set of the serving version; 0 = none runs */
    uint64_t memory_freed_bytes;   /* of an idle version that gives up its slot */
    uint64_t disk_free_bytes;
    uint64_t disk_needed_bytes;
};

/* GL_E_REFUSED says what is short: memory for 1.2 times the running version and 64 MiB, or disk. */
gl_nodiscard int gl_room_check(const struct gl_room *room, struct gl_error *err);

/* ---- envvars.c: environment variables from the configuration -----------------------------------
 */

/* "NAME=value" of every variable of scope backend and common; values of secrets are registered for
 * masking. GL_E_CONFIG names every required variable that has no value here. */
gl_nodiscard int gl_envvars_backend(struct gl_local *local, struct gl_strv *ret_env,
                                    struct gl_error *err);

/* GL_E_CONFIG names every required variable of the backend, and with `frontend` of it too, that has
 * no value here, and its line. From the configuration alone: nothing is made up yet. */
gl_nodiscard int gl_envvars_check(const struct gl_local *local, bool frontend,
                                  struct gl_error *err);

/* The file of secrets was lost as a whole: puts back into `secrets` what golive had generated for
 * variables, from the version that runs with it, and says what became of each. */
void gl_envvars_salvage(const struct gl_local *local, json_t *secrets);

/* The public variables of the frontend (scope frontend, not secret) as a JSON object. */
gl_nodiscard int gl_envvars_frontend(struct gl_local *local, json_t **ret_object,
                                     struct gl_error *err);

#endif
