/* Golden models: every checkpoint under tests/golden/models, and the trained ones of ../shared/models where they are, says what the
 * library that judges it says: logits to TOLERANCE, 200 greedy tokens one for one, and the same bytes at any thread count and in
 * prefill chunks of any size.
 *
 * test_golden [PART OF A NAME]: only the models whose name has it. */
#include "testing.h"

#include "base/file.h"
#include "base/json.h"

#include <bombus/bombus.h>
#include <dirent.h>
#include <math.h>

enum { MODELS_MAX = 256, THREADS_MAX = 3 };

/* A debug build, which the sanitizers slow down as well, tries each thread count with one chunk size and generates once: a third of the
 * work, over the same code. */
#ifdef BOMBUS_DEBUG
static const bool THOROUGH = false;
#else
static const bool THOROUGH = true;
#endif

static const double TOLERANCE = 1e-4; /* of the largest logit */

typedef struct golden {
    char *path;
    int32_t *prompt; /* [prompt_count] */
    size_t prompt_count;
    int32_t *greedy; /* [greedy_count] */
    size_t greedy_count;
    size_t first; /* position of the first row of logits; they go to the prompt's end */
    size_t vocabulary;
    float *logits; /* [prompt_count - first, V] */
    double largest;
} golden;

static const bb_json *member(const bb_json *object, const char *key, bb_json_type type)
{
    const bb_json *value = bb_json_get(object, key);
    if (!bb_json_is(value, type))
        fail_msg("golden.json: %s is no %s", key, bb_json_type_name(type));
    return value;
}

static int32_t *read_ids(const bb_json *object, const char *key, size_t *count)
{
    const bb_json *array = member(object, key, BB_JSON_ARRAY);
    int32_t *ids = bb_alloc(array->count * sizeof *ids);
    assert_non_null(ids);
    for (size_t i = 0; i < array->count; i++) {
        int64_t id;
        assert_true(bb_json_to_int(&array->items[i], &id));
        ids[i] = (int32_t)id;
    }
    *count = array->count;
    return ids;
}

/* The committed models keep their logits in a file of their own. */
static void read_logits_file(golden *g, const bb_json *root, const char *path)
{
    bombus_error err = {0};
    bombus_safetensors *file;
    assert_ok(bombus_safetensors_open(&file, path, &err), err);
    const bombus_tensor_info *info = bombus_safetensors_find(file, "logits");
    assert_non_null(info);
    assert_int_equal(info->dtype, BOMBUS_F32);
    assert_int_equal(info->rank, 2);

    int64_t first;
    assert_true(bb_json_to_int(member(root, "first_position", BB_JSON_NUMBER), &first));
    g->first = (size_t)first;
    assert_int_equal(info->shape[0], g->prompt_count - g->first);
    g->vocabulary = (size_t)info->shape[1];
    g->logits = bb_alloc(info->bytes);
    assert_non_null(g->logits);
    memcpy(g->logits, info->data, info->bytes);
    bombus_safetensors_close(file);
}

/* The shared ones have the last position's in golden.json. */
static void read_logits_list(golden *g, const bb_json *root)
{
    const bb_json *row = member(root, "last_prompt_position_logits", BB_JSON_ARRAY);
    g->first = g->prompt_count - 1;
    g->vocabulary = row->count;
    g->logits = bb_alloc(row->count * sizeof *g->logits);
    assert_non_null(g->logits);
    for (size_t v = 0; v < row->count; v++) {
        double logit;
        assert_true(bb_json_to_double(&row->items[v], &logit));
        g->logits[v] = (float)logit;
    }
}

static golden read_golden(const char *path)
{
    golden g = {0};
    bombus_error err = {0};
    bb_json_document document;
    char *json = bb_path_join(path, "golden.json"), *tensors = bb_path_join(path, "golden.safetensors");
    assert_ok(bb_json_load(&document, json, &err), err);
    g.prompt = read_ids(&document.root, "prompt_ids", &g.prompt_count);
    g.greedy = read_ids(&document.root, "greedy_ids", &g.greedy_count);
    if (bb_path_exists(tensors))
        read_logits_file(&g, &document.root, tensors);
    else
        read_logits_list(&g, &document.root);
    for (size_t i = 0; i < (g.prompt_count - g.first) * g.vocabulary; i++)
        g.largest = fmax(g.largest, fabs(g.logits[i]));
    bb_json_free(&document);
    bb_free(json);
    bb_free(tensors);
    return g;
}

static void free_golden(golden *g)
{
    bb_free(g->prompt);
    bb_free(g->greedy);
    bb_free(g->logits);
}

static bombus_session *new_session(const golden *g, bombus_model *model, size_t chunk)
{
    bombus_error err = {0};
    bombus_session *session;
    bombus_session_options options;
    bombus_session_options_init(&options);
    options.context = (int)(g->prompt_count + g->greedy_count);
    options.chunk = (int)chunk;
    assert_ok(bombus_session_create(&session, model, NULL, &options, &err), err);
    return session;
}

/* Logits of the whole prompt, fed chunk tokens a call: [prompt_count, V], the caller's. */
static float *evaluate(const golden *g, bombus_model *model, size_t chunk)
{
    bombus_error err = {0};
    bombus_session *session = new_session(g, model, chunk);
    float *logits = bb_alloc(g->prompt_count * g->vocabulary * sizeof *logits);
    assert_non_null(logits);
    for (size_t at = 0; at < g->prompt_count; at += chunk) {
        const size_t count = g->prompt_count - at < chunk ? g->prompt_count - at : chunk;
        assert_ok(bombus_session_eval(session, g->prompt + at, count, logits + at * g->vocabulary, &err), err);
    }
    assert_int_equal(bombus_session_position(session), g->prompt_count);
    bombus_session_free(session);
    return logits;
}

/* The largest difference as a part of the largest logit, and where it is. NaN counts as infinity. */
static double worst_difference(const golden *g, const float *logits, size_t *position)
{
    double worst = 0;
    *position = g->first;
    for (size_t t = g->first; t < g->prompt_count; t++)
        for (size_t v = 0; v < g->vocabulary; v++) {
            const double difference = fabs((double)logits[t * g->vocabulary + v] - g->logits[(t - g->first) * g->vocabulary + v]);
            if (!(difference <= worst)) {
                worst = isnan(difference) ? INFINITY : difference;
                *position = t;
            }
        }
    return worst / g->largest;
}

static void assert_greedy(const golden *g, bombus_model *model, int threads, size_t chunk)
{
    bombus_error err = {0};
    bombus_session *session = new_session(g, model, chunk);
    bombus_request request;
    bombus_request_init(&request);
    request.max_tokens = (int)g->greedy_count;
    request.ignore_end = true;
    bombus_result result;
    assert_ok(bombus_session_generate(session, g->prompt, g->prompt_count, &request, &result, &err), err);
    for (size_t i = 0; i < g->greedy_count && i < result.token_count; i++)
        if (result.tokens[i] != g->greedy[i])
            fail_msg("%d threads, chunks of %zu: greedy token %zu is %d, expected %d", threads, chunk, i, result.tokens[i], g->greedy[i]);
    assert_int_equal(result.token_count, g->greedy_count);
    assert_int_equal(result.finish, BOMBUS_FINISH_LENGTH);
    assert_null(result.text);
    bombus_result_clear(&result);
    bombus_session_free(session);
}

static void says_what_its_judge_says(void **state)
{
    const char *path = *state;
    golden g = read_golden(path);
    const size_t chunks[] = {g.prompt_count, 7, 1}, bytes = g.prompt_count * g.vocabulary * sizeof(float);
    float *reference = NULL;

    for (int threads = 1; threads <= THREADS_MAX; threads++) {
        bombus_error err = {0};
        bombus_model *model;
        const bombus_model_options options = {.threads = threads};
        assert_ok(bombus_model_load(&model, path, &options, &err), err);
        assert_int_equal(bombus_model_get_info(model)->vocabulary, g.vocabulary);

        for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
            if (!THOROUGH && c != (size_t)threads - 1)
                continue;
            float *logits = evaluate(&g, model, chunks[c]);
            if (!reference) {
                size_t position;
                const double worst = worst_difference(&g, logits, &position);
                printf("             logits %.3f of the tolerance, at position %zu\n", worst / TOLERANCE, position);
                if (!(worst <= TOLERANCE))
                    fail_msg("logits differ by %.3g of the largest at position %zu, at most %.0e is allowed", worst, position, TOLERANCE);
                reference = logits;
                continue;
            }
            if (memcmp(reference, logits, bytes) != 0)
                fail_msg("%d threads, chunks of %zu: not the same bytes as one thread, all at once", threads, chunks[c]);
            bb_free(logits);
        }
        if (THOROUGH || threads == 2)
            assert_greedy(&g, model, threads, chunks[threads - 1]);
        bombus_model_free(model);
    }
    bb_free(reference);
    free_golden(&g);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

/* Adds a test for each directory in root that has a golden.json, by name. Returns how many there are now. */
static size_t add_models(struct CMUnitTest *tests, size_t count, const char *root, const char *part)
{
    DIR *directory = opendir(root);
    if (!directory) {
        printf("SKIP: no models in %s\n", root);
        return count;
    }
    const size_t before = count;
    for (struct dirent *entry; (entry = readdir(directory)) && count < MODELS_MAX;) {
        char *path = bb_path_join(root, entry->d_name), *json = bb_path_join(path, "golden.json");
        if (bb_path_exists(json) && strstr(entry->d_name, part))
            tests[count++] =
                (struct CMUnitTest){.name = strrchr(path, '/') + 1, .test_func = says_what_its_judge_says, .initial_state = path};
        else
            bb_free(path);
        bb_free(json);
    }
    closedir(directory);
    qsort(tests + before, count - before, sizeof *tests, by_name);
    return count;
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[MODELS_MAX];
    const char *part = argc > 1 ? argv[1] : "";
    const size_t committed = add_models(tests, 0, BOMBUS_GOLDEN "/models", part);
    const size_t count = add_models(tests, committed, BOMBUS_SHARED "/models", part);
    if (argc == 1 && committed == 0) {
        fprintf(stderr, "no models in " BOMBUS_GOLDEN "/models\n");
        return 1;
    }
    const int failed = _cmocka_run_group_tests("golden models", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        bb_free(tests[i].initial_state);
    return failed;
}
