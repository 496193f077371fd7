/* The backends there are, by name. */
#include "backend/backend.h"
#include "backend/cpu/cpu.h"
#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static const bb_backend_ops *const backends[] = {&bb_cpu_ops};

bombus_status bb_backend_open(bb_backend **out, const char *name, bb_threads *threads, bombus_error *err)
{
    const bb_backend_ops *ops = name ? NULL : backends[0];
    const size_t length = name ? strcspn(name, "/") : 0;

    for (size_t i = 0; i < sizeof backends / sizeof *backends && !ops; i++)
        if (strlen(backends[i]->name) == length && strncmp(backends[i]->name, name, length) == 0)
            ops = backends[i];
    if (!ops)
        return bb_fail(err, BOMBUS_ENOTFOUND, "backend \"%s\" is not in this build, expected \"cpu\"", name);

    bb_backend *backend = bb_alloc_zero(1, sizeof *backend);
    if (!backend)
        return bb_fail_memory(err, sizeof *backend);
    backend->ops = ops;
    bombus_status status = ops->open(backend, name && name[length] ? name + length + 1 : NULL, err);
    if (status != BOMBUS_OK) {
        bb_free(backend);
        return status;
    }
    backend->threads = threads ? bb_threads_retain(threads) : NULL;
    atomic_init(&backend->references, 1);
    *out = backend;
    return BOMBUS_OK;
}

bb_backend *bb_backend_retain(bb_backend *backend)
{
    atomic_fetch_add(&backend->references, 1);
    return backend;
}

void bb_backend_free(bb_backend *backend)
{
    if (!backend || atomic_fetch_sub(&backend->references, 1) != 1)
        return;
    if (backend->ops->close)
        backend->ops->close(backend);
    bb_threads_free(backend->threads);
    bb_free(backend);
}

/* ---- the shared one ---- */

static pthread_mutex_t shared_mutex = PTHREAD_MUTEX_INITIALIZER;
static bb_backend *shared;    /* guarded by shared_mutex */
static bb_backend *inherited; /* in a child of fork: what shared was in the parent, whose threads are not here. Guarded by shared_mutex */
static pthread_once_t forks_once = PTHREAD_ONCE_INIT;
static int forks_code; /* of pthread_atfork */

/* In the child, where this thread is the only one: another may have held the mutex. */
static void begin_child(void)
{
    pthread_mutex_init(&shared_mutex, NULL);
    if (shared)
        inherited = shared;
    shared = NULL;
}

/* No handler locks before a fork: fork and pthread_atfork, which making a pool may call, may exclude each other. */
static void watch_forks(void)
{
    forks_code = pthread_atfork(NULL, NULL, begin_child);
}

static void free_inherited(void)
{
    bb_backend *backend = inherited;

    inherited = NULL; /* before it goes, so that a child forked meanwhile does not free it again */
    bb_backend_free(backend);
}

static bombus_status open_shared(bombus_error *err)
{
    bb_threads *threads = NULL;
    bb_backend *backend = NULL;
    bombus_status status = bb_threads_create(&threads, 0, err);

    if (status == BOMBUS_OK)
        status = bb_backend_open(&backend, NULL, threads, err);
    bb_threads_free(threads);
    shared = backend; /* when it is whole, since a fork may come at any moment */
    return status;
}

bombus_status bb_backend_default(bb_backend **out, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;

    pthread_once(&forks_once, watch_forks);
    if (forks_code)
        return bb_fail(err, BOMBUS_ENOMEM, "backend: cannot watch for forks: %s", strerror(forks_code));
    pthread_mutex_lock(&shared_mutex);
    if (!shared) {
        free_inherited();
        status = open_shared(err);
    }
    if (status == BOMBUS_OK)
        *out = bb_backend_retain(shared);
    pthread_mutex_unlock(&shared_mutex);
    return status;
}

__attribute__((destructor)) static void free_shared(void)
{
    free_inherited();
    bb_backend_free(shared);
}
