/* Prompt files: what a session has seen, and the keys and values of it, kept for another session of the same model.
 *
 * A file is trusted in its values and in nothing else: keys and values decide only what is answered, while types, shapes and ids are
 * checked before the session is touched. Blocks are a matter of the cache in memory; the file has each layer's positions in one piece, so
 * that another block size or a shorter context does not part it from its reader. */
#include "base/error.h"
#include "generate/session.h"
#include "io/safetensors.h"
#include "text/tokenizer/tokenizer.h"

#include <bombus/bombus.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FILE_KIND    "prompt"
#define FILE_VERSION "2"

enum { KEY_COUNT = 8, NUMBER_TEXT = 24, NAME_TEXT = 40 };

/* The texts of the metadata that say whose file it is. */
typedef struct identity {
    char model[NUMBER_TEXT], adapter[NUMBER_TEXT], tokenizer[NUMBER_TEXT], tokens[NUMBER_TEXT];
    const char *compute;
} identity;

static void name_fingerprint(char out[NUMBER_TEXT], bool present, uint64_t fingerprint)
{
    if (present)
        snprintf(out, NUMBER_TEXT, "%016" PRIx64, fingerprint);
    else
        snprintf(out, NUMBER_TEXT, "none");
}

static void identify(const bombus_session *session, int64_t tokens, identity *out)
{
    name_fingerprint(out->model, true, bb_model_fingerprint(session->model));
    name_fingerprint(out->adapter, session->deltas, session->deltas ? session->deltas->fingerprint : 0);
    name_fingerprint(out->tokenizer, session->tokenizer, session->tokenizer ? session->tokenizer->fingerprint : 0);
    out->compute = session->model->compute == BOMBUS_FAST ? "fast" : "exact";
    snprintf(out->tokens, sizeof out->tokens, "%" PRId64, tokens);
}

/* ---- parts ---- */

/* What a layer has in the cache: keys, values, and of an I8 cache their scales. In the file each is [K, tokens, width]. */
enum { PARTS_MAX = 4 };

static int part_count(const bombus_session *session)
{
    return session->pool.kv[0].keys.dtype == BOMBUS_I8 ? PARTS_MAX : 2;
}

static void name_part(char name[NAME_TEXT], int layer, int part)
{
    static const char *const names[PARTS_MAX] = {"keys", "values", "key_scales", "value_scales"};

    snprintf(name, NAME_TEXT, "layers.%d.%s", layer, names[part]);
}

static const bb_tensor *cache_of(const bombus_session *session, int layer, int part)
{
    const bb_kv *kv = &session->pool.kv[layer];
    const bb_tensor *const parts[PARTS_MAX] = {&kv->keys, &kv->values, &kv->key_scales, &kv->value_scales};

    return parts[part];
}

/* All but values lie across: an element's positions side by side. */
static bool lies_across(int part)
{
    return part != 1;
}

static int64_t width_of(const bb_tensor *cache, int part)
{
    return cache->shape[lies_across(part) ? 2 : 3];
}

static size_t size_of(const bb_tensor *cache)
{
    return (size_t)(bb_dtypes[cache->dtype].bits / 8);
}

/* One head's positions in one block: where in the cache, and how many. */
typedef struct piece {
    const bb_tensor *cache;
    size_t at, bytes; /* of the whole tile */
    size_t width, size;
    int rows;
    bool across;
} piece;

static piece piece_of(const bombus_session *session, int layer, int part, int head, int block)
{
    const bb_tensor *cache = cache_of(session, layer, part);
    const int left = session->position - block * BB_KV_BLOCK;
    piece p = {.cache = cache,
               .width = (size_t)width_of(cache, part),
               .size = size_of(cache),
               .rows = left < BB_KV_BLOCK ? left : BB_KV_BLOCK,
               .across = lies_across(part)};

    p.bytes = BB_KV_BLOCK * p.width * p.size;
    p.at = ((size_t)session->blocks[block] * (size_t)cache->shape[1] + (size_t)head) * p.bytes;
    return p;
}

static void turn(unsigned char *to, size_t to_row, size_t to_element, const unsigned char *from, size_t from_row, size_t from_element,
                 const piece *p)
{
    for (size_t row = 0; row < (size_t)p->rows; row++)
        for (size_t i = 0; i < p->width; i++)
            memcpy(to + row * to_row + i * to_element, from + row * from_row + i * from_element, p->size);
}

/* rows: as the file has them, one position after another; tile: room for a whole one. */
static void read_piece(bb_backend *backend, const piece *p, unsigned char *rows, unsigned char *tile)
{
    if (!p->across) {
        backend->ops->read(backend, p->cache, p->at, rows, (size_t)p->rows * p->width * p->size);
        return;
    }
    backend->ops->read(backend, p->cache, p->at, tile, p->bytes);
    turn(rows, p->width * p->size, p->size, tile, p->size, BB_KV_BLOCK * p->size, p);
}

static void write_piece(bb_backend *backend, const piece *p, const unsigned char *rows, unsigned char *tile)
{
    if (!p->across) {
        backend->ops->write(backend, p->cache, p->at, rows, (size_t)p->rows * p->width * p->size);
        return;
    }
    memset(tile, 0, p->bytes);
    turn(tile, p->size, BB_KV_BLOCK * p->size, rows, p->width * p->size, p->size, p);
    backend->ops->write(backend, p->cache, p->at, tile, p->bytes);
}

enum { TILE_BYTES = BB_KV_BLOCK * BB_HEAD_DIM_MAX * (int)sizeof(float) };

/* ---- saving ---- */

typedef struct saving {
    const bombus_session *session;
    const bombus_tensor *parts; /* [layers * part_count] */
    unsigned char *head;        /* room for one head's positions of any part */
    unsigned char *tile;        /* [TILE_BYTES] */
} saving;

static bombus_status fill_part(const bombus_safetensors_entry *entry, bb_writer *writer, void *context, bombus_error *err)
{
    const saving *s = context;
    const bombus_session *session = s->session;
    bb_backend *backend = session->model->backend;
    const int index = (int)(entry->tensor - s->parts), layer = index / part_count(session), part = index % part_count(session);
    const bb_tensor *cache = cache_of(session, layer, part);
    const size_t row = (size_t)width_of(cache, part) * size_of(cache);
    bombus_status status = BOMBUS_OK;

    for (int head = 0; head < (int)cache->shape[1] && status == BOMBUS_OK; head++) {
        for (int block = 0; block < session->block_count; block++) {
            const piece p = piece_of(session, layer, part, head, block);
            read_piece(backend, &p, s->head + (size_t)block * BB_KV_BLOCK * row, s->tile);
        }
        status = bb_writer_write(writer, s->head, (size_t)session->position * row, err);
    }
    return status;
}

bombus_status bombus_session_save(const bombus_session *session, const char *path, const char *const (*metadata)[2], size_t metadata_count,
                                  bombus_error *err)
{
    const int layers = session->model->config.layers;
    const size_t each = (size_t)part_count(session), parts = each * (size_t)layers;
    const int64_t count = session->position;
    const bb_tensor *cache = cache_of(session, 0, 1);
    const size_t head_bytes = (size_t)bb_dtype_bytes(BOMBUS_F32, count * cache->shape[3]); /* no part is wider */
    const bombus_tensor tokens = {.t = bb_tensor_view(BOMBUS_I32, 1, &count, session->tokens)};
    identity own;
    saving s = {.session = session, .head = bb_alloc(head_bytes), .tile = bb_alloc(TILE_BYTES)};
    bombus_status status;

    identify(session, count, &own);
    const char *const about[KEY_COUNT][2] = {{"bombus.file", FILE_KIND},           {"bombus.file_version", FILE_VERSION},
                                             {"bombus.version", bombus_version()}, {"bombus.model", own.model},
                                             {"bombus.compute", own.compute},      {"bombus.tokenizer", own.tokenizer},
                                             {"bombus.adapter", own.adapter},      {"bombus.tokens", own.tokens}};
    const char *(*pairs)[2] = bb_alloc((KEY_COUNT + metadata_count) * sizeof *pairs);
    bombus_safetensors_entry *entries = bb_alloc((parts + 1) * sizeof *entries);
    bombus_tensor *tensors = bb_alloc_zero(parts, sizeof *tensors);
    char(*names)[NAME_TEXT] = bb_alloc(parts * sizeof *names);
    if (!pairs || !entries || !tensors || !names || !s.head || !s.tile) {
        status = bb_fail_memory(err, head_bytes);
        goto out;
    }
    memcpy(pairs, about, sizeof about);
    if (metadata_count)
        memcpy(pairs + KEY_COUNT, metadata, metadata_count * sizeof *pairs);
    for (size_t i = 0; i < parts; i++) {
        const int part = (int)(i % each);
        cache = cache_of(session, (int)(i / each), part);
        name_part(names[i], (int)(i / each), part);
        tensors[i].t = bb_tensor_view(cache->dtype, 3, (int64_t[]){cache->shape[1], count, width_of(cache, part)}, NULL);
        entries[i] = (bombus_safetensors_entry){names[i], &tensors[i]};
    }
    entries[parts] = (bombus_safetensors_entry){"tokens", &tokens};
    s.parts = tensors;
    if ((status = session->model->backend->ops->sync(session->model->backend, err)) == BOMBUS_OK)
        status =
            bb_safetensors_write(path, entries, parts + 1, (const char *const(*)[2])pairs, KEY_COUNT + metadata_count, fill_part, &s, err);

out:
    bb_free(s.tile);
    bb_free(s.head);
    bb_free(names);
    bb_free(tensors);
    bb_free(entries);
    bb_free(pairs);
    return status;
}

/* ---- restoring ---- */

static const char *said(const char *text)
{
    return text ? text : "nothing";
}

/* Is it a prompt file, and of this library, model and tokenizer? */
static bombus_status check_identity(const bombus_session *session, const bombus_safetensors *file, const char *path, const identity *own,
                                    bombus_error *err)
{
    const char *kind = bombus_safetensors_metadata(file, "bombus.file"), *format = bombus_safetensors_metadata(file, "bombus.file_version");
    const char *version = bombus_safetensors_metadata(file, "bombus.version"), *model = bombus_safetensors_metadata(file, "bombus.model");
    const char *compute = bombus_safetensors_metadata(file, "bombus.compute");
    const char *tokenizer = bombus_safetensors_metadata(file, "bombus.tokenizer");
    const char *adapter = bombus_safetensors_metadata(file, "bombus.adapter");

    if (!kind || strcmp(kind, FILE_KIND) != 0)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: is no prompt file: metadata bombus.file: %.40s, expected %s", path, said(kind), FILE_KIND);
    if (!format || strcmp(format, FILE_VERSION) != 0)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: made in another format: version %.40s, expected %s", path, said(format),
                       FILE_VERSION);
    if (!version || strcmp(version, bombus_version()) != 0)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: made by another version: Bombus %.40s, expected %s", path, said(version),
                       bombus_version());
    if (!model || strcmp(model, own->model) != 0)
        return bb_fail(err, BOMBUS_EINVAL, "%s: made by another model: fingerprint %.40s, expected %s", path, said(model), own->model);
    if (!adapter || strcmp(adapter, own->adapter) != 0)
        return bb_fail(err, BOMBUS_EINVAL, "%s: made with another adapter: fingerprint %.40s, expected %s", path, said(adapter),
                       own->adapter);
    if (!compute || strcmp(compute, own->compute) != 0)
        return bb_fail(err, BOMBUS_EINVAL, "%s: computed in mode %.40s, expected %s", path, said(compute), own->compute);
    /* Without a tokenizer ids are all there is, and nobody's. */
    if (session->tokenizer && (!tokenizer || strcmp(tokenizer, own->tokenizer) != 0))
        return bb_fail(err, BOMBUS_EINVAL, "%s: made with another tokenizer: fingerprint %.40s, expected %s", path, said(tokenizer),
                       own->tokenizer);
    return BOMBUS_OK;
}

static bool keeps_cache(bombus_dtype dtype)
{
    return dtype == BOMBUS_F32 || dtype == BOMBUS_F16 || dtype == BOMBUS_I8;
}

/* The tensor of that name, of this type and shape. A dimension of -1 may be any. */
static bombus_status find_part(const bombus_tensor_info **out, const bombus_safetensors *file, const char *path, const char *name,
                               bombus_dtype dtype, int rank, const int64_t *shape, bombus_error *err)
{
    const bombus_tensor_info *t = *out = bombus_safetensors_find(file, name);
    char found[BB_SHAPE_TEXT], expected[BB_SHAPE_TEXT];

    if (!t)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: no such tensor", path, name);
    bool fits = t->rank == rank;
    for (int i = 0; fits && i < rank; i++)
        fits = shape[i] < 0 || t->shape[i] == shape[i];
    if (t->dtype == dtype && fits)
        return BOMBUS_OK;
    if (t->dtype != dtype && keeps_cache(t->dtype) && keeps_cache(dtype))
        return bb_fail(err, BOMBUS_EINVAL, "%s: %s: kept as %s, expected %s as the session keeps keys and values", path, name,
                       bombus_dtype_name(t->dtype), bombus_dtype_name(dtype));
    return bb_fail(err, BOMBUS_EFORMAT, "%s: %s: %s %s, expected %s %s", path, name, bombus_dtype_name(t->dtype),
                   bb_shape_text(t->rank, t->shape, found, sizeof found), bombus_dtype_name(dtype),
                   rank == 1 ? "[tokens]" : bb_shape_text(rank, shape, expected, sizeof expected));
}

static int32_t id_at(const bombus_tensor_info *tokens, int64_t index)
{
    int32_t id;

    memcpy(&id, (const char *)tokens->data + (size_t)index * sizeof id, sizeof id);
    return id;
}

static bombus_status check_tokens(const bombus_session *session, const bombus_safetensors *file, const char *path,
                                  const bombus_tensor_info **tokens, bombus_error *err)
{
    const int vocabulary = session->model->config.vocabulary;
    const char *stated = bombus_safetensors_metadata(file, "bombus.tokens");
    char count[NUMBER_TEXT];
    bombus_status status = find_part(tokens, file, path, "tokens", BOMBUS_I32, 1, &(int64_t){-1}, err);

    if (status != BOMBUS_OK)
        return status;
    snprintf(count, sizeof count, "%" PRId64, (*tokens)->shape[0]);
    if (!stated || strcmp(stated, count) != 0)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: tokens: %s, expected %.40s as metadata bombus.tokens says", path, count, said(stated));
    if ((*tokens)->shape[0] > session->context)
        return bb_fail(err, BOMBUS_ELIMIT, "%s: tokens: %s, expected at most %d (the session's context)", path, count, session->context);
    for (int64_t i = 0; i < (*tokens)->shape[0]; i++)
        if (id_at(*tokens, i) < 0 || id_at(*tokens, i) >= vocabulary)
            return bb_fail(err, BOMBUS_EFORMAT, "%s: tokens: token %" PRId64 " is %" PRId32 ", expected an id from 0 to %d", path, i,
                           id_at(*tokens, i), vocabulary - 1);
    return BOMBUS_OK;
}

static bombus_status check(const bombus_session *session, const bombus_safetensors *file, const char *path,
                           const bombus_tensor_info **tokens, bombus_error *err)
{
    const size_t each = (size_t)part_count(session), parts = each * (size_t)session->model->config.layers;
    const bombus_tensor_info *found;
    char name[NAME_TEXT];
    identity own;

    identify(session, 0, &own);
    bombus_status status = check_identity(session, file, path, &own, err);
    if (status == BOMBUS_OK)
        status = check_tokens(session, file, path, tokens, err);
    if (status != BOMBUS_OK)
        return status;
    for (size_t i = 0; i < parts && status == BOMBUS_OK; i++) {
        const int part = (int)(i % each);
        const bb_tensor *cache = cache_of(session, (int)(i / each), part);
        name_part(name, (int)(i / each), part);
        status = find_part(&found, file, path, name, cache->dtype, 3,
                           (int64_t[]){cache->shape[1], (*tokens)->shape[0], width_of(cache, part)}, err);
    }
    if (status == BOMBUS_OK && bombus_safetensors_count(file) != parts + 1)
        status = bb_fail(err, BOMBUS_EFORMAT, "%s: %zu tensors, expected %zu", path, bombus_safetensors_count(file), parts + 1);
    return status;
}

static void write_part(const bombus_session *session, const bombus_safetensors *file, int layer, int part, unsigned char *tile)
{
    const bb_tensor *cache = cache_of(session, layer, part);
    const size_t row = (size_t)width_of(cache, part) * size_of(cache);
    char name[NAME_TEXT];

    name_part(name, layer, part);
    const unsigned char *data = bombus_safetensors_find(file, name)->data;
    for (int head = 0; head < (int)cache->shape[1]; head++, data += (size_t)session->position * row) {
        for (int block = 0; block < session->block_count; block++) {
            const piece p = piece_of(session, layer, part, head, block);
            write_piece(session->model->backend, &p, data + (size_t)block * BB_KV_BLOCK * row, tile);
        }
    }
}

bombus_status bb_session_restore(bombus_session *session, const bombus_safetensors *file, const char *path, bombus_error *err)
{
    const bombus_tensor_info *tokens;
    bombus_status status = check(session, file, path, &tokens, err);

    if (status != BOMBUS_OK)
        return status;
    unsigned char *tile = bb_alloc(TILE_BYTES);
    if (!tile)
        return bb_fail_memory(err, TILE_BYTES);
    bombus_session_rewind(session, 0, NULL);
    memcpy(session->tokens, tokens->data, tokens->bytes);
    bb_session_grow(session, (int)tokens->shape[0]);
    session->position = (int)tokens->shape[0];
    for (int layer = 0; layer < session->model->config.layers; layer++)
        for (int part = 0; part < part_count(session); part++)
            write_part(session, file, layer, part, tile);
    bb_free(tile);
    status = session->model->backend->ops->sync(session->model->backend, err);
    if (status != BOMBUS_OK)
        bombus_session_rewind(session, 0, NULL);
    return status;
}

bombus_status bombus_session_restore(bombus_session *session, const char *path, bombus_error *err)
{
    bombus_safetensors *file;
    bombus_status status = bombus_safetensors_open(&file, path, err);

    if (status == BOMBUS_OK)
        status = bb_session_restore(session, file, path, err);
    bombus_safetensors_close(file);
    return status;
}
