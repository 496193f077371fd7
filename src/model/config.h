/* model/config.h: what config.json says of a model, checked. */
#ifndef BB_MODEL_CONFIG_H
#define BB_MODEL_CONFIG_H

#include "base/json.h"
#include "base/memory.h"
#include "model/family.h"

#include <bombus/model.h>

typedef enum bb_rope_type { BB_ROPE_DEFAULT, BB_ROPE_LINEAR, BB_ROPE_LLAMA3, BB_ROPE_YARN } bb_rope_type;

typedef struct bb_rope_config {
    bb_rope_type type;
    double theta;
    double factor;
    double low_freq_factor, high_freq_factor; /* llama3 */
    double beta_fast, beta_slow;              /* yarn */
    double attention_factor;                  /* yarn: what cos and sin are scaled with */
    bool truncate;                            /* yarn: the ramp's ends are whole dimensions */
    int original_context;                     /* llama3, yarn */
} bb_rope_config;

/* One entry of "quantization" that names a module. */
typedef struct bb_override {
    const char *module;               /* "model.layers.3.mlp.down_proj" */
    bombus_quantization quantization; /* BOMBUS_DENSE: stays dense */
} bb_override;

typedef struct bb_config {
    const char *file; /* path, for messages */
    const bb_family *family;
    const char *architecture;
    int layers, hidden, heads, kv_heads, head_dim, feed_forward, vocabulary, context;
    double norm_eps;
    enum { BB_TIED_NO, BB_TIED_YES, BB_TIED_BY_FILE } tied; /* by file: tied where there is no lm_head */
    bool qkv_bias, o_bias, mlp_bias;
    bb_rope_config rope;
    int *windows;                     /* [layers] sliding window, 0: none */
    bombus_quantization quantization; /* "quantization": the model's own idea; BOMBUS_DENSE for none */
    bb_override *overrides;
    size_t override_count;
    int32_t *end_tokens; /* [end_count] */
    size_t end_count;
    bombus_sampling sampling;
} bb_config;

/* Reads text (a config.json) and, where not NULL, the root of a generation_config.json. What the config points to lives in arena. */
bombus_status bb_config_parse(bb_config *config, bb_arena *arena, const char *text, size_t bytes, const char *file,
                              const bb_json *generation, const char *generation_file, bombus_error *err);
/* config.json and generation_config.json of a directory. */
bombus_status bb_config_load(bb_config *config, bb_arena *arena, const char *directory, bombus_error *err);

/* frequencies [head_dim / 2]: radians a position. *scale: what cos and sin are multiplied with. */
void bb_rope_frequencies(const bb_config *config, double *frequencies, float *scale);

#endif
