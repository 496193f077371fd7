/* bench/random_adapters.h: adapters of random values, for what they cost. */
#ifndef BB_BENCH_RANDOM_ADAPTERS_H
#define BB_BENCH_RANDOM_ADAPTERS_H

#include "model/model.h"

/* A change of this rank of every linear layer of every layer of the model, small beside its weights. */
bombus_status bb_random_deltas(bb_deltas **out, const bombus_model *model, int rank, uint64_t seed, bombus_error *err);

#endif
