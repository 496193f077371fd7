/* Normalizers: a chain of steps from text to text. Sequences are flattened when they are loaded. */
#include "text/tokenizer/normalizer.h"

#include "base/error.h"
#include "base/utf8.h"
#include "text/unicode.h"

/* X(kind, type) */
#define KINDS(X)                                                                                                                           \
    X(FORM_D, "NFD")                                                                                                                       \
    X(FORM_C, "NFC")                                                                                                                       \
    X(FORM_KD, "NFKD")                                                                                                                     \
    X(FORM_KC, "NFKC")                                                                                                                     \
    X(LOWERCASE, "Lowercase")                                                                                                              \
    X(STRIP, "Strip")                                                                                                                      \
    X(STRIP_ACCENTS, "StripAccents")                                                                                                       \
    X(PREPEND, "Prepend")                                                                                                                  \
    X(REPLACE, "Replace")                                                                                                                  \
    X(NMT, "Nmt")                                                                                                                          \
    X(BYTE_LEVEL, "ByteLevel")                                                                                                             \
    X(BERT, "BertNormalizer")

typedef enum step_kind {
#define X(kind, type) kind,
    KINDS(X)
#undef X
        KIND_COUNT,
    /* what BertNormalizer is made of */
    BERT_CLEAN,
    BERT_CHINESE,
    BERT_ACCENTS,
} step_kind;

struct bb_normalizer {
    step_kind kind;
    bool left, right;   /* STRIP */
    bb_pattern pattern; /* REPLACE */
    bb_buffer content;  /* REPLACE, PREPEND */
};

bb_piece bb_piece_part(bb_piece piece, size_t start, size_t end)
{
    size_t lead = piece.lead < end ? piece.lead : end;
    return (bb_piece){piece.text + start, end - start, lead > start ? lead - start : 0};
}

/* ---- loading ---- */

static bombus_status add(bb_normalizers *out, step_kind kind, bb_normalizer **step, const bb_place *place, bombus_error *err)
{
    if (out->count == BB_STEPS)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: %s: more than %d steps", place->file, place->part, BB_STEPS);
    if (!bb_grow(&out->steps, &out->capacity, out->count + 1, sizeof *out->steps))
        return bb_fail_memory(err, sizeof *out->steps);
    *step = &out->steps[out->count++];
    **step = (bb_normalizer){.kind = kind};
    return BOMBUS_OK;
}

static bombus_status load_bert(bb_normalizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    const bb_json *strip = bb_json_get(json, "strip_accents");
    bool clean = false, chinese = false, lowercase = false;
    bb_normalizer *step = NULL;

    bombus_status status = bb_component_bool(json, "clean_text", place, &clean, err);
    if (status == BOMBUS_OK)
        status = bb_component_bool(json, "handle_chinese_chars", place, &chinese, err);
    if (status == BOMBUS_OK)
        status = bb_component_bool(json, "lowercase", place, &lowercase, err);
    bool accents = lowercase;
    if (status == BOMBUS_OK && strip && strip->type != BB_JSON_NULL)
        status = bb_component_bool(json, "strip_accents", place, &accents, err);
    const struct {
        bool wanted;
        step_kind kind;
    } parts[] = {{clean, BERT_CLEAN}, {chinese, BERT_CHINESE}, {accents, FORM_D}, {accents, BERT_ACCENTS}, {lowercase, LOWERCASE}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == BOMBUS_OK; i++)
        if (parts[i].wanted)
            status = add(out, parts[i].kind, &step, place, err);
    return status;
}

static bombus_status load_fields(bb_normalizer *step, const bb_json *json, const bb_place *place, bombus_error *err)
{
    bombus_status status = BOMBUS_OK;

    if (step->kind == STRIP) {
        status = bb_component_bool(json, "strip_left", place, &step->left, err);
        if (status == BOMBUS_OK)
            status = bb_component_bool(json, "strip_right", place, &step->right, err);
    } else if (step->kind == PREPEND) {
        status = bb_component_text(json, "prepend", place, &step->content, err);
    } else if (step->kind == REPLACE) {
        status = bb_component_pattern(json, "pattern", place, &step->pattern, err);
        if (status == BOMBUS_OK)
            status = bb_component_text(json, "content", place, &step->content, err);
    }
    return status;
}

static bombus_status load(bb_normalizers *out, const bb_json *json, int depth, const bb_place *place, bombus_error *err)
{
    static const char *const types[] = {
#define X(kind, type) type,
        KINDS(X)
#undef X
    };
    const char *type;
    bombus_status status = bb_component_type(json, place, &type, err);

    if (status != BOMBUS_OK)
        return status;
    if (strcmp(type, "Sequence") == 0) {
        const bb_json *list;
        status = bb_component_sequence(json, "normalizers", depth, place, &list, err);
        for (size_t i = 0; status == BOMBUS_OK && i < list->count; i++)
            status = load(out, &list->items[i], depth + 1, place, err);
        return status;
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        bb_normalizer *step = NULL;
        if (strcmp(type, types[k]) != 0)
            continue;
        if (k == BERT)
            return load_bert(out, json, place, err);
        status = add(out, (step_kind)k, &step, place, err);
        return status == BOMBUS_OK ? load_fields(step, json, place, err) : status;
    }
    return bb_component_unsupported(json, place, err);
}

bombus_status bb_normalizers_load(bb_normalizers *out, const bb_json *json, const char *file, bombus_error *err)
{
    if (!json || json->type == BB_JSON_NULL)
        return BOMBUS_OK;
    return load(out, json, 0, &(bb_place){file, "normalizer"}, err);
}

void bb_normalizers_free(bb_normalizers *normalizers)
{
    for (size_t i = 0; i < normalizers->count; i++) {
        bb_pattern_free(&normalizers->steps[i].pattern);
        bb_buffer_free(&normalizers->steps[i].content);
    }
    bb_free(normalizers->steps);
    *normalizers = (bb_normalizers){0};
}

/* ---- one step ---- */

static void strip(const bb_normalizer *step, bb_piece *piece)
{
    size_t start = 0, end = piece->bytes;

    while (step->left && start < end) {
        uint32_t c;
        size_t n = bb_utf8_decode(piece->text + start, &c);
        if (!bb_unicode_is_space(c))
            break;
        start += n;
    }
    while (step->right && end > start) {
        uint32_t c;
        const size_t at = bb_utf8_before(piece->text, end);
        bb_utf8_decode(piece->text + at, &c);
        if (!bb_unicode_is_space(c))
            break;
        end = at;
    }
    *piece = bb_piece_part(*piece, start, end);
}

/* What the library takes for Chinese; a block's end it mistypes is kept. */
static bool is_chinese(uint32_t c)
{
    return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x20000 && c <= 0x2a6df) ||
           (c >= 0x2a700 && c <= 0x2b73f) || (c >= 0x2b740 && c <= 0x2b81f) || (c >= 0x2b920 && c <= 0x2ceaf) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x2f800 && c <= 0x2fa1f);
}

/* What sentencepiece's rules drop (0 characters out) and turn into spaces. */
static size_t nmt(uint32_t c, uint32_t *out)
{
    if ((c >= 1 && c <= 8) || c == 0x0b || (c >= 0x0e && c <= 0x1f) || c == 0x7f || c == 0x8f || c == 0x9f)
        return 0;
    const bool space = c == 9 || c == 0x0a || c == 0x0c || c == 0x0d || c == 0x1680 || (c >= 0x200b && c <= 0x200f) || c == 0x2028 ||
                       c == 0x2029 || c == 0x2581 || c == 0xfeff || c == 0xfffd;
    out[0] = space ? ' ' : c;
    return 1;
}

/* What becomes of one character: how many, at most three. */
static size_t map(step_kind kind, uint32_t c, uint32_t out[3])
{
    out[0] = c;
    switch (kind) {
    case LOWERCASE:
        return bb_unicode_lower(c, out);
    case STRIP_ACCENTS:
        return !bb_unicode_is_mark(c);
    case BERT_ACCENTS:
        return !bb_unicode_is_bert_mark(c);
    case BERT_CLEAN:
        if (c == 0 || c == 0xfffd || bb_unicode_is_bert_control(c))
            return 0;
        if (bb_unicode_is_space(c))
            out[0] = ' ';
        return 1;
    case BERT_CHINESE:
        if (!is_chinese(c))
            return 1;
        out[0] = out[2] = ' ';
        out[1] = c;
        return 3;
    default:
        return nmt(c, out);
    }
}

static bool map_all(step_kind kind, bb_piece piece, bb_buffer *out, size_t *lead)
{
    *lead = 0;
    for (size_t i = 0; i < piece.bytes;) {
        uint32_t c, mapped[3];
        i += bb_utf8_decode(piece.text + i, &c);
        size_t n = map(kind, c, mapped);
        if (!bb_buffer_reserve(out, 3 * BB_UTF8_MAX))
            return false;
        for (size_t k = 0; k < n; k++)
            out->size += bb_utf8_encode(out->data + out->size, mapped[k]);
        if (i <= piece.lead)
            *lead = out->size;
    }
    return true;
}

/* Replacement text counts as coming from the last character it replaces. */
static bombus_status replace(const bb_normalizer *step, bb_pattern_search *search, bb_piece piece, bb_buffer *out, size_t *lead,
                             bombus_error *err)
{
    size_t copied = 0, start, end;
    bool found;
    bombus_status status = bb_pattern_begin(search, &step->pattern, piece.text, piece.bytes, err);

    *lead = 0;
    while (status == BOMBUS_OK) {
        status = bb_pattern_next(search, &found, &start, &end, err);
        if (status != BOMBUS_OK || !found)
            break;
        if (!bb_buffer_append(out, piece.text + copied, start - copied))
            return bb_fail_memory(err, piece.bytes);
        if (copied < piece.lead)
            *lead += (start < piece.lead ? start : piece.lead) - copied;
        if (!bb_buffer_append(out, step->content.data, step->content.size))
            return bb_fail_memory(err, piece.bytes);
        if (end == 0 || end <= piece.lead)
            *lead += step->content.size;
        copied = end;
    }
    if (copied < piece.lead)
        *lead += piece.lead - copied;
    if (status == BOMBUS_OK && !bb_buffer_append(out, piece.text + copied, piece.bytes - copied))
        return bb_fail_memory(err, piece.bytes);
    return status;
}

/* The normal form of the first character alone tells how far it reaches. */
static bool normalize_form(bb_unicode_form form, bb_piece piece, bb_buffer *out, size_t *lead)
{
    if (!bb_unicode_normalize(out, piece.text, piece.lead, form))
        return false;
    *lead = out->size;
    out->size = 0;
    return bb_unicode_normalize(out, piece.text, piece.bytes, form);
}

static bombus_status apply(const bb_normalizer *step, bb_pattern_search *search, bb_piece piece, bb_buffer *out, size_t *lead,
                           bombus_error *err)
{
    static const bb_unicode_form forms[] = {[FORM_D] = BB_NFD, [FORM_C] = BB_NFC, [FORM_KD] = BB_NFKD, [FORM_KC] = BB_NFKC};
    bool ok;

    switch (step->kind) {
    case REPLACE:
        return replace(step, search, piece, out, lead, err);
    case PREPEND:
        *lead = piece.lead ? piece.lead + step->content.size : 0;
        ok = bb_buffer_append(out, step->content.data, step->content.size) && bb_buffer_append(out, piece.text, piece.bytes);
        break;
    case FORM_D:
    case FORM_C:
    case FORM_KD:
    case FORM_KC:
        ok = normalize_form(forms[step->kind], piece, out, lead);
        break;
    case BYTE_LEVEL:
        ok = bb_bytes_to_chars(out, piece.text, piece.lead);
        *lead = out->size;
        ok = ok && bb_bytes_to_chars(out, piece.text + piece.lead, piece.bytes - piece.lead);
        break;
    default:
        ok = map_all(step->kind, piece, out, lead);
    }
    return ok ? BOMBUS_OK : bb_fail_memory(err, piece.bytes);
}

bombus_status bb_normalize(const bb_normalizers *normalizers, bb_normalize_scratch *scratch, bb_piece *piece, bombus_error *err)
{
    int side = 0;

    for (size_t i = 0; i < normalizers->count && piece->bytes; i++) {
        const bb_normalizer *step = &normalizers->steps[i];
        if (step->kind == STRIP) {
            strip(step, piece);
            continue;
        }
        bb_buffer *out = &scratch->buffers[side];
        size_t lead = 0;
        out->size = 0;
        bombus_status status = apply(step, &scratch->searches[i], *piece, out, &lead, err);
        if (status != BOMBUS_OK)
            return status;
        *piece = (bb_piece){out->data, out->size, lead};
        side = !side;
    }
    return BOMBUS_OK;
}

void bb_normalize_scratch_free(bb_normalize_scratch *scratch)
{
    for (size_t i = 0; i < BB_STEPS; i++)
        bb_pattern_search_free(&scratch->searches[i]);
    bb_buffer_free(&scratch->buffers[0]);
    bb_buffer_free(&scratch->buffers[1]);
}
