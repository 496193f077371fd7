/* Golden adapters: every adapter under tests/golden/adapters gives over its base the logits that mlx-lm or PEFT gives, and the same bytes
 * by any number of threads and in prefill chunks of any size.
 *
 * test_adapter_golden [PART OF A NAME]: only the adapters whose name has it. */
#include "testing.h"

#include "base/file.h"
#include "base/json.h"

#include <bombus/bombus.h>
#include <dirent.h>
#include <math.h>

enum { ADAPTERS_MAX = 64, PROMPT_MAX = 64, THREADS = 2 };

static const double TOLERANCE = 1e-4; /* of the largest logit */

static bombus_error err;

typedef struct golden {
    char adapter[512], base[512];
    int32_t prompt[PROMPT_MAX];
    size_t count, vocabulary;
    float *logits; /* [count, V] */
} golden;

static void read_golden(golden *g, const char *name)
{
    char path[640];
    bb_json_document document;
    bombus_safetensors *file;

    snprintf(g->adapter, sizeof g->adapter, "%s/adapters/%s", BOMBUS_GOLDEN, name);
    snprintf(path, sizeof path, "%s/golden.json", g->adapter);
    assert_ok(bb_json_load(&document, path, &err), err);
    const bb_json *ids = bb_json_get(&document.root, "prompt_ids"), *base = bb_json_get(&document.root, "base");
    assert_true(bb_json_is(ids, BB_JSON_ARRAY) && ids->count <= PROMPT_MAX && bb_json_is(base, BB_JSON_STRING));
    snprintf(g->base, sizeof g->base, "%s/models/%s", BOMBUS_GOLDEN, base->text);
    g->count = ids->count;
    for (size_t i = 0; i < ids->count; i++) {
        int64_t id;
        assert_true(bb_json_to_int(&ids->items[i], &id));
        g->prompt[i] = (int32_t)id;
    }
    bb_json_free(&document);

    snprintf(path, sizeof path, "%s/golden.safetensors", g->adapter);
    assert_ok(bombus_safetensors_open(&file, path, &err), err);
    const bombus_tensor_info *info = bombus_safetensors_find(file, "logits");
    assert_true(info && info->dtype == BOMBUS_F32 && info->rank == 2 && info->shape[0] == (int64_t)g->count);
    g->vocabulary = (size_t)info->shape[1];
    g->logits = malloc(info->bytes);
    memcpy(g->logits, info->data, info->bytes);
    bombus_safetensors_close(file);
}

/* Logits of the whole prompt, fed chunk tokens a call, the caller's. */
static float *evaluate(const golden *g, const bombus_adapter_use *use, bombus_compute compute, int threads, size_t chunk)
{
    float *logits = malloc(g->count * g->vocabulary * sizeof *logits);
    bombus_session_options options;
    bombus_session *session;
    bombus_model *model;

    bombus_session_options_init(&options);
    options.adapters = use;
    options.adapter_count = use != NULL;
    options.context = PROMPT_MAX;
    assert_ok(bombus_model_load(&model, g->base, &(bombus_model_options){.threads = threads, .compute = compute}, &err), err);
    assert_ok(bombus_session_create(&session, model, NULL, &options, &err), err);
    bombus_model_free(model);
    for (size_t at = 0; at < g->count; at += chunk) {
        const size_t count = g->count - at < chunk ? g->count - at : chunk;
        assert_ok(bombus_session_eval(session, g->prompt + at, count, logits + at * g->vocabulary, &err), err);
    }
    bombus_session_free(session);
    return logits;
}

static double largest(const float *values, size_t count)
{
    double result = 0;
    for (size_t i = 0; i < count; i++)
        result = fmax(result, fabs((double)values[i]));
    return result;
}

/* The largest difference as a part of the largest logit. */
static double apart(const golden *g, const float *logits)
{
    const size_t count = g->count * g->vocabulary;
    double worst = 0;

    for (size_t i = 0; i < count; i++) {
        const double difference = fabs((double)logits[i] - (double)g->logits[i]);
        if (!(difference <= worst))
            worst = isnan(difference) ? (double)INFINITY : difference;
    }
    return worst / largest(g->logits, count);
}

static void says_what_its_library_says(void **state)
{
    golden g;
    bombus_adapter *adapter;
    read_golden(&g, *state);
    const size_t chunks[] = {g.count, 5, 1}, bytes = g.count * g.vocabulary * sizeof(float);
    float *reference = NULL;

    assert_ok(bombus_adapter_load(&adapter, g.adapter, NULL, &err), err);
    const bombus_adapter_use use = {adapter, 1};
    for (int threads = 1; threads <= THREADS; threads++) {
        for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
            float *logits = evaluate(&g, &use, BOMBUS_EXACT, threads, chunks[c]);
            const double difference = apart(&g, logits);
            if (!reference) {
                reference = logits;
                if (difference > TOLERANCE)
                    fail_msg("%s: apart by %.2g of the largest logit, expected at most %.2g", (const char *)*state, difference, TOLERANCE);
                print_message("%s: %.2g of the largest logit\n", (const char *)*state, difference);
                continue;
            }
            assert_memory_equal(reference, logits, bytes);
            free(logits);
        }
    }

    /* Whether the adapter is there must matter far more than what the fast mode rounds. */
    float *fast = evaluate(&g, &use, BOMBUS_FAST, 1, g.count), *base = evaluate(&g, NULL, BOMBUS_EXACT, 1, g.count);
    const double rounded = apart(&g, fast), moved = apart(&g, base);
    if (rounded > 0.1 || rounded > moved / 2)
        fail_msg("%s: the fast mode is apart by %.2g, without the adapter it is %.2g", (const char *)*state, rounded, moved);
    free(fast);
    free(base);
    free(reference);
    free(g.logits);
    bombus_adapter_free(adapter);
}

int main(int argc, char **argv)
{
    static char names[ADAPTERS_MAX][256];
    struct CMUnitTest tests[ADAPTERS_MAX];
    size_t count = 0;
    DIR *stream = opendir(BOMBUS_GOLDEN "/adapters");

    if (!stream)
        return 1;
    for (struct dirent *entry; count < ADAPTERS_MAX && (entry = readdir(stream));) {
        if (entry->d_name[0] == '.' || (argc > 1 && !strstr(entry->d_name, argv[1])))
            continue;
        snprintf(names[count], sizeof names[count], "%s", entry->d_name);
        tests[count] = (struct CMUnitTest){names[count], says_what_its_library_says, NULL, NULL, names[count]};
        count++;
    }
    closedir(stream);
    return count ? _cmocka_run_group_tests("golden adapters", tests, count, NULL, NULL) : 1;
}
