/* RoPE's frequencies and their scalings.
 *
 * Sources: linear and llama3 as Hugging Face transformers and mlx-lm compute them; yarn as in Peng et al., "YaRN: Efficient Context Window
 * Extension of Large Language Models" (2023), with the rounding of those two. */
#include "model/config.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* Long waves are stretched by factor, short ones kept, those between blended by how many periods fit in the original context. */
static double llama3(const bb_rope_config *rope, double frequency)
{
    const double length = 2 * PI / frequency;
    const double longest = rope->original_context / rope->low_freq_factor;
    const double shortest = rope->original_context / rope->high_freq_factor;

    if (length > longest)
        return frequency / rope->factor;
    if (length <= shortest || length == longest)
        return frequency;

    const double blend = (rope->original_context / length - rope->low_freq_factor) / (rope->high_freq_factor - rope->low_freq_factor);
    return (1 - blend) * frequency / rope->factor + blend * frequency;
}

/* The dimension whose wave turns so many times within the original context. */
static double yarn_dimension(const bb_config *config, double turns)
{
    return config->head_dim * log(config->rope.original_context / (turns * 2 * PI)) / (2 * log(config->rope.theta));
}

static void yarn(const bb_config *config, double *frequencies)
{
    double low = yarn_dimension(config, config->rope.beta_fast), high = yarn_dimension(config, config->rope.beta_slow);

    if (config->rope.truncate) {
        low = floor(low);
        high = ceil(high);
    }
    low = fmax(low, 0);
    high = fmin(high, config->head_dim - 1);
    if (low == high)
        high += 0.001;
    for (int i = 0; i < config->head_dim / 2; i++) {
        const double stretched = fmin(fmax((i - low) / (high - low), 0), 1);
        frequencies[i] = frequencies[i] / config->rope.factor * stretched + frequencies[i] * (1 - stretched);
    }
}

void bb_rope_frequencies(const bb_config *config, double *frequencies, float *scale)
{
    const bb_rope_config *rope = &config->rope;

    *scale = 1;
    for (int i = 0; i < config->head_dim / 2; i++)
        frequencies[i] = pow(rope->theta, -2.0 * i / config->head_dim);

    switch (rope->type) {
    case BB_ROPE_DEFAULT:
        break;
    case BB_ROPE_LINEAR:
        for (int i = 0; i < config->head_dim / 2; i++)
            frequencies[i] /= rope->factor;
        break;
    case BB_ROPE_LLAMA3:
        for (int i = 0; i < config->head_dim / 2; i++)
            frequencies[i] = llama3(rope, frequencies[i]);
        break;
    case BB_ROPE_YARN:
        yarn(config, frequencies);
        *scale = (float)rope->attention_factor;
        break;
    }
}
