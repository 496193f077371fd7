/* Template source to tokens, with Jinja's whitespace rules as transformers sets them: trim_blocks (the line end behind a block goes),
 * lstrip_blocks (blanks between line start and block go), and the signs - and + that say otherwise.
 *
 * The tokens of one template are an array; text without escapes is borrowed from the source. */
#include "base/json.h"
#include "text/jinja/ast.h"
#include "text/jinja/unicode.h"

#include <stdio.h>
#include <string.h>

typedef struct lexer {
    bb_jinja *run;
    bb_jtemplate *program;
    const char *source;
    size_t size, at;
    bool line_starting; /* what was last matched ended a line, or nothing was yet */
    size_t capacity;
    char brackets[BB_JINJA_DEPTH]; /* the closing ones that are awaited */
    size_t open;
} lexer;

static const char *const operators[] = {
#define X(name, spelling) spelling,
    BB_JINJA_OPERATORS(X)
#undef X
};

const char *bb_jtoken_spelling(bb_jtoken_kind kind)
{
    static const char *const others[] = {"text",
                                         "begin of print statement",
                                         "end of print statement",
                                         "begin of statement block",
                                         "end of statement block",
                                         "name",
                                         "string",
                                         "integer",
                                         "float",
                                         "end of template"};
    return kind < BB_JT_OPERATORS ? operators[kind] : others[kind - BB_JT_OPERATORS];
}

static bool looking_at(const lexer *x, size_t at, const char *text)
{
    const size_t size = strlen(text);
    return at + size <= x->size && memcmp(x->source + at, text, size) == 0;
}

static bool push(lexer *x, bb_jtoken token)
{
    bb_jtemplate *program = x->program;

    if (program->token_count == x->capacity) {
        const size_t larger = x->capacity ? x->capacity * 2 : 256;
        bb_jtoken *tokens = bb_jinja_alloc(x->run, larger, sizeof *tokens);
        if (!tokens)
            return false;
        if (x->capacity)
            memcpy(tokens, program->tokens, x->capacity * sizeof *tokens);
        program->tokens = tokens;
        x->capacity = larger;
    }
    program->tokens[program->token_count++] = token;
    return true;
}

static bool push_text(lexer *x, bb_jtoken_kind kind, size_t at, const char *text, size_t size)
{
    return push(x, (bb_jtoken){.kind = kind, .at = (uint32_t)at, .text = text, .size = size});
}

static bool push_plain(lexer *x, bb_jtoken_kind kind, size_t at)
{
    return push(x, (bb_jtoken){.kind = kind, .at = (uint32_t)at});
}

/* The first byte from at on that is not white space (Unicode's). */
static size_t skip_space(const lexer *x, size_t at)
{
    while (at < x->size) {
        uint32_t point;
        const size_t step = bb_utf8_decode(x->source + at, &point);
        if (!bb_python_is_space(point))
            break;
        at += step;
    }
    return at;
}

/* The end of text without the white space at its end, but not before from. */
static size_t strip_end(const lexer *x, size_t from, size_t end)
{
    while (end > from) {
        uint32_t point;
        const size_t step = bb_utf8_decode_last(x->source + from, end - from, &point);
        if (!bb_python_is_space(point))
            break;
        end -= step;
    }
    return end;
}

static void move_to(lexer *x, size_t at)
{
    x->line_starting = at > 0 && x->source[at - 1] == '\n';
    x->at = at;
}

/* Text from from to the tag at end; sign is the tag's own, variable says that it prints. */
static bool push_data(lexer *x, size_t from, size_t end, char sign, bool variable)
{
    if (sign == '-') {
        end = strip_end(x, from, end);
    } else if (sign != '+' && !variable) {
        size_t line = end;
        while (line > from && x->source[line - 1] != '\n')
            line--;
        if ((line > from || x->line_starting) && strip_end(x, line, end) == line)
            end = line;
    }
    return end == from || push_text(x, BB_JT_DATA, from, x->source + from, end - from);
}

/* The end of a closing tag at at ("%}" or "#}"), with what it swallows; 0 where there is none. */
static size_t closing(const lexer *x, size_t at, const char *tag)
{
    if (at < x->size && x->source[at] == '-' && looking_at(x, at + 1, tag))
        return skip_space(x, at + 3);
    if (at < x->size && x->source[at] == '+' && looking_at(x, at + 1, tag))
        return at + 3;
    if (!looking_at(x, at, tag))
        return 0;
    return at + 2 < x->size && x->source[at + 2] == '\n' ? at + 3 : at + 2;
}

static char sign_at(const lexer *x, size_t at)
{
    return at < x->size && (x->source[at] == '-' || x->source[at] == '+') ? x->source[at] : '\0';
}

/* The end of a tag "{% word %}" whose "{%" stands at at; 0 where there is another tag. */
static size_t raw_tag(const lexer *x, size_t at, const char *word, bool trims)
{
    at += 2;
    at = skip_space(x, sign_at(x, at) ? at + 1 : at);
    if (!looking_at(x, at, word))
        return 0;
    at = skip_space(x, at + strlen(word));
    if (trims)
        return closing(x, at, "%}");
    if (looking_at(x, at, "-%}"))
        return skip_space(x, at + 3);
    return looking_at(x, at, "%}") ? at + 2 : 0;
}

static bool lex_raw(lexer *x, size_t begin)
{
    const size_t from = x->at;

    for (size_t at = from; at + 1 < x->size; at++) {
        if (!looking_at(x, at, "{%"))
            continue;
        const size_t end = raw_tag(x, at, "endraw", true);
        if (!end)
            continue;
        if (!push_data(x, from, at, sign_at(x, at + 2), false))
            return false;
        move_to(x, end);
        return true;
    }
    return from >= x->size || bb_jinja_raise_at(x->run, (uint32_t)begin, "this raw block does not end");
}

static bool lex_comment(lexer *x, size_t begin)
{
    for (size_t at = x->at; at < x->size; at++) {
        const size_t end = closing(x, at, "#}");
        if (end) {
            move_to(x, end);
            return true;
        }
    }
    return x->at >= x->size || bb_jinja_raise_at(x->run, (uint32_t)begin, "this comment does not end");
}

/* ---- inside tags ---- */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f')
        return (c | 32) - 'a' + 10;
    return 99;
}

/* The end of digits of a base with single underscores between them; at itself where there are none. */
static size_t digits(const lexer *x, size_t at, int base, bool leading_underscore)
{
    size_t end = at;

    for (;;) {
        size_t next = end;
        if (next < x->size && x->source[next] == '_' && (end > at || leading_underscore))
            next++;
        if (next >= x->size || digit_value(x->source[next]) >= base)
            return end;
        end = next + 1;
    }
}

/* The end of a float literal at at, or 0. */
static size_t float_end(const lexer *x, size_t at)
{
    if (at > 0 && x->source[at - 1] == '.')
        return 0;

    const size_t whole = digits(x, at, 10, false);
    if (whole == at)
        return 0;
    size_t end = whole;
    if (looking_at(x, whole, ".")) {
        const size_t fraction = digits(x, whole + 1, 10, false);
        if (fraction > whole + 1)
            end = fraction;
    }
    if (end < x->size && (x->source[end] | 32) == 'e') {
        size_t exponent = end + 1;
        if (sign_at(x, exponent))
            exponent++;
        const size_t exponent_end = digits(x, exponent, 10, false);
        if (exponent_end > exponent)
            return exponent_end;
    }
    return end > whole ? end : 0;
}

static bool lex_float(lexer *x, size_t end)
{
    char *copy = bb_jinja_alloc(x->run, end - x->at + 1, 1), *write = copy;

    if (!copy)
        return false;
    for (size_t i = x->at; i < end; i++)
        if (x->source[i] != '_')
            *write++ = x->source[i];
    *write = '\0';
    double real;
    bb_json_to_double(&(bb_json){.type = BB_JSON_NUMBER, .text = copy, .bytes = (size_t)(write - copy)}, &real); /* in any locale */
    if (!push(x, (bb_jtoken){.kind = BB_JT_FLOAT, .at = (uint32_t)x->at, .real = real}))
        return false;
    x->at = end;
    return true;
}

static bool lex_integer(lexer *x)
{
    static const struct {
        char letter;
        int base;
    } prefixes[] = {{'b', 2}, {'o', 8}, {'x', 16}};
    const size_t begin = x->at;
    size_t from = begin, end = 0;
    int base = 10;

    if (x->source[begin] == '0') {
        for (size_t i = 0; i < 3 && begin + 1 < x->size; i++)
            if ((x->source[begin + 1] | 32) == prefixes[i].letter) {
                base = prefixes[i].base;
                end = digits(x, begin + 2, base, true);
                from = begin + 2;
                if (end == from)
                    end = 0;
            }
        if (!end) { /* zeros, and nothing else */
            from = begin;
            base = 10;
            end = digits(x, begin, 1, false);
        }
    } else {
        end = digits(x, begin, 10, false);
    }

    int64_t value = 0;
    for (size_t i = from; i < end; i++)
        if (x->source[i] != '_' &&
            (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit_value(x->source[i]), &value)))
            return bb_jinja_raise_at(x->run, (uint32_t)begin, "this integer is beyond 64 bits");
    if (!push(x, (bb_jtoken){.kind = BB_JT_INTEGER, .at = (uint32_t)begin, .integer = value}))
        return false;
    x->at = end;
    return true;
}

/* Hexadecimal digits of an escape; -1 where one is none. */
static int64_t hex(const char *text, size_t size, size_t count)
{
    int64_t value = 0;

    if (size < count)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const int digit = digit_value(text[i]);
        if (digit > 15)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* One escape: text begins behind the backslash. Returns the bytes read, 0 for a malformed one. */
static size_t unescape_one(const char *text, size_t size, char *out, size_t *written)
{
    static const char simple[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
    const char c = text[0];

    if (c == '\n') {
        *written = 0;
        return 1;
    }
    for (size_t i = 0; i + 1 < sizeof simple; i += 2)
        if (simple[i] == c) {
            out[0] = simple[i + 1];
            *written = 1;
            return 1;
        }
    if (c >= '0' && c <= '7') {
        uint32_t value = 0;
        size_t read = 0;
        while (read < 3 && read < size && text[read] >= '0' && text[read] <= '7')
            value = value * 8 + (uint32_t)(text[read++] - '0');
        *written = bb_utf8_encode(out, value);
        return read;
    }
    if (c == 'x' || c == 'u' || c == 'U') {
        const size_t count = c == 'x' ? 2 : c == 'u' ? 4 : 8;
        const int64_t value = hex(text + 1, size - 1, count);
        if (value < 0 || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
            return 0;
        *written = bb_utf8_encode(out, (uint32_t)value);
        return count + 1;
    }
    if (c == 'N')
        return 0;
    if ((unsigned char)c >= 0x80) {
        /* Jinja hands Python the character itself escaped, so that two backslashes meet: "\é" is a backslash and "xe9". */
        uint32_t point;
        const size_t read = bb_utf8_decode(text, &point);
        *written = (size_t)snprintf(out, 16, point < 0x100 ? "\\x%02x" : point < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)point);
        return read;
    }
    out[0] = '\\';
    out[1] = c;
    *written = 2;
    return 1;
}

static bool lex_string(lexer *x)
{
    const size_t begin = x->at;
    const char quote = x->source[begin];
    size_t end = begin + 1;
    bool escaped = false;

    while (end < x->size && x->source[end] != quote) {
        if (x->source[end] == '\\') {
            escaped = true;
            end++;
        }
        end++;
    }
    if (end >= x->size)
        return bb_jinja_raise_at(x->run, (uint32_t)begin, "this string does not end");
    x->at = end + 1;

    const char *text = x->source + begin + 1;
    const size_t size = end - begin - 1;
    if (!escaped)
        return push_text(x, BB_JT_STRING, begin, text, size);

    char *copy = bb_jinja_alloc(x->run, size, 4); /* "\é" needs more bytes than it has */
    size_t used = 0;
    if (!copy)
        return false;
    for (size_t i = 0; i < size;) {
        if (text[i] != '\\') {
            copy[used++] = text[i++];
            continue;
        }
        char out[16];
        size_t written;
        const size_t read = unescape_one(text + i + 1, size - i - 1, out, &written);
        if (!read)
            return bb_jinja_raise_at(x->run, (uint32_t)(begin + 1 + i), "this escape is not one of Python's");
        memcpy(copy + used, out, written);
        used += written;
        i += read + 1;
    }
    return push_text(x, BB_JT_STRING, begin, copy, used);
}

static bool lex_name(lexer *x, bool *is_name)
{
    size_t end = x->at;

    while (end < x->size) {
        uint32_t point;
        const size_t step = bb_utf8_decode(x->source + end, &point);
        if (!bb_python_is_word(point))
            break;
        end += step;
    }
    *is_name = end > x->at;
    if (!*is_name)
        return true;
    const size_t begin = x->at;
    x->at = end;
    return push_text(x, BB_JT_NAME, begin, x->source + begin, end - begin);
}

static bool lex_operator(lexer *x)
{
    const size_t at = x->at;

    for (int i = 0; i < BB_JT_OPERATORS; i++) {
        if (!looking_at(x, at, operators[i]))
            continue;
        if (i == BB_JT_LPAREN || i == BB_JT_LBRACKET || i == BB_JT_LBRACE) {
            if (x->open == sizeof x->brackets)
                return bb_jinja_raise_at(x->run, (uint32_t)at, "brackets are nested too deep");
            x->brackets[x->open++] = i == BB_JT_LPAREN ? ')' : i == BB_JT_LBRACKET ? ']' : '}';
        }
        if (i == BB_JT_RPAREN || i == BB_JT_RBRACKET || i == BB_JT_RBRACE) {
            if (!x->open)
                return bb_jinja_raise_at(x->run, (uint32_t)at, "unexpected '%s'", operators[i]);
            if (x->brackets[--x->open] != operators[i][0])
                return bb_jinja_raise_at(x->run, (uint32_t)at, "unexpected '%s', expected '%c'", operators[i], x->brackets[x->open]);
        }
        x->at = at + strlen(operators[i]);
        return push_plain(x, (bb_jtoken_kind)i, at);
    }

    uint32_t point;
    const size_t step = bb_utf8_decode(x->source + at, &point);
    return bb_jinja_raise_at(x->run, (uint32_t)at, "unexpected character '%.*s'", (int)step, x->source + at);
}

/* From behind the opening of a tag to behind its closing. */
static bool lex_tag(lexer *x, bool variable)
{
    const size_t begin = x->at - 2;

    x->open = 0;
    for (;;) {
        x->at = skip_space(x, x->at);
        if (x->at >= x->size)
            return push_plain(x, BB_JT_EOF, begin) && push_plain(x, BB_JT_EOF, begin);
        if (!x->open) {
            const size_t at = x->at;
            size_t end = 0;
            if (!variable)
                end = closing(x, at, "%}");
            else if (looking_at(x, at, "-}}"))
                end = skip_space(x, at + 3);
            else if (looking_at(x, at, "}}"))
                end = at + 2;
            if (end) {
                move_to(x, end);
                return push_plain(x, variable ? BB_JT_VARIABLE_END : BB_JT_BLOCK_END, at);
            }
        }

        const char c = x->source[x->at];
        const size_t float_ends = c >= '0' && c <= '9' ? float_end(x, x->at) : 0;
        bool done = true, ok;
        if (float_ends)
            ok = lex_float(x, float_ends);
        else if (c >= '0' && c <= '9')
            ok = lex_integer(x);
        else if (c == '\'' || c == '"')
            ok = lex_string(x);
        else
            ok = lex_name(x, &done) && (done || lex_operator(x));
        if (!ok)
            return false;
    }
}

/* Makes the template's source: line ends become \n, and one at the very end goes. */
static bool normalize(bb_jinja *run, bb_jtemplate *program)
{
    char *copy = bb_jinja_alloc(run, program->size + 1, 1);
    size_t used = 0;

    if (!copy)
        return false;
    for (size_t i = 0; i < program->size; i++) {
        const char c = program->source[i];
        if (c == '\r' && i + 1 < program->size && program->source[i + 1] == '\n')
            continue;
        copy[used++] = c == '\r' ? '\n' : c;
    }
    if (used && copy[used - 1] == '\n')
        used--;
    copy[used] = '\0';
    program->source = copy;
    program->size = used;
    return true;
}

bool bb_jinja_lex(bb_jinja *run, bb_jtemplate *program)
{
    if (!normalize(run, program))
        return false;

    lexer x = {.run = run, .program = program, .source = program->source, .size = program->size, .line_starting = true};
    while (x.at < x.size) {
        const size_t from = x.at;
        size_t tag = from;
        while (tag + 1 < x.size && !(x.source[tag] == '{' && strchr("%{#", x.source[tag + 1]) && x.source[tag + 1]))
            tag++;
        if (tag + 1 >= x.size) {
            if (!push_text(&x, BB_JT_DATA, from, x.source + from, x.size - from))
                return false;
            break;
        }

        const char kind = x.source[tag + 1], sign = sign_at(&x, tag + 2);
        if (!push_data(&x, from, tag, sign, kind == '{'))
            return false;
        const size_t raw = kind == '%' ? raw_tag(&x, tag, "raw", false) : 0;
        bool ok;
        if (raw) {
            move_to(&x, raw);
            ok = lex_raw(&x, tag);
        } else {
            x.at = tag + (sign ? 3 : 2);
            if (kind == '#')
                ok = lex_comment(&x, tag);
            else
                ok = push_plain(&x, kind == '{' ? BB_JT_VARIABLE_BEGIN : BB_JT_BLOCK_BEGIN, tag) && lex_tag(&x, kind == '{');
        }
        if (!ok)
            return false;
    }
    return push_plain(&x, BB_JT_EOF, x.size) && push_plain(&x, BB_JT_EOF, x.size);
}
