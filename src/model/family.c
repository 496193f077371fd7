/* The families there are, a row each. Defaults are those of Hugging Face transformers. */
#include "model/family.h"

#include <stdio.h>
#include <string.h>

static const bb_family families[] = {
    {"llama", "LlamaForCausalLM", false, false, BB_WINDOW_NONE, 2048, 0, 1e4},
    {"mistral", "MistralForCausalLM", false, false, BB_WINDOW_ALL, 131072, 0, 1e4},
    {"qwen2", "Qwen2ForCausalLM", false, true, BB_WINDOW_UPPER, 32768, 0, 1e6},
    {"qwen3", "Qwen3ForCausalLM", true, false, BB_WINDOW_UPPER, 32768, 128, 1e4},
};

enum { FAMILIES = sizeof families / sizeof *families };

const bb_family *bb_family_find(const char *model_type, const char *architecture)
{
    for (int i = 0; i < FAMILIES; i++)
        if (model_type ? strcmp(families[i].model_type, model_type) == 0
                       : architecture && strcmp(families[i].architecture, architecture) == 0)
            return &families[i];
    return NULL;
}

const char *bb_family_names(char *buffer, size_t size)
{
    size_t used = 0;

    buffer[0] = '\0';
    for (int i = 0; i < FAMILIES && used < size; i++)
        used += (size_t)snprintf(buffer + used, size - used, "%s%s", i ? ", " : "", families[i].model_type);
    return buffer;
}
