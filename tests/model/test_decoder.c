/* A step of several sequences: each row's bytes are what they are when its sequence runs alone. */
#include "bench/random_adapters.h"
#include "generate/kv_pool.h"
#include "model/model.h"
#include "testing.h"

#include <math.h>

enum { SEQUENCES = 3, LENGTH = 70, STEP_ROWS = 24, BLOCKS = SEQUENCES * (LENGTH / BB_KV_BLOCK + 1) };

static bombus_error err;

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* One sequence's growth: what has been fed, and the blocks it holds. */
typedef struct timeline {
    int32_t tokens[LENGTH];
    int length;
    int32_t blocks[LENGTH / BB_KV_BLOCK + 1];
    int block_count;
} timeline;

typedef struct engine {
    bombus_model *model;
    bb_workspace workspace;
    bb_kv_pool pool;
    bb_deltas *deltas[SEQUENCES]; /* of each sequence; NULL: none */
} engine;

/* adapted: all sequences but the first have a change of the model's layers, each another. */
static void engine_open(engine *e, const char *name, bombus_compute compute, int threads, bool adapted)
{
    char path[512];
    snprintf(path, sizeof path, "%s/models/%s", BOMBUS_GOLDEN, name);
    assert_ok(bombus_model_load(&e->model, path, &(bombus_model_options){.threads = threads, .compute = compute}, &err), err);
    assert_ok(bb_workspace_create(&e->workspace, e->model, STEP_ROWS, &err), err);
    assert_ok(bb_kv_pool_create(&e->pool, e->model, BLOCKS, BOMBUS_F32, &err), err);
    memset(e->deltas, 0, sizeof e->deltas);
    for (int s = 1; s < SEQUENCES && adapted; s++) {
        assert_ok(bb_random_deltas(&e->deltas[s], e->model, 3 * s, (uint64_t)s, &err), err);
        assert_ok(bb_workspace_reserve(&e->workspace, e->deltas[s]->rank, &err), err);
    }
}

static void engine_close(engine *e)
{
    for (int s = 0; s < SEQUENCES; s++)
        bb_deltas_free(e->deltas[s]);
    bb_kv_pool_free(&e->pool);
    bb_workspace_free(&e->workspace);
    bombus_model_free(e->model);
}

static void timelines_begin(timeline *lines, int vocabulary)
{
    uint32_t random = 7;
    memset(lines, 0, SEQUENCES * sizeof *lines);
    for (int s = 0; s < SEQUENCES; s++)
        for (int i = 0; i < LENGTH; i++)
            lines[s].tokens[i] = (int32_t)(next_random(&random) % (uint32_t)vocabulary);
}

/* Feeds counts[s] further tokens of each sequence in one step; logits of each row go to its place in out [SEQUENCES, LENGTH, V]. */
static void feed(engine *e, timeline *lines, const int *counts, float *out)
{
    int32_t tokens[STEP_ROWS], positions[STEP_ROWS], sequences[STEP_ROWS];
    const int32_t *tables[SEQUENCES];
    const int vocabulary = e->model->config.vocabulary;
    bb_delta_run runs[SEQUENCES];
    bb_step_deltas deltas = {runs, 0};
    int rows = 0;

    for (int s = 0; s < SEQUENCES; s++) {
        tables[s] = lines[s].blocks;
        if (e->deltas[s] && counts[s])
            runs[deltas.count++] = (bb_delta_run){rows, counts[s], e->deltas[s]->table};
        for (int i = 0; i < counts[s]; i++, rows++) {
            tokens[rows] = lines[s].tokens[lines[s].length];
            positions[rows] = lines[s].length++;
            sequences[rows] = s;
        }
        while (lines[s].block_count * BB_KV_BLOCK < lines[s].length)
            lines[s].blocks[lines[s].block_count++] = bb_kv_pool_take(&e->pool);
    }
    if (!rows)
        return;
    bb_decoder_step(e->model, &e->workspace, e->pool.kv,
                    &(bb_rows){.count = rows, .tokens = tokens, .positions = positions, .sequences = sequences, .blocks = tables},
                    deltas.count ? &deltas : NULL);
    for (int32_t row = 0; row < rows; row++) {
        float *place = out + ((size_t)sequences[row] * LENGTH + (size_t)positions[row]) * (size_t)vocabulary;
        assert_ok(bb_decoder_logits(e->model, &e->workspace, &row, 1, NULL, place, &err), err);
    }
}

/* Every sequence alone, token by token, against all of them in random steps of shared rows. Returns the logits of the first, the caller's
 * to free. */
static float *check_model(const char *name, bombus_compute compute, bool adapted, size_t *size)
{
    static timeline lines[SEQUENCES];
    engine e;
    uint32_t random = 3;

    engine_open(&e, name, compute, 1, adapted);
    const size_t count = (size_t)SEQUENCES * LENGTH * (size_t)e.model->config.vocabulary;
    float *alone = calloc(count, sizeof *alone), *together = calloc(count, sizeof *together);
    timelines_begin(lines, e.model->config.vocabulary);
    for (int s = 0; s < SEQUENCES; s++) {
        int counts[SEQUENCES] = {0};
        counts[s] = 1;
        for (int i = 0; i < LENGTH; i++)
            feed(&e, lines, counts, alone);
    }
    engine_close(&e);

    for (int threads = 1; threads <= 3; threads++) {
        engine_open(&e, name, compute, threads, adapted);
        timelines_begin(lines, e.model->config.vocabulary);
        memset(together, 0, count * sizeof *together);
        for (bool more = true; more;) {
            int counts[SEQUENCES];
            more = false;
            for (int s = 0; s < SEQUENCES; s++) {
                const int left = LENGTH - lines[s].length, wish = (int)(next_random(&random) % (STEP_ROWS / SEQUENCES + 1));
                counts[s] = wish < left ? wish : left;
                more |= left > counts[s];
            }
            feed(&e, lines, counts, together);
        }
        assert_memory_equal(alone, together, count * sizeof *alone);
        engine_close(&e);
    }
    free(together);
    *size = count;
    return alone;
}

static void check(const char *name)
{
    size_t size;

    free(check_model(name, BOMBUS_EXACT, false, &size));
}

static void a_row_does_not_see_its_neighbours(void **state)
{
    (void)state;
    check("qwen3-4bit-g64");
}

static void windows_and_biases_do_not_see_neighbours_either(void **state)
{
    (void)state;
    check("mistral-window");
    check("llama-biases-f32");
    check("qwen2-tied-bf16");
}

static void the_fast_mode_does_not_see_neighbours_either_and_is_near_the_exact_one(void **state)
{
    (void)state;
    static const char *const names[] = {"qwen3-4bit-g64", "qwen2-4bit-g64-f16", "affine-8bit-g128", "mxfp4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size;
        float *exact = check_model(names[i], BOMBUS_EXACT, false, &size), *fast = check_model(names[i], BOMBUS_FAST, false, &size);
        double error = 0, magnitude = 0;
        for (size_t j = 0; j < size; j++) {
            error += pow((double)fast[j] - (double)exact[j], 2);
            magnitude += pow((double)exact[j], 2);
        }
        print_message("%s: %.2g off\n", names[i], sqrt(error / magnitude));
        assert_true(sqrt(error / magnitude) < 0.05);
        free(exact);
        free(fast);
    }
}

static void rows_of_one_step_have_changes_of_their_own(void **state)
{
    (void)state;
    for (int compute = BOMBUS_EXACT; compute <= BOMBUS_FAST; compute++) {
        size_t size, each;
        float *plain = check_model("qwen3-4bit-g64", (bombus_compute)compute, false, &size);
        float *adapted = check_model("qwen3-4bit-g64", (bombus_compute)compute, true, &size);
        each = size / SEQUENCES;
        assert_memory_equal(plain, adapted, each * sizeof *plain);
        for (int s = 1; s < SEQUENCES; s++)
            assert_memory_not_equal(plain + (size_t)s * each, adapted + (size_t)s * each, each * sizeof *plain);
        free(plain);
        free(adapted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_one_step_have_changes_of_their_own),
        cmocka_unit_test(a_row_does_not_see_its_neighbours),
        cmocka_unit_test(windows_and_biases_do_not_see_neighbours_either),
        cmocka_unit_test(the_fast_mode_does_not_see_neighbours_either_and_is_near_the_exact_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
