/* Decoding: a stream of ids, and all at once, which is the same stream.
 *
 * Allocates nothing while ids come: buffers begin with room for what the longest token makes, and for a run of byte tokens far longer than
 * any text has. */
#include "base/error.h"
#include "text/tokenizer/tokenizer.h"

enum { RESERVE = 16384 };

struct bombus_detokenizer {
    bombus_tokenizer *tokenizer;
    bool skip_special;
    bb_decoding decoding;
};

static bombus_status feed(bb_decoding *decoding, const bombus_tokenizer *t, int32_t id, bool skip_special, bombus_error *err)
{
    size_t bytes;
    bool skipped;
    const char *text = bb_tokenizer_text(t, id, &bytes, &skipped);

    if (!text)
        return bb_fail(err, BOMBUS_EINVAL, "id %d is not in the vocabulary of %d", (int)id, (int)bombus_tokenizer_size(t));
    return skipped && skip_special ? BOMBUS_OK : bb_decoding_feed(decoding, text, bytes, err);
}

bombus_status bombus_detokenizer_create(bombus_detokenizer **out, bombus_tokenizer *tokenizer, int flags, bombus_error *err)
{
    bombus_detokenizer *d = bb_alloc_zero(1, sizeof *d);

    *out = NULL;
    if (!d)
        return bb_fail_memory(err, sizeof *d);
    bombus_status status = bb_decoding_begin(&d->decoding, &tokenizer->decoders, RESERVE + 8 * tokenizer->longest, err);
    if (status != BOMBUS_OK) {
        bb_decoding_free(&d->decoding);
        bb_free(d);
        return status;
    }
    d->tokenizer = bombus_tokenizer_retain(tokenizer);
    d->skip_special = flags & BOMBUS_SKIP_SPECIAL;
    *out = d;
    return BOMBUS_OK;
}

void bombus_detokenizer_free(bombus_detokenizer *d)
{
    if (!d)
        return;
    bb_decoding_free(&d->decoding);
    bombus_tokenizer_free(d->tokenizer);
    bb_free(d);
}

void bombus_detokenizer_reset(bombus_detokenizer *d)
{
    bb_decoding_reset(&d->decoding);
}

static bombus_status hand_out(bombus_detokenizer *d, bombus_status status, const char **text, size_t *bytes, bombus_error *err)
{
    bb_buffer *out = &d->decoding.out;

    if (status == BOMBUS_OK && !bb_buffer_append(out, "", 1))
        status = bb_fail_memory(err, out->size);
    *text = status == BOMBUS_OK ? out->data : "";
    *bytes = status == BOMBUS_OK ? out->size - 1 : 0;
    out->size = 0;
    return status;
}

bombus_status bombus_detokenizer_push(bombus_detokenizer *d, int32_t id, const char **text, size_t *bytes, bombus_error *err)
{
    return hand_out(d, feed(&d->decoding, d->tokenizer, id, d->skip_special, err), text, bytes, err);
}

bombus_status bombus_detokenizer_finish(bombus_detokenizer *d, const char **text, size_t *bytes, bombus_error *err)
{
    return hand_out(d, bb_decoding_finish(&d->decoding, err), text, bytes, err);
}

bombus_status bombus_tokenizer_decode(const bombus_tokenizer *t, const int32_t *ids, size_t count, int flags, char **text, size_t *bytes,
                                      bombus_error *err)
{
    bb_decoding *decoding = bb_alloc(sizeof *decoding);

    *text = NULL;
    *bytes = 0;
    if (!decoding)
        return bb_fail_memory(err, sizeof *decoding);
    bombus_status status = bb_decoding_begin(decoding, &t->decoders, 0, err);
    for (size_t i = 0; i < count && status == BOMBUS_OK; i++)
        status = feed(decoding, t, ids[i], flags & BOMBUS_SKIP_SPECIAL, err);
    if (status == BOMBUS_OK)
        status = bb_decoding_finish(decoding, err);
    if (status == BOMBUS_OK && !bb_buffer_append(&decoding->out, "", 1))
        status = bb_fail_memory(err, decoding->out.size);
    if (status == BOMBUS_OK) {
        *text = decoding->out.data;
        *bytes = decoding->out.size - 1;
        decoding->out = (bb_buffer){0};
    }
    bb_decoding_free(decoding);
    bb_free(decoding);
    return status;
}
