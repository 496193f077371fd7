/* A model written with adapters in its weights.
 *
 * Tensors are made as the file asks for them, layer by layer, so that a model larger than memory can be fused: of a layer that has been
 * made, its scales and biases wait for their turn, since a file has all words before them.
 * The arithmetic is mlx-lm's: the product of both factors in F32, rounded to the type of the layer's values, then the sum, rounded again.
 * With lengths of their own (DoRA), or several adapters, one rounding at the end. */
#include "adapter/adapter.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_write.h"
#include "tensor/half.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_LIMIT = 256 << 20 };

/* The tensors of a layer: words or values, scales, biases. */
enum { WEIGHT, SCALES, BIASES, PARTS };

typedef struct fused {
    const bb_linear *linear;
    const bb_delta *delta; /* NULL: only dequantized */
    bool dense;            /* in the result */
    bombus_tensor *made[PARTS];
} fused;

/* A tensor of the result. */
typedef struct target {
    bombus_tensor shape; /* without data where a layer makes it; the first member: what the writer knows it by */
    fused *layer;        /* NULL: shape is the model's own tensor */
    int part;
} target;

typedef struct fusing {
    bombus_model *model;
    bb_deltas *deltas; /* NULL: a fine-tune, or nothing */
    bool dequantize;
    fused *layers; /* [bb_model_linear_count] */
    target *targets;
    bombus_safetensors_entry *entries; /* [count] */
    size_t count;
    bombus_error *err;
} fusing;

/* ---- one layer ---- */

/* A copy of what the backend has; the caller frees it. NULL where t has nothing, or without memory. */
static float *read_values(bb_backend *backend, const bb_tensor *t)
{
    float *values = t->data ? bb_alloc(bb_tensor_bytes(t)) : NULL;

    if (values)
        backend->ops->read(backend, t, 0, values, bb_tensor_bytes(t));
    return values;
}

typedef struct change {
    float *a, *b, *gain, *side;
    int64_t rank;
} change;

static bombus_status read_change(change *out, const fusing *f, const bb_delta *delta)
{
    bb_backend *backend = f->model->backend;

    *out = (change){read_values(backend, &delta->a), read_values(backend, &delta->b), read_values(backend, &delta->gain),
                    read_values(backend, &delta->gain_side), delta->a.data ? delta->a.shape[0] : 0};
    if (!out->a == !delta->a.data && !out->b == !delta->b.data && !out->gain == !delta->gain.data && !out->side == !delta->gain_side.data)
        return BOMBUS_OK;
    return bb_fail_memory(f->err, bb_tensor_bytes(&delta->a) + bb_tensor_bytes(&delta->b));
}

static void free_change(change *c)
{
    bb_free(c->side);
    bb_free(c->gain);
    bb_free(c->b);
    bb_free(c->a);
}

/* Row o of [n, in] in place; sums: room for in. */
static void change_row(const change *c, float *row, int64_t o, int64_t n, int64_t in, bombus_dtype dtype, float *sums)
{
    const bool plain = !c->gain && !c->side;

    memset(sums, 0, (size_t)in * sizeof *sums);
    for (int64_t k = 0; k < c->rank; k++)
        for (int64_t i = 0; i < in; i++)
            sums[i] += c->b[k * n + o] * c->a[k * in + i];
    for (int64_t i = 0; i < in; i++) {
        const float gain = (c->gain ? c->gain[o] : 1) + (c->side ? c->side[i] - 1 : 0);
        row[i] = plain ? row[i] + bb_round_to(dtype, sums[i]) : gain * row[i] + sums[i];
    }
}

enum { TASK_ROWS = 16 };

/* The making of a layer, shared out by rows. */
typedef struct making {
    const bb_tensor *weight; /* [n, in] its type and shape */
    const char *values;      /* dense */
    char *out;
    const change *change; /* NULL: none */
    float *scratch;       /* [workers][2][in] a row and its sums */
} making;

static void make_rows(void *context, int64_t index, int worker)
{
    const making *m = context;
    const int64_t n = m->weight->shape[0], in = m->weight->shape[1], bytes = in * (bb_dtypes[m->weight->dtype].bits / 8);
    const int64_t end = (index + 1) * TASK_ROWS < n ? (index + 1) * TASK_ROWS : n;
    float *row = m->scratch + 2 * worker * in;

    for (int64_t o = index * TASK_ROWS; o < end; o++) {
        bb_widen(row, m->weight->dtype, m->values + o * bytes, in);
        if (m->change)
            change_row(m->change, row, o, n, in, m->weight->dtype, row + in);
        bb_narrow(m->out + o * bytes, m->weight->dtype, row, in);
    }
}

/* The layer's values, changed, dense in the type they have. */
static bombus_status make_dense(const fusing *f, const fused *layer, bombus_tensor **out)
{
    const bb_tensor *weight = &layer->linear->weight;
    bb_threads *threads = f->model->backend->threads;
    const size_t scratch = 2 * (size_t)bb_threads_count(threads) * (size_t)weight->shape[1] * sizeof(float);
    bombus_tensor *own = NULL;
    change c = {0};
    void *data;
    making m = {.weight = weight, .values = weight->data, .change = layer->delta ? &c : NULL, .scratch = bb_alloc(scratch)};
    bombus_tensor source = {.t = *weight};
    bombus_status status = m.scratch ? BOMBUS_OK : bb_fail_memory(f->err, scratch);

    *out = NULL;
    if (status == BOMBUS_OK && bb_is_quantized(weight)) {
        status = bombus_dequantize(&own, &source, f->err);
        m.values = own ? own->t.data : NULL;
    }
    if (status == BOMBUS_OK && layer->delta)
        status = read_change(&c, f, layer->delta);
    if (status == BOMBUS_OK)
        status = bb_tensor_allocate(out, weight->dtype, 2, weight->shape, &data, f->err);
    if (status == BOMBUS_OK) {
        m.out = data;
        bb_threads_run(threads, make_rows, &m, (weight->shape[0] + TASK_ROWS - 1) / TASK_ROWS);
    }
    free_change(&c);
    bombus_tensor_free(own);
    bb_free(m.scratch);
    return status;
}

/* A part of a quantized tensor as the file has it; it keeps the whole alive. */
static void release_whole(void *whole)
{
    bombus_tensor_free(whole);
}

static bombus_status take_part(const fusing *f, fused *layer, bombus_tensor *whole, int part, const bb_tensor *shape)
{
    const void *const data[PARTS] = {whole->t.data, whole->t.scales, whole->t.biases};
    const bombus_status status = bombus_tensor_borrow(&layer->made[part], shape->dtype, shape->rank, shape->shape, data[part],
                                                      release_whole, bombus_tensor_retain(whole), f->err);

    if (status != BOMBUS_OK)
        bombus_tensor_free(whole);
    return status;
}

static bombus_status make_layer(const fusing *f, fused *layer)
{
    bombus_tensor *dense, *packed = NULL;
    bombus_status status = make_dense(f, layer, &dense);

    if (status != BOMBUS_OK || layer->dense) {
        layer->made[WEIGHT] = dense;
        return status;
    }
    status = bombus_quantize(&packed, dense, &layer->linear->weight.quant, f->err);
    bombus_tensor_free(dense);
    for (size_t i = 0; i < f->count && status == BOMBUS_OK; i++)
        if (f->targets[i].layer == layer)
            status = take_part(f, layer, packed, f->targets[i].part, &f->targets[i].shape.t);
    bombus_tensor_free(packed);
    return status;
}

static bombus_status fill(const bombus_safetensors_entry *entry, bb_writer *writer, void *context, bombus_error *err)
{
    const fusing *f = context;
    const target *t = (const target *)(const void *)entry->tensor; /* its first member */
    bombus_tensor **made = &t->layer->made[t->part];
    bombus_status status = *made ? BOMBUS_OK : make_layer(f, t->layer);

    if (status == BOMBUS_OK)
        status = bb_writer_write(writer, (*made)->t.data, bb_tensor_bytes(&(*made)->t), err);
    bombus_tensor_free(*made);
    *made = NULL;
    return status;
}

/* ---- all tensors ---- */

/* The layer a tensor is of, and which of its tensors it is; NULL where it is none's, or nothing makes the layer anew. */
static fused *layer_of(const fusing *f, const char *name, int *part)
{
    static const char *const ends[PARTS] = {".weight", ".scales", ".biases"};
    const size_t bytes = strlen(name);

    for (int p = 0; p < PARTS; p++) {
        const size_t tail = strlen(ends[p]);
        if (bytes <= tail || strcmp(name + bytes - tail, ends[p]) != 0)
            continue;
        for (int i = 0; i < bb_model_linear_count(f->model); i++) {
            const char *module = f->layers[i].linear ? f->layers[i].linear->name : NULL;
            if (module && strlen(module) == bytes - tail && memcmp(module, name, bytes - tail) == 0) {
                *part = p;
                return &f->layers[i];
            }
        }
    }
    return NULL;
}

/* Layers that are made anew have their linear set. */
static bombus_status choose_layers(fusing *f)
{
    const bombus_model *model = f->model;
    const int count = bb_model_linear_count(model);

    f->layers = bb_alloc_zero((size_t)count, sizeof *f->layers);
    if (!f->layers)
        return bb_fail_memory(f->err, (size_t)count * sizeof *f->layers);
    for (int i = 0; i < count; i++) {
        const bb_linear *linear = bb_model_linear_at(model, i);
        const bb_delta *delta = f->deltas ? &f->deltas->table[i] : NULL;
        const bool changes = delta && (delta->a.data || delta->gain.data || delta->gain_side.data);
        if (i == BB_HEAD_INDEX && model->info.tied)
            continue;
        if (changes || (f->dequantize && bb_is_quantized(&linear->weight)))
            f->layers[i] =
                (fused){.linear = linear, .delta = changes ? delta : NULL, .dense = f->dequantize || !bb_is_quantized(&linear->weight)};
    }
    return BOMBUS_OK;
}

static void add_target(fusing *f, const bombus_tensor_info *info)
{
    target *t = &f->targets[f->count];
    int part = 0;

    t->layer = layer_of(f, info->name, &part);
    t->part = part;
    t->shape.t = bb_tensor_view(info->dtype, info->rank, info->shape, t->layer ? NULL : info->data);
    if (t->layer && t->layer->dense) {
        if (part != WEIGHT)
            return; /* a dense layer has none */
        const bb_tensor *weight = &t->layer->linear->weight;
        t->shape.t = bb_tensor_view(weight->dtype, weight->rank, weight->shape, NULL);
    }
    f->entries[f->count++] = (bombus_safetensors_entry){info->name, &t->shape};
}

static bombus_status list_targets(fusing *f)
{
    const bombus_safetensors *file = f->model->file, *tune = f->model->fine_tune;
    const size_t room = bombus_safetensors_count(file) + 1;

    f->targets = bb_alloc_zero(room, sizeof *f->targets);
    f->entries = bb_alloc_zero(room, sizeof *f->entries);
    if (!f->targets || !f->entries)
        return bb_fail_memory(f->err, room * sizeof *f->targets);
    for (size_t i = 0; i < bombus_safetensors_count(file); i++) {
        const bombus_tensor_info *info = bombus_safetensors_at(file, i);
        const bombus_tensor_info *tuned = tune ? bombus_safetensors_find(tune, info->name) : NULL;
        add_target(f, tuned ? tuned : info);
    }
    return BOMBUS_OK;
}

/* A tied head is the embedding: what one becomes, the other does. */
static bombus_status check_tied(const fusing *f, const bombus_adapter_use *uses, size_t count)
{
    for (size_t i = 0; i < count && f->model->info.tied; i++) {
        const bombus_adapter *adapter = uses[i].adapter;
        const char *name = bb_adapter_find(adapter, "lm_head") ? "lm_head" : f->model->embed.name;
        if (adapter->config.format == BOMBUS_ADAPTER_PEFT && bb_adapter_find(adapter, name))
            return bb_fail(f->err, BOMBUS_EUNSUPPORTED,
                           "%s: %s: the model's head is its embedding, and the adapter changes one of them: they cannot be fused",
                           adapter->config.file, name);
    }
    return BOMBUS_OK;
}

/* ---- the other files ---- */

static bombus_status write_text(const char *directory, const char *name, const char *text, size_t bytes, bombus_error *err)
{
    char *path = bb_path_join(directory, name);
    const bombus_status status = path ? bombus_file_write(path, text, bytes, err) : bb_fail_memory(err, strlen(directory));

    bb_free(path);
    return status;
}

static void write_value(bb_json_writer *json, const bb_json *value)
{
    int64_t whole;
    double number;

    switch (value->type) {
    case BB_JSON_NULL:
        bb_json_null(json);
        break;
    case BB_JSON_BOOL:
        bb_json_bool(json, value->truth);
        break;
    case BB_JSON_NUMBER:
        if (!strpbrk(value->text, ".eE") && bb_json_to_int(value, &whole))
            bb_json_int(json, whole);
        else if (bb_json_to_double(value, &number))
            bb_json_double(json, number);
        break;
    case BB_JSON_STRING:
        bb_json_string_bytes(json, value->text, value->bytes);
        break;
    case BB_JSON_ARRAY:
        bb_json_begin_array(json);
        for (size_t i = 0; i < value->count; i++)
            write_value(json, &value->items[i]);
        bb_json_end_array(json);
        break;
    case BB_JSON_OBJECT:
        bb_json_begin_object(json);
        for (size_t i = 0; i < value->size; i++) {
            bb_json_key(json, value->members[i].key);
            write_value(json, &value->members[i].value);
        }
        bb_json_end_object(json);
        break;
    }
}

/* config.json, where dequantize without what it says of quantization. */
static bombus_status write_config(const fusing *f, const char *directory)
{
    bb_json_document document;
    bb_json_writer json = {0};
    char *text;
    size_t bytes;
    bombus_status status = bb_file_read(&text, &bytes, f->model->config.file, FILE_LIMIT, f->err);

    if (status != BOMBUS_OK)
        return status;
    if (f->dequantize && (status = bb_json_parse(&document, text, bytes, f->model->config.file, f->err)) == BOMBUS_OK) {
        bb_json_begin_object(&json);
        for (size_t i = 0; i < document.root.size; i++) {
            const bb_json_member *m = &document.root.members[i];
            if (strcmp(m->key, "quantization") == 0 || strcmp(m->key, "quantization_config") == 0)
                continue;
            bb_json_key(&json, m->key);
            write_value(&json, &m->value);
        }
        bb_json_end_object(&json);
        bb_json_free(&document);
        bb_free(text);
        text = NULL;
        status = bb_json_finish(&json, &text, &bytes, f->err);
    }
    if (status == BOMBUS_OK)
        status = write_text(directory, "config.json", text, bytes, f->err);
    bb_free(text);
    return status;
}

/* Does the file describe the model, and is it not written anew? */
static bool is_companion(const char *name)
{
    static const char *const ends[] = {".json", ".jinja", ".txt", ".model"};
    const char *dot = strrchr(name, '.');

    if (!dot || strcmp(name, "config.json") == 0 || strstr(name, ".index.json"))
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (strcmp(dot, ends[i]) == 0)
            return true;
    return false;
}

static bombus_status copy_companions(const char *from, const char *to, bombus_error *err)
{
    DIR *stream = opendir(from);
    bombus_status status = BOMBUS_OK;

    if (!stream)
        return bb_fail(err, BOMBUS_EIO, "%s: cannot open: %s", from, strerror(errno));
    for (struct dirent *entry; status == BOMBUS_OK && (entry = readdir(stream));) {
        char *path = bb_path_join(from, entry->d_name), *text;
        size_t bytes;
        struct stat info;
        if (!path) {
            status = bb_fail_memory(err, strlen(from));
        } else if (is_companion(entry->d_name) && stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
                   (status = bb_file_read(&text, &bytes, path, FILE_LIMIT, err)) == BOMBUS_OK) {
            status = write_text(to, entry->d_name, text, bytes, err);
            bb_free(text);
        }
        bb_free(path);
    }
    closedir(stream);
    return status;
}

/* ---- the whole ---- */

static bombus_status prepare_directory(const char *directory, const char *model, bombus_error *err)
{
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return bb_fail(err, BOMBUS_EIO, "%s: cannot create: %s", directory, strerror(errno));
    if (bb_path_same(directory, model))
        return bb_fail(err, BOMBUS_EINVAL, "%s: the model's own directory, expected another to write to", directory);
    return BOMBUS_OK;
}

bombus_status bombus_fuse(const char *model, const bombus_adapter_use *uses, size_t count, const char *directory,
                          const bombus_fuse_options *options, bombus_error *err)
{
    const int64_t limit = options && options->file_bytes ? options->file_bytes : (int64_t)5 << 30; /* mlx-lm's */
    fusing f = {.dequantize = options && options->dequantize, .err = err};
    bombus_status status;

    if (limit < 0)
        return bb_fail(err, BOMBUS_EINVAL, "file_bytes: %lld, expected 0 or more", (long long)limit);
    status = bombus_model_load(&f.model, model, &(bombus_model_options){.fine_tune = options ? options->fine_tune : NULL}, err);
    if (status != BOMBUS_OK)
        return status;
    if ((status = check_tied(&f, uses, count)) == BOMBUS_OK &&
        (status = bb_adapter_bind(&f.deltas, f.model, uses, count, err)) == BOMBUS_OK && (status = choose_layers(&f)) == BOMBUS_OK &&
        (status = list_targets(&f)) == BOMBUS_OK && (status = prepare_directory(directory, model, err)) == BOMBUS_OK &&
        (status = bb_safetensors_write_model(directory, f.entries, f.count, f.model->info.parameters, limit, fill, &f, err)) == BOMBUS_OK &&
        (status = copy_companions(model, directory, err)) == BOMBUS_OK)
        status = write_config(&f, directory);
    for (int i = 0; f.layers && i < bb_model_linear_count(f.model); i++)
        for (int p = 0; p < PARTS; p++)
            bombus_tensor_free(f.layers[i].made[p]);
    bb_free(f.entries);
    bb_free(f.targets);
    bb_free(f.layers);
    bb_deltas_free(f.deltas);
    bombus_model_free(f.model);
    return status;
}
