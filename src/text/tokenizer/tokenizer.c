/* A tokenizer at work: text through added tokens, normalizers, pre-tokenizers, model and post-processors to ids, and back. */
#include "text/tokenizer/tokenizer.h"

#include "base/error.h"

void bombus_tokenizer_free(bombus_tokenizer *t)
{
    if (!t || atomic_fetch_sub(&t->references, 1) > 1)
        return;
    bb_bpe_free(&t->bpe);
    bb_normalizers_free(&t->normalizers);
    bb_pretokenizers_free(&t->pretokenizers);
    bb_added_tokens_free(&t->added);
    bb_postprocessors_free(&t->postprocessors);
    bb_decoders_free(&t->decoders);
    bb_free(t->file);
    bb_free(t);
}

bombus_tokenizer *bombus_tokenizer_retain(bombus_tokenizer *t)
{
    atomic_fetch_add(&t->references, 1);
    return t;
}

void bombus_ids_free(bombus_ids *ids)
{
    bb_free(ids->ids);
    *ids = (bombus_ids){0};
}

void bombus_text_free(char *text)
{
    bb_free(text);
}

/* ---- encoding ---- */

typedef struct encoder {
    const bombus_tokenizer *t;
    bb_normalize_scratch normalizing;
    bb_pretokenize_scratch pretokenizing;
    bb_bpe_scratch merging;
    bombus_ids ids;
} encoder;

static bombus_status put(encoder *e, int32_t id, bombus_error *err)
{
    if (!bb_grow(&e->ids.ids, &e->ids.capacity, e->ids.count + 1, sizeof *e->ids.ids))
        return bb_fail_memory(err, sizeof *e->ids.ids);
    e->ids.ids[e->ids.count++] = id;
    return BOMBUS_OK;
}

static bombus_status take_piece(void *context, const char *text, size_t bytes, bombus_error *err)
{
    encoder *e = context;
    return bb_bpe_encode(&e->t->bpe, &e->merging, text, bytes, &e->ids, err);
}

static bombus_status take_normalized(void *context, bb_piece piece, const bb_added_token *token, bombus_error *err)
{
    encoder *e = context;

    if (token)
        return put(e, token->id, err);
    return bb_pretokenize(&e->t->pretokenizers, &e->pretokenizing, piece, take_piece, e, err);
}

static bombus_status take_raw(void *context, bb_piece piece, const bb_added_token *token, bombus_error *err)
{
    encoder *e = context;

    if (token)
        return put(e, token->id, err);
    bombus_status status = bb_normalize(&e->t->normalizers, &e->normalizing, &piece, err);
    if (status != BOMBUS_OK)
        return status;
    return bb_added_tokens_split(&e->t->added, &e->t->added.normalized, piece, take_normalized, e, err);
}

/* The part of ids that truncation leaves. A length that is less than what the post-processor adds does not truncate: the library's
 * subtraction wraps around. */
static bombus_status truncate_ids(const bombus_tokenizer *t, bool special, const int32_t **ids, size_t *count, bombus_error *err)
{
    const bb_limits *limits = &t->limits;
    const size_t most = special ? limits->most - t->postprocessors.added : limits->most;

    if (!limits->truncate || *count <= most)
        return BOMBUS_OK;
    if (limits->only_second && most > 0)
        return bb_fail(err, BOMBUS_EINVAL, "%s: truncation.strategy: OnlySecond, but there is one text, of %zu ids where %zu are allowed",
                       t->file, *count, most);
    if (limits->stride >= most && most > 0)
        return bb_fail(err, BOMBUS_EINVAL, "%s: truncation.stride: %zu, expected less than the %zu ids that are left of a text", t->file,
                       limits->stride, most);
    if (limits->truncate_left)
        *ids += *count - most;
    *count = most;
    return BOMBUS_OK;
}

/* Pads the ids of out from start on. */
static bombus_status pad_ids(const bombus_tokenizer *t, bombus_ids *out, size_t start, bombus_error *err)
{
    const bb_limits *limits = &t->limits;
    const size_t count = out->count - start;
    size_t target = limits->pad_fixed ? limits->pad_to : count;

    if (!limits->pad)
        return BOMBUS_OK;
    if (limits->pad_multiple && target % limits->pad_multiple)
        target += limits->pad_multiple - target % limits->pad_multiple;
    if (target <= count)
        return BOMBUS_OK;
    if (!bb_grow(&out->ids, &out->capacity, start + target, sizeof *out->ids))
        return bb_fail_memory(err, target * sizeof *out->ids);
    const size_t added = target - count;
    int32_t *ids = out->ids + start;
    if (limits->pad_left)
        memmove(ids + added, ids, count * sizeof *ids);
    for (size_t i = 0; i < added; i++)
        ids[limits->pad_left ? i : count + i] = limits->pad_id;
    out->count = start + target;
    return BOMBUS_OK;
}

static bombus_status encode(encoder *e, const char *text, size_t bytes, bool special, bombus_ids *out, bombus_error *err)
{
    const bombus_tokenizer *t = e->t;
    const size_t start = out->count;
    const bb_piece piece = {text, bytes, bytes ? bb_utf8_length(text[0]) : 0};

    bombus_status status = bb_added_tokens_split(&t->added, &t->added.raw, piece, take_raw, e, err);
    const int32_t *ids = e->ids.ids;
    size_t count = e->ids.count;
    if (status == BOMBUS_OK)
        status = truncate_ids(t, special, &ids, &count, err);
    if (status == BOMBUS_OK)
        status = bb_postprocess(&t->postprocessors, ids, count, special, out, err);
    if (status == BOMBUS_OK)
        status = pad_ids(t, out, start, err);
    if (status != BOMBUS_OK)
        out->count = start;
    return status;
}

bombus_status bombus_tokenizer_encode(const bombus_tokenizer *t, const char *text, size_t bytes, int flags, bombus_ids *ids,
                                      bombus_error *err)
{
    size_t bad = bb_utf8_valid_prefix(text, bytes);
    if (bad < bytes)
        return bb_fail(err, BOMBUS_EINVAL, "text: byte %zu (0x%02x) is not UTF-8", bad, (unsigned)(unsigned char)text[bad]);

    encoder *e = bb_alloc_zero(1, sizeof *e);
    if (!e)
        return bb_fail_memory(err, sizeof *e);
    e->t = t;
    bombus_status status = encode(e, text, bytes, !(flags & BOMBUS_NO_SPECIAL), ids, err);
    bb_normalize_scratch_free(&e->normalizing);
    bb_pretokenize_scratch_free(&e->pretokenizing);
    bb_bpe_scratch_free(&e->merging);
    bombus_ids_free(&e->ids);
    bb_free(e);
    return status;
}

/* ---- tokens ---- */

const char *bb_tokenizer_text(const bombus_tokenizer *t, int32_t id, size_t *bytes, bool *skipped)
{
    const bb_added_token *token = bb_added_tokens_at(&t->added, id);

    *skipped = token && token->skipped;
    if (!token)
        return bb_vocab_text(&t->bpe.vocab, id, bytes);
    *bytes = token->form.size;
    return token->form.data;
}

int32_t bombus_tokenizer_size(const bombus_tokenizer *t)
{
    return t->added.limit;
}

const char *bombus_tokenizer_token(const bombus_tokenizer *t, int32_t id)
{
    size_t bytes;
    bool skipped;
    return bb_tokenizer_text(t, id, &bytes, &skipped);
}

int32_t bombus_tokenizer_id(const bombus_tokenizer *t, const char *token)
{
    const size_t bytes = strlen(token);
    const bb_added_token *added = bb_added_tokens_find(&t->added, token, bytes);

    return added ? added->id : bb_vocab_find(&t->bpe.vocab, token, bytes);
}

bool bombus_tokenizer_is_special(const bombus_tokenizer *t, int32_t id)
{
    const bb_added_token *token = bb_added_tokens_at(&t->added, id);
    return token && token->special;
}

int32_t bombus_tokenizer_bos(const bombus_tokenizer *t)
{
    return t->bos;
}

int32_t bombus_tokenizer_eos(const bombus_tokenizer *t)
{
    return t->eos;
}
