/* Models of published shapes with random weights: as large, and as much work, as the real ones, without a download.
 *
 * Every tensor's bytes are a function of the seed and its place in the list of tensors, made a piece at a time while the file is written.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/random.h"
#include "io/safetensors.h"
#include "model/family.h"
#include "tensor/half.h"
#include "tensor/tensor.h"

#include <bombus/bench.h>
#include <math.h>
#include <stdio.h>

/* What the models' own config.json files say. */
typedef struct shape {
    const char *name, *model_type;
    int hidden, layers, heads, kv_heads, head_dim, feed_forward, vocabulary, context;
    double theta, eps;
    bool tied;
    int stretch; /* llama3's factor, from a context of 8192; 0: none */
} shape;

static const shape shapes[] = {
    {"qwen3-0.6b", "qwen3", 1024, 28, 16, 8, 128, 3072, 151936, 40960, 1e6, 1e-6, true, 0},
    {"qwen3-1.7b", "qwen3", 2048, 28, 16, 8, 128, 6144, 151936, 40960, 1e6, 1e-6, true, 0},
    {"qwen3-4b", "qwen3", 2560, 36, 32, 8, 128, 9728, 151936, 40960, 1e6, 1e-6, true, 0},
    {"qwen3-8b", "qwen3", 4096, 36, 32, 8, 128, 12288, 151936, 40960, 1e6, 1e-6, false, 0},
    {"qwen3-14b", "qwen3", 5120, 40, 40, 8, 128, 17408, 151936, 40960, 1e6, 1e-6, false, 0},
    {"qwen3-32b", "qwen3", 5120, 64, 64, 8, 128, 25600, 151936, 40960, 1e6, 1e-6, false, 0},
    {"qwen2.5-0.5b", "qwen2", 896, 24, 14, 2, 64, 4864, 151936, 32768, 1e6, 1e-6, true, 0},
    {"qwen2.5-1.5b", "qwen2", 1536, 28, 12, 2, 128, 8960, 151936, 32768, 1e6, 1e-6, true, 0},
    {"qwen2.5-3b", "qwen2", 2048, 36, 16, 2, 128, 11008, 151936, 32768, 1e6, 1e-6, true, 0},
    {"qwen2.5-7b", "qwen2", 3584, 28, 28, 4, 128, 18944, 152064, 32768, 1e6, 1e-6, false, 0},
    {"llama-3.2-1b", "llama", 2048, 16, 32, 8, 64, 8192, 128256, 131072, 5e5, 1e-5, true, 32},
    {"llama-3.2-3b", "llama", 3072, 28, 24, 8, 128, 8192, 128256, 131072, 5e5, 1e-5, true, 32},
    {"llama-3.1-8b", "llama", 4096, 32, 32, 8, 128, 14336, 128256, 131072, 5e5, 1e-5, false, 8},
    {"mistral-7b", "mistral", 4096, 32, 32, 8, 128, 14336, 32768, 32768, 1e6, 1e-5, false, 0},
    {"tiny", "qwen3", 128, 2, 4, 2, 32, 256, 512, 1024, 1e4, 1e-6, true, 0}, /* nobody's: for tests */
};

enum { SHAPES = sizeof shapes / sizeof *shapes, PIECE = 1 << 17, NAME_BYTES = 96 };

typedef enum contents { WORDS, CODES_E4M3, SCALES, BIASES, BYTES, VALUES, ONES } contents;

/* One tensor of the file, and how its bytes are made. tensor comes first: the writer hands a pointer to it back. */
typedef struct made {
    bombus_tensor tensor; /* without data */
    contents contents;
    uint64_t seed;
    double size;  /* SCALES, BIASES: of a mean scale; VALUES: of the values, root mean square */
    double shift; /* BIASES: in scales */
    uint8_t byte; /* BYTES */
} made;

typedef struct maker {
    const shape *shape;
    bombus_quantization quantization;
    bombus_dtype dtype;
    uint64_t seed;
    bb_arena arena; /* names and the array of made */
    made *made;     /* [count] */
    bombus_safetensors_entry *entries;
    size_t count;
    uint64_t *piece; /* [PIECE] */
    float *floats;   /* [PIECE] */
    bombus_error *err;
} maker;

const char *bombus_bench_shape_at(size_t index)
{
    return index < SHAPES ? shapes[index].name : NULL;
}

/* ---- the list of tensors ---- */

/* All modules of the model, layer by layer: those of two dimensions are matrices. What a maker does with each is counted first and then
 * done, so that the two agree. */
typedef bombus_status (*take_module)(maker *m, const char *name, int64_t rows, int64_t columns, bool bias);

static bombus_status each_module(maker *m, take_module take)
{
    const shape *s = m->shape;
    const bb_family *family = bb_family_find(s->model_type, NULL);
    const int64_t q = (int64_t)s->heads * s->head_dim, k = (int64_t)s->kv_heads * s->head_dim;
    const struct {
        const char *name;
        int64_t rows, columns; /* columns 0: a norm */
        bool bias, present;
    } modules[] = {
        {"input_layernorm", s->hidden, 0, false, true},
        {"post_attention_layernorm", s->hidden, 0, false, true},
        {"self_attn.q_norm", s->head_dim, 0, false, family->head_norm},
        {"self_attn.k_norm", s->head_dim, 0, false, family->head_norm},
        {"self_attn.q_proj", q, s->hidden, family->qkv_bias, true},
        {"self_attn.k_proj", k, s->hidden, family->qkv_bias, true},
        {"self_attn.v_proj", k, s->hidden, family->qkv_bias, true},
        {"self_attn.o_proj", s->hidden, q, false, true},
        {"mlp.gate_proj", s->feed_forward, s->hidden, false, true},
        {"mlp.up_proj", s->feed_forward, s->hidden, false, true},
        {"mlp.down_proj", s->hidden, s->feed_forward, false, true},
    };
    char name[NAME_BYTES];
    bombus_status status = take(m, "model.embed_tokens", s->vocabulary, s->hidden, false);

    for (int layer = 0; layer < s->layers; layer++) {
        for (size_t i = 0; i < sizeof modules / sizeof *modules && status == BOMBUS_OK; i++) {
            snprintf(name, sizeof name, "model.layers.%d.%s", layer, modules[i].name);
            if (modules[i].present)
                status = take(m, name, modules[i].rows, modules[i].columns, modules[i].bias);
        }
    }
    if (status == BOMBUS_OK)
        status = take(m, "model.norm", s->hidden, 0, false);
    if (status == BOMBUS_OK && !s->tied)
        status = take(m, "lm_head", s->vocabulary, s->hidden, false);
    return status;
}

static bombus_status count_module(maker *m, const char *name, int64_t rows, int64_t columns, bool bias)
{
    (void)name, (void)rows;
    const bombus_mode mode = m->quantization.mode;

    m->count += (columns == 0 || mode == BOMBUS_DENSE ? 1 : mode == BOMBUS_AFFINE ? 3 : 2) + bias;
    return BOMBUS_OK;
}

static bombus_status add(maker *m, const char *module, const char *part, bombus_dtype dtype, int64_t rows, int64_t columns, const made *how)
{
    const int64_t dimensions[] = {rows, columns};
    made *next = &m->made[m->count];
    char *name = bb_arena_alloc_bytes(&m->arena, NAME_BYTES);

    if (!name)
        return bb_fail_memory(m->err, NAME_BYTES);
    snprintf(name, NAME_BYTES, "%s.%s", module, part);
    *next = *how;
    next->tensor.t = bb_tensor_view(dtype, columns ? 2 : 1, dimensions, NULL);
    m->entries[m->count++] = (bombus_safetensors_entry){.name = name, .tensor = &next->tensor};
    return BOMBUS_OK;
}

/* Weights of about 1 / sqrt(columns), so that a layer's output is as large as its input. */
static bombus_status add_quantized(maker *m, const char *module, int64_t rows, int64_t columns, uint64_t seed)
{
    const bombus_quantization *q = &m->quantization;
    const int64_t groups = columns / q->group_size;
    const double size = 1 / sqrt((double)columns);
    made words = {.contents = q->mode == BOMBUS_MXFP8 ? CODES_E4M3 : WORDS, .seed = seed};
    made scales = {.contents = BYTES, .seed = seed + 1};
    bombus_status status = add(m, module, "weight", BOMBUS_U32, rows, columns * q->bits / 32, &words);

    if (status != BOMBUS_OK)
        return status;
    if (q->mode != BOMBUS_AFFINE) {
        /* Random E2M1 codes are of size 3, those of E4M3 that make_piece makes of size 207. */
        const double scale = size / (q->mode == BOMBUS_MXFP8 ? 207 : 3);
        scales.byte = q->mode == BOMBUS_NVFP4 ? bb_f32_to_e4m3((float)scale) : (uint8_t)(127 + (int)floor(log2(scale)));
        return add(m, module, "scales", BOMBUS_U8, rows, groups, &scales);
    }
    /* Integers of so many bits, evenly spread, are of size 2^bits / sqrt(12) about their middle, which the bias takes away. */
    scales.contents = SCALES;
    scales.size = size * sqrt(12) / (double)(1 << q->bits);
    made biases = scales;
    biases.contents = BIASES;
    biases.shift = -((1 << q->bits) - 1) / 2.0;
    if ((status = add(m, module, "scales", m->dtype, rows, groups, &scales)) == BOMBUS_OK)
        status = add(m, module, "biases", m->dtype, rows, groups, &biases);
    return status;
}

static bombus_status add_module(maker *m, const char *name, int64_t rows, int64_t columns, bool bias)
{
    const uint64_t seed = bb_random(m->seed, m->count);
    const made ones = {.contents = ONES}, values = {.contents = VALUES, .seed = seed, .size = columns ? 1 / sqrt((double)columns) : 1};
    const made offsets = {.contents = VALUES, .seed = seed + 2, .size = 0.1};
    bombus_status status;

    if (columns == 0)
        return add(m, name, "weight", m->dtype, rows, 0, &ones);
    if (m->quantization.mode == BOMBUS_DENSE)
        status = add(m, name, "weight", m->dtype, rows, columns, &values);
    else
        status = add_quantized(m, name, rows, columns, seed);
    return status == BOMBUS_OK && bias ? add(m, name, "bias", m->dtype, rows, 0, &offsets) : status;
}

/* ---- bytes ---- */

/* Random floats, straight from random bits: sign and fraction are theirs, and of the exponent two bits below a largest one. */
static void make_values(uint64_t *out, size_t words, const made *self, uint64_t first)
{
    const bombus_dtype dtype = self->tensor.t.dtype;
    const int lane = dtype == BOMBUS_F32 ? 32 : 16, fraction = dtype == BOMBUS_F32 ? 23 : dtype == BOMBUS_F16 ? 10 : 7;
    const int exponent = (int)floor(log2(self->size)) + (dtype == BOMBUS_F16 ? 15 : 127);
    const uint64_t all = lane == 32 ? 0x0000000100000001u : 0x0001000100010001u; /* a lane's number, in each lane */
    const uint64_t kept = all * ((1u << fraction) - 1) | all << (lane - 1), lowered = all * 3 << fraction;
    const uint64_t largest = all * (uint64_t)exponent << fraction;

    for (size_t i = 0; i < words; i++) {
        const uint64_t r = bb_random(self->seed, first + i);
        out[i] = (r & kept) + (largest - (r & lowered));
    }
}

/* A group's scale, from 0.75 to 1.25 of the mean; its bias goes by it. */
static void make_scales(maker *m, size_t count, const made *self, uint64_t first)
{
    for (size_t i = 0; i < count; i++) {
        const double scale = self->size * (0.75 + (double)(bb_random(self->seed, first + i) >> 11) * 0x1p-54);
        m->floats[i] = (float)(self->contents == BIASES ? scale * self->shift : scale);
    }
    bb_narrow(m->piece, self->tensor.t.dtype, m->floats, (int64_t)count);
}

/* The next bytes of a tensor into m->piece, of which done went before. Returns how many. */
static size_t make_piece(maker *m, const made *self, size_t done, size_t bytes)
{
    const size_t element = (size_t)bombus_dtype_bits(self->tensor.t.dtype) / 8, left = bytes - done;
    const size_t count = left / element < PIECE ? left / element : PIECE, size = count * element;
    const size_t words = (size + sizeof *m->piece - 1) / sizeof *m->piece;
    const uint64_t first = done / sizeof *m->piece;

    switch (self->contents) {
    case WORDS:
        for (size_t i = 0; i < words; i++)
            m->piece[i] = bb_random(self->seed, first + i);
        break;
    case CODES_E4M3: /* with one of the four largest exponents, as most have that quantizing makes, and an even fraction: no NaN */
        for (size_t i = 0; i < words; i++)
            m->piece[i] = (bb_random(self->seed, first + i) & 0xfefefefefefefefeu) | 0x6060606060606060u;
        break;
    case VALUES:
        make_values(m->piece, words, self, first);
        break;
    case SCALES:
    case BIASES:
        make_scales(m, count, self, done / element);
        break;
    case BYTES:
        memset(m->piece, self->byte, size);
        break;
    case ONES:
        for (size_t i = 0; i < count; i++)
            m->floats[i] = 1;
        bb_narrow(m->piece, self->tensor.t.dtype, m->floats, (int64_t)count);
        break;
    }
    return size;
}

static bombus_status fill(const bombus_safetensors_entry *entry, bb_writer *writer, void *context, bombus_error *err)
{
    const made *self = (const made *)entry->tensor;
    const size_t bytes = bb_tensor_bytes(&entry->tensor->t);
    bombus_status status = BOMBUS_OK;

    for (size_t done = 0; done < bytes && status == BOMBUS_OK;) {
        const size_t size = make_piece(context, self, done, bytes);
        status = bb_writer_write(writer, ((maker *)context)->piece, size, err);
        done += size;
    }
    return status;
}

static bombus_status write_weights(maker *m, const char *directory)
{
    char *path = bb_path_join(directory, "model.safetensors");
    bombus_status status;

    m->count = 0;
    each_module(m, count_module);
    m->made = bb_arena_alloc_zero(&m->arena, m->count, sizeof *m->made);
    m->entries = bb_arena_alloc_zero(&m->arena, m->count, sizeof *m->entries);
    m->piece = bb_arena_alloc(&m->arena, PIECE * sizeof *m->piece);
    m->floats = bb_arena_alloc(&m->arena, PIECE * sizeof *m->floats);
    if (!path || !m->made || !m->entries || !m->piece || !m->floats) {
        status = bb_fail_memory(m->err, PIECE * sizeof *m->piece);
        goto out;
    }
    m->count = 0;
    if ((status = each_module(m, add_module)) == BOMBUS_OK)
        status = bb_safetensors_write(path, m->entries, m->count, (const char *const[][2]){{"format", "mlx"}}, 1, fill, m, m->err);
out:
    bb_free(path);
    bb_arena_free(&m->arena);
    return status;
}

/* ---- config.json ---- */

static void put_int(bb_json_writer *json, const char *key, int value)
{
    bb_json_key(json, key);
    bb_json_int(json, value);
}

static void put_double(bb_json_writer *json, const char *key, double value)
{
    bb_json_key(json, key);
    bb_json_double(json, value);
}

static void put_string(bb_json_writer *json, const char *key, const char *value)
{
    bb_json_key(json, key);
    bb_json_string(json, value);
}

static bombus_status write_config(const maker *m, const char *directory)
{
    const shape *s = m->shape;
    bb_json_writer json = {0};
    char *path = bb_path_join(directory, "config.json"), *text = NULL;
    size_t bytes;
    bb_writer writer;

    bb_json_begin_object(&json);
    put_string(&json, "model_type", s->model_type);
    bb_json_key(&json, "architectures");
    bb_json_begin_array(&json);
    bb_json_string(&json, bb_family_find(s->model_type, NULL)->architecture);
    bb_json_end_array(&json);
    put_int(&json, "hidden_size", s->hidden);
    put_int(&json, "num_hidden_layers", s->layers);
    put_int(&json, "num_attention_heads", s->heads);
    put_int(&json, "num_key_value_heads", s->kv_heads);
    put_int(&json, "head_dim", s->head_dim);
    put_int(&json, "intermediate_size", s->feed_forward);
    put_int(&json, "vocab_size", s->vocabulary);
    put_int(&json, "max_position_embeddings", s->context);
    put_string(&json, "hidden_act", "silu");
    put_double(&json, "rms_norm_eps", s->eps);
    put_double(&json, "rope_theta", s->theta);
    bb_json_key(&json, "sliding_window");
    bb_json_null(&json);
    bb_json_key(&json, "tie_word_embeddings");
    bb_json_bool(&json, s->tied);
    if (s->stretch) {
        bb_json_key(&json, "rope_scaling");
        bb_json_begin_object(&json);
        put_string(&json, "rope_type", "llama3");
        put_int(&json, "factor", s->stretch);
        put_int(&json, "low_freq_factor", 1);
        put_int(&json, "high_freq_factor", 4);
        put_int(&json, "original_max_position_embeddings", 8192);
        bb_json_end_object(&json);
    }
    if (m->quantization.mode != BOMBUS_DENSE) {
        bb_json_key(&json, "quantization");
        bb_json_begin_object(&json);
        put_string(&json, "mode", bombus_mode_name(m->quantization.mode));
        put_int(&json, "bits", m->quantization.bits);
        put_int(&json, "group_size", m->quantization.group_size);
        bb_json_end_object(&json);
    }
    bb_json_end_object(&json);

    bombus_status status = bb_json_finish(&json, &text, &bytes, m->err);
    if (status == BOMBUS_OK && !path)
        status = bb_fail_memory(m->err, strlen(directory));
    if (status == BOMBUS_OK && (status = bb_writer_open(&writer, path, m->err)) == BOMBUS_OK) {
        status = bb_writer_write(&writer, text, bytes, m->err);
        if (status == BOMBUS_OK)
            status = bb_writer_commit(&writer, m->err);
        else
            bb_writer_abort(&writer);
    }
    bb_free(text);
    bb_free(path);
    return status;
}

/* ---- the door ---- */

static bombus_status find_shape(const shape **out, const char *name, bombus_error *err)
{
    char known[512] = "";
    size_t used = 0;

    for (size_t i = 0; i < SHAPES; i++) {
        if (strcmp(shapes[i].name, name) == 0) {
            *out = &shapes[i];
            return BOMBUS_OK;
        }
        if (used < sizeof known)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", shapes[i].name);
    }
    return bb_fail(err, BOMBUS_ENOTFOUND, "shape \"%.60s\" is not known, expected one of %s", name, known);
}

static bombus_status check_kind(maker *m, const bombus_quantization *quantization, bombus_dtype dtype)
{
    m->quantization = *quantization;
    m->dtype = dtype;
    if (!bb_is_float(dtype)) {
        const char *name = bombus_dtype_name(dtype);
        return bb_fail(m->err, BOMBUS_EINVAL, "dtype: %s, expected F32, F16 or BF16", name ? name : "no dtype");
    }
    if (quantization->mode != BOMBUS_DENSE)
        return bb_quantization_check(&m->quantization, "quantization", m->err);
    if (quantization->bits && quantization->bits != bombus_dtype_bits(dtype))
        return bb_fail(m->err, BOMBUS_EINVAL, "quantization: dense with %d bits, expected %d for %s", quantization->bits,
                       bombus_dtype_bits(dtype), bombus_dtype_name(dtype));
    return BOMBUS_OK;
}

bombus_status bombus_bench_random_model(const char *directory, const char *name, const bombus_quantization *quantization,
                                        bombus_dtype dtype, uint64_t seed, bombus_error *err)
{
    maker m = {.seed = seed, .err = err};
    bombus_status status;

    if ((status = find_shape(&m.shape, name, err)) != BOMBUS_OK || (status = check_kind(&m, quantization, dtype)) != BOMBUS_OK ||
        (status = write_config(&m, directory)) != BOMBUS_OK)
        return status;
    return write_weights(&m, directory);
}
