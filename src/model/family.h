/* model/family.h: what makes a family of models a family: data for the one decoder. */
#ifndef BB_MODEL_FAMILY_H
#define BB_MODEL_FAMILY_H

#include <stdbool.h>
#include <stddef.h>

typedef enum bb_window_rule {
    BB_WINDOW_NONE,  /* sliding_window counts only for the layers that layer_types names */
    BB_WINDOW_ALL,   /* every layer, unless sliding_window is null */
    BB_WINDOW_UPPER, /* layers from max_window_layers on, where use_sliding_window is true */
} bb_window_rule;

typedef struct bb_family {
    const char *model_type;   /* in config.json */
    const char *architecture; /* in its "architectures" */
    bool head_norm;           /* q_norm and k_norm, [d], before RoPE */
    bool qkv_bias;            /* always; elsewhere attention_bias gives biases to q, k, v and o */
    bb_window_rule window;
    int default_context;  /* where there is no max_position_embeddings */
    int default_head_dim; /* where there is no head_dim; 0: hidden_size / num_attention_heads */
    double default_theta; /* where there is no rope_theta */
} bb_family;

/* By model_type, or where that is NULL by architecture. NULL where there is none. */
const bb_family *bb_family_find(const char *model_type, const char *architecture);

/* "llama, mistral, ..." into buffer. Returns buffer. */
const char *bb_family_names(char *buffer, size_t size);

#endif
