/* Cores: topology, caches and limits read from made-up trees, laid out as machines and containers show them. */
#include "base/cores.h"
#include "testing.h"

#include <sched.h>
#include <sys/stat.h>

static void put(const char *path, const char *text)
{
    char folder[256];

    for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        mkdir(folder, 0777);
    }
    write_file(path, text, strlen(text));
}

static void put_topology(const char *root, int cpu, const char *file, const char *siblings)
{
    char path[256];

    snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%d/topology/%s", root, cpu, file);
    put(path, siblings);
}

static void threads_of_one_core_count_once(void **state)
{
    (void)state;
    static const bool all[8] = {1, 1, 1, 1, 1, 1, 1, 1};

    for (int cpu = 0; cpu < 8; cpu++) { /* four cores; siblings four apart, as most machines number them */
        char siblings[32];
        snprintf(siblings, sizeof siblings, "%d,%d\n", cpu % 4, cpu % 4 + 4);
        put_topology("apart", cpu, "core_cpus_list", siblings);
        snprintf(siblings, sizeof siblings, "%d-%d\n", cpu / 2 * 2, cpu / 2 * 2 + 1); /* neighbours */
        put_topology("near", cpu, "thread_siblings_list", siblings);
    }
    assert_int_equal(bb_cores_physical("apart", all, 8), 4);
    assert_int_equal(bb_cores_physical("near", all, 8), 4);

    static const bool second_threads[8] = {0, 0, 0, 0, 1, 1, 1, 1};
    assert_int_equal(bb_cores_physical("apart", second_threads, 8), 4);
    assert_int_equal(bb_cores_physical("near", second_threads, 8), 2);
    static const bool one_core[8] = {0, 1, 0, 0, 0, 1};
    assert_int_equal(bb_cores_physical("apart", one_core, 8), 1);
    assert_int_equal(bb_cores_physical("near", one_core, 8), 2);
}

static void without_topology_each_cpu_is_a_core(void **state)
{
    (void)state;
    static const bool allowed[6] = {1, 0, 1, 1, 0, 1};

    assert_int_equal(bb_cores_physical("nowhere", allowed, 6), 4);
    put_topology("odd", 0, "core_cpus_list", "\n");
    put_topology("odd", 2, "core_cpus_list", "99999999\n");
    put_topology("odd", 3, "core_cpus_list", "-1\n");
    assert_int_equal(bb_cores_physical("odd", allowed, 6), 4);
}

static void put_cache(const char *root, int cpu, int index, const char *level, const char *size, const char *shared)
{
    const char *const names[] = {"level", "size", "shared_cpu_list"}, *const texts[] = {level, size, shared};

    for (int i = 0; i < 3; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%d/cache/index%d/%s", root, cpu, index, names[i]);
        put(path, texts[i]);
    }
}

static void a_cache_of_the_last_level_counts_once_and_only_where_it_may_be_used(void **state)
{
    (void)state;
    static const bool all[4] = {1, 1, 1, 1}, second[4] = {0, 1}, last[4] = {0, 0, 0, 1}, none[4] = {0};

    for (int cpu = 0; cpu < 4; cpu++) {
        put_cache("caches", cpu, 0, "1\n", "32K\n", cpu % 2 ? "1,3\n" : "0,2\n");
        put_cache("caches", cpu, 1, "3\n", cpu < 2 ? "32768K\n" : "16M\n", cpu < 2 ? "0-1\n" : "2-3\n");
        put_cache("caches", cpu, 2, "2\n", "512K\n", "0\n");
    }
    assert_int_equal(bb_cores_caches("caches", all, 4), 48 << 20);
    assert_int_equal(bb_cores_caches("caches", second, 4), 32 << 20);
    assert_int_equal(bb_cores_caches("caches", last, 4), 16 << 20);
    assert_int_equal(bb_cores_caches("caches", none, 4), 0);
    assert_int_equal(bb_cores_caches("nowhere", all, 4), 0);
    put_cache("caches", 1, 1, "3\n", "99999999999999999999G\n", "99999999\n");
    assert_int_equal(bb_cores_caches("caches", second, 4), 0);
}

static void the_smallest_memory_limit_on_the_path_counts(void **state)
{
    (void)state;
    put("memory/proc/self/cgroup", "0::/box/inner\n");
    put("memory/sys/fs/cgroup/box/inner/memory.max", "max\n");
    assert_int_equal(bb_cores_memory("memory"), 0);
    put("memory/sys/fs/cgroup/box/memory.max", "4294967296\n");
    put("memory/sys/fs/cgroup/memory.max", "8589934592\n");
    assert_int_equal(bb_cores_memory("memory"), INT64_C(4) << 30);
    put("memory/proc/self/cgroup", "3:memory:/box\n");
    put("memory/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assert_int_equal(bb_cores_memory("memory"), 0);
    put("memory/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1048576\n");
    assert_int_equal(bb_cores_memory("memory"), 1 << 20);
    assert_int_equal(bb_cores_memory("nowhere"), 0);
}

static void a_quota_is_rounded_up_to_whole_cores(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int cores;
    } cases[] = {{"max 100000\n", 0},
                 {"50000 100000\n", 1},
                 {"100000 100000\n", 1},
                 {"150000 100000\n", 2},
                 {"1 100000\n", 1},
                 {"800000 100000\n", 8},
                 {"800000\n", 0},
                 {"0 100000\n", 0},
                 {"100000 0\n", 0},
                 {"-5 100000\n", 0},
                 {"", 0},
                 {"9223372036854775807 1\n", 0}};

    put("v2/proc/self/cgroup", "0::/\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put("v2/sys/fs/cgroup/cpu.max", cases[i].text);
        assert_int_equal(bb_cores_quota("v2"), cases[i].cores);
    }
}

static void the_smallest_quota_on_the_path_counts(void **state)
{
    (void)state;
    put("path/proc/self/cgroup", "0::/system.slice/bombus.service/worker\n");
    assert_int_equal(bb_cores_quota("path"), 0);
    put("path/sys/fs/cgroup/system.slice/bombus.service/worker/cpu.max", "700000 100000\n");
    assert_int_equal(bb_cores_quota("path"), 7);
    put("path/sys/fs/cgroup/system.slice/bombus.service/cpu.max", "250000 100000\n");
    assert_int_equal(bb_cores_quota("path"), 3);
    put("path/sys/fs/cgroup/system.slice/cpu.max", "max 100000\n");
    assert_int_equal(bb_cores_quota("path"), 3);
    put("path/sys/fs/cgroup/system.slice/cpu.max", "200000 100000\n");
    assert_int_equal(bb_cores_quota("path"), 2);
    put("path/sys/fs/cgroup/other.slice/cpu.max", "100000 100000\n");
    assert_int_equal(bb_cores_quota("path"), 2);
}

/* Without a namespace of its own a container sees the path outside, but its own group where groups are mounted. */
static void a_path_that_is_not_there_ends_at_the_mount(void **state)
{
    (void)state;
    put("container/proc/self/cgroup", "0::/docker/0123456789abcdef\n");
    put("container/sys/fs/cgroup/cpu.max", "400000 100000\n");
    assert_int_equal(bb_cores_quota("container"), 4);
}

static void version_1_quotas_are_read_too(void **state)
{
    (void)state;
    put("v1/proc/self/cgroup", "5:cpuset:/box\n4:cpuacct,cpu:/box/inner\n1:name=systemd:/box\n0::/\n");
    put("v1/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    put("v1/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    assert_int_equal(bb_cores_quota("v1"), 0);
    put("v1/sys/fs/cgroup/cpu/box/inner/cpu.cfs_quota_us", "520000\n");
    assert_int_equal(bb_cores_quota("v1"), 0); /* without a period it says nothing */
    put("v1/sys/fs/cgroup/cpu/box/inner/cpu.cfs_period_us", "100000\n");
    assert_int_equal(bb_cores_quota("v1"), 6);
    put("v1/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "100000\n");
    put("v1/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "50000\n");
    assert_int_equal(bb_cores_quota("v1"), 2);

    /* both versions at once */
    put("v1/sys/fs/cgroup/unified/cpu.max", "90000 100000\n");
    assert_int_equal(bb_cores_quota("v1"), 1);
}

static void nonsense_bounds_nothing(void **state)
{
    (void)state;
    assert_int_equal(bb_cores_quota("nowhere"), 0);
    put("nonsense/proc/self/cgroup", "\n:\n::\n0:\n0::\n0::relative\n4:cpu\n4:cpu:\n:::::\n4:cpux:/\n4:,,:/\n");
    put("nonsense/sys/fs/cgroup/cpu.max", "100000 100000\n");
    put("nonsense/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
    put("nonsense/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    assert_int_equal(bb_cores_quota("nonsense"), 0);

    char line[8192] = "0::";
    memset(line + 3, '/', sizeof line - 4);
    put("nonsense/proc/self/cgroup", line);
    assert_int_equal(bb_cores_quota("nonsense"), 0);
}

static void the_quota_bounds_the_cores_at_hand(void **state)
{
    (void)state;
    cpu_set_t set;
    put("bound/proc/self/cgroup", "0::/\n");
    put("bound/sys/fs/cgroup/cpu.max", "90000 100000\n");
    assert_int_equal(bb_cores_available("bound"), 1);
    put("bound/sys/fs/cgroup/cpu.max", "max 100000\n");
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    assert_int_equal(bb_cores_available("bound"), CPU_COUNT(&set)); /* the made-up tree has no topology */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_of_one_core_count_once),
        cmocka_unit_test(without_topology_each_cpu_is_a_core),
        cmocka_unit_test(a_cache_of_the_last_level_counts_once_and_only_where_it_may_be_used),
        cmocka_unit_test(the_smallest_memory_limit_on_the_path_counts),
        cmocka_unit_test(a_quota_is_rounded_up_to_whole_cores),
        cmocka_unit_test(the_smallest_quota_on_the_path_counts),
        cmocka_unit_test(a_path_that_is_not_there_ends_at_the_mount),
        cmocka_unit_test(version_1_quotas_are_read_too),
        cmocka_unit_test(nonsense_bounds_nothing),
        cmocka_unit_test(the_quota_bounds_the_cores_at_hand),
    };
    const char *path = enter_temporary();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_temporary(path);
    return failed;
}
