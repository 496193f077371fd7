/* How many cores, and how much cache and memory, a process may use.
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

/* "32768K" of a CPU's cache; 0 where there is none. */
static int64_t cache_size(const char *directory)
{
    char path[PATH_SIZE + 64], text[64], *unit;

    snprintf(path, sizeof path, "%s/size", directory);
    if (!read_text(text, sizeof text, path))
        return 0;
    const long long size = strtoll(text, &unit, 10);
    const int shift = *unit == 'K' ? 10 : *unit == 'M' ? 20 : *unit == 'G' ? 30 : 0;
    return size > 0 && size < INT64_MAX >> 31 ? (int64_t)size << shift : 0;
}

/* Of cpu's cache of the last level; *first is the lowest CPU that shares it. */
static int64_t last_cache(const char *root, int cpu, int *first)
{
    char directory[PATH_SIZE], path[PATH_SIZE + 64];
    long long level, deepest = 0;
    int64_t size = 0;

    *first = cpu;
    for (int i = 0;; i++) {
        snprintf(directory, sizeof directory, "%s/sys/devices/system/cpu/cpu%d/cache/index%d", root, cpu, i);
        snprintf(path, sizeof path, "%s/level", directory);
        level = read_number(path, 0);
        if (level <= 0)
            return size;
        if (level <= deepest)
            continue;
        deepest = level;
        size = cache_size(directory);
        snprintf(path, sizeof path, "%s/shared_cpu_list", directory);
        const long long lowest = read_number(path, -1);
        *first = lowest >= 0 && lowest < CPUS ? (int)lowest : cpu;
    }
}

int64_t bb_cores_caches(const char *root, const bool *allowed, int count)
{
    bool seen[CPUS] = {false};
    int64_t bytes = 0;

    for (int cpu = 0; cpu < count && cpu < CPUS; cpu++)
        if (allowed[cpu]) {
            int first;
            const int64_t size = last_cache(root, cpu, &first);
            bytes += seen[first] ? 0 : size;
            seen[first] = true;
        }
    return bytes;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int64_t whole_cores(long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return 0;
    const long long cores = quota / period + (quota % period != 0);
    return cores < INT32_MAX ? cores : 0;
}

/* What a group allows: the limits of cores and of memory, by versions of control groups. 0: whatever there is. */
typedef int64_t (*limit)(const char *directory);

/* "max 100000" or "150000 100000" */
static int64_t cores_v2(const char *directory)
{
    char path[PATH_SIZE + 32], text[64];
    long long quota, period;

    snprintf(path, sizeof path, "%s/cpu.max", directory);
    return read_text(text, sizeof text, path) && sscanf(text, "%lld %lld", &quota, &period) == 2 ? whole_cores(quota, period) : 0;
}

static int64_t cores_v1(const char *directory)
{
    char path[PATH_SIZE + 32];

    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", directory);
    const long long quota = read_number(path, -1);
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
    return whole_cores(quota, read_number(path, 0));
}

/* A number, or "max", or one that is beyond any memory. */
static int64_t memory_of(const char *directory, const char *name)
{
    char path[PATH_SIZE + 32];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    const long long bytes = read_number(path, 0);
    return bytes > 0 && bytes < INT64_MAX / 2 ? bytes : 0;
}

static int64_t memory_v2(const char *directory)
{
    return memory_of(directory, "memory.max");
}

static int64_t memory_v1(const char *directory)
{
    return memory_of(directory, "memory.limit_in_bytes");
}

/* The smallest limit on the way from a group up to the mount. A container may see the path that its group has outside, which is not there
 * inside: then it ends at the mount, which is the container's own group. */
static int64_t limit_on_path(const char *root, const char *mount, const char *group, limit limit_of)
{
    char directory[PATH_SIZE];
    int64_t smallest = 0;

    const int top = snprintf(directory, sizeof directory, "%s/sys/fs/cgroup%s", root, mount);
    if (top + strlen(group) >= sizeof directory)
        return 0;
    strcpy(directory + top, group);
    for (;;) {
        smallest = smaller(smallest, limit_of(directory));
        if (!directory[top])
            return smallest;
        *strrchr(directory, '/') = '\0';
    }
}

static bool has_name(const char *list, const char *name)
{
    for (const char *at = list; *at; at += *at == ',') {
        const size_t length = strcspn(at, ",");
        if (length == strlen(name) && memcmp(at, name, length) == 0)
            return true;
        at += length;
    }
    return false;
}

/* mount: the controller's, with its name behind the slash. */
static int64_t smallest_limit(const char *root, const char *mount, limit v2, limit v1)
{
    char path[PATH_SIZE], text[16384];
    int64_t smallest = 0;

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
            smallest = smaller(smallest, limit_on_path(root, "", group, v2));
            smallest = smaller(smallest, limit_on_path(root, "/unified", group, v2));
        } else if (has_name(controllers, mount + 1)) {
            smallest = smaller(smallest, limit_on_path(root, mount, group, v1));
        }
    }
    return smallest;
}

int bb_cores_quota(const char *root)
{
    return (int)smallest_limit(root, "/cpu", cores_v2, cores_v1);
}

int64_t bb_cores_memory(const char *root)
{
    return smallest_limit(root, "/memory", memory_v2, memory_v1);
}

/* [CPUS]: where the calling thread may run. */
static bool find_allowed(bool *allowed)
{
    _Static_assert(CPUS % CPU_SETSIZE == 0, "whole sets");
    cpu_set_t sets[CPUS / CPU_SETSIZE];

    memset(sets, 0, sizeof sets);
    if (sched_getaffinity(0, sizeof sets, sets) != 0)
        return false;
    for (int cpu = 0; cpu < CPUS; cpu++)
        allowed[cpu] = CPU_ISSET_S(cpu, sizeof sets, sets);
    return true;
}

int bb_cores_available(const char *root)
{
    bool allowed[CPUS];
    int64_t cores = find_allowed(allowed) ? bb_cores_physical(root, allowed, CPUS) : sysconf(_SC_NPROCESSORS_ONLN);

    cores = smaller(cores, bb_cores_quota(root));
    return cores > 0 ? (int)cores : 1;
}

int64_t bb_cores_memory_available(const char *root)
{
    return smaller((int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE), bb_cores_memory(root));
}

int64_t bb_cores_cache_bytes(const char *root)
{
    bool allowed[CPUS];

    return find_allowed(allowed) ? bb_cores_caches(root, allowed, CPUS) : 0;
}
