/* An adapter: its config and its tensors, sorted into modules and checked against each other.
 *
 * The tensors' names say which modules there are; the config says which there may be, which is checked where the model is known.
 * Owns: the mapped file, the table of modules. */
#include "adapter/adapter.h"

#include "base/error.h"
#include "base/file.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_LIMIT = 16 << 20 };

const char *bombus_adapter_format_name(bombus_adapter_format format)
{
    switch (format) {
#define X(name, text)                                                                                                                      \
    case BOMBUS_ADAPTER_##name:                                                                                                            \
        return text;
        BOMBUS_ADAPTER_FORMAT_LIST(X)
#undef X
    }
    return NULL;
}

const char *bombus_adapter_kind_name(bombus_adapter_kind kind)
{
    switch (kind) {
#define X(name, text)                                                                                                                      \
    case BOMBUS_ADAPTER_##name:                                                                                                            \
        return text;
        BOMBUS_ADAPTER_KIND_LIST(X)
#undef X
    }
    return NULL;
}

/* ---- tensors ---- */

typedef enum role { ROLE_A, ROLE_B, ROLE_MAGNITUDE, ROLE_COPY, ROLES } role;

/* How a tensor's name ends, and what it is. */
typedef struct ending {
    const char *text;
    role role;
    bool transposed; /* of A and B */
    bool embedding;  /* it changes one */
} ending;

static const ending mlx_endings[] = {
    {".lora_a", ROLE_A, true, false},
    {".lora_b", ROLE_B, false, false},
    {".m", ROLE_MAGNITUDE, false, false},
};

/* mlx-lm's embedding has the same names for lora_a [V, r] and lora_b [r, D], so the first is our B. */
static const ending mlx_embedding_endings[] = {
    {".lora_a", ROLE_B, true, true},
    {".lora_b", ROLE_A, false, true},
    {".m", ROLE_MAGNITUDE, false, true},
};

static const ending peft_endings[] = {
    {".lora_A.weight", ROLE_A, false, false},
    {".lora_B.weight", ROLE_B, true, false},
    {".lora_embedding_A", ROLE_B, false, true}, /* [r, V] */
    {".lora_embedding_B", ROLE_A, true, true},  /* [D, r] */
    {".lora_magnitude_vector", ROLE_MAGNITUDE, false, false},
    {".lora_magnitude_vector.weight", ROLE_MAGNITUDE, false, false},
    {".base_layer.weight", ROLE_COPY, false, false},
};

#define PEFT_PREFIX "base_model.model."
#define EMBEDDING   "model.embed_tokens"

/* A tensor of the file and what its name says. */
typedef struct part {
    const char *module;
    const ending *ending;
    const bombus_tensor_info *info;
} part;

static const ending *find_ending(const ending *endings, size_t count, const char *name)
{
    const size_t bytes = strlen(name);

    for (size_t i = 0; i < count; i++) {
        const size_t tail = strlen(endings[i].text);
        if (bytes > tail && strcmp(name + bytes - tail, endings[i].text) == 0)
            return &endings[i];
    }
    return NULL;
}

static bombus_status read_name(bombus_adapter *adapter, part *out, const bombus_tensor_info *info, bombus_error *err)
{
    const bool peft = adapter->config.format == BOMBUS_ADAPTER_PEFT;
    const char *name = info->name;

    if (peft && strncmp(name, PEFT_PREFIX, strlen(PEFT_PREFIX)) == 0)
        name += strlen(PEFT_PREFIX);
    const ending *e = peft && name == info->name ? NULL
                      : peft                     ? find_ending(peft_endings, sizeof peft_endings / sizeof *peft_endings, name)
                      : strncmp(name, EMBEDDING ".", strlen(EMBEDDING ".")) == 0
                          ? find_ending(mlx_embedding_endings, sizeof mlx_embedding_endings / sizeof *mlx_embedding_endings, name)
                          : find_ending(mlx_endings, sizeof mlx_endings / sizeof *mlx_endings, name);
    if (!e && name != info->name && find_ending(&(ending){.text = ".weight"}, 1, name))
        return bb_fail(err, BOMBUS_EUNSUPPORTED,
                       "%s: %s: a weight that would take the place of the model's, expected an adapter saved without it "
                       "(save_embedding_layers=False)",
                       info->file, info->name);
    if (!e || (e->role == ROLE_MAGNITUDE && adapter->config.kind != BOMBUS_ADAPTER_DORA))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: unexpected, no tensor of %s", info->file, info->name,
                       adapter->config.kind == BOMBUS_ADAPTER_DORA ? "a DoRA adapter" : "a LoRA adapter");
    *out = (part){bb_arena_strndup(&adapter->arena, name, strlen(name) - strlen(e->text)), e, info};
    return out->module ? BOMBUS_OK : bb_fail_memory(err, strlen(name));
}

static int compare_parts(const void *a, const void *b)
{
    return strcmp(((const part *)a)->module, ((const part *)b)->module);
}

/* ---- modules ---- */

static bombus_status check_shape(const bombus_tensor_info *info, int rank, const int64_t *shape, const char *why, bombus_error *err)
{
    char found[BB_SHAPE_TEXT], expected[BB_SHAPE_TEXT];
    bool fits = info->rank == rank;

    for (int i = 0; i < rank && fits; i++)
        fits = shape[i] == info->shape[i];
    if (!bb_is_float(info->dtype))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: dtype %s, expected F32, F16 or BF16", info->file, info->name,
                       bombus_dtype_name(info->dtype));
    if (!fits)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: shape %s, expected %s (%s)", info->file, info->name,
                       bb_shape_text(info->rank, info->shape, found, sizeof found), bb_shape_text(rank, shape, expected, sizeof expected),
                       why);
    return BOMBUS_OK;
}

/* A matrix of this rank, as wide as it likes. */
static bombus_status check_factor(const bb_factor *factor, int rank, const char *config, bombus_error *err)
{
    const bombus_tensor_info *info = factor->info;
    char why[160];
    int64_t shape[2] = {rank, rank};

    snprintf(why, sizeof why, "rank %d, as %.120s says", rank, config);
    shape[factor->transposed ? 0 : 1] = info->rank == 2 ? bb_factor_width(factor) : -1;
    if (info->rank != 2)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: %d dimensions, expected 2", info->file, info->name, info->rank);
    return check_shape(info, 2, shape, why, err);
}

static bombus_status check_module(bombus_adapter *adapter, bb_adapter_module *m, const bombus_tensor_info *any, bombus_error *err)
{
    const char *const missing = !m->a.info                                                     ? "A"
                                : !m->b.info                                                   ? "B"
                                : adapter->config.kind == BOMBUS_ADAPTER_DORA && !m->magnitude ? "magnitude"
                                                                                               : NULL;

    if (missing)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: its %s is missing", any->file, m->name, missing);
    bombus_status status = bb_adapter_config_module(&adapter->config, m->name, &m->rank, &m->scale, err);
    if (status != BOMBUS_OK || (status = check_factor(&m->a, m->rank, adapter->config.file, err)) != BOMBUS_OK ||
        (status = check_factor(&m->b, m->rank, adapter->config.file, err)) != BOMBUS_OK)
        return status;

    const int64_t scaled = bb_factor_width(m->columns ? &m->a : &m->b);
    if (m->magnitude && (status = check_shape(m->magnitude, 1, &scaled, "as its other tensors have it", err)) != BOMBUS_OK)
        return status;
    if (m->copy) {
        const int64_t shape[] = {bb_factor_width(&m->b), bb_factor_width(&m->a)};
        status = check_shape(m->copy, 2, shape, "as its other tensors have it", err);
    }
    if (m->rank > adapter->info.rank)
        adapter->info.rank = m->rank;
    return status;
}

/* Puts a tensor where it belongs; a second one of the same kind is refused. */
static bombus_status take_part(bb_adapter_module *m, const part *p, bombus_error *err)
{
    const bombus_tensor_info **const places[ROLES] = {
        [ROLE_A] = &m->a.info, [ROLE_B] = &m->b.info, [ROLE_MAGNITUDE] = &m->magnitude, [ROLE_COPY] = &m->copy};
    const bombus_tensor_info **place = places[p->ending->role];

    if (*place)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: there is %s already", p->info->file, p->info->name, (*place)->name);
    *place = p->info;
    if (p->ending->role == ROLE_A)
        m->a.transposed = p->ending->transposed;
    if (p->ending->role == ROLE_B)
        m->b.transposed = p->ending->transposed;
    return BOMBUS_OK;
}

static bombus_status sort_modules(bombus_adapter *adapter, part *parts, size_t count, bombus_error *err)
{
    const bool peft = adapter->config.format == BOMBUS_ADAPTER_PEFT;
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0; i < count && status == BOMBUS_OK; i++) {
        const bombus_tensor_info *info = bombus_safetensors_at(adapter->file, i);
        status = read_name(adapter, &parts[i], info, err);
        adapter->info.parameters += bb_shape_count(info->rank, info->shape);
        adapter->info.weight_bytes += (int64_t)info->bytes;
    }
    if (status != BOMBUS_OK)
        return status;
    qsort(parts, count, sizeof *parts, compare_parts);
    for (size_t i = 0; i < count && status == BOMBUS_OK;) {
        bb_adapter_module *m = &adapter->modules[adapter->info.module_count++];
        const size_t first = i;
        m->name = parts[i].module;
        for (; i < count && strcmp(parts[i].module, m->name) == 0 && status == BOMBUS_OK; i++) {
            if (parts[i].ending->embedding != parts[first].ending->embedding && parts[i].ending->role <= ROLE_B &&
                parts[first].ending->role <= ROLE_B)
                return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: beside %s, expected an embedding's tensors or a linear layer's",
                               parts[i].info->file, parts[i].info->name, parts[first].info->name);
            m->columns |= peft && parts[i].ending->embedding;
            status = take_part(m, &parts[i], err);
        }
        if (status == BOMBUS_OK)
            status = check_module(adapter, m, parts[first].info, err);
    }
    return status;
}

static bombus_status read_tensors(bombus_adapter *adapter, bombus_error *err)
{
    const size_t count = bombus_safetensors_count(adapter->file);
    part *parts = bb_alloc(count * sizeof *parts);
    bombus_status status;

    adapter->modules = bb_arena_alloc_zero(&adapter->arena, count, sizeof *adapter->modules);
    if (!parts || !adapter->modules)
        status = bb_fail_memory(err, count * sizeof *adapter->modules);
    else if (count == 0)
        status = bb_fail(err, BOMBUS_EFORMAT, "%s: holds no tensor", adapter->file->path);
    else
        status = sort_modules(adapter, parts, count, err);
    bb_free(parts);
    return status;
}

/* ---- the whole ---- */

static void clear(bombus_adapter *adapter)
{
    bb_adapter_config_free(&adapter->config);
    bombus_safetensors_close(adapter->file);
    bb_arena_free(&adapter->arena);
}

static bombus_status read_config(bombus_adapter *adapter, const char *directory, bombus_error *err)
{
    char *path = bb_path_join(directory, "adapter_config.json"), *text = NULL;
    const char *kept = path ? bb_arena_strndup(&adapter->arena, path, strlen(path)) : NULL;
    size_t bytes;
    bombus_status status;

    if (!kept)
        status = bb_fail_memory(err, strlen(directory) + sizeof "/adapter_config.json");
    else if ((status = bb_file_read(&text, &bytes, path, CONFIG_LIMIT, err)) == BOMBUS_OK)
        status = bb_adapter_config_parse(&adapter->config, &adapter->arena, text, bytes, kept, err);
    bb_free(text);
    bb_free(path);
    return status;
}

static bombus_status open_tensors(bombus_adapter *adapter, const char *directory, bombus_error *err)
{
    const bool peft = adapter->config.format == BOMBUS_ADAPTER_PEFT;
    char *path = bb_path_join(directory, peft ? "adapter_model.safetensors" : "adapters.safetensors");
    char *pickle = bb_path_join(directory, "adapter_model.bin");
    bombus_status status;

    if (!path || !pickle)
        status = bb_fail_memory(err, strlen(directory) + sizeof "/adapter_model.safetensors");
    else if (peft && !bb_path_exists(path) && bb_path_exists(pickle))
        status = bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: a pickle, expected adapter_model.safetensors", pickle);
    else
        status = bombus_safetensors_open(&adapter->file, path, err);
    bb_free(pickle);
    bb_free(path);
    return status;
}

bombus_status bombus_adapter_load(bombus_adapter **out, const char *path, const bombus_adapter_options *options, bombus_error *err)
{
    bombus_adapter *adapter = bb_alloc_zero(1, sizeof *adapter);
    bombus_status status;

    (void)options;
    *out = NULL;
    if (!adapter)
        return bb_fail_memory(err, sizeof *adapter);
    atomic_init(&adapter->handles, 1);
    atomic_init(&adapter->references, 1);
    if (bb_path_exists(path) && !bb_is_directory(path))
        status = bb_fail(err, BOMBUS_EINVAL, "%s: is a file, expected a directory with adapter_config.json", path);
    else if ((status = read_config(adapter, path, err)) == BOMBUS_OK && (status = open_tensors(adapter, path, err)) == BOMBUS_OK &&
             adapter->config.kind != BOMBUS_ADAPTER_FULL)
        status = read_tensors(adapter, err);
    if (status != BOMBUS_OK) {
        bombus_adapter_free(adapter);
        return status;
    }
    adapter->info.format = adapter->config.format;
    adapter->info.kind = adapter->config.kind;
    adapter->info.base = adapter->config.base;
    *out = adapter;
    return BOMBUS_OK;
}

void bombus_adapter_free(bombus_adapter *adapter)
{
    if (!adapter || atomic_fetch_sub(&adapter->handles, 1) != 1)
        return;
    clear(adapter);
    bb_adapter_name_free(adapter);
}

bombus_adapter *bombus_adapter_retain(bombus_adapter *adapter)
{
    atomic_fetch_add(&adapter->handles, 1);
    return adapter;
}

bombus_adapter *bb_adapter_name_retain(bombus_adapter *adapter)
{
    atomic_fetch_add(&adapter->references, 1);
    return adapter;
}

void bb_adapter_name_free(bombus_adapter *adapter)
{
    if (atomic_fetch_sub(&adapter->references, 1) == 1)
        bb_free(adapter);
}

bool bb_adapter_is_held(const bombus_adapter *adapter)
{
    return atomic_load(&adapter->handles) > 0;
}

const bombus_adapter_info *bombus_adapter_get_info(const bombus_adapter *adapter)
{
    return &adapter->info;
}

bombus_status bombus_adapter_module_at(const bombus_adapter *adapter, size_t index, bombus_adapter_module *module, bombus_error *err)
{
    if (index >= adapter->info.module_count)
        return bb_fail(err, BOMBUS_EINVAL, "module %zu, expected less than %zu", index, adapter->info.module_count);

    const bb_adapter_module *m = &adapter->modules[index];
    *module = (bombus_adapter_module){m->name, m->rank, m->scale, bb_factor_width(&m->a), bb_factor_width(&m->b), m->magnitude != NULL};
    return BOMBUS_OK;
}

static int compare_name(const void *name, const void *module)
{
    return strcmp(name, ((const bb_adapter_module *)module)->name);
}

const bb_adapter_module *bb_adapter_find(const bombus_adapter *adapter, const char *name)
{
    return bsearch(name, adapter->modules, adapter->info.module_count, sizeof *adapter->modules, compare_name);
}
