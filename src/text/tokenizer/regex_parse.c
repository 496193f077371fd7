/* Patterns taken apart: Oniguruma's Ruby syntax in, PCRE2's out, with every set of characters spelled out from our tables.
 *
 * The two differ where files do use it: a '[' inside a set opens another one, '&&' intersects, ^ and $ hold at every line, x{1,3}+ repeats
 * x{1,3} rather than being possessive. What is not understood is refused by name, never passed on. */
#include "base/error.h"
#include "base/utf8.h"
#include "text/tokenizer/regex.h"
#include "text/unicode.h"

#include <stdio.h>
#include <stdlib.h>

enum { DEEPEST = 100 };

typedef struct parser {
    bb_regex_parsed *out;
    const char *start, *p, *end;
    int brackets; /* that are open */
    const char *where;
    bombus_error *err;
    bool ignore_case, dot_all, extended;
    uint32_t last_literal; /* a letter just written where case does not matter, else 0 */
    int depth;
} parser;

static bombus_status parse_alternatives(parser *ps);

/* How much of a pattern a message shows. */
static int shown(const parser *ps)
{
    return ps->end - ps->start < 100 ? (int)(ps->end - ps->start) : 100;
}

static bombus_status refuse(parser *ps, const char *what)
{
    return bb_fail(ps->err, BOMBUS_EUNSUPPORTED, "%s: Regex: %s is not supported (at byte %td of \"%.*s\")", ps->where, what,
                   ps->p - ps->start, shown(ps), ps->start);
}

static bombus_status malformed(parser *ps, const char *what)
{
    return bb_fail(ps->err, BOMBUS_EFORMAT, "%s: Regex: %s (at byte %td of \"%.*s\")", ps->where, what, ps->p - ps->start, shown(ps),
                   ps->start);
}

static bombus_status no_memory(parser *ps)
{
    return bb_fail_memory(ps->err, ps->out->pattern.size);
}

static bombus_status write_text(parser *ps, const char *text)
{
    return bb_buffer_append(&ps->out->pattern, text, strlen(text)) ? BOMBUS_OK : no_memory(ps);
}

/* Writes a reference to a set and takes it. */
static bombus_status write_set(parser *ps, bb_charset *set)
{
    bb_regex_parsed *out = ps->out;
    size_t i = 0;

    while (i < out->count && !bb_charset_equal(&out->sets[i], set))
        i++;
    if (i < out->count) {
        bb_charset_free(set);
    } else {
        if (out->count == BB_REGEX_CLASSES) {
            bb_charset_free(set);
            return refuse(ps, "a pattern with more than 256 sets");
        }
        if (!bb_grow(&out->sets, &out->capacity, out->count + 1, sizeof *out->sets)) {
            bb_charset_free(set);
            return no_memory(ps);
        }
        out->sets[out->count++] = *set;
        *set = (bb_charset){0};
    }
    const char reference[3] = {BB_REGEX_SET, (char)(i >> 8), (char)i};
    return bb_buffer_append(&out->pattern, reference, sizeof reference) ? BOMBUS_OK : no_memory(ps);
}

static bool more(const parser *ps)
{
    return ps->p < ps->end;
}

static bool ahead(const parser *ps, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(ps->end - ps->p) >= n && memcmp(ps->p, text, n) == 0;
}

static uint32_t take(parser *ps)
{
    uint32_t c;
    ps->p += bb_utf8_decode(ps->p, &c);
    return c;
}

/* ---- case ---- */

static bool is_ascii_letter(uint32_t c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool add_folds(bb_charset *set, uint32_t letter)
{
    const uint32_t small = letter | 32;
    bool ok = bb_charset_add(set, small, small) && bb_charset_add(set, small - 32, small - 32);

    for (size_t i = 0; i < bb_unicode_ascii_folds_count; i++)
        if (bb_unicode_ascii_folds[i].from == small)
            ok = ok && bb_charset_add(set, bb_unicode_ascii_folds[i].to, bb_unicode_ascii_folds[i].to);
    return ok;
}

static bool is_cased(uint32_t c)
{
    const bb_unicode_set *cased = bb_unicode_find_set("Cased", 5);
    return bb_unicode_in(c, cased->ranges, cased->count);
}

/* Closes a set under ASCII's case. Sets with some cased characters beyond ASCII are refused, unless they have all: Oniguruma would fold
 * those too, some of them to several characters. */
static bombus_status close_case(parser *ps, bb_charset *set)
{
    const bb_unicode_set *cased = bb_unicode_find_set("Cased", 5);
    size_t inside = 0, outside = 0;

    for (size_t i = 0; i < cased->count; i++) {
        for (uint32_t c = cased->ranges[i].first; c <= cased->ranges[i].last; c++) {
            if (c >= 0x80 && bb_charset_has(set, c))
                inside++;
            else if (c >= 0x80)
                outside++;
        }
    }
    if (inside && outside)
        return refuse(ps, "a set of cased characters beyond ASCII where case is ignored");
    const size_t count = set->count;
    for (uint32_t c = 'a'; c <= 'z'; c++) {
        const bb_charset own = {.ranges = set->ranges, .count = count};
        if ((bb_charset_has(&own, c) || bb_charset_has(&own, c - 32)) && !add_folds(set, c))
            return no_memory(ps);
    }
    bb_charset_tidy(set);
    return BOMBUS_OK;
}

/* Letters that together fold to one: ff, fi, fl, ss, st. */
static bool folds_together(uint32_t a, uint32_t b)
{
    return (a == 'f' && (b == 'f' || b == 'i' || b == 'l')) || (a == 's' && (b == 's' || b == 't'));
}

static bombus_status write_literal(parser *ps, uint32_t c)
{
    bb_charset set = {0};
    bool ok;

    if (ps->ignore_case && is_ascii_letter(c)) {
        if (folds_together(ps->last_literal, c | 32))
            return refuse(ps, "a pair of letters that has a ligature, where case is ignored");
        ps->last_literal = c | 32;
        ok = add_folds(&set, c);
        bb_charset_tidy(&set);
    } else {
        if (ps->ignore_case && c >= 0x80 && is_cased(c))
            return refuse(ps, "a cased character beyond ASCII where case is ignored");
        ok = bb_charset_add(&set, c, c);
    }
    if (!ok) {
        bb_charset_free(&set);
        return no_memory(ps);
    }
    return write_set(ps, &set);
}

/* ---- named sets ---- */

static const struct {
    const char *name, *letters; /* categories that begin so, '|' between */
} long_categories[] = {
    {"letter", "L"},
    {"casedletter", "Lu|Ll|Lt"},
    {"lc", "Lu|Ll|Lt"},
    {"uppercaseletter", "Lu"},
    {"lowercaseletter", "Ll"},
    {"titlecaseletter", "Lt"},
    {"modifierletter", "Lm"},
    {"otherletter", "Lo"},
    {"mark", "M"},
    {"combiningmark", "M"},
    {"nonspacingmark", "Mn"},
    {"spacingmark", "Mc"},
    {"enclosingmark", "Me"},
    {"number", "N"},
    {"decimalnumber", "Nd"},
    {"letternumber", "Nl"},
    {"othernumber", "No"},
    {"punctuation", "P"},
    {"connectorpunctuation", "Pc"},
    {"dashpunctuation", "Pd"},
    {"openpunctuation", "Ps"},
    {"closepunctuation", "Pe"},
    {"initialpunctuation", "Pi"},
    {"finalpunctuation", "Pf"},
    {"otherpunctuation", "Po"},
    {"symbol", "S"},
    {"mathsymbol", "Sm"},
    {"currencysymbol", "Sc"},
    {"modifiersymbol", "Sk"},
    {"othersymbol", "So"},
    {"separator", "Z"},
    {"spaceseparator", "Zs"},
    {"lineseparator", "Zl"},
    {"paragraphseparator", "Zp"},
    {"other", "C"},
    {"control", "Cc"},
    {"format", "Cf"},
    {"surrogate", "Cs"},
    {"privateuse", "Co"},
    {"unassigned", "Cn"},
};

static bool add_escape_set(bb_charset *set, const char *name)
{
    const bb_unicode_set *found = bb_unicode_find_set(name, strlen(name));
    return bb_charset_add_ranges(set, found->ranges, found->count);
}

static bool category_in(const char *category, const char *letters)
{
    for (;;) {
        size_t n = strcspn(letters, "|");
        if (strncmp(category, letters, n) == 0)
            return true;
        if (!letters[n])
            return false;
        letters += n + 1;
    }
}

static bool add_categories(bb_charset *set, const char *letters)
{
    for (size_t i = 0; i < bb_unicode_categories_count; i++) {
        const bb_unicode_category *range = &bb_unicode_categories[i];
        if (category_in(bb_unicode_category_names[range->category], letters) && !bb_charset_add(set, range->first, range->last))
            return false;
    }
    if (category_in("Cs", letters) && !bb_charset_add(set, 0xd800, 0xdfff))
        return false;
    bb_charset_tidy(set);
    return true;
}

static bool is_category(const char *name)
{
    for (size_t i = 0; i < bb_unicode_category_name_count; i++)
        if (strncmp(bb_unicode_category_names[i], name, strlen(name)) == 0)
            return true;
    return false;
}

/* The categories a name stands for: "L", "Lu", "letter". NULL for none. plain is the name in small letters, without blanks. */
static const char *find_categories(char *plain)
{
    for (size_t i = 0; i < sizeof long_categories / sizeof *long_categories; i++)
        if (strcmp(plain, long_categories[i].name) == 0)
            return long_categories[i].letters;
    if (!plain[0] || strlen(plain) > 2)
        return NULL;
    plain[0] = (char)(plain[0] - 32);
    return is_category(plain) ? plain : NULL;
}

static bool add_named(bb_charset *set, const char *name, size_t bytes, bool *known)
{
    static const char *const posix[] = {"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "space", "upper", "xdigit"};
    char plain[64];
    size_t n = 0;

    *known = true;
    for (size_t i = 0; i < bytes && n + 4 < sizeof plain; i++)
        if (name[i] != ' ' && name[i] != '_' && name[i] != '-')
            plain[n++] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    plain[n] = '\0';
    if (strcmp(plain, "any") == 0)
        return bb_charset_add(set, 0, BB_CODE_POINT_MAX);
    if (strcmp(plain, "ascii") == 0)
        return bb_charset_add(set, 0, 0x7f);
    if (strcmp(plain, "assigned") == 0)
        return add_categories(set, "Cn") && bb_charset_complement(set);
    if (strcmp(plain, "punct") == 0) /* not the POSIX class, which has symbols too */
        return add_categories(set, "P");
    if (strcmp(plain, "word") == 0)
        return add_escape_set(set, "\\w");
    for (size_t i = 0; i < sizeof posix / sizeof *posix; i++) {
        if (strcmp(plain, posix[i]) == 0) {
            char bracket[16];
            int length = snprintf(bracket, sizeof bracket, "[:%s:]", posix[i]);
            const bb_unicode_set *found = bb_unicode_find_set(bracket, (size_t)length);
            return bb_charset_add_ranges(set, found->ranges, found->count);
        }
    }
    const bb_unicode_set *found = bb_unicode_find_set(name, bytes);
    if (found && name[0] != '\\' && name[0] != '[')
        return bb_charset_add_ranges(set, found->ranges, found->count);
    const char *letters = find_categories(plain);
    *known = letters != NULL;
    return !letters || add_categories(set, letters);
}

/* {Name}, {^Name} behind \p or \P. */
static bombus_status parse_property(parser *ps, bool negated, bb_charset *set)
{
    bool known;

    if (!more(ps) || *ps->p != '{')
        return refuse(ps, "\\p without braces");
    ps->p++;
    if (more(ps) && *ps->p == '^') {
        negated = !negated;
        ps->p++;
    }
    const char *close = memchr(ps->p, '}', (size_t)(ps->end - ps->p));
    if (!close)
        return malformed(ps, "\\p{ without }");
    if (!add_named(set, ps->p, (size_t)(close - ps->p), &known))
        return no_memory(ps);
    if (!known)
        return refuse(ps, "this character property");
    ps->p = close + 1;
    bb_charset_tidy(set);
    return negated && !bb_charset_complement(set) ? no_memory(ps) : BOMBUS_OK;
}

/* ---- escapes ---- */

static bool parse_hex(parser *ps, size_t most, uint32_t *out)
{
    size_t n = 0;

    *out = 0;
    for (; n < most && more(ps); n++, ps->p++) {
        const char c = *ps->p;
        if (c >= '0' && c <= '9')
            *out = *out * 16 + (uint32_t)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            *out = *out * 16 + (uint32_t)((c | 32) - 'a' + 10);
        else
            break;
    }
    return n > 0;
}

static bombus_status parse_code(parser *ps, char kind, uint32_t *c)
{
    bool ok;

    if (kind == 'x' && more(ps) && *ps->p == '{') {
        ps->p++;
        ok = parse_hex(ps, 8, c) && more(ps) && *ps->p == '}';
        ps->p += ok;
    } else {
        const char *digits = ps->p;
        ok = parse_hex(ps, kind == 'x' ? 2 : 4, c) && (kind == 'x' || ps->p - digits == 4);
        if (ok && kind == 'x' && *c >= 0x80)
            return refuse(ps, "a byte that is no character");
    }
    if (!ok || *c > BB_CODE_POINT_MAX || (*c >= 0xd800 && *c < 0xe000))
        return malformed(ps, "not a code point");
    return BOMBUS_OK;
}

/* What stands behind a backslash, where it means the same inside and outside of brackets: a character (*is_set false) or a set. */
static bombus_status parse_escape(parser *ps, bool *is_set, uint32_t *c, bb_charset *set)
{
    static const char from[] = "tnrfvae", to[] = "\t\n\r\f\v\a\x1b";

    *is_set = false;
    if (!more(ps))
        return malformed(ps, "ends in a backslash");
    *c = take(ps);
    if (*c < 0x80 && strchr("dDsSwWhH", (int)*c) && *c) {
        /* \w has superscripts and fractions of Latin-1; in brackets, where it is the POSIX class, it has not. */
        const char escape[] = {'\\', (char)(*c | 32), '\0'};
        const bool posix = ps->brackets && escape[1] == 'w';
        *is_set = true;
        return add_escape_set(set, posix ? "[:word:]" : escape) && (*c >= 'a' || bb_charset_complement(set)) ? BOMBUS_OK : no_memory(ps);
    }
    if (*c == 'p' || *c == 'P') {
        *is_set = true;
        return parse_property(ps, *c == 'P', set);
    }
    if (*c == 'x' || *c == 'u')
        return parse_code(ps, (char)*c, c);
    if (*c == '0') {
        for (*c = 0; more(ps) && *ps->p >= '0' && *ps->p <= '7' && *c < 8; ps->p++)
            *c = *c * 8 + (uint32_t)(*ps->p - '0');
        return BOMBUS_OK;
    }
    const char *known = *c && *c < 0x80 ? strchr(from, (int)*c) : NULL;
    if (known)
        *c = (unsigned char)to[known - from];
    else if (is_ascii_letter(*c) || (*c >= '1' && *c <= '9')) {
        ps->p--;
        return refuse(ps, "this escape");
    }
    return BOMBUS_OK;
}

/* ---- sets in brackets ---- */

static bombus_status parse_brackets(parser *ps, bb_charset *set);

static bombus_status parse_posix(parser *ps, bb_charset *set, bool *taken)
{
    const char *name = ps->p + 2;
    bool negated = name < ps->end && *name == '^';
    char bracket[16];

    *taken = false;
    name += negated;
    const char *close = name;
    while (close < ps->end && *close >= 'a' && *close <= 'z')
        close++;
    if (ps->end - close < 2 || close[0] != ':' || close[1] != ']' || close - name > 8)
        return BOMBUS_OK;
    int length = snprintf(bracket, sizeof bracket, "[:%.*s:]", (int)(close - name), name);
    const bb_unicode_set *found = bb_unicode_find_set(bracket, (size_t)length);
    if (!found)
        return refuse(ps, "this POSIX class");
    *taken = true;
    ps->p = close + 2;
    if (!bb_charset_add_ranges(set, found->ranges, found->count) || (negated && !bb_charset_complement(set)))
        return no_memory(ps);
    return BOMBUS_OK;
}

/* One member: a character, a set, or brackets inside brackets. */
static bombus_status parse_member(parser *ps, bool *is_set, uint32_t *c, bb_charset *set)
{
    *is_set = false;
    if (ahead(ps, "[:")) {
        bombus_status status = parse_posix(ps, set, is_set);
        if (status != BOMBUS_OK || *is_set)
            return status;
    }
    if (*ps->p == '[') {
        *is_set = true;
        return parse_brackets(ps, set);
    }
    if (*ps->p != '\\') {
        *c = take(ps);
        return BOMBUS_OK;
    }
    ps->p++;
    if (more(ps) && *ps->p == 'b') {
        ps->p++;
        *c = '\b';
        return BOMBUS_OK;
    }
    return parse_escape(ps, is_set, c, set);
}

/* A member, or a range of characters, added to set. */
static bombus_status parse_range(parser *ps, bb_charset *set)
{
    bb_charset member = {0};
    bool is_set;
    uint32_t first, last;
    bombus_status status = parse_member(ps, &is_set, &first, &member);

    if (status == BOMBUS_OK && is_set) {
        if (!bb_charset_add_ranges(set, member.ranges, member.count))
            status = no_memory(ps);
        bb_charset_free(&member);
        return status;
    }
    last = first;
    /* A '-' before the closing bracket, before '&&' or before a set is itself. */
    if (status == BOMBUS_OK && ps->end - ps->p >= 2 && ps->p[0] == '-' && ps->p[1] != ']' && ps->p[1] != '[' && !ahead(ps, "-&&")) {
        const char *dash = ps->p++;
        status = parse_member(ps, &is_set, &last, &member);
        if (status == BOMBUS_OK && is_set) {
            ps->p = dash;
            last = first;
        }
    }
    bb_charset_free(&member);
    if (status != BOMBUS_OK)
        return status;
    if (last < first)
        return malformed(ps, "a range that goes backwards");
    return bb_charset_add(set, first, last) ? BOMBUS_OK : no_memory(ps);
}

/* From '[' to its ']'. */
static bombus_status parse_brackets(parser *ps, bb_charset *set)
{
    bb_charset left = {0}; /* what stands before '&&' */
    bool intersecting = false, negated = false;
    bombus_status status = BOMBUS_OK;
    const char *open = ps->p++;

    if (++ps->depth > DEEPEST)
        return refuse(ps, "nesting this deep");
    ps->brackets++;
    if (more(ps) && *ps->p == '^') {
        negated = true;
        ps->p++;
    }
    for (bool first = true; status == BOMBUS_OK; first = false) {
        if (!more(ps)) {
            ps->p = open;
            status = malformed(ps, "[ without ]");
        } else if (*ps->p == ']' && !(first && memchr(ps->p + 1, ']', (size_t)(ps->end - ps->p - 1)))) {
            if (first)
                status = malformed(ps, "an empty set");
            break;
        } else if (ahead(ps, "&&")) {
            ps->p += 2;
            bb_charset_tidy(set);
            if (intersecting && !bb_charset_intersect(&left, set))
                status = no_memory(ps);
            if (!intersecting) {
                left = *set;
                *set = (bb_charset){0};
            }
            set->count = 0;
            intersecting = true;
        } else if (*ps->p == ']') {
            ps->p++;
            if (!bb_charset_add(set, ']', ']'))
                status = no_memory(ps);
        } else {
            status = parse_range(ps, set);
        }
    }
    if (status == BOMBUS_OK) {
        ps->p++;
        bb_charset_tidy(set);
        if ((intersecting && !bb_charset_intersect(set, &left)))
            status = no_memory(ps);
        if (status == BOMBUS_OK && ps->ignore_case)
            status = close_case(ps, set);
        if (status == BOMBUS_OK && negated && !bb_charset_complement(set))
            status = no_memory(ps);
    }
    ps->depth--;
    ps->brackets--;
    bb_charset_free(&left);
    return status;
}

/* ---- groups ---- */

static bool parse_options(parser *ps)
{
    bool on = true;

    for (; more(ps) && *ps->p != ')' && *ps->p != ':'; ps->p++) {
        if (*ps->p == '-')
            on = false;
        else if (*ps->p == 'i')
            ps->ignore_case = on;
        else if (*ps->p == 'm')
            ps->dot_all = on;
        else if (*ps->p == 'x')
            ps->extended = on;
        else
            return false;
    }
    return more(ps);
}

static bombus_status close_group(parser *ps)
{
    bombus_status status = parse_alternatives(ps);

    if (status != BOMBUS_OK)
        return status;
    if (!more(ps))
        return malformed(ps, "( without )");
    ps->p++;
    return write_text(ps, ")");
}

/* (?<name>...): a group like any other, since nothing can refer to it. */
static bool skip_name(parser *ps)
{
    const char *close = memchr(ps->p, *ps->p == '<' ? '>' : '\'', (size_t)(ps->end - ps->p));

    if (*ps->p == '\'' && close)
        close = memchr(ps->p + 1, '\'', (size_t)(ps->end - ps->p - 1));
    if (!close)
        return false;
    ps->p = close + 1;
    return true;
}

/* Behind "(?". *closed is set where options hold to the end of the group around: then nothing is open. */
static bombus_status parse_special_group(parser *ps, bool *closed)
{
    static const char *const same[] = {":", "=", "!", ">", "<=", "<!"};

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (ahead(ps, same[i])) {
            ps->p += strlen(same[i]);
            bombus_status status = write_text(ps, "(?");
            return status == BOMBUS_OK ? write_text(ps, same[i]) : status;
        }
    }
    if (more(ps) && (*ps->p == '<' || *ps->p == '\'')) {
        if (!skip_name(ps))
            return malformed(ps, "a group name without end");
        return write_text(ps, "(?:");
    }
    if (more(ps) && *ps->p == '#') {
        const char *close = memchr(ps->p, ')', (size_t)(ps->end - ps->p));
        if (!close)
            return malformed(ps, "(?# without )");
        ps->p = close + 1;
        *closed = true;
        return BOMBUS_OK;
    }
    if (!parse_options(ps))
        return refuse(ps, "this kind of group");
    if (*ps->p++ == ':')
        return write_text(ps, "(?:");
    /* (?i) holds for all that follows in the group, alternatives too: a(?i)b|c is a(?i:b|c). The closing parenthesis stays for the group
     * around. */
    *closed = true;
    bombus_status status = write_text(ps, "(?:");
    if (status == BOMBUS_OK)
        status = parse_alternatives(ps);
    return status == BOMBUS_OK ? write_text(ps, ")") : status;
}

static bombus_status parse_group(parser *ps, bool *quantifiable)
{
    const bool ignore_case = ps->ignore_case, dot_all = ps->dot_all, extended = ps->extended;
    bool closed = false;
    bombus_status status;

    if (++ps->depth > DEEPEST)
        return refuse(ps, "nesting this deep");
    ps->p++;
    ps->last_literal = 0;
    if (ahead(ps, "?")) {
        ps->p++;
        status = parse_special_group(ps, &closed);
    } else {
        status = write_text(ps, "(?:");
    }
    if (status == BOMBUS_OK && !closed)
        status = close_group(ps);
    ps->ignore_case = ignore_case;
    ps->dot_all = dot_all;
    ps->extended = extended;
    ps->last_literal = 0;
    ps->depth--;
    *quantifiable = !closed;
    return status;
}

/* ---- atoms and repetition ---- */

static bombus_status write_lines(parser *ps, const char *before, uint32_t c, const char *behind)
{
    bb_charset set = {0};
    bombus_status status = write_text(ps, before);

    if (status == BOMBUS_OK && !bb_charset_add(&set, c, c))
        status = no_memory(ps);
    if (status == BOMBUS_OK)
        status = write_set(ps, &set);
    return status == BOMBUS_OK ? write_text(ps, behind) : status;
}

static bombus_status write_word_boundary(parser *ps, bool boundary)
{
    static const char *const at[] = {"(?:(?<=", ")(?!", ")|(?<!", ")(?=", "))"};
    static const char *const off[] = {"(?:(?<=", ")(?=", ")|(?<!", ")(?!", "))"};
    const char *const *parts = boundary ? at : off;
    bombus_status status = write_text(ps, parts[0]);

    for (int i = 1; i < 5 && status == BOMBUS_OK; i++) {
        bb_charset word = {0};
        status = add_escape_set(&word, "\\w") ? write_set(ps, &word) : no_memory(ps);
        if (status == BOMBUS_OK)
            status = write_text(ps, parts[i]);
        bb_charset_free(&word);
    }
    return status;
}

static bombus_status parse_backslash(parser *ps, bool *quantifiable)
{
    bb_charset set = {0};
    bool is_set;
    uint32_t c;

    ps->p++;
    const char letter = more(ps) ? *ps->p : '\0';
    *quantifiable = false;
    if (letter && strchr("AzZbBG", letter)) {
        ps->p++;
        switch (letter) {
        case 'A':
            return write_text(ps, "\\A");
        case 'z':
            return write_text(ps, "\\z");
        case 'Z':
            return write_lines(ps, "(?=", '\n', "?\\z)");
        case 'G':
            return write_text(ps, "\\G");
        default:
            return write_word_boundary(ps, letter == 'b');
        }
    }
    *quantifiable = true;
    bombus_status status = parse_escape(ps, &is_set, &c, &set);
    if (status == BOMBUS_OK && !is_set)
        return write_literal(ps, c);
    ps->last_literal = 0;
    if (status == BOMBUS_OK && ps->ignore_case)
        status = close_case(ps, &set);
    if (status == BOMBUS_OK)
        status = write_set(ps, &set);
    bb_charset_free(&set);
    return status;
}

static bombus_status parse_set_atom(parser *ps)
{
    bb_charset set = {0};
    bombus_status status;

    ps->last_literal = 0;
    if (*ps->p == '[') {
        status = parse_brackets(ps, &set);
    } else {
        ps->p++;
        status = (ps->dot_all || bb_charset_add(&set, '\n', '\n')) && bb_charset_complement(&set) ? BOMBUS_OK : no_memory(ps);
    }
    if (status == BOMBUS_OK)
        status = write_set(ps, &set);
    bb_charset_free(&set);
    return status;
}

static bombus_status parse_atom(parser *ps, bool *quantifiable)
{
    *quantifiable = true;
    switch (*ps->p) {
    case '(':
        return parse_group(ps, quantifiable);
    case '[':
    case '.':
        return parse_set_atom(ps);
    case '\\':
        return parse_backslash(ps, quantifiable);
    case '^':
        ps->p++;
        *quantifiable = false;
        return write_lines(ps, "(?:\\A|(?<=", '\n', ")(?!\\z))");
    case '$':
        ps->p++;
        *quantifiable = false;
        return write_lines(ps, "(?:\\z|(?=", '\n', "))");
    case '?':
    case '*':
    case '+':
        return malformed(ps, "nothing to repeat");
    default:
        return write_literal(ps, take(ps));
    }
}

/* {n}, {n,}, {,m}, {n,m} at ps->p, or false: then the brace is a character. */
static bool parse_interval(parser *ps, char *text, size_t size, bool *fixed)
{
    const char *p = ps->p + 1;
    uint32_t low = 0, high = 0;
    bool has_low = false, has_high = false, comma = false;

    for (; p < ps->end && *p >= '0' && *p <= '9' && low < 100000; p++, has_low = true)
        low = low * 10 + (uint32_t)(*p - '0');
    if (p < ps->end && *p == ',') {
        comma = true;
        p++;
    }
    for (; comma && p < ps->end && *p >= '0' && *p <= '9' && high < 100000; p++, has_high = true)
        high = high * 10 + (uint32_t)(*p - '0');
    if (p >= ps->end || *p != '}' || (!has_low && !has_high) || (comma && has_high && has_low && high < low))
        return false;
    ps->p = p + 1;
    *fixed = !comma;
    if (!comma)
        snprintf(text, size, "{%u}", low);
    else if (has_high)
        snprintf(text, size, "{%u,%u}", low, high);
    else
        snprintf(text, size, "{%u,}", low);
    return true;
}

/* Puts (?: ) around what was written from at on. */
static bombus_status wrap(parser *ps, size_t at)
{
    bb_buffer *out = &ps->out->pattern;

    if (!bb_buffer_reserve(out, 4))
        return no_memory(ps);
    memmove(out->data + at + 3, out->data + at, out->size - at);
    memcpy(out->data + at, "(?:", 3);
    out->size += 3;
    out->data[out->size++] = ')';
    return BOMBUS_OK;
}

static bombus_status parse_repetitions(parser *ps, size_t at)
{
    bombus_status status = BOMBUS_OK;

    for (bool again = false; more(ps) && status == BOMBUS_OK; again = true) {
        char text[32] = {*ps->p, '\0'};
        bool fixed = false, interval = false;
        if (*ps->p == '{') {
            interval = true;
            if (!parse_interval(ps, text, sizeof text - 2, &fixed))
                break;
        } else if (*ps->p == '?' || *ps->p == '*' || *ps->p == '+') {
            ps->p++;
        } else {
            break;
        }
        /* Ruby: lazy behind all but {n}, possessive behind all but intervals. What is left repeats the whole. */
        if (more(ps) && ((*ps->p == '?' && !fixed) || (*ps->p == '+' && !interval))) {
            const size_t n = strlen(text);
            text[n] = *ps->p++;
            text[n + 1] = '\0';
        }
        ps->last_literal = 0;
        if (again)
            status = wrap(ps, at);
        if (status == BOMBUS_OK)
            status = write_text(ps, text);
    }
    return status;
}

static void skip_blanks(parser *ps)
{
    while (ps->extended && more(ps)) {
        if (*ps->p == '#') {
            while (more(ps) && *ps->p != '\n')
                ps->p++;
        } else if (*ps->p == ' ' || (*ps->p >= '\t' && *ps->p <= '\r')) {
            ps->p++;
        } else {
            break;
        }
    }
}

/* Up to a closing parenthesis or the end. */
static bombus_status parse_alternatives(parser *ps)
{
    bombus_status status = BOMBUS_OK;

    while (status == BOMBUS_OK) {
        skip_blanks(ps);
        if (!more(ps) || *ps->p == ')')
            break;
        if (*ps->p == '|') {
            ps->p++;
            ps->last_literal = 0;
            status = write_text(ps, "|");
            continue;
        }
        const size_t at = ps->out->pattern.size;
        bool quantifiable;
        status = parse_atom(ps, &quantifiable);
        if (status != BOMBUS_OK || !quantifiable)
            continue;
        skip_blanks(ps);
        status = parse_repetitions(ps, at);
    }
    return status;
}

bombus_status bb_regex_parse(bb_regex_parsed *out, const char *pattern, size_t bytes, const char *where, bombus_error *err)
{
    parser ps = {.out = out, .start = pattern, .p = pattern, .end = pattern + bytes, .where = where, .err = err};
    bombus_status status = parse_alternatives(&ps);

    if (status == BOMBUS_OK && more(&ps))
        return malformed(&ps, ") without (");
    return status;
}

void bb_regex_parsed_free(bb_regex_parsed *parsed)
{
    for (size_t i = 0; i < parsed->count; i++)
        bb_charset_free(&parsed->sets[i]);
    bb_free(parsed->sets);
    bb_buffer_free(&parsed->pattern);
    *parsed = (bb_regex_parsed){0};
}
