/* bombus/adapter.h: LoRA and DoRA adapters, which change a model's linear layers while it runs and leave its weights as they are.
 *
 * An adapter is immutable once loaded and may be shared between threads. It is loaded alone: it meets a model, and its shapes the model's,
 * where a session or a serving engine uses it. What uses it keeps it, or what was made of it, so it may be freed at any time. */
#ifndef BOMBUS_ADAPTER_H
#define BOMBUS_ADAPTER_H

#include <bombus/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bombus_adapter bombus_adapter;

/* X(name, text) */
#define BOMBUS_ADAPTER_FORMAT_LIST(X)                                                                                                      \
    X(MLX, "mlx-lm") /* adapter_config.json and adapters.safetensors */                                                                    \
    X(PEFT, "peft")  /* adapter_config.json and adapter_model.safetensors */

typedef enum bombus_adapter_format {
#define X(name, text) BOMBUS_ADAPTER_##name,
    BOMBUS_ADAPTER_FORMAT_LIST(X)
#undef X
} bombus_adapter_format;

/* X(name, text) */
#define BOMBUS_ADAPTER_KIND_LIST(X)                                                                                                        \
    X(LORA, "lora") /* W + scale * B A */                                                                                                  \
    X(DORA, "dora") /* that, each row brought to a length of its own */                                                                    \
    X(FULL, "full") /* weights in place of the model's: only to load a model with (bombus_model_options) */

typedef enum bombus_adapter_kind {
#define X(name, text) BOMBUS_ADAPTER_##name,
    BOMBUS_ADAPTER_KIND_LIST(X)
#undef X
} bombus_adapter_kind;

/* "mlx-lm", "lora". Static; NULL for a value that is none. */
BOMBUS_API const char *bombus_adapter_format_name(bombus_adapter_format format);
BOMBUS_API const char *bombus_adapter_kind_name(bombus_adapter_kind kind);

typedef struct bombus_adapter_options bombus_adapter_options; /* there are none yet: NULL */

/* Loads a directory in mlx-lm's format, lora, dora or full, or in PEFT's (LoRA with its ranks, alphas, rslora, patterns and DoRA). The
 * tensors stay mapped.
 *
 * Returns BOMBUS_OK, BOMBUS_ENOTFOUND, BOMBUS_EIO, BOMBUS_EFORMAT (malformed, a tensor that is missing, unexpected or has another shape
 * than the config says), BOMBUS_EUNSUPPORTED (a method, or a field that asks for more than Bombus does: err names it) or BOMBUS_ENOMEM.
 * On success the caller frees *out with bombus_adapter_free. */
BOMBUS_API bombus_status bombus_adapter_load(bombus_adapter **out, const char *path, const bombus_adapter_options *options,
                                             bombus_error *err);
BOMBUS_API void bombus_adapter_free(bombus_adapter *adapter); /* drops a reference; NULL is fine */
BOMBUS_API bombus_adapter *bombus_adapter_retain(bombus_adapter *adapter);

typedef struct bombus_adapter_info {
    bombus_adapter_format format;
    bombus_adapter_kind kind;
    const char *base;     /* the model it was made for, as its config names it; NULL where it does not */
    int rank;             /* the largest of its modules; 0 for FULL */
    size_t module_count;  /* linear layers and embeddings it changes; 0 for FULL */
    int64_t parameters;   /* of all its tensors */
    int64_t weight_bytes; /* as they lie in the file */
} bombus_adapter_info;

/* Borrowed for the adapter's life. */
BOMBUS_API const bombus_adapter_info *bombus_adapter_get_info(const bombus_adapter *adapter);

/* What it changes. */
typedef struct bombus_adapter_module {
    const char *name; /* "model.layers.0.self_attn.q_proj"; borrowed for the adapter's life */
    int rank;
    double scale;    /* of B A, all in all */
    int64_t in, out; /* of the layer; of an embedding: D and V */
    bool magnitude;  /* it has lengths of its own (DoRA) */
} bombus_adapter_module;

/* In order of name. BOMBUS_EINVAL for an index out of range. */
BOMBUS_API bombus_status bombus_adapter_module_at(const bombus_adapter *adapter, size_t index, bombus_adapter_module *module,
                                                  bombus_error *err);

/* An adapter in use. Several at once are a weighted sum: the base's layer plus weight times each one's difference to it. */
typedef struct bombus_adapter_use {
    bombus_adapter *adapter;
    float weight; /* 1: as it was trained */
} bombus_adapter_use;

/* What writing an adapter came to. */
typedef struct bombus_adapter_report {
    size_t module_count;
    int rank;    /* the largest */
    bool padded; /* the format has one rank for all modules, so smaller ones got zeros */
    bool untied; /* it changes a head, which mlx-lm's format says only for models whose head is not their embedding, and PEFT's for all */
    bool folded; /* the format has one scale for all modules, or the sum has several, so scales went into B, in F32 */
} bombus_adapter_report;

/* Writes the weighted sum of adapters [count] as one, in either format, into a directory that is made where there is none: one adapter of
 * weight 1 is converted, value by value where the format can say what it is. A sum has the ranks of its parts together.
 *
 * report  may be NULL
 *
 * BOMBUS_EINVAL for no adapter, a weight that is no finite number, and a directory that is one of the adapters' own or has an adapter in
 * the other format; BOMBUS_EUNSUPPORTED, with the module's name, for what the other format means otherwise or one adapter cannot be: full
 * fine-tunes, embeddings in another format (a tied head takes part in mlx-lm, not in PEFT), sums with DoRA (they depend on the base);
 * BOMBUS_EIO, BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_adapter_write(const bombus_adapter_use *uses, size_t count, bombus_adapter_format format,
                                              const char *directory, bombus_adapter_report *report, bombus_error *err);

typedef struct bombus_fuse_options {
    bool dequantize;       /* quantized layers are written dense, all of them */
    const char *fine_tune; /* a full fine-tune to fuse in place of adapters, as in bombus_model_options; NULL: none */
    int64_t file_bytes;    /* of tensors, the most in one file; default 5 GiB */
} bombus_fuse_options;

/* Writes a model with adapters [count] in its weights: a directory with model.safetensors, or files model-00001-of-0000N.safetensors where
 * that would be too large, an index of either, config.json and what else describes the model. A model that was there before is none from
 * the beginning on, and the new one is one at the end.
 * As mlx-lm does: the change is rounded to the type of the layer's values, added, and a quantized layer quantized again as it was. Weights
 * that nothing changes are written as they are. DoRA, and several adapters, are computed in F32 as a whole and rounded once to the type of
 * the layer's values, where mlx-lm leaves a fused DoRA layer in F32.
 *
 * options  NULL for the defaults
 *
 * Returns what loading the model and binding the adapters return; BOMBUS_EUNSUPPORTED where an adapter changes a tied embedding or head
 * and not both; BOMBUS_EINVAL where directory has a model in other files than those that are written, or is the model's own. */
BOMBUS_API bombus_status bombus_fuse(const char *model, const bombus_adapter_use *uses, size_t count, const char *directory,
                                     const bombus_fuse_options *options, bombus_error *err);

#ifdef __cplusplus
}
#endif
#endif
