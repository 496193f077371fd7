/* Prompt files: a session that is restored goes on with the bytes of one that read the prompt itself, and a file that is another's or
 * damaged is refused and changes nothing. */
#include "generate/session.h"
#include "io/safetensors.h"
#include "testing.h"

#include <bombus/bombus.h>

#define GOLDEN_MODEL(name) BOMBUS_GOLDEN "/models/" name

enum { MORE = 40, MOST_TOKENS = 200, SEEN = 45 };

static bombus_error err;

static bombus_model *load_to(const char *path, int threads, bombus_compute compute)
{
    bombus_model *model;

    assert_ok(bombus_model_load(&model, path, &(bombus_model_options){.threads = threads, .compute = compute}, &err), err);
    return model;
}

static bombus_model *load(const char *path, int threads)
{
    return load_to(path, threads, BOMBUS_EXACT);
}

static bombus_session *open_session(bombus_model *model, bombus_tokenizer *tokenizer, int context, int chunk, bombus_dtype kv_dtype)
{
    const bombus_session_options options = {.context = context, .chunk = chunk, .kv_dtype = kv_dtype};
    bombus_session *session;

    assert_ok(bombus_session_create(&session, model, tokenizer, &options, &err), err);
    return session;
}

/* Tokens of no meaning, the same in each test. */
static void make_ids(const bombus_model *model, int32_t ids[MOST_TOKENS])
{
    for (int i = 0; i < MOST_TOKENS; i++)
        ids[i] = (i * i * 7 + i * 3 + 1) % bombus_model_get_info(model)->vocabulary;
}

/* A session of the small model that has seen the first SEEN ids. */
static bombus_session *seeing_session(bombus_model *model, bombus_tokenizer *tokenizer)
{
    int32_t ids[MOST_TOKENS];
    bombus_session *session = open_session(model, tokenizer, 100, 16, BOMBUS_F32);

    make_ids(model, ids);
    assert_ok(bombus_session_eval(session, ids, SEEN, NULL, &err), err);
    return session;
}

/* ---- going on ---- */

/* An empty session by itself takes blocks in order, and then a block's number and its place are the same; one that shares its pool with
 * others does not. */
static void mix_blocks(bombus_session *session)
{
    bb_kv_pool *pool = &session->pool;

    for (int i = 0; i < pool->free_count / 2; i += 2) {
        const int32_t block = pool->free[i];
        pool->free[i] = pool->free[pool->free_count - 1 - i];
        pool->free[pool->free_count - 1 - i] = block;
    }
}

/* The logits of ids [from, from + MORE): the caller's. */
static float *go_on(bombus_session *session, const int32_t *ids, int from)
{
    float *logits = calloc((size_t)(MORE * bombus_model_get_info(session->model)->vocabulary), sizeof *logits);

    assert_non_null(logits);
    assert_int_equal(bombus_session_position(session), from);
    assert_ok(bombus_session_eval(session, ids + from, MORE, logits, &err), err);
    return logits;
}

static void expect_same(const char *path, bombus_compute compute, bombus_dtype kv_dtype, int seen)
{
    bombus_model *one = load_to(path, 1, compute), *two = load_to(path, 2, compute);
    const size_t bytes = MORE * (size_t)bombus_model_get_info(one)->vocabulary * sizeof(float);
    bombus_session *writer = open_session(one, NULL, MOST_TOKENS, 13, kv_dtype), *plain = open_session(one, NULL, 150, 64, kv_dtype),
                   *reader = open_session(two, NULL, 150, 7, kv_dtype);
    int32_t ids[MOST_TOKENS];
    size_t count;

    make_ids(one, ids);
    mix_blocks(writer);
    mix_blocks(reader);
    assert_ok(bombus_session_eval(writer, ids, (size_t)seen, NULL, &err), err);
    assert_ok(bombus_session_save(writer, "same.safetensors", NULL, 0, &err), err);
    assert_ok(bombus_session_eval(plain, ids, (size_t)seen, NULL, &err), err);
    assert_ok(bombus_session_eval(reader, ids + 90, 99, NULL, &err), err); /* forgotten by what follows */
    assert_ok(bombus_session_restore(reader, "same.safetensors", &err), err);
    assert_memory_equal(bombus_session_tokens(reader, &count), ids, (size_t)seen * sizeof *ids);
    assert_int_equal(count, seen);

    float *expected = go_on(plain, ids, seen), *found = go_on(reader, ids, seen);
    if (memcmp(expected, found, bytes) != 0)
        fail_msg("%s, %s: after %d tokens of a file: not the bytes of a session that read them itself", path, bombus_dtype_name(kv_dtype),
                 seen);
    free(found);

    /* Blocks that the file filled take new tokens as any do. */
    const int back = seen / 2;
    assert_ok(bombus_session_rewind(plain, back, &err), err);
    assert_ok(bombus_session_restore(reader, "same.safetensors", &err), err);
    assert_int_equal(bombus_session_keep_prefix(reader, ids, (size_t)back), back);
    free(expected);
    expected = go_on(plain, ids, back);
    found = go_on(reader, ids, back);
    assert_memory_equal(expected, found, bytes);
    free(expected);
    free(found);
    bombus_session_free(writer);
    bombus_session_free(plain);
    bombus_session_free(reader);
    bombus_model_free(one);
    bombus_model_free(two);
}

static void expect_same_at_every_length(const char *path, bombus_compute compute)
{
    static const int lengths[] = {1, BB_KV_BLOCK - 1, BB_KV_BLOCK, BB_KV_BLOCK + 1, 3 * BB_KV_BLOCK + 5};

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        expect_same(path, compute, BOMBUS_F32, lengths[i]);
        expect_same(path, compute, BOMBUS_F16, lengths[i]);
        expect_same(path, compute, BOMBUS_I8, lengths[i]);
    }
}

static void a_restored_session_goes_on_with_the_same_bytes(void **state)
{
    (void)state;
    expect_same_at_every_length(GOLDEN_MODEL("qwen3-4bit-g64"), BOMBUS_EXACT);
    expect_same_at_every_length(GOLDEN_MODEL("qwen3-4bit-g64"), BOMBUS_FAST);
    expect_same_at_every_length(GOLDEN_MODEL("llama-biases-f32"), BOMBUS_EXACT);
}

static void layers_with_windows_go_on_with_the_same_bytes(void **state)
{
    (void)state;
    expect_same_at_every_length(GOLDEN_MODEL("mistral-window"), BOMBUS_EXACT);
    expect_same_at_every_length(GOLDEN_MODEL("llama-layer-types-window"), BOMBUS_EXACT);
    expect_same_at_every_length(GOLDEN_MODEL("qwen2-window-layers"), BOMBUS_EXACT);
}

static void a_trained_model_goes_on_with_the_same_bytes(void **state)
{
    (void)state;
    if (access(BOMBUS_SHARED "/models/stories260k-mlx-4bit/model.safetensors", R_OK) != 0) {
        print_message("SKIP: no models in " BOMBUS_SHARED "/models\n");
        skip();
    }
    expect_same(BOMBUS_SHARED "/models/stories260k-mlx-4bit", BOMBUS_EXACT, BOMBUS_F32, 100);
    expect_same(BOMBUS_SHARED "/models/stories260k-mlx-4bit", BOMBUS_EXACT, BOMBUS_F16, 100);
}

static void an_answer_is_the_same_with_and_without_the_file(void **state)
{
    (void)state;
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 2);
    bombus_session *session = seeing_session(model, NULL);
    bombus_request request;
    bombus_result plain, restored;
    int32_t ids[MOST_TOKENS];

    bombus_request_init(&request);
    request.max_tokens = 20;
    request.temperature = 0.8f;
    request.seed = 3;
    request.repetition_penalty = 1.3f;
    request.ignore_end = true;
    make_ids(model, ids);
    assert_ok(bombus_session_save(session, "answer.safetensors", NULL, 0, &err), err);
    assert_ok(bombus_session_rewind(session, 0, &err), err);
    assert_ok(bombus_session_generate(session, ids, SEEN + 3, &request, &plain, &err), err);
    assert_ok(bombus_session_restore(session, "answer.safetensors", &err), err);
    assert_ok(bombus_session_generate(session, ids + SEEN, 3, &request, &restored, &err), err);
    assert_int_equal(restored.token_count, 20);
    assert_memory_equal(plain.tokens, restored.tokens, 20 * sizeof *plain.tokens);
    assert_memory_equal(plain.logprobs, restored.logprobs, 20 * sizeof *plain.logprobs);
    bombus_result_clear(&plain);
    bombus_result_clear(&restored);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void a_session_that_has_seen_nothing_is_saved_too(void **state)
{
    (void)state;
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1);
    bombus_session *empty = open_session(model, NULL, 100, 0, BOMBUS_F32), *session = seeing_session(model, NULL);

    assert_ok(bombus_session_save(empty, "empty.safetensors", NULL, 0, &err), err);
    assert_ok(bombus_session_restore(session, "empty.safetensors", &err), err);
    assert_int_equal(bombus_session_position(session), 0);
    bombus_session_free(empty);
    bombus_session_free(session);
    bombus_model_free(model);
}

/* ---- what stands in a file ---- */

static void a_file_has_tokens_keys_and_values_and_the_callers_metadata(void **state)
{
    static const char *const metadata[][2] = {{"text", "Once upon a time"}, {"a", ""}};
    static const char *const taken[][2] = {{"bombus.model", "mine"}};
    const int64_t shape[] = {2, SEEN, 32};
    bombus_safetensors *file;

    (void)state;
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1);
    bombus_session *session = seeing_session(model, NULL);
    assert_ok(bombus_session_save(session, "own.safetensors", metadata, 2, &err), err);
    assert_ok(bombus_safetensors_open(&file, "own.safetensors", &err), err);
    assert_int_equal(bombus_safetensors_count(file), 5);
    for (int layer = 0; layer < 2; layer++) {
        for (int values = 0; values < 2; values++) {
            char name[40];
            snprintf(name, sizeof name, "layers.%d.%s", layer, values ? "values" : "keys");
            const bombus_tensor_info *part = bombus_safetensors_find(file, name);
            assert_non_null(part);
            assert_int_equal(part->dtype, BOMBUS_F32);
            assert_int_equal(part->rank, 3);
            assert_memory_equal(part->shape, shape, sizeof shape);
        }
    }
    assert_string_equal(bombus_safetensors_metadata(file, "bombus.file"), "prompt");
    assert_string_equal(bombus_safetensors_metadata(file, "bombus.version"), bombus_version());
    assert_string_equal(bombus_safetensors_metadata(file, "bombus.tokens"), "45");
    assert_string_equal(bombus_safetensors_metadata(file, "text"), "Once upon a time");
    assert_string_equal(bombus_safetensors_metadata(file, "a"), "");
    bombus_safetensors_close(file);

    assert_int_equal(bombus_session_save(session, "own.safetensors", taken, 1, &err), BOMBUS_EINVAL);
    assert_int_equal(bombus_session_save(session, "nowhere/own.safetensors", NULL, 0, &err), BOMBUS_ENOTFOUND);
    assert_ok(bombus_session_restore(session, "own.safetensors", &err), err); /* as it was */
    bombus_session_free(session);
    bombus_model_free(model);
}

/* ---- refusals ---- */

/* Writes a copy of a prompt file in which one entry of the metadata has another value (NULL: is missing), and one tensor is another
 * (NULL: is missing). */
static void rewrite(const char *from, const char *to, const char *key, const char *value, const char *name, const bombus_tensor *tensor)
{
    enum { MOST = 16 };
    const char *metadata[MOST][2];
    bombus_safetensors_entry entries[MOST];
    bombus_safetensors *file;
    size_t count = 0, pairs = 0;

    assert_ok(bombus_safetensors_open(&file, from, &err), err);
    for (size_t i = 0; i < bombus_safetensors_metadata_count(file); i++) {
        const char *const *pair = metadata[pairs];
        bombus_safetensors_metadata_at(file, i, &metadata[pairs][0], &metadata[pairs][1]);
        if (strcmp(pair[0], key) == 0)
            metadata[pairs][1] = value;
        pairs += pair[1] != NULL;
    }
    for (size_t i = 0; i < bombus_safetensors_count(file); i++) {
        bombus_tensor *part;
        const char *part_name = bombus_safetensors_at(file, i)->name;
        assert_ok(bombus_safetensors_tensor(&part, file, part_name, &err), err);
        const bombus_tensor *chosen = strcmp(part_name, name) == 0 ? tensor : part;
        if (chosen)
            entries[count++] = (bombus_safetensors_entry){part_name, bombus_tensor_retain(chosen)};
        bombus_tensor_free(part);
    }
    assert_ok(bombus_safetensors_write(to, entries, count, (const char *const(*)[2])metadata, pairs, &err), err);
    for (size_t i = 0; i < count; i++)
        bombus_tensor_free((bombus_tensor *)entries[i].tensor);
    bombus_safetensors_close(file);
}

/* The session has seen the first SEEN ids, before and after, and goes on as it would have. */
static void expect_refusal(bombus_session *session, const char *path, bombus_status status, const char *message)
{
    int32_t ids[MOST_TOKENS];
    size_t count;

    make_ids(session->model, ids);
    assert_int_equal(bombus_session_restore(session, path, &err), status);
    if (strncmp(err.message, path, strlen(path)) != 0 || !strstr(err.message, message))
        fail_msg("%s, expected \"%s\"", err.message, message);
    assert_memory_equal(bombus_session_tokens(session, &count), ids, SEEN * sizeof *ids);
    assert_int_equal(count, SEEN);
}

static void what_is_no_prompt_file_is_refused(void **state)
{
    (void)state;
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1);
    bombus_session *session = seeing_session(model, NULL);

    assert_ok(bombus_session_save(session, "good", NULL, 0, &err), err);
    expect_refusal(session, "none.safetensors", BOMBUS_ENOTFOUND, "cannot open");
    write_file("text", "Once upon a time", 16);
    expect_refusal(session, "text", BOMBUS_EFORMAT, "header");
    expect_refusal(session, GOLDEN_MODEL("qwen3-4bit-g64/model.safetensors"), BOMBUS_EFORMAT,
                   ": is no prompt file: metadata bombus.file: nothing, expected prompt");
    expect_refusal(session, GOLDEN_MODEL("qwen3-4bit-g64"), BOMBUS_EFORMAT, ": is no prompt file");
    rewrite("good", "bad", "bombus.file", "adapter", "", NULL);
    expect_refusal(session, "bad", BOMBUS_EFORMAT, ": is no prompt file: metadata bombus.file: adapter, expected prompt");
    rewrite("good", "bad", "bombus.file_version", "1", "", NULL);
    expect_refusal(session, "bad", BOMBUS_EUNSUPPORTED, ": made in another format: version 1, expected 2");
    rewrite("good", "bad", "bombus.file_version", NULL, "", NULL);
    expect_refusal(session, "bad", BOMBUS_EUNSUPPORTED, ": made in another format: version nothing, expected 2");
    rewrite("good", "bad", "bombus.version", "0.0.9", "", NULL);
    expect_refusal(session, "bad", BOMBUS_EUNSUPPORTED, ": made by another version: Bombus 0.0.9, expected ");
    bombus_session_free(session);
    bombus_model_free(model);
}

static void a_file_of_another_model_is_refused(void **state)
{
    (void)state;
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1);
    bombus_session *session = seeing_session(model, NULL);

    assert_ok(bombus_session_save(session, "mine", NULL, 0, &err), err);
    bombus_model *other = load(GOLDEN_MODEL("llama-biases-f32"), 1);
    bombus_session *theirs = open_session(other, NULL, 100, 0, BOMBUS_F32);
    assert_ok(bombus_session_save(theirs, "theirs", NULL, 0, &err), err);
    expect_refusal(session, "theirs", BOMBUS_EINVAL, ": made by another model: fingerprint ");
    bombus_session_free(theirs);
    bombus_model_free(other);

    /* The same under another name is no other. */
    assert_int_equal(system("cp -R " GOLDEN_MODEL("qwen3-4bit-g64") " copy && chmod -R u+w copy"), 0);
    other = load("copy", 1);
    theirs = open_session(other, NULL, 100, 0, BOMBUS_F32);
    assert_ok(bombus_session_restore(theirs, "mine", &err), err);
    bombus_session_free(theirs);
    bombus_model_free(other);

    /* One bit of one weight is. */
    FILE *file = fopen("copy/model.safetensors", "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    const int last = fgetc(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    fputc(last ^ 1, file);
    fclose(file);
    other = load("copy", 1);
    theirs = seeing_session(other, NULL);
    expect_refusal(theirs, "mine", BOMBUS_EINVAL, ": made by another model: fingerprint ");
    bombus_session_free(theirs);
    bombus_model_free(other);

    /* So is another number in config.json. */
    assert_int_equal(
        system("cp " GOLDEN_MODEL(
            "qwen3-4bit-g64/model.safetensors") " copy && "
                                                "sed -i 's/\"rope_theta\": *[0-9.]*/\"rope_theta\": 5000.0/' copy/config.json"),
        0);
    other = load("copy", 1);
    theirs = seeing_session(other, NULL);
    expect_refusal(theirs, "mine", BOMBUS_EINVAL, ": made by another model: fingerprint ");
    bombus_session_free(theirs);
    bombus_model_free(other);
    bombus_session_free(session);
    bombus_model_free(model);
}

static void a_file_of_another_compute_mode_is_refused(void **state)
{
    (void)state;
    bombus_model *exact = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1), *fast = load_to(GOLDEN_MODEL("qwen3-4bit-g64"), 1, BOMBUS_FAST);
    bombus_session *one = seeing_session(exact, NULL), *two = seeing_session(fast, NULL);

    assert_ok(bombus_session_save(one, "exact", NULL, 0, &err), err);
    expect_refusal(two, "exact", BOMBUS_EINVAL, ": computed in mode exact, expected fast");
    assert_ok(bombus_session_save(two, "fast", NULL, 0, &err), err);
    assert_ok(bombus_session_restore(two, "fast", &err), err);
    expect_refusal(one, "fast", BOMBUS_EINVAL, ": computed in mode fast, expected exact");
    bombus_session_free(one);
    bombus_session_free(two);
    bombus_model_free(exact);
    bombus_model_free(fast);
}

static void a_file_of_another_tokenizer_is_refused(void **state)
{
    (void)state;
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1);
    bombus_tokenizer *gpt2, *mistral;

    assert_ok(bombus_tokenizer_load(&gpt2, BOMBUS_GOLDEN "/tokenizer/gpt2.json", &err), err);
    assert_ok(bombus_tokenizer_load(&mistral, BOMBUS_GOLDEN "/tokenizer/mistral.json", &err), err);
    bombus_session *one = seeing_session(model, gpt2), *two = seeing_session(model, mistral), *none = seeing_session(model, NULL);
    assert_ok(bombus_session_save(one, "gpt2", NULL, 0, &err), err);
    assert_ok(bombus_session_restore(one, "gpt2", &err), err);
    expect_refusal(two, "gpt2", BOMBUS_EINVAL, ": made with another tokenizer: fingerprint ");
    assert_ok(bombus_session_restore(none, "gpt2", &err), err); /* ids are all it has to do with */
    assert_ok(bombus_session_save(none, "none", NULL, 0, &err), err);
    expect_refusal(one, "none", BOMBUS_EINVAL, ": made with another tokenizer: fingerprint none, expected ");
    bombus_session_free(one);
    bombus_session_free(two);
    bombus_session_free(none);
    bombus_tokenizer_free(gpt2);
    bombus_tokenizer_free(mistral);
    bombus_model_free(model);
}

static void a_file_that_does_not_fit_the_session_is_refused(void **state)
{
    (void)state;
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1);
    bombus_session *session = seeing_session(model, NULL), *small = open_session(model, NULL, SEEN, 0, BOMBUS_F32),
                   *half = open_session(model, NULL, 100, 0, BOMBUS_F16);
    int32_t ids[MOST_TOKENS];

    make_ids(model, ids);
    assert_ok(bombus_session_save(session, "fits", NULL, 0, &err), err);
    assert_ok(bombus_session_restore(small, "fits", &err), err);
    assert_int_equal(bombus_session_position(small), SEEN);
    assert_ok(bombus_session_eval(session, ids, 1, NULL, &err), err);
    assert_ok(bombus_session_save(session, "long", NULL, 0, &err), err);
    expect_refusal(small, "long", BOMBUS_ELIMIT, ": tokens: 46, expected at most 45 (the session's context)");
    assert_ok(bombus_session_eval(half, ids, SEEN, NULL, &err), err);
    expect_refusal(half, "fits", BOMBUS_EINVAL, ": layers.0.keys: kept as F32, expected F16 as the session keeps keys and values");
    bombus_session_free(session);
    bombus_session_free(small);
    bombus_session_free(half);
    bombus_model_free(model);
}

static void tensors_of_the_wrong_kind_are_refused(void **state)
{
    (void)state;
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1);
    bombus_session *session = seeing_session(model, NULL);
    bombus_tensor *tensor;
    int32_t ids[MOST_TOKENS];

    assert_ok(bombus_session_save(session, "whole", NULL, 0, &err), err);
    rewrite("whole", "bad", "", NULL, "layers.1.values", NULL);
    expect_refusal(session, "bad", BOMBUS_EFORMAT, ": layers.1.values: no such tensor");
    rewrite("whole", "bad", "", NULL, "tokens", NULL);
    expect_refusal(session, "bad", BOMBUS_EFORMAT, ": tokens: no such tensor");
    rewrite("whole", "bad", "bombus.tokens", "44", "", NULL);
    expect_refusal(session, "bad", BOMBUS_EFORMAT, ": tokens: 45, expected 44 as metadata bombus.tokens says");

    assert_ok(bombus_tensor_create(&tensor, BOMBUS_F32, 3, (const int64_t[]){2, SEEN - 1, 32}, NULL, &err), err);
    rewrite("whole", "bad", "", NULL, "layers.1.values", tensor);
    expect_refusal(session, "bad", BOMBUS_EFORMAT, ": layers.1.values: F32 [2, 44, 32], expected F32 [2, 45, 32]");
    bombus_tensor_free(tensor);
    assert_ok(bombus_tensor_create(&tensor, BOMBUS_U32, 3, (const int64_t[]){2, SEEN, 32}, NULL, &err), err);
    rewrite("whole", "bad", "", NULL, "layers.0.keys", tensor);
    expect_refusal(session, "bad", BOMBUS_EFORMAT, ": layers.0.keys: U32 [2, 45, 32], expected F32 [2, 45, 32]");
    bombus_tensor_free(tensor);
    assert_ok(bombus_tensor_create(&tensor, BOMBUS_I64, 1, (const int64_t[]){SEEN}, NULL, &err), err);
    rewrite("whole", "bad", "", NULL, "tokens", tensor);
    expect_refusal(session, "bad", BOMBUS_EFORMAT, ": tokens: I64 [45], expected I32 [tokens]");
    bombus_tensor_free(tensor);

    make_ids(model, ids);
    for (int i = 0; i < 2; i++) {
        ids[33] = i ? -1 : bombus_model_get_info(model)->vocabulary;
        assert_ok(bombus_tensor_create(&tensor, BOMBUS_I32, 1, (const int64_t[]){SEEN}, ids, &err), err);
        rewrite("whole", "bad", "", NULL, "tokens", tensor);
        expect_refusal(session, "bad", BOMBUS_EFORMAT, i ? ": tokens: token 33 is -1, expected an id from 0 to 127" : "token 33 is 128");
        bombus_tensor_free(tensor);
    }
    bombus_session_free(session);
    bombus_model_free(model);
}

/* ---- damage ---- */

/* Restores from bytes in a block of their own size, so that a sanitizer sees a read past the end. Returns whether it was restored. */
static bool restore_bytes(bombus_session *session, const unsigned char *bytes, size_t size)
{
    const int position = bombus_session_position(session);
    unsigned char *copy = malloc(size ? size : 1);
    bombus_safetensors *file;

    assert_non_null(copy);
    memcpy(copy, bytes, size);
    err = (bombus_error){0};
    bombus_status status = bb_safetensors_parse(&file, copy, size, "damaged", &err);
    if (status == BOMBUS_OK)
        status = bb_session_restore(session, file, "damaged", &err);
    if (status != BOMBUS_OK) {
        assert_int_equal(bombus_session_position(session), position);
        assert_int_equal(err.code, status);
        assert_true(strncmp(err.message, "damaged: ", 9) == 0);
    }
    bombus_safetensors_close(file);
    free(copy);
    return status == BOMBUS_OK;
}

static void damage_is_an_error_or_harmless(void **state)
{
    (void)state;
    enum { TOKENS = 3 };
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1);
    bombus_session *session = open_session(model, NULL, 64, 0, BOMBUS_F16);
    static unsigned char bytes[1 << 16];
    size_t refused = 0, restored = 0, header = 8;

    assert_ok(bombus_session_eval(session, (const int32_t[]){5, 6, 7}, TOKENS, NULL, &err), err);
    assert_ok(bombus_session_save(session, "small", NULL, 0, &err), err);
    FILE *file = fopen("small", "rb");
    assert_non_null(file);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (int i = 0; i < 8; i++)
        header += (size_t)bytes[i] << 8 * i;
    assert_true(header < size && size < sizeof bytes);
    assert_true(restore_bytes(session, bytes, size));

    for (size_t cut = 0; cut < size; cut++)
        assert_false(restore_bytes(session, bytes, cut));
    for (size_t at = 0; at < header + TOKENS * sizeof(int32_t); at++) {
        const unsigned char kept = bytes[at];
        for (int change = 1; change < 256; change = change * 2 + 1) {
            bytes[at] = kept ^ (unsigned char)change;
            *(restore_bytes(session, bytes, size) ? &restored : &refused) += 1;
        }
        bytes[at] = kept;
    }
    assert_true(refused > 10 * restored && restored > 0); /* another token is no damage that shows */
    assert_ok(bombus_session_eval(session, (const int32_t[]){8}, 1, NULL, &err), err);
    bombus_session_free(session);
    bombus_model_free(model);
}

#ifdef BOMBUS_DEBUG
static void without_memory_nothing_changes(void **state)
{
    (void)state;
    bombus_model *model = load(GOLDEN_MODEL("qwen3-4bit-g64"), 1);
    bombus_session *session = seeing_session(model, NULL);
    bombus_status status = BOMBUS_ENOMEM;
    size_t nth = 0;

    while (status != BOMBUS_OK) {
        bb_alloc_fail_at(++nth);
        status = bombus_session_save(session, "saved", NULL, 0, &err);
        bb_alloc_fail_at(0);
        assert_int_equal(access("saved", R_OK), status == BOMBUS_OK ? 0 : -1);
        assert_true(status == BOMBUS_OK || status == BOMBUS_ENOMEM);
    }
    assert_true(nth > 5);
    for (nth = 0, status = BOMBUS_ENOMEM; status != BOMBUS_OK;) {
        bb_alloc_fail_at(++nth);
        status = bombus_session_restore(session, "saved", &err);
        bb_alloc_fail_at(0);
        assert_int_equal(bombus_session_position(session), SEEN);
        assert_true(status == BOMBUS_OK || status == BOMBUS_ENOMEM);
    }
    assert_true(nth > 3);
    bombus_session_free(session);
    bombus_model_free(model);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_session_goes_on_with_the_same_bytes),
        cmocka_unit_test(layers_with_windows_go_on_with_the_same_bytes),
        cmocka_unit_test(a_trained_model_goes_on_with_the_same_bytes),
        cmocka_unit_test(an_answer_is_the_same_with_and_without_the_file),
        cmocka_unit_test(a_session_that_has_seen_nothing_is_saved_too),
        cmocka_unit_test(a_file_has_tokens_keys_and_values_and_the_callers_metadata),
        cmocka_unit_test(what_is_no_prompt_file_is_refused),
        cmocka_unit_test(a_file_of_another_model_is_refused),
        cmocka_unit_test(a_file_of_another_compute_mode_is_refused),
        cmocka_unit_test(a_file_of_another_tokenizer_is_refused),
        cmocka_unit_test(a_file_that_does_not_fit_the_session_is_refused),
        cmocka_unit_test(tensors_of_the_wrong_kind_are_refused),
        cmocka_unit_test(damage_is_an_error_or_harmless),
#ifdef BOMBUS_DEBUG
        cmocka_unit_test(without_memory_nothing_changes),
#endif
    };
    const char *directory = enter_temporary();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);

    leave_temporary(directory);
    return failed;
}
