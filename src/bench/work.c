/* What a test has to read and to compute. Sums of whole numbers, far below 2^53, so doubles hold them exactly. */
#include "bench/work.h"

#include <math.h>

/* The linear layers of all layers, without the head. */
static void count_layers(const bombus_model *model, double *weights, double *bytes)
{
    *weights = *bytes = 0;
    for (int i = 0; i < model->config.layers; i++) {
        const bb_layer *l = &model->layers[i];
        const bb_linear *linears[] = {&l->q, &l->k, &l->v, &l->o, &l->gate, &l->up, &l->down};
        for (size_t j = 0; j < sizeof linears / sizeof *linears; j++) {
            *weights += (double)bb_shape_count(linears[j]->weight.rank, linears[j]->weight.shape);
            *bytes += (double)bb_tensor_bytes(&linears[j]->weight);
        }
    }
}

/* Keys that the tokens at positions [depth, depth + tokens) see, in all layers together. */
static double keys_seen(const bombus_model *model, int depth, int tokens)
{
    double keys = 0;

    for (int i = 0; i < model->config.layers; i++) {
        const double window = model->layers[i].window;
        /* Tokens at positions from window - 1 on see that many; those before them one more each. */
        double growing = window > 0 ? window - 1 - depth : tokens;
        growing = growing < 0 ? 0 : growing < tokens ? growing : tokens;
        keys += growing * depth + growing * (growing + 1) / 2 + (tokens - growing) * window;
    }
    return keys;
}

/* Keys that at least one of them sees. */
static double keys_touched(const bombus_model *model, int depth, int tokens)
{
    double keys = 0;

    for (int i = 0; i < model->config.layers; i++) {
        const int window = model->layers[i].window, behind = window && window - 1 < depth ? window - 1 : depth;
        keys += (double)behind + tokens;
    }
    return keys;
}

bb_work bb_work_of(const bombus_model *model, const bombus_bench_test *test, double position_bytes)
{
    const bb_config *c = &model->config;
    const double head_weights = (double)bb_shape_count(model->head.weight.rank, model->head.weight.shape);
    const double rows = (double)test->tokens * test->batch, keys = keys_seen(model, test->depth, test->tokens) * test->batch;
    const bool steps = test->kind == BOMBUS_BENCH_DECODE;
    double weights, bytes;

    count_layers(model, &weights, &bytes);
    bytes += (double)bb_tensor_bytes(&model->head.weight);
    return (bb_work){
        .weight_bytes = steps ? bytes * test->tokens : bytes,
        .kv_bytes = (steps ? keys : keys_touched(model, test->depth, test->tokens)) * position_bytes,
        .linear_ops = 2 * (rows * weights + (steps ? rows : 1) * head_weights),
        .attention_ops = 4.0 * c->heads * c->head_dim * keys,
    };
}

double bb_work_limit(const bb_work *work, const bombus_bench_test *test, bombus_compute compute, const bombus_machine *machine)
{
    if (!machine)
        return (double)NAN;
    if (test->kind != BOMBUS_BENCH_PREFILL)
        return (work->weight_bytes + work->kv_bytes) / machine->read_bandwidth;
    return work->linear_ops / (compute == BOMBUS_FAST ? machine->int8_peak : machine->float_peak) +
           work->attention_ops / machine->float_peak;
}
