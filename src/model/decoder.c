/* The one decoder: a step of rows through every layer, as the configuration says.
 *
 * A step holds rows of any number of sequences, each with its own position and KV blocks; only attention looks at more than one row of a
 * sequence. Activations live in a workspace that is made once, so a step allocates nothing. */
#include "model/model.h"

enum { SPREAD_ROWS = 8 }; /* more rows than that are tasks enough without attention's runs */

/* The first rows of a workspace tensor. */
static bb_tensor first_rows(const bb_tensor *t, int rows)
{
    bb_tensor view = *t;
    view.shape[0] = rows;
    return view;
}

/* A linear layer and where its result goes. */
typedef struct layer_out {
    const bb_linear *linear;
    const bb_tensor *out;
} layer_out;

static bb_delta_runs runs_of(const bb_workspace *w, const bb_step_deltas *deltas)
{
    return (bb_delta_runs){.runs = deltas->runs, .count = deltas->count, .rank = w->rank, .scratch = &w->deltas};
}

/* Every linear layer goes through here: out = x W^T + bias, for all that x enters, W as the rows' changes have it. */
static void apply(const bb_workspace *w, const layer_out *layers, int count, const bb_tensor *x, const bb_step_deltas *deltas)
{
    bb_backend *backend = w->backend;
    bb_product products[BB_PRODUCTS_MAX] = {0};

    for (int i = 0; i < count; i++)
        products[i] = (bb_product){layers[i].out, &layers[i].linear->weight, layers[i].linear->index};
    backend->ops->linear(backend, products, count, x, w->scratch.shape[0] ? &w->scratch : NULL);
    if (deltas) {
        const bb_delta_runs runs = runs_of(w, deltas);
        backend->ops->linear_deltas(backend, products, count, x, &runs);
    }
    for (int i = 0; i < count; i++)
        if (layers[i].linear->bias.data)
            backend->ops->add(backend, layers[i].out, &layers[i].linear->bias);
}

static void attention_half(const bombus_model *model, bb_workspace *w, const bb_layer *layer, const bb_kv *kv, const bb_rows *rows,
                           const bb_step_deltas *deltas)
{
    bb_backend *backend = model->backend;
    const bb_backend_ops *ops = backend->ops;
    const bb_config *config = &model->config;
    const float eps = (float)config->norm_eps;
    const bb_tensor x = first_rows(&w->x, rows->count), h = first_rows(&w->h, rows->count);
    const bb_tensor q = first_rows(&w->q, rows->count), mixed = first_rows(&w->mixed, rows->count);
    const bb_tensor k = first_rows(&w->k, rows->count), v = first_rows(&w->v, rows->count);
    const bb_tensor angles = first_rows(&w->angles, rows->count);
    const bb_attention shape = {.heads = config->heads,
                                .kv_heads = config->kv_heads,
                                .dim = config->head_dim,
                                .scale = model->attention_scale,
                                .window = layer->window,
                                .scratch = &w->runs};

    ops->rms_norm(backend, &h, &x, &layer->attn_norm, eps);
    apply(w, (layer_out[]){{&layer->q, &q}, {&layer->k, &k}, {&layer->v, &v}}, 3, &h, deltas);
    if (layer->q_norm.data) {
        ops->rms_norm(backend, &q, &q, &layer->q_norm, eps);
        ops->rms_norm(backend, &k, &k, &layer->k_norm, eps);
    }
    ops->rope(backend, &q, &angles, config->head_dim);
    ops->rope(backend, &k, &angles, config->head_dim);
    ops->kv_write(backend, kv, &k, &v, rows);
    ops->attention(backend, &mixed, &q, kv, &shape, rows);
    apply(w, &(layer_out){&layer->o, &h}, 1, &mixed, deltas);
    ops->add(backend, &x, &h);
}

static void mlp_half(const bombus_model *model, bb_workspace *w, const bb_layer *layer, int rows, const bb_step_deltas *deltas)
{
    bb_backend *backend = model->backend;
    const bb_backend_ops *ops = backend->ops;
    const bb_tensor x = first_rows(&w->x, rows), h = first_rows(&w->h, rows);
    const bb_tensor gate = first_rows(&w->gate, rows), up = first_rows(&w->up, rows);

    ops->rms_norm(backend, &h, &x, &layer->mlp_norm, (float)model->config.norm_eps);
    apply(w, (layer_out[]){{&layer->gate, &gate}, {&layer->up, &up}}, 2, &h, deltas);
    ops->swiglu(backend, &gate, &gate, &up);
    apply(w, &(layer_out){&layer->down, &h}, 1, &gate, deltas);
    ops->add(backend, &x, &h);
}

void bb_decoder_step(const bombus_model *model, bb_workspace *workspace, const bb_kv *kv, const bb_rows *rows, const bb_step_deltas *deltas)
{
    bb_backend *backend = model->backend;
    const bb_tensor x = first_rows(&workspace->x, rows->count), angles = first_rows(&workspace->angles, rows->count);

    backend->ops->embed(backend, &x, &model->embed.weight, rows);
    if (deltas) {
        const bb_delta_runs runs = runs_of(workspace, deltas);
        backend->ops->embed_deltas(backend, &x, rows, model->embed.index, &runs);
    }
    backend->ops->rope_angles(backend, &angles, model->rope_frequencies, model->rope_scale, rows);
    for (int i = 0; i < model->config.layers; i++) {
        attention_half(model, workspace, &model->layers[i], &kv[i], rows, deltas);
        mlp_half(model, workspace, &model->layers[i], rows->count, deltas);
    }
}

bombus_status bb_decoder_logits(const bombus_model *model, bb_workspace *workspace, const int32_t *index, int count,
                                const bb_step_deltas *deltas, float *logits, bombus_error *err)
{
    bb_backend *backend = model->backend;
    const bb_tensor wanted = first_rows(&workspace->wanted, count), out = first_rows(&workspace->logits, count);

    backend->ops->gather(backend, &wanted, &workspace->x, index);
    backend->ops->rms_norm(backend, &wanted, &wanted, &model->norm, (float)model->config.norm_eps);
    apply(workspace, &(layer_out){&model->head, &out}, 1, &wanted, deltas);
    bombus_status status = backend->ops->sync(backend, err);
    if (status == BOMBUS_OK)
        backend->ops->read(backend, &out, 0, logits, (size_t)count * (size_t)model->config.vocabulary * sizeof *logits);
    return status;
}

bombus_status bb_workspace_create(bb_workspace *workspace, const bombus_model *model, int rows, bombus_error *err)
{
    const bb_config *c = &model->config;
    const int64_t q = (int64_t)c->heads * c->head_dim, k = (int64_t)c->kv_heads * c->head_dim;
    const int64_t widest =
        c->feed_forward > q ? (c->feed_forward > c->hidden ? c->feed_forward : c->hidden) : (q > c->hidden ? q : c->hidden);
    const int64_t most = rows > BB_LOGIT_ROWS ? rows : BB_LOGIT_ROWS;
    const int64_t scratch = model->compute == BOMBUS_FAST ? model->backend->ops->linear_scratch(model->backend, most, widest) : 0;
    const bb_attention shape = {.heads = c->heads, .dim = c->head_dim};
    struct {
        bb_tensor *tensor;
        bombus_dtype dtype;
        int rank;
        int64_t shape[3];
    } plan[] = {
        {&workspace->x, BOMBUS_F32, 2, {rows, c->hidden}},
        {&workspace->h, BOMBUS_F32, 2, {rows, c->hidden}},
        {&workspace->q, BOMBUS_F32, 2, {rows, q}},
        {&workspace->mixed, BOMBUS_F32, 2, {rows, q}},
        {&workspace->k, BOMBUS_F32, 2, {rows, k}},
        {&workspace->v, BOMBUS_F32, 2, {rows, k}},
        {&workspace->gate, BOMBUS_F32, 2, {rows, c->feed_forward}},
        {&workspace->up, BOMBUS_F32, 2, {rows, c->feed_forward}},
        {&workspace->angles, BOMBUS_F32, 3, {rows, 2, c->head_dim / 2}},
        {&workspace->wanted, BOMBUS_F32, 2, {BB_LOGIT_ROWS, c->hidden}},
        {&workspace->logits, BOMBUS_F32, 2, {BB_LOGIT_ROWS, c->vocabulary}},
        {&workspace->scratch, BOMBUS_U8, 1, {scratch}},
        {&workspace->runs, BOMBUS_F32, 1, {bb_attention_scratch(&shape, rows < SPREAD_ROWS ? rows : SPREAD_ROWS, c->context)}},
    };

    *workspace = (bb_workspace){.backend = bb_backend_retain(model->backend), .rows = rows};
    for (size_t i = 0; i < sizeof plan / sizeof *plan; i++) {
        *plan[i].tensor = bb_tensor_view(plan[i].dtype, plan[i].rank, plan[i].shape, NULL);
        bombus_status status = model->backend->ops->alloc(model->backend, plan[i].tensor, err);
        if (status != BOMBUS_OK) {
            bb_workspace_free(workspace);
            return status;
        }
    }
    return BOMBUS_OK;
}

bombus_status bb_workspace_reserve(bb_workspace *workspace, int rank, bombus_error *err)
{
    const int64_t rows = workspace->rows > BB_LOGIT_ROWS ? workspace->rows : BB_LOGIT_ROWS;
    bb_tensor larger = bb_tensor_view(BOMBUS_F32, 1, (int64_t[]){bb_delta_scratch(rows, rank)}, NULL);

    if (rank <= workspace->rank)
        return BOMBUS_OK;
    bombus_status status = workspace->backend->ops->alloc(workspace->backend, &larger, err);
    if (status != BOMBUS_OK)
        return status;
    if (workspace->deltas.data)
        workspace->backend->ops->release(workspace->backend, &workspace->deltas);
    workspace->deltas = larger;
    workspace->rank = rank;
    return BOMBUS_OK;
}

void bb_workspace_free(bb_workspace *workspace)
{
    bb_tensor *tensors[] = {&workspace->x,      &workspace->h,       &workspace->q,    &workspace->mixed,  &workspace->k,
                            &workspace->v,      &workspace->gate,    &workspace->up,   &workspace->angles, &workspace->wanted,
                            &workspace->logits, &workspace->scratch, &workspace->runs, &workspace->deltas};

    if (!workspace->backend)
        return;
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++)
        if (tensors[i]->data)
            workspace->backend->ops->release(workspace->backend, tensors[i]);
    bb_backend_free(workspace->backend);
    *workspace = (bb_workspace){0};
}
