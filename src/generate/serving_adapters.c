/* Adapters of requests, bound to the engine's model: the same adapters with the same weights are bound once.
 *
 * A binding is there for as long as a request uses it or somebody else holds its adapters: binding is work, and requests that name an
 * adapter come again. Whoever submits binds, so that a misfit is told at once and the engine's thread does nothing but steps. Owns: a
 * reference to each adapter of a binding, what was made of them, and a number that no other binding has: keys and values are shared within
 * one. Threads: everything goes by the engine's mutex, but the binding itself. */
#include "generate/serving.h"

#include "base/error.h"

#include <string.h>

struct bb_binding {
    bb_binding *next;
    bombus_adapter_use *uses; /* [count] with references */
    size_t count;
    bb_deltas *deltas;
    uint64_t root;
    int users; /* tickets */
};

static void destroy(bb_binding *b)
{
    for (size_t i = 0; i < b->count; i++)
        bombus_adapter_free(b->uses[i].adapter);
    bb_free(b->uses);
    bb_deltas_free(b->deltas);
    bb_free(b);
}

static bb_binding *find(const bombus_serving *s, const bombus_adapter_use *uses, size_t count)
{
    for (bb_binding *b = s->bindings; b; b = b->next) {
        bool same = b->count == count;
        for (size_t i = 0; i < count && same; i++)
            same = b->uses[i].adapter == uses[i].adapter && b->uses[i].weight == uses[i].weight;
        if (same)
            return b;
    }
    return NULL;
}

static bombus_status make(bb_binding **out, const bombus_serving *s, const bombus_adapter_use *uses, size_t count, bombus_error *err)
{
    bb_binding *b = bb_alloc_zero(1, sizeof *b);

    if (!b)
        return bb_fail_memory(err, sizeof *b);
    b->uses = bb_alloc_zero(count, sizeof *b->uses);
    if (!b->uses) {
        destroy(b);
        return bb_fail_memory(err, count * sizeof *b->uses);
    }
    for (; b->count < count; b->count++)
        b->uses[b->count] = (bombus_adapter_use){bombus_adapter_retain(uses[b->count].adapter), uses[b->count].weight};
    const bombus_status status = bb_adapter_bind(&b->deltas, s->model, uses, count, err);
    if (status != BOMBUS_OK)
        destroy(b);
    else
        *out = b;
    return status;
}

/* How often the bindings hold an adapter. */
static int own_references(const bombus_serving *s, const bombus_adapter *adapter)
{
    int count = 0;

    for (const bb_binding *b = s->bindings; b; b = b->next)
        for (size_t i = 0; i < b->count; i++)
            count += b->uses[i].adapter == adapter;
    return count;
}

/* No request uses it, and nobody else can name it any more. */
static bool is_orphan(const bombus_serving *s, const bb_binding *b)
{
    bool named = true;

    for (size_t i = 0; i < b->count; i++)
        named &= atomic_load(&b->uses[i].adapter->references) > own_references(s, b->uses[i].adapter);
    return !named && b->users == 0;
}

static void destroy_orphans(bombus_serving *s)
{
    bb_binding *orphans = NULL;

    pthread_mutex_lock(&s->mutex);
    for (bb_binding **link = &s->bindings; *link;) {
        bb_binding *b = *link;
        if (!is_orphan(s, b)) {
            link = &b->next;
            continue;
        }
        *link = b->next;
        b->next = orphans;
        orphans = b;
    }
    pthread_mutex_unlock(&s->mutex);
    for (bb_binding *next; orphans; orphans = next) {
        next = orphans->next;
        destroy(orphans);
    }
}

bombus_status bb_serving_bind(bb_binding **out, bombus_serving *s, const bombus_adapter_use *uses, size_t count, bombus_error *err)
{
    bb_binding *made = NULL;

    *out = NULL;
    if (count == 0)
        return BOMBUS_OK;
    destroy_orphans(s);
    pthread_mutex_lock(&s->mutex);
    bb_binding *b = find(s, uses, count);
    if (b)
        b->users++;
    pthread_mutex_unlock(&s->mutex);
    if (!b) {
        const bombus_status status = make(&made, s, uses, count, err);
        if (status != BOMBUS_OK)
            return status;
        pthread_mutex_lock(&s->mutex);
        b = find(s, uses, count); /* another may have been at it too */
        if (!b) {
            b = made;
            made = NULL;
            b->root = BB_PREFIX_ROOT | ++s->roots;
            b->next = s->bindings;
            s->bindings = b;
        }
        b->users++;
        pthread_mutex_unlock(&s->mutex);
    }
    if (made)
        destroy(made);
    *out = b;
    return BOMBUS_OK;
}

void bb_serving_unbind(bombus_serving *s, bb_binding *b)
{
    if (!b)
        return;
    pthread_mutex_lock(&s->mutex);
    const bool unused = --b->users == 0;
    pthread_mutex_unlock(&s->mutex);
    if (unused)
        destroy_orphans(s);
}

void bb_serving_drop_adapters(bombus_serving *s)
{
    for (bb_binding *b = s->bindings, *next; b; b = next) {
        next = b->next;
        destroy(b);
    }
    s->bindings = NULL;
}

const bb_deltas *bb_binding_deltas(const bb_binding *b)
{
    return b ? b->deltas : NULL;
}

uint64_t bb_binding_root(const bb_binding *b)
{
    return b ? b->root : BB_PREFIX_ROOT;
}
