/* Time: three clocks that must not be confused, and their text forms. */
#ifndef GL_BASE_CLOCK_H
#define GL_BASE_CLOCK_H

#include <stdint.h>

/* Wall clock, milliseconds since 1970 UTC. May jump backwards: for people and records only. */
int64_t gl_now_unix_ms(void);

/* Never jumps, stops during suspend: for durations and time-outs. Milliseconds / microseconds. */
int64_t gl_mono_ms(void);
int64_t gl_mono_us(void);

/* Never jumps, counts suspend, shared by all processes until reboot: for leases. Milliseconds. */
int64_t gl_boot_ms(void);

/* The kernel's boot id (36 characters), "" if unreadable. Static storage. */
const char *gl_boot_id(void);

/* Sleeps at least that long; returns early only when a signal handler asked to stop
 * (gl_interrupted()). */
void gl_sleep_ms(int64_t ms);

/* RFC 3339 in UTC with milliseconds, "2026-11-23T10:41:07.123Z"; the caller owns it. */
char *gl_format_rfc3339(int64_t unix_ms);

/* For people: the minute in the local time zone and that zone, "2026-11-27 19:00 JST"; the caller
 * owns it. */
char *gl_format_local_minute(int64_t unix_ms);

/* For people: "0.4 ms", "240 ms", "1.2 s", "4 min 10 s", "3 h 2 min"; the caller owns it. */
char *gl_format_duration(double ms);

/* For people: "18.2 MB" (decimal units, as disks and registries count). The caller owns it. */
char *gl_format_bytes(uint64_t bytes);

/* 164210 -> "164,210". The caller owns it. */
char *gl_format_count(uint64_t count);

#endif
