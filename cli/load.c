/* Loading what several commands need, with one message where that fails. */
#include "load.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the model that comes with bombus is, seen from the program: as installed, and as built in a checkout. */
static const char *const own_models[] = {BOMBUS_MODELS "/bombus-post-4bit", "../../models/bombus-post-4bit"};

/* NULL where it is in neither place. The memory stays. */
static const char *own_model(void)
{
    static char found[PATH_MAX];
    char program[PATH_MAX], path[2 * PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);

    if (length <= 0)
        return NULL;
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    for (size_t i = 0; i < sizeof own_models / sizeof *own_models; i++) {
        snprintf(path, sizeof path, "%s/%s/config.json", program, own_models[i]);
        if (access(path, R_OK) == 0 && realpath(path, found)) {
            *strrchr(found, '/') = '\0';
            return found;
        }
    }
    return NULL;
}

int need_model(const command *self, const char **path)
{
    if (*path)
        return -1;
    if (!(*path = own_model()))
        return complain_usage(self, "--model is missing, and the model that comes with bombus is not where it was installed");
    fprintf(stderr, "bombus: no --model, so this is the small one that comes with bombus: %s\n", *path);
    return -1;
}

option model_option(model_choice *choice)
{
    return text_option("model", &choice->path, "DIR",
                       "Model directory: config.json, tokenizer.json and model.safetensors or its shards (default: the small model that "
                       "comes with bombus).");
}

static const bombus_dtype kv_types[] = {BOMBUS_F32, BOMBUS_F16, BOMBUS_I8};

int kv_choice_of(bombus_dtype dtype)
{
    int i = 0;

    while (i < 2 && kv_types[i] != dtype)
        i++;
    return i;
}

bombus_dtype kv_dtype_of(const model_choice *choice)
{
    return kv_types[choice->kv];
}

option kv_option(model_choice *choice)
{
    static const char *const choices[] = {"f32", "f16", "q8", NULL};

    return with_given(
        &choice->kv_given,
        choice_option(
            "kv-dtype", &choice->kv, "TYPE", choices,
            "Keys and values are kept as f32 (default), f16, which takes half the memory, or q8, int8 with a scale for each 32, which takes a "
            "quarter and a little."));
}

option threads_option(model_choice *choice)
{
    return int_option("threads", &choice->threads, "N", 1, 1024,
                      "Threads to compute with (default: the cores this process may use). Does not change the result.");
}

option compute_option(model_choice *choice)
{
    static const char *const choices[] = {"exact", "fast", NULL};

    return choice_option("compute", &choice->compute, "MODE", choices,
                         "exact (default): activations stay in float; the results are those of MLX computing in float32. fast: they are "
                         "rounded to int8 where they meet quantized weights.");
}

void add_adapter_options(option_table *table, model_choice *choice)
{
    const option options[] = {
        list_option(
            "adapter-path", &choice->adapters, "DIR",
            "An adapter, mlx-lm's or PEFT's, that changes the model while it runs. Given several times: all of them, each added to what "
            "the model is."),
        floats_option("adapter-scale", &choice->adapter_scales, "X", -HUGE_FLOAT, HUGE_FLOAT,
                      "How much of an adapter there is, once for each --adapter-path (default: 1, as it was trained)."),
    };

    add_options(table, options, sizeof options / sizeof *options);
}

void add_session_options(option_table *table, model_choice *choice)
{
    const option options[] = {
        int_option("context", &choice->context, "N", 1, INT_MAX,
                   "Room for prompt and answer in tokens; the answer ends where it is full (default: what the model was made for)."),
        int_option("max-kv-size", &choice->context, "N", 1, INT_MAX, "Another name for --context."),
        int_option("prefill-step-size", &choice->chunk, "N", 1, 65536,
                   "Prompt tokens computed at once (default: 256). Changes speed and memory, not the result."),
        kv_option(choice),
        threads_option(choice),
        compute_option(choice),
    };

    add_adapter_options(table, choice);
    add_options(table, options, sizeof options / sizeof *options);
}

bool load_adapters(const model_choice *choice, bombus_adapter_use *uses, size_t *count)
{
    const int scales = choice->adapter_scales.count;
    bombus_error err;

    *count = 0;
    if (scales && scales != choice->adapters.count) {
        complain("%d --adapter-scale for %d --adapter-path: expected one for each, or none", scales, choice->adapters.count);
        return false;
    }
    for (int i = 0; i < choice->adapters.count; i++) {
        uses[i].weight = scales ? choice->adapter_scales.items[i] : 1;
        if (bombus_adapter_load(&uses[i].adapter, choice->adapters.items[i], NULL, &err) != BOMBUS_OK) {
            complain("%s", err.message);
            return false;
        }
        ++*count;
    }
    return true;
}

void free_adapters(const bombus_adapter_use *uses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bombus_adapter_free(uses[i].adapter);
}

/* ---- guesses ---- */

enum { MODEL_GUESSES = 3, LOOKUP_GUESSES = 16, MOST_GUESSES = 31 };

void add_draft_options(option_table *table, model_choice *choice)
{
    const option options[] = {
        text_option("draft-model", &choice->draft_path, "DIR",
                    "A smaller model with the same tokens, which guesses ahead: where it is right, several tokens are computed at once. "
                    "Changes the speed, not the answer."),
        int_option("num-draft-tokens", &choice->draft_tokens, "N", 1, MOST_GUESSES,
                   "Tokens guessed ahead at most (default: 3 by a draft model, 16 by prompt lookup)."),
        flag_option("prompt-lookup", &choice->prompt_lookup,
                    "Guess ahead without a second model: what followed the last time that the text, prompt or answer, went as it goes now. "
                    "For answers that repeat much of the prompt."),
    };

    add_options(table, options, sizeof options / sizeof *options);
}

int check_draft(const command *self, const model_choice *choice)
{
    if (choice->draft_path && choice->prompt_lookup)
        return complain_usage(self, "--draft-model and --prompt-lookup: expected one of them");
    if (choice->draft_tokens && !choice->draft_path && !choice->prompt_lookup)
        return complain_usage(self, "--num-draft-tokens needs --draft-model or --prompt-lookup");
    return -1;
}

int draft_tokens_of(const model_choice *choice)
{
    if (!choice->draft_path && !choice->prompt_lookup)
        return 0;
    return choice->draft_tokens ? choice->draft_tokens : choice->draft_path ? MODEL_GUESSES : LOOKUP_GUESSES;
}

bool load_draft_model(const model_choice *choice, bombus_model **model)
{
    const bombus_model_options options = {.threads = choice->threads, .compute = choice->compute ? BOMBUS_FAST : BOMBUS_EXACT};
    bombus_error err;

    *model = NULL;
    if (!choice->draft_path || bombus_model_load(model, choice->draft_path, &options, &err) == BOMBUS_OK)
        return true;
    complain("%s", err.message);
    return false;
}

/* ---- loading ---- */

bool find_fine_tune(const model_choice *choice, const char **out)
{
    bombus_adapter_use uses[MAX_LIST];
    size_t count;
    bool done = load_adapters(choice, uses, &count);

    *out = NULL;
    for (size_t i = 0; done && i < count; i++)
        if (bombus_adapter_get_info(uses[i].adapter)->kind == BOMBUS_ADAPTER_FULL)
            *out = choice->adapters.items[i];
    if (*out && (count > 1 || choice->adapter_scales.count)) {
        complain("%s: a full fine-tune, expected it alone and without --adapter-scale", *out);
        done = false;
    }
    free_adapters(uses, count);
    return done;
}

bool load_model(model_choice *choice, bombus_model **model)
{
    bombus_model_options options = {.threads = choice->threads, .compute = choice->compute ? BOMBUS_FAST : BOMBUS_EXACT};
    bombus_error err;

    if (!find_fine_tune(choice, &options.fine_tune))
        return false;
    if (options.fine_tune)
        choice->adapters.count = 0;
    if (bombus_model_load(model, choice->path, &options, &err) == BOMBUS_OK)
        return true;
    complain("%s", err.message);
    return false;
}

bool load_tokenizer(const char *path, bombus_tokenizer **tokenizer)
{
    bombus_error err;

    if (bombus_tokenizer_load(tokenizer, path, &err) == BOMBUS_OK)
        return true;
    complain("%s", err.message);
    return false;
}

bool open_session(const model_choice *choice, bombus_model *model, bombus_tokenizer *tokenizer, int context, bombus_session **session)
{
    bombus_adapter_use adapters[MAX_LIST];
    bombus_session_options options;
    bombus_model *draft;
    bombus_error err;

    if (!load_draft_model(choice, &draft))
        return false;
    bombus_session_options_init(&options);
    options.context = context;
    options.chunk = choice->chunk;
    options.kv_dtype = kv_dtype_of(choice);
    options.adapters = adapters;
    options.draft_model = draft;
    bool done = load_adapters(choice, adapters, &options.adapter_count);
    if (done && bombus_session_create(session, model, tokenizer, &options, &err) != BOMBUS_OK) {
        complain("%s", err.message);
        done = false;
    }
    free_adapters(adapters, options.adapter_count);
    bombus_model_free(draft); /* the session keeps it */
    return done;
}

bool encode(const bombus_tokenizer *tokenizer, const char *name, const char *text, size_t bytes, int flags, bombus_ids *ids)
{
    bombus_error err;

    if (bombus_tokenizer_encode(tokenizer, text, bytes, flags, ids, &err) == BOMBUS_OK)
        return true;
    complain("%s: %s", name, err.message);
    return false;
}
