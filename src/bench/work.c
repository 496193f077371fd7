/* What a test has to read and to compute. Sums of whole numbers, far below 2^53, so doubles hold them exactly. */
#include "bench/work.h"

#include "backend/backend.h"

#include <math.h>

/* Some of the linear layers together. */
typedef struct weights {
    double all, integer; /* weights, and those whose products BOMBUS_FAST does with integers */
    double bytes;
} weights;

static void count_linear(weights *sum, const bb_linear *linear)
{
    const bb_tensor *weight = &linear->weight;
    const double count = (double)bb_shape_count(weight->rank, weight->shape);

    sum->all += count;
    sum->integer += bb_is_fast(weight) ? count : 0;
    sum->bytes += (double)bb_tensor_bytes(weight);
}

/* Those of all layers, without the head. */
static weights count_layers(const bombus_model *model)
{
    weights sum = {0};

    for (int i = BB_FIRST_LINEAR; i < bb_model_linear_count(model); i++)
        count_linear(&sum, bb_model_linear_at(model, i));
    return sum;
}

static bombus_quantization quantization_of(const bb_tensor *weight)
{
    return bb_is_quantized(weight) ? weight->quant : (bombus_quantization){.bits = bombus_dtype_bits(weight->dtype)};
}

bombus_quantization bb_work_quantization(const bombus_model *model, double *bits)
{
    struct {
        bombus_quantization quantization;
        double weights;
    } kinds[64] = {0}; /* [count] more than there are modes, widths and group sizes together */
    int count = 0, most = 0;
    weights all = {0};

    for (int i = BB_HEAD_INDEX; i < bb_model_linear_count(model); i++) {
        const bb_linear *linear = bb_model_linear_at(model, i);
        const bombus_quantization q = quantization_of(&linear->weight);
        weights own = {0};
        int kind = 0;
        count_linear(&own, linear);
        count_linear(&all, linear);
        while (kind < count && (kinds[kind].quantization.mode != q.mode || kinds[kind].quantization.bits != q.bits ||
                                kinds[kind].quantization.group_size != q.group_size))
            kind++;
        count += kind == count;
        kinds[kind].quantization = q;
        kinds[kind].weights += own.all;
        most = kinds[kind].weights > kinds[most].weights ? kind : most;
    }
    *bits = 8 * all.bytes / all.all;
    return kinds[most].quantization;
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
    const double rows = (double)test->tokens * test->batch, keys = keys_seen(model, test->depth, test->tokens) * test->batch;
    const bool steps = test->kind == BOMBUS_BENCH_DECODE;
    const double passes = steps ? test->tokens : 1, head_rows = steps ? rows : 1;
    const weights layers = count_layers(model);
    weights head = {0};

    count_linear(&head, &model->head);
    return (bb_work){
        .weight_bytes = passes * (layers.bytes + head.bytes),
        .kv_bytes = (steps ? keys : keys_touched(model, test->depth, test->tokens)) * position_bytes,
        .linear_ops = 2 * (rows * layers.all + head_rows * head.all),
        .integer_ops = 2 * (rows * layers.integer + head_rows * head.integer),
        .attention_ops = 4.0 * c->heads * c->head_dim * keys,
    };
}

double bb_work_limit(const bb_work *work, const bombus_bench_test *test, bombus_compute compute, const bombus_machine *machine)
{
    if (!machine)
        return (double)NAN;
    if (test->kind != BOMBUS_BENCH_PREFILL)
        return (work->weight_bytes + work->kv_bytes) / machine->read_bandwidth;

    const double integers = compute == BOMBUS_FAST ? work->integer_ops : 0;
    return integers / machine->int8_peak + (work->linear_ops - integers + work->attention_ops) / machine->float_peak;
}
