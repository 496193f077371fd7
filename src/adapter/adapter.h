/* adapter/adapter.h: a loaded adapter from the inside, and binding to a model. */
#ifndef BB_ADAPTER_ADAPTER_H
#define BB_ADAPTER_ADAPTER_H

#include "adapter/config.h"
#include "io/safetensors.h"
#include "model/model.h"

#include <bombus/adapter.h>

/* One of the two matrices of a module, as the file has it. */
typedef struct bb_factor {
    const bombus_tensor_info *info;
    bool transposed; /* [in, r] or [out, r]; else [r, in] or [r, out] */
} bb_factor;

/* One module: W [out, in] becomes W + scale * B^T A. An embedding [V, D] has out V and in D. */
typedef struct bb_adapter_module {
    const char *name;
    int rank;
    double scale;
    bb_factor a, b;
    const bombus_tensor_info *magnitude; /* [out], or [in] where columns; NULL: none */
    bool columns;
    const bombus_tensor_info *copy; /* of the base's weight, as PEFT keeps one of an embedding; NULL: none */
} bb_adapter_module;

struct bombus_adapter {
    _Atomic int handles;    /* the callers': at 0 all that it holds is freed */
    _Atomic int references; /* one for all handles, and those to its mere name: at 0 the struct goes too */
    bb_arena arena;
    bb_adapter_config config;
    bombus_safetensors *file;
    bombus_adapter_info info;
    bb_adapter_module *modules; /* [info.module_count] in order of name */
};

/* A reference to the adapter's name alone: until it is dropped no other adapter has this address, but the adapter may be gone meanwhile. */
bombus_adapter *bb_adapter_name_retain(bombus_adapter *adapter);
void bb_adapter_name_free(bombus_adapter *adapter);

/* Can a caller still name it? */
bool bb_adapter_is_held(const bombus_adapter *adapter);

/* The size of the side of a factor that is not the rank. */
static inline int64_t bb_factor_width(const bb_factor *factor)
{
    return factor->info->shape[factor->transposed ? 0 : 1];
}

/* NULL where it leaves the module as it is. */
const bb_adapter_module *bb_adapter_find(const bombus_adapter *adapter, const char *name);

/* All values of a factor as F32 [r, width], times scale; the caller frees *out with bb_free. */
bombus_status bb_factor_values(float **out, const bb_factor *factor, double scale, bombus_error *err);

/* The weighted sum of adapters [count] as changes of a model, each checked against it; *out is NULL for none. The result keeps nothing of
 * the adapters. BOMBUS_EINVAL names the module and the shape, layer or kind that does not fit. */
bombus_status bb_adapter_bind(bb_deltas **out, const bombus_model *model, const bombus_adapter_use *uses, size_t count, bombus_error *err);

#endif
