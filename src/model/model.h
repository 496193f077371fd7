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
    int index;        /* among all of the model: of its change in bb_deltas */
} bb_linear;

/* The embedding is first, the head second, a layer's seven follow from BB_FIRST_LINEAR + layer * BB_LAYER_LINEARS on. */
enum { BB_EMBED_INDEX, BB_HEAD_INDEX, BB_FIRST_LINEAR, BB_LAYER_LINEARS = 7 };

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
    bombus_safetensors *fine_tune; /* what stands in it goes before what stands in file; NULL: none */
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

/* Every linear layer, by index, and how many there are. A tied head is the embedding's weight under an index of its own. */
int bb_model_linear_count(const bombus_model *model);
const bb_linear *bb_model_linear_at(const bombus_model *model, int index);

/* Finds, checks and binds the weights of model->config in model->file; fills layers, norm, head, weights. */
bombus_status bb_weights_bind(bombus_model *model, bombus_error *err);

/* What tells this model from another: what the config says of the computation, and name, type, shape and some bytes of each tensor.
 * Not its place, or how it is divided into shards. Reads a few pages a tensor, so it is computed when it is asked for (fingerprint.c). */
uint64_t bb_model_fingerprint(const bombus_model *model);

/* ---- changes of linear layers (deltas.c) ---- */

/* What one adapter makes of a linear layer W [out, in], in memory of the host's: W + B^T A, and with magnitudes that row by row (or, of an
 * embedding, column by column) brought to a length of its own. Scales are in b. */
typedef struct bb_change {
    int rank;
    const float *a;         /* [r, in] */
    const float *b;         /* [r, out] */
    const float *magnitude; /* [out], or [in] where columns; NULL: lengths are as they come */
    bool columns;
    float weight; /* of the difference to W in a sum of several */
} bb_change;

/* Changes of a model's linear layers, with reference counts and immutable once made: what sessions and engines apply. */
typedef struct bb_deltas {
    _Atomic int references;
    bb_backend *backend;
    bb_delta *table; /* [count] by bb_linear.index */
    int count;
    int rank;             /* the largest */
    uint64_t fingerprint; /* of what was set, for files and caches that hold what was computed with it; its maker's to fill */
} bb_deltas;

/* No layer is changed yet. The model need not outlive it. */
bombus_status bb_deltas_create(bb_deltas **out, const bombus_model *model, bombus_error *err);
bb_deltas *bb_deltas_retain(bb_deltas *deltas);
void bb_deltas_free(bb_deltas *deltas); /* drops a reference; NULL is fine */
/* The weighted sum of changes [count] of one linear layer: W plus each one's weight times its difference to W. Once a layer.
 * Where the model computes fast, what is kept has 16 bits. BOMBUS_ENOMEM. */
bombus_status bb_deltas_set(bb_deltas *deltas, const bombus_model *model, int index, const bb_change *changes, int count,
                            bombus_error *err);

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
    bb_tensor deltas;   /* F32 [bb_delta_scratch] for changes; none until bb_workspace_reserve */
    int rank;           /* of the changes there is room for */
} bb_workspace;

bombus_status bb_workspace_create(bb_workspace *workspace, const bombus_model *model, int rows, bombus_error *err);
void bb_workspace_free(bb_workspace *workspace);
/* Sees to it that there is room for changes of a rank (bb_deltas.rank). Between steps. */
bombus_status bb_workspace_reserve(bb_workspace *workspace, int rank, bombus_error *err);

/* Whose changes apply to which rows: runs of consecutive rows, in their order, that share a table; rows that no run has are the base
 * model's. Order rows by adapter, so that each is read once a step. A run is {first, count, bb_deltas.table}. NULL: no changes at all. */
typedef struct bb_step_deltas {
    const bb_delta_run *runs; /* [count] */
    int count;
} bb_step_deltas;

/* Runs the rows through all layers: reads and writes kv [layers], whose blocks the rows name. Allocates nothing. */
void bb_decoder_step(const bombus_model *model, bb_workspace *workspace, const bb_kv *kv, const bb_rows *rows,
                     const bb_step_deltas *deltas);

/* The logits of count <= BB_LOGIT_ROWS rows of the step, by index, into logits F32 [count, V]. deltas: runs of places in index.
 * Allocates nothing. */
bombus_status bb_decoder_logits(const bombus_model *model, bb_workspace *workspace, const int32_t *index, int count,
                                const bb_step_deltas *deltas, float *logits, bombus_error *err);

#endif
