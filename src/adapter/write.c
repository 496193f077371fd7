/* Adapters written: converted from one format to the other, or several as one.
 *
 * Modules are named in full in both formats' configs, so that nothing depends on how many layers the base has. PEFT has a rank and an alpha
 * for each module; mlx-lm has one rank and one scale, so that smaller ranks get zeros and different scales go into B. What is not touched
 * keeps its type and its bits. */
#include "adapter/adapter.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_write.h"
#include "tensor/half.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_TEXT = 256, NAME_MAX_BYTES = 200, PARTS = 3 /* of a module: A, B, magnitude */ };

/* A module of the result. */
typedef struct module {
    const char *name;
    int rank;     /* with zeros where padded */
    double scale; /* what is not in B */
} module;

typedef struct writing {
    const bombus_adapter_use *uses; /* [count] */
    size_t count;
    bombus_adapter_format format;
    bool folds; /* scales and weights go into B */
    module *modules;
    size_t module_count;
    bombus_tensor **tensors; /* [tensor_count] */
    char (*names)[NAME_TEXT];
    size_t tensor_count;
    bombus_adapter_report report;
    bombus_error *err;
} writing;

/* ---- what there is ---- */

static int compare_modules(const void *a, const void *b)
{
    return strcmp(((const module *)a)->name, ((const module *)b)->name);
}

static bombus_status check_adapter(writing *w, const bombus_adapter *adapter)
{
    if (adapter->config.kind == BOMBUS_ADAPTER_FULL)
        return bb_fail(w->err, BOMBUS_EUNSUPPORTED, "%s: a full fine-tune, expected lora or dora", adapter->config.file);
    if (adapter->config.kind == BOMBUS_ADAPTER_DORA && w->folds)
        return bb_fail(w->err, BOMBUS_EUNSUPPORTED, "%s: a DoRA adapter, whose part in a sum depends on the base model: expected lora",
                       adapter->config.file);
    for (size_t i = 0; i < adapter->info.module_count; i++) {
        const bb_adapter_module *m = &adapter->modules[i];
        if (strcmp(m->name, "model.embed_tokens") == 0 && adapter->config.format != w->format)
            return bb_fail(w->err, BOMBUS_EUNSUPPORTED, "%s: %s: an embedding, of which %s and %s do not mean the same",
                           adapter->config.file, m->name, bombus_adapter_format_name(adapter->config.format),
                           bombus_adapter_format_name(w->format));
        if (strlen(m->name) > NAME_MAX_BYTES)
            return bb_fail(w->err, BOMBUS_EUNSUPPORTED, "%s: %.60s...: a name of %zu bytes, expected at most %d", adapter->config.file,
                           m->name, strlen(m->name), NAME_MAX_BYTES);
        w->report.untied |= strcmp(m->name, "lm_head") == 0 && w->format == BOMBUS_ADAPTER_MLX && adapter->config.format != w->format;
        if (m->copy)
            return bb_fail(w->err, BOMBUS_EUNSUPPORTED, "%s: a copy of the base's weight, which is not written", m->copy->name);
    }
    return BOMBUS_OK;
}

/* All modules of all adapters once, in order. */
static bombus_status collect(writing *w)
{
    size_t room = 1, count = 0;

    for (size_t i = 0; i < w->count; i++)
        room += w->uses[i].adapter->info.module_count;
    w->modules = bb_alloc_zero(room, sizeof *w->modules);
    if (!w->modules)
        return bb_fail_memory(w->err, room * sizeof *w->modules);
    for (size_t i = 0; i < w->count; i++)
        for (size_t j = 0; j < w->uses[i].adapter->info.module_count; j++)
            w->modules[count++].name = w->uses[i].adapter->modules[j].name;
    qsort(w->modules, count, sizeof *w->modules, compare_modules);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(w->modules[i].name, w->modules[w->module_count - 1].name) != 0)
            w->modules[w->module_count++] = w->modules[i];
    for (size_t i = 0; i < w->module_count; i++) {
        module *m = &w->modules[i];
        m->scale = 1;
        for (size_t j = 0; j < w->count; j++) {
            const bb_adapter_module *own = bb_adapter_find(w->uses[j].adapter, m->name);
            m->rank += own ? own->rank : 0;
            m->scale = own && !w->folds ? own->scale : m->scale;
        }
        if (m->rank > w->report.rank)
            w->report.rank = m->rank;
    }
    return BOMBUS_OK;
}

/* mlx-lm has one rank and one scale. */
static void unite(writing *w)
{
    for (size_t i = 1; i < w->module_count && !w->folds; i++)
        w->folds = w->modules[i].scale != w->modules[0].scale;
    for (size_t i = 0; i < w->module_count; i++) {
        w->report.padded |= w->modules[i].rank != w->report.rank;
        w->modules[i].rank = w->report.rank;
        w->modules[i].scale = w->folds ? 1 : w->modules[i].scale;
    }
}

/* ---- tensors ---- */

/* One side of a module, of all adapters: F32 [rank, width], the rows that no adapter has zero. Side 0 is A, 1 is B. */
static bombus_status gather(const writing *w, const module *m, int side, int64_t width, float **out)
{
    float *at = *out = bb_alloc_zero((size_t)m->rank * (size_t)width, sizeof **out);

    if (!at)
        return bb_fail_memory(w->err, (size_t)m->rank * (size_t)width * sizeof *at);
    for (size_t i = 0; i < w->count; i++) {
        const bb_adapter_module *own = bb_adapter_find(w->uses[i].adapter, m->name);
        float *values;
        if (!own)
            continue;
        const bb_factor *factor = side ? &own->b : &own->a;
        if (bb_factor_width(factor) != width)
            return bb_fail(w->err, BOMBUS_EINVAL, "%s: %s is %lld wide, in another adapter %lld", factor->info->file, factor->info->name,
                           (long long)bb_factor_width(factor), (long long)width);
        const bombus_status status =
            bb_factor_values(&values, factor, side && w->folds ? own->scale * (double)w->uses[i].weight : 1, w->err);
        if (status != BOMBUS_OK)
            return status;
        memcpy(at, values, (size_t)own->rank * (size_t)width * sizeof *values);
        at += own->rank * width;
        bb_free(values);
    }
    return BOMBUS_OK;
}

static void name_tensor(const writing *w, char name[NAME_TEXT], const char *owner, bool embedding, int part)
{
    static const char *const mlx[PARTS] = {"lora_a", "lora_b", "m"};
    static const char *const peft[PARTS] = {"lora_A.weight", "lora_B.weight", "lora_magnitude_vector"};
    static const char *const peft_embedding[PARTS] = {"lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector"};
    const bool is_mlx = w->format == BOMBUS_ADAPTER_MLX;

    snprintf(name, NAME_TEXT, "%s%s.%s", is_mlx ? "" : "base_model.model.", owner,
             (is_mlx      ? mlx
              : embedding ? peft_embedding
                          : peft)[part]);
}

static bombus_status add_tensor(writing *w, const char *owner, bool embedding, int part, bombus_dtype dtype, int rank, const int64_t *shape,
                                const float *values)
{
    void *data;
    const bombus_status status = bb_tensor_allocate(&w->tensors[w->tensor_count], dtype, rank, shape, &data, w->err);

    if (status == BOMBUS_OK) {
        bb_narrow(data, dtype, values, bb_shape_count(rank, shape));
        name_tensor(w, w->names[w->tensor_count++], owner, embedding, part);
    }
    return status;
}

/* values [r, width] as the format has them: mlx-lm A [in, r] and B [r, out], PEFT A [r, in] and B [out, r]; of an embedding each the other
 * way round, and under the other's name. */
static bombus_status add_side(writing *w, const module *m, const bb_adapter_module *own, int side, const float *values, int64_t width)
{
    const bool embedding = strcmp(m->name, "model.embed_tokens") == 0, mlx = w->format == BOMBUS_ADAPTER_MLX;
    const int part = embedding ? 1 - side : side;
    const bool transposed = (mlx ? part == 0 : part == 1);
    const bombus_dtype dtype = w->count > 1 || (side && w->folds) ? BOMBUS_F32 : (side ? own->b : own->a).info->dtype;
    const int64_t straight[] = {m->rank, width}, turned_shape[] = {width, m->rank};
    float *turned;

    if (!transposed)
        return add_tensor(w, m->name, embedding, part, dtype, 2, straight, values);
    turned = bb_alloc((size_t)m->rank * (size_t)width * sizeof *turned);
    if (!turned)
        return bb_fail_memory(w->err, (size_t)m->rank * (size_t)width * sizeof *turned);
    for (int64_t i = 0; i < width; i++)
        for (int64_t k = 0; k < m->rank; k++)
            turned[i * m->rank + k] = values[k * width + i];
    const bombus_status status = add_tensor(w, m->name, embedding, part, dtype, 2, turned_shape, turned);
    bb_free(turned);
    return status;
}

static bombus_status add_magnitude(writing *w, const module *m, const bb_adapter_module *own)
{
    const bombus_tensor_info *info = own->magnitude;
    float *values = bb_alloc((size_t)info->shape[0] * sizeof *values);

    if (!values)
        return bb_fail_memory(w->err, (size_t)info->shape[0] * sizeof *values);
    bb_widen(values, info->dtype, info->data, info->shape[0]);
    const bombus_status status = add_tensor(w, m->name, false, 2, info->dtype, 1, info->shape, values);
    bb_free(values);
    return status;
}

static bombus_status add_module(writing *w, const module *m)
{
    const bb_adapter_module *own = NULL;
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0; i < w->count && !own; i++)
        own = bb_adapter_find(w->uses[i].adapter, m->name);
    for (int side = 0; side < 2 && status == BOMBUS_OK; side++) {
        const int64_t width = bb_factor_width(side ? &own->b : &own->a);
        float *values;
        status = gather(w, m, side, width, &values);
        if (status == BOMBUS_OK)
            status = add_side(w, m, own, side, values, width);
        bb_free(values);
    }
    return status == BOMBUS_OK && own->magnitude ? add_magnitude(w, m, own) : status;
}

/* ---- the config ---- */

static void write_names(bb_json_writer *json, const writing *w, const char *key)
{
    bb_json_key(json, key);
    bb_json_begin_array(json);
    for (size_t i = 0; i < w->module_count; i++)
        bb_json_string(json, w->modules[i].name);
    bb_json_end_array(json);
}

static void write_mlx_config(bb_json_writer *json, const writing *w, const bombus_adapter *first)
{
    bb_json_key(json, "fine_tune_type");
    bb_json_string(json, bombus_adapter_kind_name(first->config.kind));
    bb_json_key(json, "num_layers");
    bb_json_int(json, -1);
    if (first->config.base) {
        bb_json_key(json, "model");
        bb_json_string(json, first->config.base);
    }
    bb_json_key(json, "lora_parameters");
    bb_json_begin_object(json);
    bb_json_key(json, "rank");
    bb_json_int(json, w->report.rank);
    bb_json_key(json, "scale");
    bb_json_double(json, w->modules[0].scale);
    bb_json_key(json, "dropout");
    bb_json_double(json, 0);
    write_names(json, w, "keys");
    bb_json_end_object(json);
}

/* The modules that are not as the first is. */
static void write_pattern(bb_json_writer *json, const writing *w, const char *key, bool alphas)
{
    const module *first = &w->modules[0];

    bb_json_key(json, key);
    bb_json_begin_object(json);
    for (size_t i = 1; i < w->module_count; i++) {
        const module *m = &w->modules[i];
        if (alphas ? m->scale * m->rank == first->scale * first->rank : m->rank == first->rank)
            continue;
        bb_json_key(json, m->name);
        if (alphas)
            bb_json_double(json, m->scale * m->rank);
        else
            bb_json_int(json, m->rank);
    }
    bb_json_end_object(json);
}

static void write_peft_config(bb_json_writer *json, const writing *w, const bombus_adapter *first)
{
    bb_json_key(json, "peft_type");
    bb_json_string(json, "LORA");
    bb_json_key(json, "task_type");
    bb_json_string(json, "CAUSAL_LM");
    bb_json_key(json, "base_model_name_or_path");
    if (first->config.base)
        bb_json_string(json, first->config.base);
    else
        bb_json_null(json);
    bb_json_key(json, "inference_mode");
    bb_json_bool(json, true);
    bb_json_key(json, "bias");
    bb_json_string(json, "none");
    bb_json_key(json, "r");
    bb_json_int(json, w->modules[0].rank);
    bb_json_key(json, "lora_alpha");
    bb_json_double(json, w->modules[0].scale * w->modules[0].rank);
    bb_json_key(json, "lora_dropout");
    bb_json_double(json, 0);
    bb_json_key(json, "use_dora");
    bb_json_bool(json, first->config.kind == BOMBUS_ADAPTER_DORA);
    write_pattern(json, w, "rank_pattern", false);
    write_pattern(json, w, "alpha_pattern", true);
    write_names(json, w, "target_modules");
}

static bombus_status write_config(const writing *w, const char *directory)
{
    bb_json_writer json = {0};
    char *text = NULL, *path = bb_path_join(directory, "adapter_config.json");
    size_t bytes;
    bombus_status status = path ? BOMBUS_OK : bb_fail_memory(w->err, strlen(directory));

    bb_json_begin_object(&json);
    (w->format == BOMBUS_ADAPTER_MLX ? write_mlx_config : write_peft_config)(&json, w, w->uses[0].adapter);
    bb_json_end_object(&json);
    const bombus_status finished = bb_json_finish(&json, &text, &bytes, w->err);
    if (status == BOMBUS_OK)
        status = finished;
    if (status == BOMBUS_OK)
        status = bombus_file_write(path, text, bytes, w->err);
    bb_free(text);
    bb_free(path);
    return status;
}

/* ---- the whole ---- */

static const char *const tensor_files[] = {
    [BOMBUS_ADAPTER_MLX] = "adapters.safetensors", [BOMBUS_ADAPTER_PEFT] = "adapter_model.safetensors"};

/* One config belongs to the adapter in a directory: a second one's would take the first one's place. */
static bombus_status prepare_directory(const writing *w, const char *directory)
{
    char *other = bb_path_join(directory, tensor_files[w->format == BOMBUS_ADAPTER_MLX ? BOMBUS_ADAPTER_PEFT : BOMBUS_ADAPTER_MLX]);
    bombus_status status = other ? BOMBUS_OK : bb_fail_memory(w->err, strlen(directory));

    for (size_t i = 0; i < w->count && status == BOMBUS_OK; i++) {
        char *source = bb_path_parent(w->uses[i].adapter->config.file);
        if (!source)
            status = bb_fail_memory(w->err, strlen(directory));
        else if (bb_path_same(source, directory))
            status = bb_fail(w->err, BOMBUS_EINVAL, "%s: the adapter's own directory, expected another to write to", directory);
        bb_free(source);
    }
    if (status == BOMBUS_OK && bb_path_exists(other))
        status = bb_fail(w->err, BOMBUS_EINVAL, "%s: there already, an adapter in another format, expected another directory", other);
    if (status == BOMBUS_OK && mkdir(directory, 0777) != 0 && errno != EEXIST)
        status = bb_fail(w->err, BOMBUS_EIO, "%s: cannot create: %s", directory, strerror(errno));
    bb_free(other);
    return status;
}

static bombus_status write_tensors(const writing *w, const char *directory)
{
    static const char *const about[][2] = {{"format", "pt"}};
    char *path = bb_path_join(directory, tensor_files[w->format]);
    bombus_safetensors_entry *entries = bb_alloc(w->tensor_count * sizeof *entries);
    bombus_status status;

    if (!path || !entries) {
        status = bb_fail_memory(w->err, w->tensor_count * sizeof *entries);
    } else {
        for (size_t i = 0; i < w->tensor_count; i++)
            entries[i] = (bombus_safetensors_entry){w->names[i], w->tensors[i]};
        status = bombus_safetensors_write(path, entries, w->tensor_count, about, w->format == BOMBUS_ADAPTER_PEFT, w->err);
    }
    bb_free(entries);
    bb_free(path);
    return status;
}

static bombus_status make_modules(writing *w)
{
    bombus_status status = collect(w);

    if (status != BOMBUS_OK)
        return status;
    if (w->format == BOMBUS_ADAPTER_MLX)
        unite(w);
    w->tensors = bb_alloc_zero(PARTS * w->module_count, sizeof(bombus_tensor *));
    w->names = bb_alloc_zero(PARTS * w->module_count, sizeof *w->names);
    if (!w->tensors || !w->names)
        return bb_fail_memory(w->err, PARTS * w->module_count * sizeof *w->names);
    for (size_t i = 0; i < w->module_count && status == BOMBUS_OK; i++)
        status = add_module(w, &w->modules[i]);
    return status;
}

bombus_status bombus_adapter_write(const bombus_adapter_use *uses, size_t count, bombus_adapter_format format, const char *directory,
                                   bombus_adapter_report *report, bombus_error *err)
{
    writing w = {.uses = uses, .count = count, .format = format, .folds = count > 1, .err = err};
    bombus_status status = BOMBUS_OK;

    if (!count)
        return bb_fail(err, BOMBUS_EINVAL, "no adapter to write");
    if (!bombus_adapter_format_name(format))
        return bb_fail(err, BOMBUS_EINVAL, "adapter format: %d, expected one of the list", (int)format);
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(uses[i].weight))
            return bb_fail(err, BOMBUS_EINVAL, "adapter weight: %g, expected a finite number", (double)uses[i].weight);
        w.folds |= uses[i].weight != 1;
    }
    for (size_t i = 0; i < count && status == BOMBUS_OK; i++)
        status = check_adapter(&w, uses[i].adapter);
    if (status == BOMBUS_OK)
        status = make_modules(&w);
    if (status == BOMBUS_OK && (status = prepare_directory(&w, directory)) == BOMBUS_OK &&
        (status = write_tensors(&w, directory)) == BOMBUS_OK)
        status = write_config(&w, directory);
    if (status == BOMBUS_OK && report) {
        *report = w.report;
        report->module_count = w.module_count;
        report->folded = w.folds;
    }
    for (size_t i = 0; i < w.tensor_count; i++)
        bombus_tensor_free(w.tensors[i]);
    bb_free(w.names);
    bb_free(w.tensors);
    bb_free(w.modules);
    return status;
}
