/* bombus/model.h: a language model in MLX's or Hugging Face's safetensors layout.
 *
 * A model is immutable once loaded and may be shared between threads; sessions keep it alive. Weights are used where they lie in the
 * mapped files. */
#ifndef BOMBUS_MODEL_H
#define BOMBUS_MODEL_H

#include <bombus/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bombus_model bombus_model;

typedef enum bombus_compute {
    BOMBUS_EXACT, /* activations stay in float: MLX's results when it computes in float32 */
    BOMBUS_FAST,  /* activations are rounded to int8 where they meet quantized weights (not MXFP8's): integer arithmetic, some quality */
} bombus_compute;

typedef struct bombus_model_options {
    int threads;            /* 0: a pool over the cores this process may use, which all such models share */
    bombus_compute compute; /* default BOMBUS_EXACT */
    const char *fine_tune;  /* a full fine-tune of mlx-lm's: a directory with adapters.safetensors, or such a file, whose tensors go in the
                               place of the model's of their names; NULL: none */
} bombus_model_options;

/* Loads a model directory: config.json and model.safetensors (or its shards and index).
 *
 * options  NULL for the defaults
 *
 * A fine-tune's tensors are held against the model as its own are: one that the model has no place for is refused.
 *
 * Returns BOMBUS_OK, BOMBUS_ENOTFOUND, BOMBUS_EIO, BOMBUS_EFORMAT, BOMBUS_EUNSUPPORTED (an architecture, mode or field: err names it)
 * or BOMBUS_ENOMEM. On success the caller frees *out with bombus_model_free. */
BOMBUS_API bombus_status bombus_model_load(bombus_model **out, const char *path, const bombus_model_options *options, bombus_error *err);
BOMBUS_API void bombus_model_free(bombus_model *model); /* NULL is fine */
BOMBUS_API bombus_model *bombus_model_retain(bombus_model *model);

/* How the model's authors would have answers drawn: the sampling defaults of generation_config.json. What it does not say is off. */
typedef struct bombus_sampling {
    float temperature;        /* 0, the most likely token, where do_sample is false or nothing is said; 1 where do_sample alone is said */
    float top_p, min_p;       /* 1 and 0: off, as they and top_k are where do_sample is false */
    int top_k;                /* 0: off */
    float repetition_penalty; /* 1: off */
} bombus_sampling;

typedef struct bombus_model_info {
    const char *architecture; /* "Qwen3ForCausalLM", or the model type where config.json names none */
    const char *model_type;   /* "qwen3" */
    int layers;
    int hidden;       /* D */
    int heads;        /* H */
    int kv_heads;     /* K */
    int head_dim;     /* d */
    int feed_forward; /* F */
    int vocabulary;   /* V: rows of the output head */
    int context;      /* positions the model was made for (max_position_embeddings) */
    int window;       /* sliding window in tokens, 0 for none */
    bool tied;        /* the head is the embedding */
    int threads;
    int64_t parameters;               /* of the logical shapes */
    int64_t weight_bytes;             /* as they lie in the files */
    double bits_per_weight;           /* 8 * weight_bytes / parameters */
    bombus_quantization quantization; /* the model's default, BOMBUS_DENSE for none */
    bombus_dtype dtype;               /* of the embedding's values */
    int64_t kv_bytes_per_token;       /* of an F32 cache: 2 * layers * K * d * 4 */
    const int32_t *end_tokens;        /* [end_count] eos_token_id of generation_config.json, else of config.json */
    size_t end_count;
    bombus_sampling sampling;
} bombus_model_info;

/* Borrowed for the model's life. */
BOMBUS_API const bombus_model_info *bombus_model_get_info(const bombus_model *model);

/* One weight of the model: a quantized one is one weight, not three. */
typedef struct bombus_weight_info {
    const char *name; /* "model.layers.0.mlp.down_proj.weight" */
    bombus_dtype dtype;
    int rank;
    int64_t shape[BOMBUS_MAX_RANK]; /* logical */
    bombus_quantization quantization;
    size_t bytes; /* scales and biases included */
} bombus_weight_info;

BOMBUS_API size_t bombus_model_weight_count(const bombus_model *model);
/* BOMBUS_EINVAL for an index out of range. name is borrowed for the model's life. */
BOMBUS_API bombus_status bombus_model_weight_at(const bombus_model *model, size_t index, bombus_weight_info *info, bombus_error *err);

#ifdef __cplusplus
}
#endif
#endif
