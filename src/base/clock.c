/* Clocks and their text forms. */
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/mem.h"

static int64_t read_clock_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t gl_now_unix_ms(void)
{
    return read_clock_us(CLOCK_REALTIME) / 1000;
}

int64_t gl_mono_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

int64_t gl_mono_ms(void)
{
    return gl_mono_us() / 1000;
}

int64_t gl_boot_ms(void)
{
    return read_clock_us(CLOCK_BOOTTIME) / 1000;
}

const char *gl_boot_id(void)
{
    static char id[37];
    if (id[0])
        return id;
    gl_autoclose int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, id, 36) != 36)
        id[0] = '\0';
    return id;
}

void gl_sleep_ms(int64_t ms)
{
    int64_t until = gl_mono_ms() + ms;
    for (;;) {
        int64_t left = until - gl_mono_ms();
        if (left <= 0 || gl_interrupted())
            return;
        struct timespec pause = {.tv_sec = left / 1000, .tv_nsec = (left % 1000) * 1000000};
        nanosleep(&pause, NULL);
    }
}

char *gl_format_rfc3339(int64_t unix_ms)
{
    int64_t seconds = unix_ms / 1000;
    int64_t ms = unix_ms % 1000;
    if (ms < 0) { /* before 1970 C rounds towards zero */
        seconds--;
        ms += 1000;
    }
    time_t time = (time_t)seconds;
    struct tm parts = {0};
    char text[64] = "?";
    if (gmtime_r(&time, &parts))
        (void)!strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    return gl_asprintf("%s.%03dZ", text, (int)ms);
}

char *gl_format_local_minute(int64_t unix_ms)
{
    int64_t seconds = unix_ms / 1000 - (unix_ms % 1000 < 0); /* before 1970 C rounds towards zero */
    time_t time = (time_t)seconds;
    struct tm parts = {0};
    char text[64] = "?";
    tzset();
    if (localtime_r(&time, &parts))
        (void)!strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &parts);
    return gl_strdup(text);
}

char *gl_format_duration(double ms)
{
    if (ms < 10)
        return gl_asprintf("%.1f ms", ms);
    if (ms < 1000)
        return gl_asprintf("%.0f ms", ms);
    if (ms < 60 * 1000)
        return gl_asprintf("%.1f s", ms / 1000);
    int64_t seconds = (int64_t)(ms / 1000);
    if (seconds < 3600)
        return gl_asprintf("%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
    return gl_asprintf("%" PRId64 " h %" PRId64 " min", seconds / 3600, seconds / 60 % 60);
}

char *gl_format_bytes(uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    if (bytes < 1000)
        return gl_asprintf("%" PRIu64 " B", bytes);
    double value = (double)bytes;
    size_t unit = 0;
    for (value /= 1000; value >= 1000 && unit + 1 < GL_COUNT(units); unit++)
        value /= 1000;
    return gl_asprintf("%.1f %s", value, units[unit]);
}

char *gl_format_count(uint64_t count)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, count);
    char *text = gl_alloc((size_t)len + (size_t)len / 3 + 1);
    char *end = text;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            *end++ = ',';
        *end++ = digits[i];
    }
    return text;
}
