/* What the machine can do: read bandwidth and peaks, with the plain loops of kernels_*.c.
 *
 * A figure is the best of many short runs of many kernels: whatever else the machine does in the meantime can only take away from it, and a
 * fraction of a weak limit says nothing. A run begins and ends as the decoder's operations do, in the library's own thread pool. */
#include "base/clock.h"
#include "base/cores.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "bench/kernels.h"
#include "bench/yardstick.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* Every kernel has its turn in each of some rounds, so that a disturbance of a second does not hit all runs of one. */
enum { ROUNDS = 4, RUNS = 2 };

/* A thread's share of a run comes in so many tasks, so that one whose core is taken does not hold up the others for long. */
enum { PIECES = 16 };

/* Threads together read no more in a run, and the next run goes on from there: buffers may have gigabytes. */
enum { MOST_BYTES = 512 << 20 };

/* Seconds of a run of a peak's kernel: long beside the waking of threads, short beside the turns of a scheduler. */
#define PEAK_SECONDS 0.008

/* A thread's own results, on a line of their own. */
typedef struct sink {
    uint64_t value;
    uint64_t pieces; /* read so far */
    char rest[BB_LINE - 2 * sizeof(uint64_t)];
} sink;

typedef struct meter {
    bb_threads *pool;
    int threads;
    unsigned char *buffer; /* [threads][slice] */
    size_t slice;          /* bytes a thread has to itself */
    size_t piece;          /* bytes that a task reads of it */
    sink *sinks;           /* [threads] */
    atomic_bool *touched;  /* [threads] */
    const bb_read_kernel *read;
    const bb_peak_kernel *peak;
    int64_t rounds;
} meter;

/* ---- buffers ---- */

static int64_t cache_bytes(void)
{
    int64_t bytes = bb_cores_cache_bytes("");

#ifdef _SC_LEVEL3_CACHE_SIZE
    if (!bytes)
        bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
    return bytes > 0 ? bytes : (int64_t)32 << 20;
}

/* Eight times the caches, twice what is promised, since some do not forget in order. No more than a quarter of the memory. */
static int64_t buffer_bytes(void)
{
    const int64_t memory = bb_cores_memory_available(""), wanted = 8 * cache_bytes();

    return wanted < memory / 4 ? wanted : memory / 4;
}

/* ---- runs ---- */

/* Pages come to be where the thread that writes first runs. */
static void touch_task(void *context, int64_t index, int worker)
{
    meter *m = context;

    (void)index;
    if (!atomic_exchange(&m->touched[worker], true))
        memset(m->buffer + (size_t)worker * m->slice, 0x55, m->slice);
}

/* The next piece of the thread's own part, whichever task this is. */
static void read_task(void *context, int64_t index, int worker)
{
    meter *m = context;
    sink *own = &m->sinks[worker];

    (void)index;
    own->value += m->read->run(m->buffer + (size_t)worker * m->slice + own->pieces++ % (m->slice / m->piece) * m->piece, m->piece);
}

static void peak_task(void *context, int64_t index, int worker)
{
    meter *m = context;

    (void)index, (void)worker;
    m->peak->run(m->rounds);
}

static double run_once(meter *m, bb_task task)
{
    const double start = bb_seconds();

    bb_threads_run(m->pool, task, m, (int64_t)m->threads * PIECES);
    return bb_seconds() - start;
}

static double fastest(meter *m, bb_task task)
{
    double best = run_once(m, task);

    for (int i = 1; i < RUNS; i++) {
        const double seconds = run_once(m, task);
        if (seconds < best)
            best = seconds;
    }
    return best;
}

static double read_rate(meter *m, const bb_read_kernel *kernel)
{
    m->read = kernel;
    return (double)m->piece * PIECES * m->threads / fastest(m, read_task);
}

static void try_reads(meter *m, const bb_read_kernel *kernels, bombus_machine *out)
{
    for (; kernels->name; kernels++) {
        const double rate = read_rate(m, kernels);
        if (rate > out->read_bandwidth) {
            out->read_bandwidth = rate;
            out->read_kernel = kernels->name;
        }
    }
}

/* Operations a second of a kernel, in rounds that take PEAK_SECONDS: looked for where *rounds is 0. */
static double peak_rate(meter *m, const bb_peak_kernel *kernel, int64_t *rounds)
{
    m->peak = kernel;
    if (!*rounds) {
        for (m->rounds = 64; run_once(m, peak_task) < PEAK_SECONDS;)
            m->rounds *= 2;
        *rounds = m->rounds;
    }
    m->rounds = *rounds;
    return kernel->operations * (double)m->rounds * m->threads * PIECES / fastest(m, peak_task);
}

static void try_peaks(meter *m, const bb_peak_kernel *kernels, double *peak, const char **name)
{
    for (; kernels->name; kernels++) {
        const double rate = peak_rate(m, kernels, &(int64_t){0});
        if (rate > *peak) {
            *peak = rate;
            *name = kernels->name;
        }
    }
}

/* Memory that was never written is one page of zeros, and its bandwidth a cache's: so every part must have been. */
static void touch_all(meter *m)
{
    run_once(m, touch_task);
    for (int i = 0; i < m->threads; i++)
        touch_task(m, i, i);
}

/* A thread's share of the buffers, in whole pieces. */
static void divide(meter *m)
{
    const size_t share = (size_t)buffer_bytes() / (size_t)m->threads, most = (size_t)MOST_BYTES / (size_t)m->threads;
    const size_t read = share < most ? share : most;

    m->piece = (read / PIECES + BB_READ_UNIT - 1) / BB_READ_UNIT * BB_READ_UNIT;
    m->slice = share < m->piece * PIECES ? m->piece * PIECES : share / m->piece * m->piece;
}

static bombus_status meter_open(meter *m, int threads, bombus_error *err)
{
    bombus_status status = bb_threads_create(&m->pool, threads, err);

    if (status != BOMBUS_OK)
        return status;
    m->threads = bb_threads_count(m->pool);
    divide(m);
    m->buffer = bb_alloc_table(m->slice * (size_t)m->threads);
    m->sinks = bb_alloc_zero((size_t)m->threads, sizeof *m->sinks);
    m->touched = bb_alloc_zero((size_t)m->threads, sizeof *m->touched);
    return m->buffer && m->sinks && m->touched ? BOMBUS_OK : bb_fail_memory(err, m->slice * (size_t)m->threads);
}

static void meter_close(meter *m)
{
    bb_free(m->touched);
    bb_free(m->sinks);
    bb_free(m->buffer);
    bb_threads_free(m->pool);
}

enum { SETS = 4 };

static bool (*const sets[SETS])(bb_kernel_set *) = {bb_kernels_generic, bb_kernels_avx2, bb_kernels_avx512, bb_kernels_neon};

bombus_status bombus_bench_machine(bombus_machine *out, int threads, bombus_error *err)
{
    meter m = {0};
    bb_kernel_set set;
    bombus_status status = meter_open(&m, threads, err);

    *out = (bombus_machine){.threads = m.threads};
    if (status != BOMBUS_OK)
        goto out;
    out->read_buffers = (int64_t)m.slice * m.threads;
    out->caches = cache_bytes();
    touch_all(&m);
    for (size_t i = 0; i < ROUNDS * SETS; i++) {
        if (!sets[i % SETS](&set))
            continue;
        try_reads(&m, set.reads, out);
        try_peaks(&m, set.int8, &out->int8_peak, &out->int8_kernel);
        try_peaks(&m, set.floats, &out->float_peak, &out->float_kernel);
    }

out:
    meter_close(&m);
    return status;
}

/* ---- once more, beside a test ---- */

struct bb_yardstick {
    meter meter;
    const bombus_machine *best;
    const bb_read_kernel *read;
    const bb_peak_kernel *int8, *floats;
    int64_t int8_rounds, float_rounds;
};

static const bb_peak_kernel *find_peak(const bb_peak_kernel *kernels, const char *name)
{
    while (kernels->name && strcmp(kernels->name, name) != 0)
        kernels++;
    return kernels->name ? kernels : NULL;
}

/* Those that best names, of any set. */
static void find_kernels(bb_yardstick *y)
{
    bb_kernel_set set;

    for (int i = 0; i < SETS; i++) {
        if (!sets[i](&set))
            continue;
        for (const bb_read_kernel *read = set.reads; read->name; read++)
            if (strcmp(read->name, y->best->read_kernel) == 0)
                y->read = read;
        y->int8 = y->int8 ? y->int8 : find_peak(set.int8, y->best->int8_kernel);
        y->floats = y->floats ? y->floats : find_peak(set.floats, y->best->float_kernel);
    }
}

bombus_status bb_yardstick_open(bb_yardstick **out, const bombus_machine *best, bombus_error *err)
{
    bb_yardstick *y = bb_alloc_zero(1, sizeof *y);

    *out = NULL;
    if (!y)
        return bb_fail_memory(err, sizeof *y);
    y->best = best;
    find_kernels(y);
    bombus_status status = meter_open(&y->meter, best->threads, err);
    if (status == BOMBUS_OK && (!y->read || !y->int8 || !y->floats))
        status = bb_fail(err, BOMBUS_EINVAL, "machine: kernels \"%s\", \"%s\" and \"%s\", of which this machine lacks some",
                         best->read_kernel, best->int8_kernel, best->float_kernel);
    if (status != BOMBUS_OK) {
        bb_yardstick_free(y);
        return status;
    }
    touch_all(&y->meter);
    *out = y;
    return BOMBUS_OK;
}

void bb_yardstick_free(bb_yardstick *yardstick)
{
    if (yardstick)
        meter_close(&yardstick->meter);
    bb_free(yardstick);
}

bombus_machine bb_yardstick_measure(bb_yardstick *yardstick)
{
    bombus_machine now = *yardstick->best;

    now.read_bandwidth = read_rate(&yardstick->meter, yardstick->read);
    now.int8_peak = peak_rate(&yardstick->meter, yardstick->int8, &yardstick->int8_rounds);
    now.float_peak = peak_rate(&yardstick->meter, yardstick->floats, &yardstick->float_rounds);
    return now;
}

int64_t bb_yardstick_bytes(const bb_yardstick *yardstick)
{
    return yardstick ? (int64_t)yardstick->meter.slice * yardstick->meter.threads : 0;
}
