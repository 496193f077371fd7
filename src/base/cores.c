/* How many cores a process may use.
 *
 * Hardware threads of one core are counted once: they share the units that multiply and the path to memory, which is what inference waits
 * for. Files of /proc and /sys are read into buffers on the stack: this is asked before anything else is there, also without memory. */
#include "base/cores.h"

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CPUS = 8192, PATH_SIZE = 4096 + 256 };

/* The beginning of a file as text; false where it cannot be read. */
static bool read_text(char *text, size_t size, const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;

    size_t used = 0;
    ssize_t got;
    while (used < size - 1 && (got = read(fd, text + used, size - 1 - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    close(fd);
    return used > 0;
}

/* The first number of a file; absent where there is none. */
static long long read_number(const char *path, long long absent)
{
    char text[64], *end;

    if (!read_text(text, sizeof text, path))
        return absent;
    const long long number = strtoll(text, &end, 10);
    return end != text ? number : absent;
}

/* The lowest CPU of the core that cpu is a thread of: the list of its siblings ("0,64" or "0-1") begins with it. */
static int core_of(const char *root, int cpu)
{
    static const char *const names[] = {"core_cpus_list", "thread_siblings_list"}; /* since Linux 5.2, and before */
    char path[PATH_SIZE];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%d/topology/%s", root, cpu, names[i]);
        const long long first = read_number(path, -1);
        if (first >= 0 && first < CPUS)
            return (int)first;
    }
    return cpu;
}

int bb_cores_physical(const char *root, const bool *allowed, int count)
{
    bool seen[CPUS] = {false};
    int cores = 0;

    for (int cpu = 0; cpu < count && cpu < CPUS; cpu++)
        if (allowed[cpu]) {
            bool *core = &seen[core_of(root, cpu)];
            cores += !*core;
            *core = true;
        }
    return cores;
}

static int smaller(int a, int b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int whole_cores(long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return 0;
    const long long cores = quota / period + (quota % period != 0);
    return cores < INT32_MAX ? (int)cores : 0;
}

/* "max 100000" or "150000 100000" */
static int quota_v2(const char *directory)
{
    char path[PATH_SIZE + 32], text[64];
    long long quota, period;

    snprintf(path, sizeof path, "%s/cpu.max", directory);
    return read_text(text, sizeof text, path) && sscanf(text, "%lld %lld", &quota, &period) == 2 ? whole_cores(quota, period) : 0;
}

static int quota_v1(const char *directory)
{
    char path[PATH_SIZE + 32];

    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", directory);
    const long long quota = read_number(path, -1);
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
    return whole_cores(quota, read_number(path, 0));
}

/* The smallest quota on the way from a group up to the mount. A container may see the path that its group has outside, which is not there
 * inside: then it ends at the mount, which is the container's own group. */
static int quota_on_path(const char *root, const char *mount, const char *group, int (*quota_of)(const char *directory))
{
    char directory[PATH_SIZE];
    int quota = 0;

    const int top = snprintf(directory, sizeof directory, "%s/sys/fs/cgroup%s", root, mount);
    if (top + strlen(group) >= sizeof directory)
        return 0;
    strcpy(directory + top, group);
    for (;;) {
        quota = smaller(quota, quota_of(directory));
        if (!directory[top])
            return quota;
        *strrchr(directory, '/') = '\0';
    }
}

static bool names_cpu(const char *controllers)
{
    for (const char *at = controllers; *at; at += *at == ',') {
        const size_t length = strcspn(at, ",");
        if (length == 3 && memcmp(at, "cpu", 3) == 0)
            return true;
        at += length;
    }
    return false;
}

int bb_cores_quota(const char *root)
{
    char path[PATH_SIZE], text[16384];
    int quota = 0;

    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    if (!read_text(text, sizeof text, path))
        return 0;

    /* "0::/group" for version 2, "4:cpu,cpuacct:/group" for version 1; with both mounted, version 2 is under unified/ */
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(++controllers, ':') : NULL;
        if (!group || group[1] != '/')
            continue;
        *group++ = '\0';
        if (!*controllers) {
            quota = smaller(quota, quota_on_path(root, "", group, quota_v2));
            quota = smaller(quota, quota_on_path(root, "/unified", group, quota_v2));
        } else if (names_cpu(controllers)) {
            quota = smaller(quota, quota_on_path(root, "/cpu", group, quota_v1));
        }
    }
    return quota;
}

int bb_cores_available(const char *root)
{
    _Static_assert(CPUS % CPU_SETSIZE == 0, "whole sets");
    cpu_set_t sets[CPUS / CPU_SETSIZE];
    bool allowed[CPUS];
    int cores;

    memset(sets, 0, sizeof sets);
    if (sched_getaffinity(0, sizeof sets, sets) == 0) {
        for (int cpu = 0; cpu < CPUS; cpu++)
            allowed[cpu] = CPU_ISSET_S(cpu, sizeof sets, sets);
        cores = bb_cores_physical(root, allowed, CPUS);
    } else {
        cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    }
    cores = smaller(cores, bb_cores_quota(root));
    return cores > 0 ? cores : 1;
}
