/* model/model.h: a loaded model from the inside. */
#ifndef BB_MODEL_MODEL_H
#define BB_MODEL_MODEL_H

#include "backend/backend.h"
#include "model/config.h"

#include <bombus/model.h>
#include <bombus/safetensors.h>

/* A linear layer. The name is the module's ("model.layers.0.self_attn.q_proj"): what adapters and overrides go by. */
typedef struct bb_linear {
    const char *name;
    bb_tensor weight; /* [out, in], dense or quantized */
    bb_tensor bias;   /* F32 [out]; data is NULL where there is none */
} bb_linear;

typedef struct bb_layer {
    bb_tensor attn_norm; /* F32 [D] */
    bb_linear q;         /* [H * d, D] */
    bb_linear k, v;      /* [K * d, D] */
    bb_linear o;         /* [D, H * d] */
    bb_tensor q_norm;    /* F32 [d]; data is NULL unless the family normalizes heads */
    bb_tensor k_norm;    /* F32 [d] */
    bb_tensor mlp_norm;  /* F32 [D] */
    bb_linear gate, up;  /* [F, D] */
    bb_linear down;      /* [D, F] */
    int window;          /* 0: none */
} bb_layer;

struct bombus_model {
    _Atomic int references;
    bb_arena arena; /* everything below that is no tensor of the backend's */
    bombus_safetensors *file;
    bb_backend *backend;
    bb_config config;
    bombus_compute compute;
    bb_linear embed;          /* [V, D] */
    bb_layer *layers;         /* [layers] */
    bb_tensor norm;           /* F32 [D] */
    bb_linear head;           /* [V, D]; the embedding where tied */
    double *rope_frequencies; /* [d / 2] */
    float rope_scale;         /* of cos and sin */
    float attention_scale;    /* d^-1/2 */
    bombus_model_info info;
    bombus_weight_info *weights; /* [weight_count], in the order of the layers */
    size_t weight_count;
};

/* Finds, checks and binds the weights of model->config in model->file; fills layers, norm, head, weights. */
bombus_status bb_weights_bind(bombus_model *model, bombus_error *err);

/* What tells this model from another: what the config says of the computation, and name, type, shape and some bytes of each tensor.
 * Not its place, or how it is divided into shards. Reads a few pages a tensor, so it is computed when it is asked for (fingerprint.c). */
uint64_t bb_model_fingerprint(const bombus_model *model);

/* ---- the decoder (decoder.c) ---- */

enum { BB_LOGIT_ROWS = 32 }; /* rows the head takes at once */

/* Room for the activations of a step of up to rows rows. Belongs to one session or engine; a step leaves its result in it. */
typedef struct bb_workspace {
    bb_backend *backend;
    int rows;
    bb_tensor x;        /* [rows, D] the residual stream */
    bb_tensor h;        /* [rows, D] what enters a layer's half */
    bb_tensor q, mixed; /* [rows, H * d] */
    bb_tensor k, v;     /* [rows, K * d] */
    bb_tensor gate, up; /* [rows, F] */
    bb_tensor angles;   /* [rows, 2, d / 2] */
    bb_tensor wanted;   /* [BB_LOGIT_ROWS, D] */
    bb_tensor logits;   /* [BB_LOGIT_ROWS, V] */
    bb_tensor scratch;  /* U8 [bytes] for linear; none where the model computes exactly */
    bb_tensor runs;     /* F32, for attention, where rows are few */
} bb_workspace;

bombus_status bb_workspace_create(bb_workspace *workspace, const bombus_model *model, int rows, bombus_error *err);
void bb_workspace_free(bb_workspace *workspace);

/* Runs the rows through all layers: reads and writes kv [layers], whose blocks the rows name. Allocates nothing. */
void bb_decoder_step(const bombus_model *model, bb_workspace *workspace, const bb_kv *kv, const bb_rows *rows);

/* The logits of count <= BB_LOGIT_ROWS rows of the step, by index, into logits F32 [count, V]. Allocates nothing. */
bombus_status bb_decoder_logits(const bombus_model *model, bb_workspace *workspace, const int32_t *index, int count, float *logits,
                                bombus_error *err);

#endif
