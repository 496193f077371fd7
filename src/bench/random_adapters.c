/* Random values small enough that activations stay finite: what a step costs does not depend on them. */
#include "bench/random_adapters.h"

#include "base/error.h"
#include "base/random.h"

static float *random_values(int64_t count, uint64_t seed)
{
    float *values = bb_alloc((size_t)count * sizeof *values);

    for (int64_t i = 0; values && i < count; i++)
        values[i] = (float)((int64_t)(bb_random(seed, (uint64_t)i) >> 40) - (1 << 23)) * 0x1p-30f;
    return values;
}

bombus_status bb_random_deltas(bb_deltas **out, const bombus_model *model, int rank, uint64_t seed, bombus_error *err)
{
    bb_deltas *deltas;
    bombus_status status = bb_deltas_create(&deltas, model, err);

    *out = NULL;
    for (int i = BB_FIRST_LINEAR; status == BOMBUS_OK && i < deltas->count; i++) {
        const bb_tensor *weight = &bb_model_linear_at(model, i)->weight;
        float *a = random_values(rank * weight->shape[1], seed), *b = random_values(rank * weight->shape[0], seed + 1);
        if (a && b)
            status = bb_deltas_set(deltas, model, i, &(bb_change){.rank = rank, .a = a, .b = b, .weight = 1}, 1, err);
        else
            status = bb_fail_memory(err, (size_t)rank * (size_t)(weight->shape[0] + weight->shape[1]) * sizeof *a);
        bb_free(a);
        bb_free(b);
    }
    if (status != BOMBUS_OK) {
        bb_deltas_free(deltas);
        return status;
    }
    *out = deltas;
    return BOMBUS_OK;
}
