/* Pre-tokenizers: a chain of steps, each of which divides a piece or rewrites it.
 *
 * A piece goes through all steps before the next one begins, so ten million pieces never exist at once. What a step rewrites lies in the
 * step's own buffer until its pieces are through. */
#include "text/tokenizer/pretokenizer.h"

#include "base/error.h"
#include "base/utf8.h"
#include "text/unicode.h"

typedef enum step_kind { SPLIT, SPACE_BEFORE, BYTES, METASPACE, FIXED_LENGTH } step_kind;

/* What SPLIT looks for. */
typedef enum finder_kind { PATTERN, SPACE, NUMERIC, PUNCTUATION, WORDS } finder_kind;

typedef enum join_kind { REMOVED, ISOLATED, WITH_PREVIOUS, WITH_NEXT, CONTIGUOUS } join_kind;

struct bb_pretokenizer {
    step_kind kind;
    finder_kind finder;
    join_kind behavior;
    bool invert;
    bb_pattern pattern; /* SPLIT by PATTERN */
    bb_buffer mark;     /* METASPACE: what stands for a space */
    bb_prepend scheme;  /* METASPACE: where a mark is put before the piece */
    size_t length;      /* FIXED_LENGTH, in characters */
};

static const char gpt2_pattern[] = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/* ---- loading ---- */

static bombus_status add(bb_pretokenizers *out, bb_pretokenizer step, bb_pretokenizer **added, const bb_place *place, bombus_error *err)
{
    if (out->count == BB_STEPS)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: %s: more than %d steps", place->file, place->part, BB_STEPS);
    if (!bb_grow(&out->steps, &out->capacity, out->count + 1, sizeof *out->steps))
        return bb_fail_memory(err, sizeof *out->steps);
    out->steps[out->count++] = step;
    if (added)
        *added = &out->steps[out->count - 1];
    return BOMBUS_OK;
}

static bombus_status read_behavior(const bb_json *json, const bb_place *place, join_kind *out, bombus_error *err)
{
    static const char *const names[] = {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
    const bb_json *value = bb_json_get(json, "behavior");

    for (int i = 0; i < 5; i++) {
        if (bb_json_is_text(value, names[i])) {
            *out = (join_kind)i;
            return BOMBUS_OK;
        }
    }
    return bb_component_unexpected(json, "behavior", place,
                                   "\"Removed\", \"Isolated\", \"MergedWithPrevious\", \"MergedWithNext\" or \"Contiguous\"", err);
}

static bombus_status load_byte_level(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    bool space = false, trim, use_regex = true;
    bb_pretokenizer *step = NULL;
    bombus_status status = bb_component_bool(json, "add_prefix_space", place, &space, err);

    if (status == BOMBUS_OK)
        status = bb_component_bool(json, "trim_offsets", place, &trim, err);
    if (status == BOMBUS_OK && bb_json_get(json, "use_regex"))
        status = bb_component_bool(json, "use_regex", place, &use_regex, err);
    if (status == BOMBUS_OK && space)
        status = add(out, (bb_pretokenizer){.kind = SPACE_BEFORE}, NULL, place, err);
    if (status == BOMBUS_OK && use_regex) {
        status = add(out, (bb_pretokenizer){.kind = SPLIT, .finder = PATTERN, .behavior = ISOLATED}, &step, place, err);
        if (status == BOMBUS_OK)
            status = bb_regex_compile(&step->pattern.regex, gpt2_pattern, sizeof gpt2_pattern - 1, "ByteLevel", err);
    }
    if (status == BOMBUS_OK)
        status = add(out, (bb_pretokenizer){.kind = BYTES}, NULL, place, err);
    return status;
}

static bombus_status load_metaspace(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    const bb_json *split = bb_json_get(json, "split");
    bool divide = true;
    bb_pretokenizer *step = NULL;
    bombus_status status = add(out, (bb_pretokenizer){.kind = METASPACE}, &step, place, err);

    if (status == BOMBUS_OK)
        status = bb_component_char(json, "replacement", place, &step->mark, err);
    if (status == BOMBUS_OK)
        status = bb_component_prepend(json, place, &step->scheme, err);
    if (status == BOMBUS_OK && split && split->type != BB_JSON_NULL)
        status = bb_component_bool(json, "split", place, &divide, err);
    if (status != BOMBUS_OK || !divide)
        return status;
    const bb_buffer mark = step->mark; /* stays where it is when the steps move */
    status = add(out, (bb_pretokenizer){.kind = SPLIT, .finder = PATTERN, .behavior = WITH_NEXT}, &step, place, err);
    if (status == BOMBUS_OK && !bb_buffer_append(&step->pattern.text, mark.data, mark.size))
        status = bb_fail_memory(err, mark.size);
    return status;
}

static bombus_status load_split(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    bb_pretokenizer *step = NULL;
    bombus_status status = add(out, (bb_pretokenizer){.kind = SPLIT, .finder = PATTERN}, &step, place, err);

    if (status == BOMBUS_OK)
        status = read_behavior(json, place, &step->behavior, err);
    if (status == BOMBUS_OK)
        status = bb_component_bool(json, "invert", place, &step->invert, err);
    if (status == BOMBUS_OK)
        status = bb_component_pattern(json, "pattern", place, &step->pattern, err);
    return status;
}

static bombus_status load_delimiter(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    bb_pretokenizer *step = NULL;
    bombus_status status = add(out, (bb_pretokenizer){.kind = SPLIT, .finder = PATTERN, .behavior = REMOVED}, &step, place, err);

    return status == BOMBUS_OK ? bb_component_char(json, "delimiter", place, &step->pattern.text, err) : status;
}

static bombus_status load_digits(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    bool each;
    bombus_status status = bb_component_bool(json, "individual_digits", place, &each, err);

    if (status != BOMBUS_OK)
        return status;
    return add(out, (bb_pretokenizer){.kind = SPLIT, .finder = NUMERIC, .behavior = each ? ISOLATED : CONTIGUOUS}, NULL, place, err);
}

static bombus_status load_punctuation(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    join_kind behavior = ISOLATED;
    bombus_status status = bb_json_get(json, "behavior") ? read_behavior(json, place, &behavior, err) : BOMBUS_OK;

    if (status != BOMBUS_OK)
        return status;
    return add(out, (bb_pretokenizer){.kind = SPLIT, .finder = PUNCTUATION, .behavior = behavior}, NULL, place, err);
}

static bombus_status load_bert(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    (void)json;
    bombus_status status = add(out, (bb_pretokenizer){.kind = SPLIT, .finder = SPACE, .behavior = REMOVED}, NULL, place, err);
    if (status != BOMBUS_OK)
        return status;
    return add(out, (bb_pretokenizer){.kind = SPLIT, .finder = PUNCTUATION, .behavior = ISOLATED}, NULL, place, err);
}

static bombus_status load_whitespace(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    (void)json;
    return add(out, (bb_pretokenizer){.kind = SPLIT, .finder = WORDS, .behavior = REMOVED, .invert = true}, NULL, place, err);
}

static bombus_status load_whitespace_split(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    (void)json;
    return add(out, (bb_pretokenizer){.kind = SPLIT, .finder = SPACE, .behavior = REMOVED}, NULL, place, err);
}

static bombus_status load_fixed_length(bb_pretokenizers *out, const bb_json *json, const bb_place *place, bombus_error *err)
{
    size_t length = 5;
    bombus_status status = bb_json_get(json, "length") ? bb_component_size(json, "length", place, &length, err) : BOMBUS_OK;

    if (status == BOMBUS_OK && length == 0)
        return bb_component_unexpected(json, "length", place, "a number from 1", err);
    return status == BOMBUS_OK ? add(out, (bb_pretokenizer){.kind = FIXED_LENGTH, .length = length}, NULL, place, err) : status;
}

static bombus_status load(bb_pretokenizers *out, const bb_json *json, int depth, const bb_place *place, bombus_error *err)
{
    static const struct {
        const char *type;
        bombus_status (*load)(bb_pretokenizers *, const bb_json *, const bb_place *, bombus_error *);
    } loaders[] = {
        {"ByteLevel", load_byte_level},
        {"Metaspace", load_metaspace},
        {"Split", load_split},
        {"Digits", load_digits},
        {"Punctuation", load_punctuation},
        {"Whitespace", load_whitespace},
        {"WhitespaceSplit", load_whitespace_split},
        {"BertPreTokenizer", load_bert},
        {"CharDelimiterSplit", load_delimiter},
        {"FixedLength", load_fixed_length},
    };
    const char *type;
    bombus_status status = bb_component_type(json, place, &type, err);

    if (status != BOMBUS_OK)
        return status;
    if (strcmp(type, "Sequence") == 0) {
        const bb_json *list;
        status = bb_component_sequence(json, "pretokenizers", depth, place, &list, err);
        for (size_t i = 0; status == BOMBUS_OK && i < list->count; i++)
            status = load(out, &list->items[i], depth + 1, place, err);
        return status;
    }
    for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++)
        if (strcmp(type, loaders[i].type) == 0)
            return loaders[i].load(out, json, place, err);
    return bb_component_unsupported(json, place, err);
}

bombus_status bb_pretokenizers_load(bb_pretokenizers *out, const bb_json *json, const char *file, bombus_error *err)
{
    if (!json || json->type == BB_JSON_NULL)
        return BOMBUS_OK;
    return load(out, json, 0, &(bb_place){file, "pre_tokenizer"}, err);
}

void bb_pretokenizers_free(bb_pretokenizers *pretokenizers)
{
    for (size_t i = 0; i < pretokenizers->count; i++) {
        bb_pattern_free(&pretokenizers->steps[i].pattern);
        bb_buffer_free(&pretokenizers->steps[i].mark);
    }
    bb_free(pretokenizers->steps);
    *pretokenizers = (bb_pretokenizers){0};
}

/* ---- dividing ---- */

typedef struct run {
    const bb_pretokenizers *all;
    bb_pretokenize_scratch *scratch;
    bb_piece_taker take;
    void *context;
    bombus_error *err;
} run;

static bombus_status go(run *r, size_t step, bb_piece piece);

/* A SPLIT at work: stretches come in from left to right, each a match or what lies between two, and go on as the behavior joins them. */
typedef struct divider {
    run *r;
    size_t next; /* step */
    const bb_pretokenizer *step;
    bb_piece piece;
    bool any, was_match; /* a stretch came before, and it was a match */
    bool waiting;        /* one is held back: */
    size_t start, end;
} divider;

static bombus_status send(divider *d, size_t start, size_t end)
{
    return start == end ? BOMBUS_OK : go(d->r, d->next, bb_piece_part(d->piece, start, end));
}

static bombus_status send_waiting(divider *d)
{
    const bool waiting = d->waiting;
    d->waiting = false;
    return waiting ? send(d, d->start, d->end) : BOMBUS_OK;
}

static bombus_status stretch(divider *d, size_t start, size_t end, bool match)
{
    bool join = false;

    match = match != d->step->invert;
    switch (d->step->behavior) {
    case ISOLATED:
        return send(d, start, end);
    case REMOVED:
        return match ? BOMBUS_OK : send(d, start, end);
    case CONTIGUOUS:
        join = d->any && match == d->was_match;
        break;
    case WITH_PREVIOUS:
        join = d->any && match && !d->was_match;
        break;
    case WITH_NEXT:
        join = d->any && !match && d->was_match;
        break;
    }
    d->any = true;
    d->was_match = match;
    if (join && d->waiting) {
        d->end = end;
        return BOMBUS_OK;
    }
    bombus_status status = send_waiting(d);
    d->waiting = true;
    d->start = start;
    d->end = end;
    return status;
}

static bombus_status divide_by_pattern(divider *d, bb_pattern_search *search)
{
    size_t done = 0, start, end;
    bool found;
    bombus_status status = bb_pattern_begin(search, &d->step->pattern, d->piece.text, d->piece.bytes, d->r->err);

    while (status == BOMBUS_OK) {
        status = bb_pattern_next(search, &found, &start, &end, d->r->err);
        if (status != BOMBUS_OK || !found)
            break;
        if (start > done)
            status = stretch(d, done, start, false);
        if (status == BOMBUS_OK)
            status = stretch(d, start, end, true);
        done = end;
    }
    if (status == BOMBUS_OK && done < d->piece.bytes)
        status = stretch(d, done, d->piece.bytes, false);
    return status;
}

/* Each character of a class is a match of its own. */
static bombus_status divide_by_class(divider *d, bool (*in)(uint32_t c))
{
    size_t done = 0;
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0; i < d->piece.bytes && status == BOMBUS_OK;) {
        uint32_t c;
        const size_t at = i;
        i += bb_utf8_decode(d->piece.text + i, &c);
        if (!in(c))
            continue;
        if (at > done)
            status = stretch(d, done, at, false);
        if (status == BOMBUS_OK)
            status = stretch(d, at, i, true);
        done = i;
    }
    if (status == BOMBUS_OK && done < d->piece.bytes)
        status = stretch(d, done, d->piece.bytes, false);
    return status;
}

/* Runs of word characters, and runs of what is neither word nor space, are matches. */
static bombus_status divide_by_words(divider *d)
{
    enum { BLANK, WORD, SIGN } type, last = BLANK;
    size_t start = 0;
    bombus_status status = BOMBUS_OK;

    for (size_t i = 0; i < d->piece.bytes && status == BOMBUS_OK;) {
        uint32_t c;
        size_t n = bb_utf8_decode(d->piece.text + i, &c);
        type = bb_unicode_is_word(c) ? WORD : bb_unicode_is_space(c) ? BLANK : SIGN;
        if (type != last && i > start) {
            status = stretch(d, start, i, last != BLANK);
            start = i;
        }
        last = type;
        i += n;
    }
    return status == BOMBUS_OK ? stretch(d, start, d->piece.bytes, last != BLANK) : status;
}

static bombus_status split(run *r, size_t step, bb_piece piece)
{
    divider d = {.r = r, .next = step + 1, .step = &r->all->steps[step], .piece = piece};
    bombus_status status;

    switch (d.step->finder) {
    case SPACE:
        status = divide_by_class(&d, bb_unicode_is_space);
        break;
    case NUMERIC:
        status = divide_by_class(&d, bb_unicode_is_numeric);
        break;
    case PUNCTUATION:
        status = divide_by_class(&d, bb_unicode_is_punctuation);
        break;
    case WORDS:
        status = divide_by_words(&d);
        break;
    default:
        status = divide_by_pattern(&d, &r->scratch->searches[step]);
    }
    return status == BOMBUS_OK ? send_waiting(&d) : status;
}

static bombus_status split_by_length(run *r, size_t step, bb_piece piece)
{
    const size_t length = r->all->steps[step].length;
    bombus_status status = BOMBUS_OK;

    for (size_t start = 0; start < piece.bytes && status == BOMBUS_OK;) {
        size_t end = start;
        for (size_t n = 0; n < length && end < piece.bytes; n++)
            end += bb_utf8_length(piece.text[end]);
        status = go(r, step + 1, bb_piece_part(piece, start, end));
        start = end;
    }
    return status;
}

/* ---- rewriting ---- */

static bool begins_with(bb_piece piece, const char *text, size_t bytes)
{
    return piece.bytes >= bytes && memcmp(piece.text, text, bytes) == 0;
}

/* A mark for each space, and one before the piece where the scheme wants it. */
static bool mark_spaces(const bb_pretokenizer *step, bb_piece *piece, bb_buffer *out)
{
    const bb_buffer *mark = &step->mark;
    const bool marked = begins_with(*piece, mark->data, mark->size) || begins_with(*piece, " ", 1);
    const bool before = !marked && (step->scheme == BB_PREPEND_ALWAYS || (step->scheme == BB_PREPEND_FIRST && piece->lead > 0));
    size_t lead = 0;

    if (before && !bb_buffer_append(out, mark->data, mark->size))
        return false;
    for (size_t i = 0; i < piece->bytes;) {
        const char *space = memchr(piece->text + i, ' ', piece->bytes - i);
        const size_t end = space ? (size_t)(space - piece->text) : piece->bytes;
        if (!bb_buffer_append(out, piece->text + i, end - i) || (space && !bb_buffer_append(out, mark->data, mark->size)))
            return false;
        if (i < piece->lead)
            lead = end < piece->lead ? out->size : out->size - (end - piece->lead) - (space ? mark->size : 0);
        i = end + (space != NULL);
    }
    *piece = (bb_piece){out->data, out->size, lead};
    return true;
}

static bombus_status rewrite(run *r, size_t step, bb_piece piece)
{
    const bb_pretokenizer *s = &r->all->steps[step];
    bb_buffer *out = &r->scratch->buffers[step];
    bool ok = true;

    out->size = 0;
    if (s->kind == METASPACE) {
        ok = mark_spaces(s, &piece, out);
    } else if (s->kind == BYTES) {
        ok = bb_bytes_to_chars(out, piece.text, piece.lead);
        const size_t lead = out->size;
        ok = ok && bb_bytes_to_chars(out, piece.text + piece.lead, piece.bytes - piece.lead);
        piece = (bb_piece){out->data, out->size, lead};
    } else if (!begins_with(piece, " ", 1)) {
        ok = bb_buffer_append(out, " ", 1) && bb_buffer_append(out, piece.text, piece.bytes);
        piece = (bb_piece){out->data, out->size, piece.lead ? piece.lead + 1 : 0};
    }
    return ok ? go(r, step + 1, piece) : bb_fail_memory(r->err, piece.bytes);
}

/* A piece that is not empty, from a step on. */
static bombus_status go(run *r, size_t step, bb_piece piece)
{
    if (step == r->all->count)
        return r->take(r->context, piece.text, piece.bytes, r->err);
    switch (r->all->steps[step].kind) {
    case SPLIT:
        return split(r, step, piece);
    case FIXED_LENGTH:
        return split_by_length(r, step, piece);
    default:
        return rewrite(r, step, piece);
    }
}

bombus_status bb_pretokenize(const bb_pretokenizers *pretokenizers, bb_pretokenize_scratch *scratch, bb_piece piece, bb_piece_taker take,
                             void *context, bombus_error *err)
{
    run r = {pretokenizers, scratch, take, context, err};
    return piece.bytes ? go(&r, 0, piece) : BOMBUS_OK;
}

void bb_pretokenize_scratch_free(bb_pretokenize_scratch *scratch)
{
    for (size_t i = 0; i < BB_STEPS; i++) {
        bb_buffer_free(&scratch->buffers[i]);
        bb_pattern_search_free(&scratch->searches[i]);
    }
}
