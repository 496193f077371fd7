/* Attention and the writing of keys and values, on every backend: near a plain reference in double over what the cache holds, within the
 * memory it was given, and the same bytes for a row by any number of threads, alone, in a chunk and beside other sequences. */
#include "backend/cpu/kernels.h"
#include "backends.h"

enum { SEQUENCES = 3, SEQUENCE_BLOCKS = 4, ROWS_MAX = 128, POSITIONS_MAX = 4096 };

static const bombus_dtype dtypes[] = {BOMBUS_F32, BOMBUS_F16, BOMBUS_I8};

/* How far a stored element may be from what was written, as a part of the largest of its group (I8) or of itself. */
static double stored_part(bombus_dtype dtype)
{
    return dtype == BOMBUS_F32 ? 0 : dtype == BOMBUS_F16 ? 0x1p-11 : 0.5005 / 127;
}

/* A cache, and what it ought to hold. */
typedef struct cache {
    bb_attention shape;
    bb_kv kv;
    bb_tensor scratch;
    int blocks, sequence_blocks;
    int32_t map[SEQUENCES][POSITIONS_MAX / BB_KV_BLOCK]; /* scattered: no two neighbours of a sequence are neighbours in memory */
    int lengths[SEQUENCES];
    operand keys, values;               /* as written */
    float *stored_keys, *stored_values; /* as read back */
} cache;

static operand elements(bombus_dtype dtype, int64_t blocks, int64_t heads, int64_t rows, int64_t columns)
{
    if (dtype != BOMBUS_I8)
        return MAKE(dtype, 1e4f, blocks, heads, rows, columns);
    operand o = MAKE(BOMBUS_F32, 1, blocks, heads, rows, columns);
    o.t.dtype = BOMBUS_I8;
    return o;
}

/* What is not written yet is large: whoever sees it is far off. */
static void make_cache(cache *c, bb_attention shape, bombus_dtype dtype, int sequence_blocks)
{
    const int K = shape.kv_heads, groups = (shape.dim + BB_KV_GROUP - 1) / BB_KV_GROUP;

    *c = (cache){.shape = shape, .blocks = SEQUENCES * sequence_blocks, .sequence_blocks = sequence_blocks};
    c->keys = elements(dtype, c->blocks, K, shape.dim, BB_KV_BLOCK);
    c->values = elements(dtype, c->blocks, K, BB_KV_BLOCK, shape.dim);
    c->kv = (bb_kv){.keys = c->keys.t, .values = c->values.t};
    if (dtype == BOMBUS_I8) {
        c->kv.key_scales = MAKE(BOMBUS_F16, 1e4f, c->blocks, K, groups, BB_KV_BLOCK).t;
        c->kv.value_scales = MAKE(BOMBUS_F16, 1e4f, c->blocks, K, groups, BB_KV_BLOCK).t;
    }
    c->scratch = F32(bb_attention_scratch(&shape, 4, sequence_blocks * BB_KV_BLOCK)).t;
    for (int b = 0; b < c->blocks; b++)
        c->map[b / sequence_blocks][b % sequence_blocks] = (7 * b + 5) % c->blocks;
    c->stored_keys = calloc((size_t)c->keys.count, sizeof *c->stored_keys);
    c->stored_values = calloc((size_t)c->values.count, sizeof *c->stored_values);
}

static void free_cache(cache *c)
{
    free(c->stored_keys);
    free(c->stored_values);
}

static int64_t tile_at(const cache *c, int sequence, int position, int head)
{
    return (int64_t)c->map[sequence][position / BB_KV_BLOCK] * c->shape.kv_heads + head;
}

static int64_t key_at(const cache *c, int sequence, int position, int head, int i)
{
    return (tile_at(c, sequence, position, head) * c->shape.dim + i) * BB_KV_BLOCK + position % BB_KV_BLOCK;
}

static int64_t value_at(const cache *c, int sequence, int position, int head, int i)
{
    return (tile_at(c, sequence, position, head) * BB_KV_BLOCK + position % BB_KV_BLOCK) * c->shape.dim + i;
}

static float read_element(const bb_tensor *t, const bb_tensor *scales, int64_t at, int64_t scale_at)
{
    unsigned char bytes[4];
    uint16_t scale;
    float value;
    const size_t size = (size_t)bb_dtypes[t->dtype].bits / 8;

    backend->ops->read(backend, t, (size_t)at * size, bytes, size);
    if (t->dtype != BOMBUS_I8) {
        bb_widen(&value, t->dtype, bytes, 1);
        return value;
    }
    backend->ops->read(backend, scales, (size_t)scale_at * sizeof scale, &scale, sizeof scale);
    return (float)(int8_t)bytes[0] * bb_f16_to_f32(scale);
}

static float largest_of_group(const float *x, int dim, int i)
{
    const int start = i / BB_KV_GROUP * BB_KV_GROUP, end = start + BB_KV_GROUP < dim ? start + BB_KV_GROUP : dim;
    float largest = 0;

    for (int j = start; j < end; j++)
        largest = fmaxf(largest, fabsf(x[j]));
    return largest;
}

static void expect_stored(const cache *c, const char *what, float stored, const float *written, int i)
{
    const bombus_dtype dtype = c->kv.keys.dtype;
    const float of = dtype == BOMBUS_I8 ? largest_of_group(written, c->shape.dim, i) : fabsf(written[i]);

    if (!(fabs((double)stored - (double)written[i]) <= stored_part(dtype) * (double)of + 0x1p-24))
        fail_msg("kv_write (%s) on %s, %s: %.9g, expected %.9g", what, backend->ops->name, bombus_dtype_name(dtype), (double)stored,
                 (double)written[i]);
}

/* Writes the rows and holds what the cache then has against them. */
static void write_rows(cache *c, const bb_rows *rows)
{
    const int K = c->shape.kv_heads, dim = c->shape.dim, groups = (dim + BB_KV_GROUP - 1) / BB_KV_GROUP;
    const operand k = F32(rows->count, K * dim), v = F32(rows->count, K * dim);

    backend->ops->kv_write(backend, &c->kv, &k.t, &v.t, rows);
    for (int n = 0; n < rows->count; n++)
        for (int head = 0; head < K; head++)
            for (int i = 0; i < dim; i++) {
                const int sequence = rows->sequences[n], position = rows->positions[n];
                const int64_t key = key_at(c, sequence, position, head, i), value = value_at(c, sequence, position, head, i);
                const int64_t from = ((int64_t)n * K + head) * dim;
                const int64_t scale =
                    (tile_at(c, sequence, position, head) * groups + i / BB_KV_GROUP) * BB_KV_BLOCK + position % BB_KV_BLOCK;
                c->stored_keys[key] = read_element(&c->kv.keys, &c->kv.key_scales, key, scale);
                c->stored_values[value] = read_element(&c->kv.values, &c->kv.value_scales, value, scale);
                expect_stored(c, "keys", c->stored_keys[key], k.values + from, i);
                expect_stored(c, "values", c->stored_values[value], v.values + from, i);
                c->keys.values[key] = k.values[from + i];
                c->values.values[value] = v.values[from + i];
            }
}

/* Nothing of the cache but what was written has changed. */
static void expect_untouched(const cache *c)
{
    const operand *const parts[] = {&c->keys, &c->values};

    for (int p = 0; p < 2 && c->kv.keys.dtype != BOMBUS_I8; p++) {
        for (int64_t i = 0; i < parts[p]->count; i++)
            expected[i] = (exact){(double)parts[p]->values[i], fabs((double)parts[p]->values[i])};
        expect("kv_write", p ? "values" : "keys", c->kv.keys.dtype, parts[p]);
    }
}

/* Expected of one thread's run alone, since others are held against its bytes. An error in a score is the same part of its weight, so the
 * magnitude counts the scores' too. */
static void reference(const cache *c, const float *q, int sequence, int position, int head, exact *out)
{
    static double scores[POSITIONS_MAX];
    const int first = c->shape.window && position >= c->shape.window ? position - c->shape.window + 1 : 0, dim = c->shape.dim;
    const int kv_head = head / (c->shape.heads / c->shape.kv_heads);
    double max = -INFINITY, sum = 0, largest = 0;

    for (int p = first; p <= position; p++) {
        double score = 0, magnitude = 0;
        for (int i = 0; i < dim; i++) {
            const double term = (double)c->shape.scale * (double)q[i] * (double)c->stored_keys[key_at(c, sequence, p, kv_head, i)];
            score += term;
            magnitude += fabs(term);
        }
        scores[p] = score;
        max = fmax(max, score);
        largest = fmax(largest, magnitude);
    }
    for (int p = first; p <= position; p++)
        sum += scores[p] = exp(scores[p] - max);
    for (int i = 0; i < dim; i++) {
        out[i] = (exact){0, 0};
        for (int p = first; p <= position; p++) {
            const double term = scores[p] / sum * (double)c->stored_values[value_at(c, sequence, p, kv_head, i)];
            out[i].value += term;
            out[i].magnitude += (1 + largest) * fabs(term);
        }
    }
}

static bb_rows rows_of(const cache *c, int count, const int32_t *positions, const int32_t *sequences)
{
    static const int32_t *blocks[SEQUENCES];

    for (int s = 0; s < SEQUENCES; s++)
        blocks[s] = c->map[s];
    return (bb_rows){.count = count, .positions = positions, .sequences = sequences, .blocks = blocks};
}

/* One step: counts[s] more positions of each sequence, the sequences' rows taking turns or one after another. */
static void step(cache *c, const int *counts, bool turns)
{
    char kind[64];
    int32_t positions[ROWS_MAX], sequences[ROWS_MAX];
    int count = 0;

    for (int i = 0; i < ROWS_MAX * SEQUENCES; i++) {
        const int s = turns ? i % SEQUENCES : i / ROWS_MAX, turn = turns ? i / SEQUENCES : i % ROWS_MAX;
        if (turn < counts[s]) {
            sequences[count] = s;
            positions[count++] = c->lengths[s]++;
        }
    }
    const bb_rows rows = rows_of(c, count, positions, sequences);
    const int heads = c->shape.heads, dim = c->shape.dim;
    const operand q = MAKE(BOMBUS_F32, 4, count, heads * dim), out = F32(count, heads * dim);

    write_rows(c, &rows);
    backend->ops->attention(backend, &out.t, &q.t, &c->kv, &c->shape, &rows);
    for (int i = 0; i < count * heads && thread_count == 1; i++)
        reference(c, q.values + (ptrdiff_t)i * dim, sequences[i / heads], positions[i / heads], i % heads, expected + (ptrdiff_t)i * dim);
    snprintf(kind, sizeof kind, "%s, %d for %d heads of %d, window %d", bombus_dtype_name(c->kv.keys.dtype), c->shape.kv_heads, heads, dim,
             c->shape.window);
    expect("attention", kind, BOMBUS_F32, &out);
}

/* The kernel of attention is the plain set's once more. */
static bool is_repetition(void)
{
    const bb_kernels *kernels = bb_cpu_kernels(backend);

    if (kernels == &bb_scalar_kernels || kernels->attend != bb_scalar_kernels.attend)
        return false;
    print_message("SKIP attention of %s: it is the scalar set's\n", kernels->name);
    return true;
}

/* Three prompts, then steps across the edge of a block and by one row. */
static void attention_sees_its_own_sequence_and_window(void)
{
    const bb_attention shapes[] = {
        {.heads = 1, .kv_heads = 1, .dim = 1, .scale = 1},
        {.heads = 2, .kv_heads = 2, .dim = 7, .scale = 0.3f},
        {.heads = 6, .kv_heads = 2, .dim = 40, .scale = 0.158f},
        {.heads = 3, .kv_heads = 1, .dim = 20, .scale = 2, .window = 40},
        {.heads = 4, .kv_heads = 2, .dim = 33, .scale = 1, .window = 5},
        {.heads = 2, .kv_heads = 1, .dim = 16, .scale = 30, .window = 32},
        {.heads = 8, .kv_heads = 4, .dim = 32, .scale = 0.2f},
        {.heads = 8, .kv_heads = 2, .dim = 64, .scale = 0.125f, .window = 33},
        {.heads = 7, .kv_heads = 1, .dim = 80, .scale = 0.1f},
        {.heads = 1, .kv_heads = 1, .dim = 96, .scale = 0.1f},
        {.heads = 8, .kv_heads = 1, .dim = 128, .scale = 0.09f},
        {.heads = 2, .kv_heads = 1, .dim = 256, .scale = 0.06f, .window = 64},
        {.heads = 2, .kv_heads = 1, .dim = 512, .scale = 0.05f},
        {.heads = 53, .kv_heads = 1, .dim = 8, .scale = 0.3f}, /* more than one task takes */
    };
    const int steps[][SEQUENCES] = {{31, 65, 1}, {2, 0, 3}, {0, 1, 0}, {30, 3, 30}, {1, 1, 1}};

    if (is_repetition())
        return;
    for (size_t s = 0; s < COUNT(shapes); s++) {
        for (size_t d = 0; d < COUNT(dtypes); d++) {
            cache c;
            make_cache(&c, shapes[s], dtypes[d], SEQUENCE_BLOCKS);
            c.shape.scratch = s % 2 ? &c.scratch : NULL;
            for (size_t i = 0; i < COUNT(steps); i++)
                step(&c, steps[i], i % 2 == 0);
            expect_untouched(&c);
            free_cache(&c);
        }
    }
}

/* Attends to the rows from first on and holds each of them against what it gave in all [rows, H * d], unless it is the first to give. */
static void attend_again(const cache *c, const operand *q, float *all, int sequence, int first, int count, int beside, bool fresh)
{
    const size_t width = (size_t)c->shape.heads * (size_t)c->shape.dim, bytes = (size_t)count * width * sizeof(float);
    int32_t positions[ROWS_MAX], sequences[ROWS_MAX];
    float *found = malloc(bytes);
    const operand in = F32(count + beside, (int64_t)width), out = F32(count + beside, (int64_t)width);

    /* Rows of another sequence on either side. */
    for (int n = 0; n < count + beside; n++) {
        const bool own = n >= beside / 2 && n < beside / 2 + count;
        const int at = n - beside / 2;
        positions[n] = own ? first + at : n;
        sequences[n] = own ? sequence : (sequence + 1) % SEQUENCES;
    }
    const size_t offset = (size_t)(beside / 2) * width * sizeof(float);
    backend->ops->write(backend, &in.t, offset, q->values + (size_t)first * width, bytes);
    const bb_rows rows = rows_of(c, count + beside, positions, sequences);
    backend->ops->attention(backend, &out.t, &in.t, &c->kv, &c->shape, &rows);
    backend->ops->read(backend, &out.t, offset, found, bytes);
    if (fresh)
        memcpy(all + (size_t)first * width, found, bytes);
    else if (memcmp(all + (size_t)first * width, found, bytes))
        fail_msg("attention on %s, %s: rows from %d, %d of them beside %d others: other bytes than in one chunk", backend->ops->name,
                 bombus_dtype_name(c->kv.keys.dtype), first, count, beside);
    free(found);
}

/* A sequence of several runs, in chunks of one size; then its rows alone, in other chunks, beside other sequences. */
static void a_row_has_the_same_bytes_in_any_company(void)
{
    const bb_attention shapes[] = {{.heads = 4, .kv_heads = 2, .dim = 16, .scale = 0.25f},
                                   {.heads = 3, .kv_heads = 1, .dim = 24, .scale = 0.2f, .window = 300}};
    enum { LENGTH = 1100, BLOCKS = LENGTH / BB_KV_BLOCK + 1 };
    static float all[LENGTH * 4 * 24];

    if (is_repetition())
        return;
    for (size_t s = 0; s < COUNT(shapes) * COUNT(dtypes); s++) {
        cache c;
        make_cache(&c, shapes[s / COUNT(dtypes)], dtypes[s % COUNT(dtypes)], BLOCKS);
        const int width = c.shape.heads * c.shape.dim;
        const operand q = MAKE(BOMBUS_F32, 4, LENGTH, width);
        for (int sequence = 0; sequence < 2; sequence++)
            for (int at = 0; at < LENGTH; at += 100) {
                int32_t positions[100], sequences[100];
                for (int n = 0; n < 100; n++) {
                    positions[n] = at + n;
                    sequences[n] = sequence;
                }
                const bb_rows rows = rows_of(&c, 100, positions, sequences);
                write_rows(&c, &rows);
            }
        for (int at = 0; at < LENGTH; at += 100)
            attend_again(&c, &q, all, 0, at, 100, 0, true);
        for (int i = 0; i < 2; i++) {
            c.shape.scratch = i ? &c.scratch : NULL;
            for (int at = LENGTH - 1; at >= 0; at -= 37)
                attend_again(&c, &q, all, 0, at, 1, 0, false);
            attend_again(&c, &q, all, 0, 1003, 2, 0, false);
            attend_again(&c, &q, all, 0, 1003, 97, 0, false);
            attend_again(&c, &q, all, 0, 700, 7, 0, false);
            attend_again(&c, &q, all, 0, 1099, 1, 2, false);
            attend_again(&c, &q, all, 0, 640, 20, 11, false);
        }
        for (int i = 0; i < c.shape.heads; i++)
            reference(&c, q.values + (ptrdiff_t)(LENGTH - 1) * width + (ptrdiff_t)i * c.shape.dim, 0, LENGTH - 1, i,
                      expected + (ptrdiff_t)i * c.shape.dim);
        for (int i = 0; i < width; i++)
            assert_true(is_near(BOMBUS_F32, (double)all[(LENGTH - 1) * width + i], expected[i].value, expected[i].magnitude));
        free_cache(&c);
    }
}

/* Thousands of keys, one of which has nearly all the weight, far from the end. */
static void a_deep_sequence_is_reduced_whole(void)
{
    enum { DEPTH = 1500 };
    const bb_attention shape = {.heads = 2, .kv_heads = 1, .dim = 8, .scale = 1};

    if (is_repetition())
        return;
    for (size_t d = 0; d < COUNT(dtypes); d++) {
        cache c;
        make_cache(&c, shape, dtypes[d], (DEPTH + 99) / BB_KV_BLOCK + 1);
        c.shape.scratch = &c.scratch;
        for (int at = 0; at < DEPTH; at += 100) {
            const int counts[SEQUENCES] = {100, at < 500 ? 20 : 0, 0};
            step(&c, counts, false);
        }
        for (int i = 0; i < 3; i++)
            step(&c, (const int[]){1, i, 0}, true);
        expect_untouched(&c);
        free_cache(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {ON_EVERY_BACKEND(attention_sees_its_own_sequence_and_window)},
        {ON_EVERY_BACKEND(a_row_has_the_same_bytes_in_any_company)},
        {ON_EVERY_BACKEND(a_deep_sequence_is_reduced_whole)},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
