/* config.json: any bytes are refused with a message, or become a config that the decoder can be built from.
 *
 * What follows the first NUL byte is the generation_config.json. */
#include "backend/backend.h"
#include "generate/request.h"
#include "model/config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void require_quantization(bombus_quantization quantization)
{
    bombus_error err;
    if (quantization.mode != BOMBUS_DENSE)
        require(quantization.bits > 0 && quantization.group_size > 0 && bb_quantization_check(&quantization, "", &err) == BOMBUS_OK);
}

static void require_rope(const bb_config *config)
{
    double frequencies[BB_HEAD_DIM_MAX / 2];
    float scale;

    bb_rope_frequencies(config, frequencies, &scale);
    require(isfinite(scale));
    for (int i = 0; i < config->head_dim / 2; i++)
        require(isfinite(frequencies[i]));
}

/* What a model says of sampling can be asked for as it stands. */
static void require_sampling(const bombus_sampling *sampling)
{
    bombus_request request;

    bombus_request_init(&request);
    request.temperature = sampling->temperature;
    request.top_p = sampling->top_p;
    request.min_p = sampling->min_p;
    request.top_k = sampling->top_k;
    request.repetition_penalty = sampling->repetition_penalty;
    require(bb_request_check(&request, 8, NULL) == BOMBUS_OK);
}

static void require_sound(const bb_config *config)
{
    require(config->family && config->architecture && config->architecture[0] != '\0');
    require(config->layers > 0 && config->hidden > 0 && config->feed_forward > 0 && config->vocabulary > 0 && config->context > 0);
    require(config->kv_heads > 0 && config->heads % config->kv_heads == 0);
    require(config->head_dim > 0 && config->head_dim % 2 == 0 && config->head_dim <= BB_HEAD_DIM_MAX);
    require(isfinite(config->norm_eps) && config->norm_eps >= 0);
    for (int i = 0; i < config->layers; i++)
        require(config->windows[i] >= 0);
    require_quantization(config->quantization);
    for (size_t i = 0; i < config->override_count; i++)
        require_quantization(config->overrides[i].quantization);
    for (size_t i = 0; i < config->end_count; i++)
        require(config->end_tokens[i] >= 0);
    require_rope(config);
    require_sampling(&config->sampling);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *nul = size ? memchr(text, '\0', size) : NULL;
    const size_t bytes = nul ? (size_t)(nul - text) : size;
    bb_json_document generation = {0};
    bb_arena arena = {0};
    bb_config config;
    bombus_error err = {0};

    if (nul && bb_json_parse(&generation, nul + 1, size - bytes - 1, "generation_config.json", &err) != BOMBUS_OK)
        return 0;
    if (bb_config_parse(&config, &arena, text, bytes, "config.json", nul ? &generation.root : NULL, "generation_config.json", &err) ==
        BOMBUS_OK)
        require_sound(&config);
    else
        require(err.code != BOMBUS_OK && err.message[0] != '\0');
    bb_arena_free(&arena);
    bb_json_free(&generation);
    return 0;
}
