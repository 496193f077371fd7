/* Decoders: a chain of steps from tokens to text.
 *
 * The library hands each step the list of all tokens. Here tokens come one at a time and every step passes on what can no longer change, so
 * that a stream is decoded as it grows and a whole text is the same stream at once. Behind ByteLevel or Fuse there is only one token, of
 * unknown length: it comes in parts, always of whole characters. Steps that must see it whole keep it to the end; those that are found
 * behind Fuse in files do not. */
#include "text/tokenizer/decoder.h"

#include "base/error.h"

/* X(kind, type) */
#define KINDS(X)                                                                                                                           \
    X(BYTE_LEVEL, "ByteLevel")                                                                                                             \
    X(BYTE_FALLBACK, "ByteFallback")                                                                                                       \
    X(FUSE, "Fuse")                                                                                                                        \
    X(STRIP, "Strip")                                                                                                                      \
    X(REPLACE, "Replace")                                                                                                                  \
    X(METASPACE, "Metaspace")                                                                                                              \
    X(WORD_PIECE, "WordPiece")                                                                                                             \
    X(BPE, "BPEDecoder")                                                                                                                   \
    X(CTC, "CTC")

typedef enum step_kind {
#define X(kind, type) kind,
    KINDS(X)
#undef X
        KIND_COUNT,
    JOIN, /* there is no decoder: tokens with spaces between */
} step_kind;

struct bb_decoder {
    step_kind kind;
    bool streamed;      /* there is one token, which comes in parts */
    bb_pattern pattern; /* REPLACE; the suffix of BPE, the pad of CTC */
    bb_pattern word;    /* CTC: what stands for a space */
    bb_buffer content;  /* REPLACE; the character of STRIP and METASPACE, the prefix of WORD_PIECE */
    size_t start, stop; /* STRIP */
    bool cleanup;       /* WORD_PIECE, CTC */
    bb_prepend prepend; /* METASPACE */
};

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* ---- loading ---- */

static bombus_status load_fields(bb_decoder *step, const bb_json *json, const bb_place *place, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;
    bool unused;

    switch (step->kind) {
    case BYTE_LEVEL:
        status = bb_component_bool(json, "add_prefix_space", place, &unused, err);
        return status == BOMBUS_OK ? bb_component_bool(json, "trim_offsets", place, &unused, err) : status;
    case STRIP:
        status = bb_component_char(json, "content", place, &step->content, err);
        if (status == BOMBUS_OK)
            status = bb_component_size(json, "start", place, &step->start, err);
        return status == BOMBUS_OK ? bb_component_size(json, "stop", place, &step->stop, err) : status;
    case REPLACE:
        status = bb_component_pattern(json, "pattern", place, &step->pattern, err);
        return status == BOMBUS_OK ? bb_component_text(json, "content", place, &step->content, err) : status;
    case METASPACE:
        status = bb_component_char(json, "replacement", place, &step->content, err);
        return status == BOMBUS_OK ? bb_component_prepend(json, place, &step->prepend, err) : status;
    case WORD_PIECE:
        status = bb_component_text(json, "prefix", place, &step->content, err);
        return status == BOMBUS_OK ? bb_component_bool(json, "cleanup", place, &step->cleanup, err) : status;
    case BPE:
        return bb_component_text(json, "suffix", place, &step->pattern.text, err);
    case CTC:
        status = bb_component_text(json, "pad_token", place, &step->pattern.text, err);
        if (status == BOMBUS_OK)
            status = bb_component_text(json, "word_delimiter_token", place, &step->word.text, err);
        return status == BOMBUS_OK ? bb_component_bool(json, "cleanup", place, &step->cleanup, err) : status;
    default:
        return BOMBUS_OK;
    }
}

static bombus_status add(bb_decoders *out, step_kind kind, bb_decoder **step, const bb_place *place, bombus_error *err)
{
    const bb_decoder *last = out->count ? &out->steps[out->count - 1] : NULL;
    const bool streamed = last && (last->streamed || last->kind == BYTE_LEVEL || last->kind == FUSE);

    if (out->count == BB_STEPS)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: %s: more than %d steps", place->file, place->part, BB_STEPS);
    if (!bb_grow(&out->steps, &out->capacity, out->count + 1, sizeof *out->steps))
        return bb_fail_memory(err, sizeof *out->steps);
    *step = &out->steps[out->count++];
    **step = (bb_decoder){.kind = kind, .streamed = streamed};
    return BOMBUS_OK;
}

static bombus_status load(bb_decoders *out, const bb_json *json, int depth, const bb_place *place, bombus_error *err)
{
    static const char *const types[] = {
#define X(kind, type) type,
        KINDS(X)
#undef X
    };
    const char *type;
    bb_decoder *step = NULL;
    bombus_status status = bb_component_type(json, place, &type, err);

    if (status != BOMBUS_OK)
        return status;
    if (strcmp(type, "Sequence") == 0) {
        const bb_json *list;
        status = bb_component_sequence(json, "decoders", depth, place, &list, err);
        for (size_t i = 0; status == BOMBUS_OK && i < list->count; i++)
            status = load(out, &list->items[i], depth + 1, place, err);
        return status;
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        if (strcmp(type, types[k]) != 0)
            continue;
        status = add(out, (step_kind)k, &step, place, err);
        return status == BOMBUS_OK ? load_fields(step, json, place, err) : status;
    }
    return bb_component_unsupported(json, place, err);
}

bombus_status bb_decoders_load(bb_decoders *out, const bb_json *json, const char *file, bombus_error *err)
{
    const bb_place place = {file, "decoder"};
    bb_decoder *step = NULL;

    if (!json || json->type == BB_JSON_NULL)
        return add(out, JOIN, &step, &place, err);
    return load(out, json, 0, &place, err);
}

void bb_decoders_free(bb_decoders *decoders)
{
    for (size_t i = 0; i < decoders->count; i++) {
        bb_pattern_free(&decoders->steps[i].pattern);
        bb_pattern_free(&decoders->steps[i].word);
        bb_buffer_free(&decoders->steps[i].content);
    }
    bb_free(decoders->steps);
    *decoders = (bb_decoders){0};
}

/* ---- passing on ---- */

static void token(bb_decoding *d, size_t i, const char *text, size_t bytes);
static void part(bb_decoding *d, size_t i, const char *text, size_t bytes);

static void append(bb_decoding *d, bb_buffer *buffer, const char *text, size_t bytes)
{
    if (d->status == BOMBUS_OK && !bb_buffer_append(buffer, text, bytes))
        d->status = bb_fail_memory(d->err, bytes);
}

/* A token of step i, or a part of one, for the step behind it. */
static void emit(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    if (d->status != BOMBUS_OK)
        return;
    if (i + 1 == d->decoders->count)
        append(d, &d->out, text, bytes);
    else if (d->decoders->steps[i + 1].streamed)
        part(d, i + 1, text, bytes);
    else
        token(d, i + 1, text, bytes);
}

/* out = text with what a pattern finds replaced. */
static void replace(bb_decoding *d, bb_decoder_state *s, const bb_pattern *pattern, const char *content, size_t content_bytes,
                    const char *text, size_t bytes, bb_buffer *out)
{
    const bb_buffer with = {.data = (char *)content, .size = content_bytes};

    out->size = 0;
    if (d->status == BOMBUS_OK)
        d->status = bb_pattern_replace(&s->search, pattern, &with, text, bytes, out, d->err);
}

/* Replaces in place; none of these grows the text. */
static void tidy(bb_buffer *buffer)
{
    static const char *const pairs[][2] = {{" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
                                           {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
                                           {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};

    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        const char *from = pairs[k][0], *to = pairs[k][1];
        const size_t from_bytes = strlen(from), to_bytes = strlen(to);
        size_t kept = 0;
        for (size_t i = 0; i < buffer->size;) {
            if (buffer->size - i >= from_bytes && memcmp(buffer->data + i, from, from_bytes) == 0) {
                memcpy(buffer->data + kept, to, to_bytes);
                kept += to_bytes;
                i += from_bytes;
            } else {
                buffer->data[kept++] = buffer->data[i++];
            }
        }
        buffer->size = kept;
    }
}

/* ---- steps ---- */

/* Bytes in, whole characters out; what is none becomes U+FFFD. */
static void push_byte(bb_decoding *d, bb_decoder_state *s, unsigned char byte)
{
    for (;;) {
        switch (bb_utf8_push(&s->character, byte)) {
        case BB_UTF8_MORE:
            return;
        case BB_UTF8_CHARACTER:
            append(d, &s->made, (const char *)s->character.bytes, s->character.count);
            s->character.count = 0;
            return;
        case BB_UTF8_INVALID:
            append(d, &s->made, replacement, 3);
            return;
        case BB_UTF8_BROKEN:
            append(d, &s->made, replacement, 3);
            s->character.count = 0;
        }
    }
}

/* A token not all of whose characters stand for bytes was added: it is text as it is. */
static void byte_level(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    bb_decoder_state *s = &d->states[i];
    bool encoded = true;
    uint32_t c;

    for (size_t k = 0; k < bytes && encoded;) {
        k += bb_utf8_decode(text + k, &c);
        encoded = bb_char_byte(c) >= 0;
    }
    s->made.size = 0;
    for (size_t k = 0; k < bytes;) {
        if (!encoded) {
            push_byte(d, s, (unsigned char)text[k++]);
            continue;
        }
        k += bb_utf8_decode(text + k, &c);
        push_byte(d, s, (unsigned char)bb_char_byte(c));
    }
    emit(d, i, s->made.data, s->made.size);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The byte of a token like <0xE4>, or -1. The library's number parser takes a plus sign for the first digit. */
static int byte_token(const char *text, size_t bytes)
{
    if (bytes != 6 || memcmp(text, "<0x", 3) != 0 || text[5] != '>')
        return -1;
    const int high = text[3] == '+' ? 0 : hex(text[3]), low = hex(text[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static void emit_replacements(bb_decoding *d, size_t i, size_t count)
{
    for (; count > 0; count--)
        emit(d, i, replacement, 3);
}

/* The end of a run of byte tokens: if it is UTF-8 it is one token, else every byte of it is U+FFFD. */
static void end_run(bb_decoding *d, size_t i)
{
    bb_decoder_state *s = &d->states[i];
    const size_t bytes = s->held.size;

    if (bytes && s->character.count == 0)
        emit(d, i, s->held.data, bytes);
    else
        emit_replacements(d, i, bytes);
    s->held.size = 0;
    s->character.count = 0;
    s->broken = false;
}

static void byte_fallback(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    bb_decoder_state *s = &d->states[i];
    const int byte = byte_token(text, bytes);

    if (byte < 0) {
        end_run(d, i);
        emit(d, i, text, bytes);
    } else if (s->broken) {
        emit_replacements(d, i, 1);
    } else {
        const char c = (char)byte;
        append(d, &s->held, &c, 1);
        bb_utf8_event event = bb_utf8_push(&s->character, (unsigned char)byte);
        if (event == BB_UTF8_CHARACTER) {
            s->character.count = 0;
        } else if (event != BB_UTF8_MORE) {
            emit_replacements(d, i, s->held.size);
            s->held.size = 0;
            s->character.count = 0;
            s->broken = true;
        }
    }
}

static bool begins_with(const bb_buffer *c, const char *text, size_t bytes)
{
    return c->size == 0 || (bytes >= c->size && memcmp(text, c->data, c->size) == 0);
}

static void strip_token(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    const bb_decoder *step = &d->decoders->steps[i];
    const size_t n = step->content.size;

    for (size_t k = 0; k < step->start && begins_with(&step->content, text, bytes); k++) {
        text += n;
        bytes -= n;
    }
    for (size_t k = 0; k < step->stop && bytes >= n && memcmp(text + bytes - n, step->content.data, n) == 0; k++)
        bytes -= n;
    emit(d, i, text, bytes);
}

/* The same where the token comes in parts: characters that may be the last ones wait. */
static void strip_part(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    const bb_decoder *step = &d->decoders->steps[i];
    bb_decoder_state *s = &d->states[i];
    size_t at = 0;

    while (!s->begun && at < bytes) {
        if (s->count < step->start && begins_with(&step->content, text + at, bytes - at)) {
            s->count++;
            at += step->content.size;
        } else {
            s->begun = true;
        }
    }
    if (step->stop == 0) {
        emit(d, i, text + at, bytes - at);
        return;
    }
    s->made.size = 0;
    while (at < bytes) {
        const size_t n = bb_utf8_length(text[at]);
        if (begins_with(&step->content, text + at, bytes - at)) {
            if (s->waiting == step->stop)
                append(d, &s->made, text + at, n);
            else
                s->waiting++;
        } else {
            for (; s->waiting > 0; s->waiting--)
                append(d, &s->made, step->content.data, step->content.size);
            append(d, &s->made, text + at, n);
        }
        at += n;
    }
    emit(d, i, s->made.data, s->made.size);
}

/* Marks become spaces, but nothing in the first token if a mark was put before the text. */
static void metaspace(bb_decoding *d, size_t i, const char *text, size_t bytes, bool first)
{
    const bb_decoder *step = &d->decoders->steps[i];
    bb_decoder_state *s = &d->states[i];
    const bool drop = first && step->prepend != BB_PREPEND_NEVER;

    s->made.size = 0;
    for (size_t at = 0; at < bytes;) {
        const size_t n = bb_utf8_length(text[at]);
        if (!begins_with(&step->content, text + at, bytes - at))
            append(d, &s->made, text + at, n);
        else if (!drop)
            append(d, &s->made, " ", 1);
        at += n;
    }
    emit(d, i, s->made.data, s->made.size);
}

static void word_piece(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    const bb_decoder *step = &d->decoders->steps[i];
    bb_decoder_state *s = &d->states[i];

    s->made.size = 0;
    if (s->count++ > 0) {
        if (begins_with(&step->content, text, bytes)) {
            text += step->content.size;
            bytes -= step->content.size;
        } else {
            append(d, &s->made, " ", 1);
        }
    }
    append(d, &s->made, text, bytes);
    if (step->cleanup)
        tidy(&s->made);
    emit(d, i, s->made.data, s->made.size);
}

/* The end of a word is a space, except behind the last token: so one token waits for the next. */
static void bpe_held(bb_decoding *d, size_t i, bool last)
{
    bb_decoder_state *s = &d->states[i];

    if (!s->begun)
        return;
    replace(d, s, &d->decoders->steps[i].pattern, " ", last ? 0 : 1, s->held.data, s->held.size, &s->made);
    s->begun = false;
    emit(d, i, s->made.data, s->made.size);
}

static void bpe(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    bb_decoder_state *s = &d->states[i];

    bpe_held(d, i, false);
    s->held.size = 0;
    append(d, &s->held, text, bytes);
    s->begun = true;
}

static void ctc(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    const bb_decoder *step = &d->decoders->steps[i];
    bb_decoder_state *s = &d->states[i];

    if (s->begun && s->held.size == bytes && memcmp(s->held.data, text, bytes) == 0)
        return;
    s->begun = true;
    s->held.size = 0;
    append(d, &s->held, text, bytes);
    replace(d, s, &step->pattern, "", 0, s->held.data, s->held.size, &s->made);
    if (step->cleanup) {
        tidy(&s->made);
        bb_buffer tidied = s->made;
        s->made = s->spare;
        s->spare = tidied;
        replace(d, s, &step->word, " ", 1, tidied.data, tidied.size, &s->made);
    }
    if (s->made.size)
        emit(d, i, s->made.data, s->made.size);
}

/* ---- the chain ---- */

static void token(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    const bb_decoder *step = &d->decoders->steps[i];
    bb_decoder_state *s = &d->states[i];

    switch (step->kind) {
    case JOIN:
        if (s->count++ > 0)
            emit(d, i, " ", 1);
        emit(d, i, text, bytes);
        break;
    case BYTE_LEVEL:
        byte_level(d, i, text, bytes);
        break;
    case BYTE_FALLBACK:
        byte_fallback(d, i, text, bytes);
        break;
    case STRIP:
        strip_token(d, i, text, bytes);
        break;
    case REPLACE:
        replace(d, s, &step->pattern, step->content.data, step->content.size, text, bytes, &s->made);
        emit(d, i, s->made.data, s->made.size);
        break;
    case METASPACE:
        metaspace(d, i, text, bytes, s->count++ == 0);
        break;
    case WORD_PIECE:
        word_piece(d, i, text, bytes);
        break;
    case BPE:
        bpe(d, i, text, bytes);
        break;
    case CTC:
        ctc(d, i, text, bytes);
        break;
    default:
        emit(d, i, text, bytes);
    }
}

static bool takes_parts(step_kind kind)
{
    return kind == FUSE || kind == STRIP || kind == METASPACE;
}

static void part(bb_decoding *d, size_t i, const char *text, size_t bytes)
{
    switch (d->decoders->steps[i].kind) {
    case FUSE:
        emit(d, i, text, bytes);
        break;
    case STRIP:
        strip_part(d, i, text, bytes);
        break;
    case METASPACE:
        metaspace(d, i, text, bytes, true);
        break;
    default:
        append(d, &d->states[i].held, text, bytes);
    }
}

/* No token follows. */
static void end(bb_decoding *d, size_t i)
{
    const bb_decoder *step = &d->decoders->steps[i];
    bb_decoder_state *s = &d->states[i];

    if (step->streamed && !takes_parts(step->kind)) {
        bb_buffer whole = s->held;
        s->held = (bb_buffer){0};
        token(d, i, whole.data, whole.size);
        bb_buffer_free(&whole);
    }
    if (step->kind == BYTE_LEVEL && s->character.count) {
        s->character.count = 0;
        emit(d, i, replacement, 3);
    } else if (step->kind == BYTE_FALLBACK) {
        end_run(d, i);
    } else if (step->kind == BPE) {
        bpe_held(d, i, true);
    }
}

bombus_status bb_decoding_begin(bb_decoding *decoding, const bb_decoders *decoders, size_t reserve, bombus_error *err)
{
    *decoding = (bb_decoding){.decoders = decoders};
    bool ok = bb_buffer_reserve(&decoding->out, reserve);
    for (size_t i = 0; i < decoders->count && ok; i++) {
        bb_decoder_state *s = &decoding->states[i];
        const bb_regex *regex = decoders->steps[i].pattern.regex;
        ok = bb_buffer_reserve(&s->held, reserve) && bb_buffer_reserve(&s->made, reserve) &&
             (decoders->steps[i].kind != CTC || bb_buffer_reserve(&s->spare, reserve)) &&
             (!regex || bb_regex_prepare(&s->search.regex, regex, reserve));
    }
    return ok ? BOMBUS_OK : bb_fail_memory(err, reserve);
}

bombus_status bb_decoding_feed(bb_decoding *decoding, const char *text, size_t bytes, bombus_error *err)
{
    decoding->err = err;
    decoding->status = BOMBUS_OK;
    if (decoding->decoders->count)
        token(decoding, 0, text, bytes);
    else
        append(decoding, &decoding->out, text, bytes);
    return decoding->status;
}

bombus_status bb_decoding_finish(bb_decoding *decoding, bombus_error *err)
{
    decoding->err = err;
    decoding->status = BOMBUS_OK;
    for (size_t i = 0; i < decoding->decoders->count; i++)
        end(decoding, i);
    return decoding->status;
}

void bb_decoding_reset(bb_decoding *decoding)
{
    for (size_t i = 0; i < decoding->decoders->count; i++) {
        bb_decoder_state *s = &decoding->states[i];
        s->held.size = s->made.size = s->count = s->waiting = 0;
        s->begun = s->broken = false;
        s->character.count = 0;
    }
    decoding->out.size = 0;
}

void bb_decoding_free(bb_decoding *decoding)
{
    for (size_t i = 0; i < BB_STEPS; i++) {
        bb_buffer_free(&decoding->states[i].held);
        bb_buffer_free(&decoding->states[i].made);
        bb_buffer_free(&decoding->states[i].spare);
        bb_pattern_search_free(&decoding->states[i].search);
    }
    bb_buffer_free(&decoding->out);
}
