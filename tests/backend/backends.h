/* backends.h: tests that run on every backend with one thread and more, and the reference in double they are held against. */
#ifndef TEST_BACKENDS_H
#define TEST_BACKENDS_H

#include "backend/backend.h"
#include "kernel_sets.h"
#include "numbers.h"

#include <math.h>

#ifndef TEST_THREADS
#define TEST_THREADS 3 /* where tests run at their own speed */
#endif

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* How far a result may be from the exact one, as a part of the magnitudes of the terms it is made of, by the type that weights or the
 * cache are stored in: the reference rounds nothing, so this is that type's rounding and that of F32 arithmetic. Nearer than least counts
 * as equal: where F16 is subnormal, and where an intermediate result leaves the range of F32. */
static const struct {
    bombus_dtype dtype;
    double part, least;
} tolerances[] = {{BOMBUS_F32, 1e-6, 1e-35}, {BOMBUS_F16, 0x1p-10, 0x1p-25}, {BOMBUS_BF16, 0x1p-7, 1e-35}};

static inline bool is_near(bombus_dtype dtype, double found, double value, double magnitude)
{
    for (size_t i = 0; i < COUNT(tolerances); i++)
        if (tolerances[i].dtype == dtype)
            return fabs(found - value) <= tolerances[i].part * magnitude + tolerances[i].least;
    fail_msg("no tolerance for %s", bombus_dtype_name(dtype));
    return false;
}

enum { GUARD = 64, HELD_MAX = 2048, ELEMENTS_MAX = 1 << 18, TRANSCRIPT_MAX = 1 << 25 };

/* A tensor of the backend with random values; GUARD more follow it in the same memory, which who writes to it leaves alone. */
typedef struct operand {
    bb_tensor t;
    int64_t count;
    float *values; /* what was written, before it was rounded to the tensor's type */
} operand;

static bb_backend *backend;
static uint64_t seed;
static struct {
    bb_tensor memory;
    float *values;
} held[HELD_MAX]; /* what the running test has made */
static int held_count;

static inline operand make(bombus_dtype dtype, float amplitude, int rank, const int64_t *shape)
{
    operand o = {.t = bb_tensor_view(dtype, rank, shape, NULL), .count = bb_shape_count(rank, shape)};
    const int64_t all = o.count + GUARD;
    bb_tensor memory = bb_tensor_view(dtype, 1, &all, NULL);

    assert_true(held_count < HELD_MAX && o.count <= ELEMENTS_MAX);
    assert_ok(backend->ops->alloc(backend, &memory, &err), err);
    const size_t bytes = bb_tensor_bytes(&memory);
    void *stored = malloc(bytes);
    o.values = malloc((size_t)all * sizeof *o.values);
    for (int64_t i = 0; i < all; i++)
        o.values[i] = amplitude * random_value(&seed);
    bb_narrow(stored, dtype, o.values, all);
    backend->ops->write(backend, &memory, 0, stored, bytes);
    free(stored);
    o.t.data = memory.data;
    held[held_count].memory = memory;
    held[held_count++].values = o.values;
    return o;
}

#define MAKE(dtype, amplitude, ...) make(dtype, amplitude, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})
#define F32(...)                    MAKE(BOMBUS_F32, 1, __VA_ARGS__)

static inline int32_t random_index(int64_t limit)
{
    return (int32_t)((random_value(&seed) + 1) / 2 * (float)limit) % (int32_t)limit;
}

typedef struct exact {
    double value, magnitude;
} exact;

static exact expected[ELEMENTS_MAX];

/* What the run on one thread gave, all of it; runs on more are held against it. */
static unsigned char transcript[TRANSCRIPT_MAX];
static size_t transcript_at;
static int thread_count;

/* found is near the first of expected, and by more threads the same as by one; dtype is the one that rounded it. operation and kind stand
 * in messages. */
static inline void expect(const char *operation, const char *kind, bombus_dtype dtype, const operand *found)
{
    static float values[ELEMENTS_MAX + GUARD];
    static unsigned char bytes[sizeof values], guard[GUARD * sizeof *values];
    const bb_tensor all = bb_tensor_view(found->t.dtype, 1, (int64_t[]){found->count + GUARD}, found->t.data);
    const size_t size = bb_tensor_bytes(&found->t), guard_size = bb_tensor_bytes(&all) - size;

    assert_ok(backend->ops->sync(backend, &err), err);
    backend->ops->read(backend, &all, 0, bytes, size + guard_size);
    bb_widen(values, found->t.dtype, bytes, found->count);
    for (int64_t i = 0; i < found->count && thread_count == 1; i++)
        if (!is_near(dtype, (double)values[i], expected[i].value, expected[i].magnitude))
            fail_msg("%s (%s) on %s, %s: element %d of %d is %.9g, expected %.9g", operation, kind, backend->ops->name,
                     bombus_dtype_name(dtype), (int)i, (int)found->count, (double)values[i], expected[i].value);

    bb_narrow(guard, found->t.dtype, found->values + found->count, GUARD);
    if (memcmp(bytes + size, guard, guard_size))
        fail_msg("%s (%s) on %s: wrote behind its result", operation, kind, backend->ops->name);

    assert_true(transcript_at + size <= sizeof transcript);
    if (thread_count == 1)
        memcpy(transcript + transcript_at, bytes, size);
    else if (memcmp(transcript + transcript_at, bytes, size))
        fail_msg("%s (%s) on %s: %d threads give other bytes than one", operation, kind, backend->ops->name, thread_count);
    transcript_at += size;
}

/* A test's state is the body that runs on the open backend. */
static inline void on_every_backend(void **state)
{
    void (*const test)(void) = (void (*)(void)) * state;

    for (size_t i = 0; i < COUNT(backends); i++) {
        if (!set_called(backends[i]))
            continue;
        for (thread_count = 1; thread_count <= TEST_THREADS; thread_count++) {
            bb_threads *threads;
            assert_ok(bb_threads_create(&threads, thread_count, &err), err);
            assert_ok(bb_backend_open(&backend, backends[i], threads, &err), err);
            seed = 1;
            transcript_at = 0;
            held_count = 0;
            test();
            for (; held_count; held_count--) {
                backend->ops->release(backend, &held[held_count - 1].memory);
                free(held[held_count - 1].values);
            }
            bb_backend_free(backend);
            bb_threads_free(threads);
        }
    }
}

/* An entry of cmocka's table. */
#define ON_EVERY_BACKEND(function) #function, on_every_backend, NULL, NULL, (void *)(function)

#endif
