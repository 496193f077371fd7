/* Adapters of requests, bound to the engine's model: the same adapters with the same weights are bound once.
 *
 * A binding is there for as long as a request uses it or some caller holds its adapters: binding is work, and requests that name an
 * adapter come again; but of the many weights that an adapter may be named with, only the last few are kept. Whoever submits binds, so that
 * a misfit is told at once and the engine's thread does nothing but steps. Owns: the name of each adapter of a binding, what was made of
 * them, and a number that no other binding has: keys and values are shared within one. It does not hold the adapters: another engine, or
 * another binding, that did so would keep this one for ever. Threads: everything goes by the engine's mutex, but the binding itself. */
#include "generate/serving.h"

#include "base/error.h"

#include <string.h>

enum { KEPT = 4 }; /* bindings of an adapter, with other weights or in other company, that no request uses: each is as large as it */

struct bb_binding {
    bb_binding *next;
    bombus_adapter_use *uses; /* [count] names */
    size_t count;
    bb_deltas *deltas;
    uint64_t root;
    int users; /* tickets */
};

static void destroy(bb_binding *b)
{
    for (size_t i = 0; i < b->count; i++)
        bb_adapter_name_free(b->uses[i].adapter);
    bb_free(b->uses);
    bb_deltas_free(b->deltas);
    bb_free(b);
}

/* One user more, and first in the list; NULL where there is none. */
static bb_binding *find(bombus_serving *s, const bombus_adapter_use *uses, size_t count)
{
    for (bb_binding **link = &s->bindings, *b; (b = *link) != NULL; link = &b->next) {
        bool same = b->count == count;
        for (size_t i = 0; i < count && same; i++)
            same = b->uses[i].adapter == uses[i].adapter && b->uses[i].weight == uses[i].weight;
        if (same) {
            b->users++;
            *link = b->next;
            b->next = s->bindings;
            s->bindings = b;
            return b;
        }
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
        b->uses[b->count] = (bombus_adapter_use){bb_adapter_name_retain(uses[b->count].adapter), uses[b->count].weight};
    const bombus_status status = bb_adapter_bind(&b->deltas, s->model, uses, count, err);
    if (status != BOMBUS_OK)
        destroy(b);
    else
        *out = b;
    return status;
}

/* No request uses it, and nobody can name it any more. */
static bool is_orphan(const bb_binding *b)
{
    bool named = true;

    for (size_t i = 0; i < b->count; i++)
        named &= bb_adapter_is_held(b->uses[i].adapter);
    return !named && b->users == 0;
}

/* Takes the orphans out, and of the bindings that begin with an adapter and that no request uses all but the KEPT used last. adapter NULL:
 * orphans alone. */
static void destroy_idle(bombus_serving *s, const bombus_adapter *adapter)
{
    bb_binding *idle = NULL;
    int kept = 0;

    pthread_mutex_lock(&s->mutex);
    for (bb_binding **link = &s->bindings; *link;) {
        bb_binding *b = *link;
        const bool idle_one = b->users == 0 && b->uses[0].adapter == adapter;
        if (!is_orphan(b) && !(idle_one && ++kept > KEPT)) {
            link = &b->next;
            continue;
        }
        *link = b->next;
        s->stats.bound--;
        b->next = idle;
        idle = b;
    }
    pthread_mutex_unlock(&s->mutex);
    for (bb_binding *next; idle; idle = next) {
        next = idle->next;
        destroy(idle);
    }
}

bombus_status bb_serving_bind(bb_binding **out, bombus_serving *s, const bombus_adapter_use *uses, size_t count, bombus_error *err)
{
    bb_binding *made = NULL;

    *out = NULL;
    destroy_idle(s, NULL);
    if (count == 0)
        return BOMBUS_OK;
    pthread_mutex_lock(&s->mutex);
    bb_binding *b = find(s, uses, count);
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
            b->users = 1;
            b->root = BB_PREFIX_ROOT | ++s->roots;
            b->next = s->bindings;
            s->bindings = b;
            s->stats.bound++;
        }
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
    const bombus_adapter *first = b->uses[0].adapter; /* the binding may be another's to destroy, once it is let go of */
    const bool unused = --b->users == 0;
    pthread_mutex_unlock(&s->mutex);
    if (unused)
        destroy_idle(s, first);
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
