/* adapter_config.json: any bytes are refused with a message, or become a config that can be asked about any module.
 *
 * What follows the first NUL byte is the name of a module, where it is UTF-8. */
#include "adapter/config.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* Asking fails only where an expression runs into its limits. */
static void require_answers(const bb_adapter_config *config, const char *module)
{
    bombus_error err = {0};
    double scale;
    bool targets;
    int rank;

    if (bb_adapter_config_module(config, module, &rank, &scale, &err) == BOMBUS_OK)
        require(rank >= 1 && rank <= BB_ADAPTER_RANK_MAX && isfinite(scale));
    else
        require(err.message[0] != '\0');
    if (bb_adapter_config_targets(config, module, 4, &targets, &err) != BOMBUS_OK)
        require(err.message[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const modules[] = {"model.layers.3.self_attn.q_proj", "model.embed_tokens", "lm_head", "model.layers.", ""};
    const char *text = (const char *)data, *nul = size ? memchr(text, '\0', size) : NULL;
    const size_t bytes = nul ? (size_t)(nul - text) : size;
    char *module = nul ? bb_strndup(nul + 1, size - bytes - 1) : NULL;
    bb_adapter_config config;
    bb_arena arena = {0};
    bombus_error err = {0};

    if (bb_adapter_config_parse(&config, &arena, text, bytes, "adapter_config.json", &err) != BOMBUS_OK) {
        require(err.code != BOMBUS_OK && err.message[0] != '\0');
    } else if (config.kind != BOMBUS_ADAPTER_FULL) {
        for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
            require_answers(&config, modules[i]);
        if (module && bb_utf8_valid(module, strlen(module)))
            require_answers(&config, module);
    }
    bb_adapter_config_free(&config);
    bb_arena_free(&arena);
    bb_free(module);
    return 0;
}
