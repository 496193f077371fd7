/* The model as a file spells it, made into tables.
 *
 * Vocabulary and merges are nearly all of a tokenizer.json. They are taken straight from the parser, never stand in a tree, and may come in
 * either order; so merges wait as text until all tokens are known. */
#include "base/error.h"
#include "text/tokenizer/bpe.h"

#include "base/utf8.h"

#include <stdio.h>

enum { BATCH = 32 };

void bb_bpe_begin(bb_bpe *bpe)
{
    *bpe = (bb_bpe){.unknown_id = -1};
    bb_vocab_begin(&bpe->vocab);
}

static bool read_id(const bb_json *value, int32_t *id)
{
    int64_t number;

    if (!bb_json_to_int(value, &number) || number < 0 || number >= BB_VOCAB_ID_LIMIT)
        return false;
    *id = (int32_t)number;
    return true;
}

bombus_status bb_bpe_take_token(void *context, const char *key, size_t key_bytes, const bb_json *value, const char **complaint)
{
    bb_bpe *bpe = context;
    int32_t id;

    if (!read_id(value, &id)) {
        *complaint = "model.vocab: expected an id from 0 to 16777215 for";
        return BOMBUS_EFORMAT;
    }
    return bb_vocab_add(&bpe->vocab, key, key_bytes, id) ? BOMBUS_OK : BOMBUS_ENOMEM;
}

static bombus_status add_merge(bb_bpe *bpe, const char *left, size_t left_bytes, const char *right, size_t right_bytes)
{
    const size_t offset = bpe->spellings.size;

    if (left_bytes > UINT32_MAX || right_bytes > UINT32_MAX || bpe->merge_count >= UINT32_MAX - 1 ||
        !bb_grow(&bpe->merges_read, &bpe->merge_capacity, bpe->merge_count + 1, sizeof *bpe->merges_read) ||
        !bb_buffer_append(&bpe->spellings, left, left_bytes) || !bb_buffer_append(&bpe->spellings, right, right_bytes))
        return BOMBUS_ENOMEM;
    bpe->merges_read[bpe->merge_count++] = (bb_bpe_spelling){offset, (uint32_t)left_bytes, (uint32_t)right_bytes};
    return BOMBUS_OK;
}

bombus_status bb_bpe_take_merge(void *context, const char *key, size_t key_bytes, const bb_json *value, const char **complaint)
{
    static const char version[] = "#version"; /* the first line of a merges.txt, which found its way into some files */
    bb_bpe *bpe = context;

    (void)key;
    (void)key_bytes;
    *complaint = "model.merges: expected either strings \"left right\" or pairs [\"left\", \"right\"]";
    if (value->type == BB_JSON_STRING && !bpe->pairs) {
        bpe->strings = true;
        if (value->bytes >= sizeof version - 1 && memcmp(value->text, version, sizeof version - 1) == 0)
            return BOMBUS_OK;
        const char *space = memchr(value->text, ' ', value->bytes);
        if (!space)
            return BOMBUS_EFORMAT;
        const size_t left = (size_t)(space - value->text), right = value->bytes - left - 1;
        return memchr(space + 1, ' ', right) ? BOMBUS_EFORMAT : add_merge(bpe, value->text, left, space + 1, right);
    }
    if (value->type == BB_JSON_ARRAY && !bpe->strings && value->count == 2 && value->items[0].type == BB_JSON_STRING &&
        value->items[1].type == BB_JSON_STRING) {
        bpe->pairs = true;
        return add_merge(bpe, value->items[0].text, value->items[0].bytes, value->items[1].text, value->items[1].bytes);
    }
    return BOMBUS_EFORMAT;
}

/* ---- tables ---- */

static void read_characters(bb_bpe *bpe)
{
    char text[8];

    for (uint32_t c = 0; c < BB_BPE_DIRECT; c++)
        bpe->direct[c] = bb_vocab_find(&bpe->vocab, text, bb_utf8_encode(text, c));
    for (unsigned b = 0; b < 256; b++) {
        snprintf(text, sizeof text, "<0x%02X>", b);
        bpe->byte_ids[b] = bb_vocab_find(&bpe->vocab, text, 6);
    }
}

static void insert_merge(bb_bpe *bpe, const bb_bpe_merge *merge)
{
    size_t at = bb_bpe_hash(bpe, merge->left, merge->right);

    while (bpe->merges[at].left != UINT32_MAX && (bpe->merges[at].left != merge->left || bpe->merges[at].right != merge->right))
        at = (at + 1) & bpe->mask;
    bpe->merges[at] = *merge; /* a pair that comes again takes its later rank, as in the library */
}

static bombus_status missing_token(const bb_bpe *bpe, size_t index, const char *text, size_t bytes, bombus_error *err)
{
    return bb_fail(err, BOMBUS_EFORMAT, "%s: model.merges[%zu]: \"%.*s\" is not in the vocabulary", bpe->file, index,
                   (int)(bytes < 100 ? bytes : 100), text);
}

/* The joined token: the left one and the right one without its prefix; where there is no prefix it stands in the spellings as it is. */
static bombus_status join(bb_bpe *bpe, size_t index, bb_buffer *scratch, const char **text, size_t *bytes, bombus_error *err)
{
    const bb_bpe_spelling *m = &bpe->merges_read[index];
    const size_t prefix = bpe->prefix.size;

    *text = bpe->spellings.data + m->offset;
    *bytes = (size_t)m->left + m->right;
    if (!prefix)
        return BOMBUS_OK;
    if (m->right < prefix)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: model.merges[%zu]: \"%.*s\" is shorter than continuing_subword_prefix", bpe->file, index,
                       (int)m->right, *text + m->left);
    scratch->size = 0;
    if (!bb_buffer_append(scratch, *text, m->left) || !bb_buffer_append(scratch, *text + m->left + prefix, m->right - prefix))
        return bb_fail_memory(err, *bytes);
    *text = scratch->data;
    *bytes = scratch->size;
    return BOMBUS_OK;
}

/* What is known of a merge on its way into the table. */
typedef struct waiting {
    const char *left, *right, *joined;
    size_t joined_bytes;
    uint32_t hashes[3]; /* of left, right and joined */
    bb_bpe_merge merge;
} waiting;

static bombus_status look_up(bb_bpe *bpe, size_t index, waiting *w, bombus_error *err)
{
    const bb_bpe_spelling *m = &bpe->merges_read[index];
    const int32_t left = bb_vocab_find_hashed(&bpe->vocab, w->left, m->left, w->hashes[0]);
    const int32_t right = bb_vocab_find_hashed(&bpe->vocab, w->right, m->right, w->hashes[1]);
    const int32_t id = bb_vocab_find_hashed(&bpe->vocab, w->joined, w->joined_bytes, w->hashes[2]);

    if (left < 0)
        return missing_token(bpe, index, w->left, m->left, err);
    if (right < 0)
        return missing_token(bpe, index, w->right, m->right, err);
    if (id < 0)
        return missing_token(bpe, index, w->joined, w->joined_bytes, err);
    w->merge = (bb_bpe_merge){(uint32_t)left, (uint32_t)right, (uint32_t)index, (uint32_t)id};
    return BOMBUS_OK;
}

/* Merges from first to end, BATCH at most. Each step asks for what the next one needs of all of them: three look-ups and an insertion a
 * merge go to random places of tables larger than the cache. */
static bombus_status read_batch(bb_bpe *bpe, size_t first, size_t end, bb_buffer scratch[BATCH], bombus_error *err)
{
    waiting all[BATCH];
    const bb_vocab *vocab = &bpe->vocab;
    bombus_status status = BOMBUS_OK;

    for (size_t i = first; i < end && status == BOMBUS_OK; i++) {
        const bb_bpe_spelling *m = &bpe->merges_read[i];
        waiting *w = &all[i - first];
        w->left = bpe->spellings.data + m->offset;
        w->right = w->left + m->left;
        status = join(bpe, i, &scratch[i - first], &w->joined, &w->joined_bytes, err);
        if (status != BOMBUS_OK)
            break;
        w->hashes[0] = bb_vocab_hash(vocab, w->left, m->left);
        w->hashes[1] = bb_vocab_hash(vocab, w->right, m->right);
        w->hashes[2] = bb_vocab_hash(vocab, w->joined, w->joined_bytes);
        for (int h = 0; h < 3; h++)
            bb_vocab_prefetch_slot(vocab, w->hashes[h]);
    }
    for (size_t i = 0; i < end - first && status == BOMBUS_OK; i++)
        for (int h = 0; h < 3; h++)
            bb_vocab_prefetch_text(vocab, all[i].hashes[h]);
    for (size_t i = first; i < end && status == BOMBUS_OK; i++) {
        waiting *w = &all[i - first];
        status = look_up(bpe, i, w, err);
        if (status == BOMBUS_OK)
            __builtin_prefetch(&bpe->merges[bb_bpe_hash(bpe, w->merge.left, w->merge.right)], 1);
    }
    for (size_t i = 0; i < end - first && status == BOMBUS_OK; i++)
        insert_merge(bpe, &all[i].merge);
    return status;
}

static bombus_status read_merges(bb_bpe *bpe, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;
    bb_buffer scratch[BATCH] = {0};
    size_t size = 16;

    while (size < bpe->merge_count + bpe->merge_count / 2)
        size *= 2;
    bpe->merges = bb_alloc_table(size * sizeof *bpe->merges);
    if (!bpe->merges)
        return bb_fail_memory(err, size * sizeof *bpe->merges);
    memset(bpe->merges, 0xff, size * sizeof *bpe->merges);
    bpe->mask = size - 1;

    for (size_t i = 0; i < bpe->merge_count && status == BOMBUS_OK; i += BATCH)
        status = read_batch(bpe, i, i + BATCH < bpe->merge_count ? i + BATCH : bpe->merge_count, scratch, err);
    for (size_t i = 0; i < BATCH; i++)
        bb_buffer_free(&scratch[i]);
    bb_buffer_free(&bpe->spellings);
    bb_free(bpe->merges_read);
    bpe->merges_read = NULL;
    return status;
}

/* ---- fields ---- */

static bombus_status read_affix(bb_buffer *out, const bb_json *model, const char *key, const char *file, bombus_error *err)
{
    const bb_json *value = bb_json_get(model, key);

    if (!value || value->type == BB_JSON_NULL)
        return BOMBUS_OK;
    if (value->type != BB_JSON_STRING) {
        char found[80];
        return bb_fail(err, BOMBUS_EFORMAT, "%s: model.%s: %s, expected a string", file, key, bb_json_describe(value, found, sizeof found));
    }
    return bb_buffer_append(out, value->text, value->bytes) ? BOMBUS_OK : bb_fail_memory(err, value->bytes);
}

static bombus_status read_unknown(bb_bpe *bpe, const bb_json *model, bombus_error *err)
{
    const bb_json *value = bb_json_get(model, "unk_token");
    char found[80];

    if (!value || value->type == BB_JSON_NULL)
        return BOMBUS_OK;
    if (value->type != BB_JSON_STRING)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: model.unk_token: %s, expected a string", bpe->file,
                       bb_json_describe(value, found, sizeof found));
    bpe->unknown_id = bb_vocab_find(&bpe->vocab, value->text, value->bytes);
    bpe->unknown = bb_strndup(value->text, value->bytes);
    return bpe->unknown ? BOMBUS_OK : bb_fail_memory(err, value->bytes);
}

static bombus_status read_fields(bb_bpe *bpe, const bb_json *model, bombus_error *err)
{
    const struct {
        const char *key;
        bool *out;
    } flags[] = {{"fuse_unk", &bpe->fuse_unknown}, {"byte_fallback", &bpe->byte_fallback}, {"ignore_merges", &bpe->ignore_merges}};
    double dropout = 0;
    bombus_status status = bb_json_field_float(model, "dropout", BB_JSON_OPTIONAL, &dropout, bpe->file, err);

    if (status == BOMBUS_OK && (dropout < 0 || dropout > 1))
        status = bb_fail(err, BOMBUS_EFORMAT, "%s: model.dropout: %g, expected a number from 0 to 1", bpe->file, dropout);
    if (status == BOMBUS_OK && dropout > 0)
        status = bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: model.dropout: %g, but only 0 is supported", bpe->file, dropout);
    for (size_t i = 0; i < sizeof flags / sizeof *flags && status == BOMBUS_OK; i++)
        status = bb_json_field_bool(model, flags[i].key, BB_JSON_OPTIONAL, flags[i].out, bpe->file, err);
    if (status == BOMBUS_OK)
        status = read_affix(&bpe->prefix, model, "continuing_subword_prefix", bpe->file, err);
    if (status == BOMBUS_OK)
        status = read_affix(&bpe->suffix, model, "end_of_word_suffix", bpe->file, err);
    return status;
}

/* Files older than the field "type" say BPE by their merges. */
static bombus_status check_type(const bb_json *model, const char *file, bombus_error *err)
{
    const bb_json *type = bb_json_get(model, "type"), *vocab = bb_json_get(model, "vocab"), *merges = bb_json_get(model, "merges");
    char found[80];

    if (type && type->type != BB_JSON_STRING)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: model.type: %s, expected a string", file, bb_json_describe(type, found, sizeof found));
    if (type && !bb_json_is_text(type, "BPE"))
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: model.type: %s is not supported, only \"BPE\" is", file,
                       bb_json_describe(type, found, sizeof found));
    if (!type && !merges)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: model: neither a type nor merges, expected a BPE model", file);
    if (!bb_json_is(vocab, BB_JSON_OBJECT))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: model.vocab: %s, expected an object", file, bb_json_describe(vocab, found, sizeof found));
    if (!bb_json_is(merges, BB_JSON_ARRAY))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: model.merges: %s, expected an array", file, bb_json_describe(merges, found, sizeof found));
    return BOMBUS_OK;
}

bombus_status bb_bpe_load(bb_bpe *bpe, const bb_json *model, const char *file, bombus_error *err)
{
    bpe->file = file;
    bombus_status status = check_type(model, file, err);
    if (status == BOMBUS_OK)
        status = read_fields(bpe, model, err);
    if (status == BOMBUS_OK)
        status = bb_vocab_seal(&bpe->vocab, file, err);
    if (status == BOMBUS_OK)
        status = read_unknown(bpe, model, err);
    if (status != BOMBUS_OK)
        return status;
    read_characters(bpe);
    return read_merges(bpe, err);
}

void bb_bpe_free(bb_bpe *bpe)
{
    bb_vocab_free(&bpe->vocab);
    bb_buffer_free(&bpe->spellings);
    bb_buffer_free(&bpe->prefix);
    bb_buffer_free(&bpe->suffix);
    bb_free(bpe->merges_read);
    bb_free(bpe->merges);
    bb_free(bpe->unknown);
    *bpe = (bb_bpe){0};
}
