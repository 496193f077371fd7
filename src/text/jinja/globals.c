/* The functions every template has: Jinja's, and those transformers adds. */
#include "text/jinja/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static bool global_range(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    int64_t ends[3] = {0, 0, 1};
    uint64_t count = 0;
    const int given = bb_j_given(args[2]) ? 3 : bb_j_given(args[1]) ? 2 : 1;

    (void)self;
    for (int i = 0; i < given; i++) {
        if (args[i].kind == BB_J_UNDEFINED)
            return bb_jinja_raise_undefined(run, args[i].undefined);
        if (!bb_jvalue_to_int(args[i], &ends[given == 1 ? 1 : i]))
            return bb_jinja_raise(run, "'%s' object cannot be interpreted as an integer", bb_jvalue_type(args[i]));
    }
    if (ends[2] == 0)
        return bb_jinja_raise(run, "range() arg 3 must not be zero");
    if (ends[2] > 0 ? ends[0] < ends[1] : ends[0] > ends[1]) {
        const uint64_t span = ends[2] > 0 ? (uint64_t)ends[1] - (uint64_t)ends[0] : (uint64_t)ends[0] - (uint64_t)ends[1];
        const uint64_t step = ends[2] > 0 ? (uint64_t)ends[2] : -(uint64_t)ends[2];
        count = (span - 1) / step + 1;
    }
    if (count > BB_JINJA_RANGE)
        return bb_jinja_raise(run, "a range of %" PRIu64 " items, at most %d are allowed", count, BB_JINJA_RANGE);

    bb_jrange *range = bb_jinja_alloc(run, 1, sizeof *range);
    if (!range)
        return false;
    *range = (bb_jrange){ends[0], ends[1], ends[2], (size_t)count};
    *out = (bb_jvalue){.kind = BB_J_RANGE, .range = range};
    return true;
}

/* The entries of a dict, or of an iterable of pairs, into target. */
static bool add_entries(bb_jinja *run, bb_jvalue from, bb_jdict *target)
{
    bb_jlist *pairs, *pair;

    if (from.kind == BB_J_DICT) {
        for (size_t i = 0; i < from.dict->count; i++)
            if (!bb_jdict_set(run, target, from.dict->entries[i].key, from.dict->entries[i].value))
                return false;
        return true;
    }
    if (!bb_jvalue_collect(run, from, &pairs))
        return false;
    for (size_t i = 0; i < pairs->count; i++) {
        if (!bb_jvalue_collect(run, pairs->items[i], &pair))
            return false;
        if (pair->count != 2)
            return bb_jinja_raise(run, "dictionary update sequence element has length %zu; 2 is required", pair->count);
        if (!bb_jdict_set(run, target, pair->items[0], pair->items[1]))
            return false;
    }
    return true;
}

static bool global_dict(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    (void)self;
    if (call->count > 1)
        return bb_jinja_raise(run, "dict expected at most 1 argument, got %zu", call->count);
    if (!bb_j_dict(run, out) || (call->count && !add_entries(run, call->args[0], out->dict)))
        return false;
    for (size_t i = 0; i < call->keyword_count; i++)
        if (!bb_jdict_set(run, out->dict, (bb_jvalue){.kind = BB_J_STRING, .text = call->keywords[i].name}, call->keywords[i].value))
            return false;
    return true;
}

static bool global_namespace(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    if (!global_dict(run, self, call, out))
        return false;
    for (size_t i = 0; i < out->dict->count; i++) {
        const bb_jvalue key = out->dict->entries[i].key;
        if (key.kind == BB_J_STRING && key.text->size && key.text->bytes[0] == '_')
            return bb_jinja_raise(run, "attributes of a namespace cannot begin with an underscore");
    }
    out->kind = BB_J_NAMESPACE;
    return true;
}

static bool global_cycler(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out)
{
    bb_jcycler *cycler = bb_jinja_alloc(run, 1, sizeof *cycler);

    (void)self;
    if (!cycler)
        return false;
    if (!call->count || call->keyword_count)
        return bb_jinja_raise(run, "at least one item has to be provided");
    *cycler = (bb_jcycler){call->args, call->count, 0};
    *out = (bb_jvalue){.kind = BB_J_CYCLER, .cycler = cycler};
    return true;
}

static bool global_joiner(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jcycler *joiner = bb_jinja_alloc(run, 1, sizeof *joiner);
    bb_jvalue *separator = bb_jinja_alloc(run, 1, sizeof *separator);

    (void)self;
    if (!joiner || !separator || (!bb_j_given(args[0]) && !bb_j_string(run, ", ", 2, separator)))
        return false;
    if (bb_j_given(args[0]))
        *separator = args[0];
    *joiner = (bb_jcycler){separator, 1, 0};
    *out = (bb_jvalue){.kind = BB_J_JOINER, .cycler = joiner};
    return true;
}

/* The template's own words are the complaint. */
static bool global_raise_exception(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bb_jvalue text;

    (void)self;
    (void)out;
    return bb_jvalue_string(run, args[0], &text) &&
           bb_jinja_raise(run, "%.*s", (int)(text.text->size < 390 ? text.text->size : 390), text.text->bytes);
}

/* ---- strftime ---- */

static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

/* The week of the ISO calendar; *year is the one it belongs to. */
static int iso_week(const struct tm *t, int *year)
{
    const int weekday = (t->tm_wday + 6) % 7;
    int week = (t->tm_yday - weekday + 10) / 7;

    *year = t->tm_year + 1900;
    for (int i = 0; i < 2; i++) {
        const int y = *year - (week < 1);
        const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
        if (week < 1) {
            week = (t->tm_yday + 365 + leap - weekday + 10) / 7;
            *year = y;
        } else if (week == 53 && t->tm_yday - weekday + 3 >= 365 + leap) {
            week = 1;
            ++*year;
        }
    }
    return week;
}

typedef struct stamp {
    const struct tm *t;
    char flag; /* '-', '_', '0', '^' or NUL */
} stamp;

static bool write_padded(bb_jinja *run, const stamp *s, int value, int width, char pad)
{
    char text[32];

    if (s->flag == '-')
        width = 1;
    if (s->flag == '_' || s->flag == '0')
        pad = s->flag == '_' ? ' ' : '0';
    snprintf(text, sizeof text, pad == '0' ? "%0*d" : "%*d", width, value);
    return bb_jinja_write_text(run, text);
}

static bool write_word(bb_jinja *run, const stamp *s, const char *word, size_t size)
{
    for (size_t i = 0; i < size && word[i]; i++) {
        const char c = s->flag == '^' && word[i] >= 'a' && word[i] <= 'z' ? (char)(word[i] - 32) : word[i];
        if (!bb_jinja_write(run, &c, 1))
            return false;
    }
    return true;
}

static bool write_time(bb_jinja *run, const struct tm *t, const char *format, size_t size);

static bool write_directive(bb_jinja *run, const stamp *s, char directive)
{
    /* what stands for several others */
    static const struct {
        char directive;
        const char *format;
    } composed[] = {{'D', "%m/%d/%y"},
                    {'F', "%Y-%m-%d"},
                    {'T', "%H:%M:%S"},
                    {'R', "%H:%M"},
                    {'x', "%m/%d/%y"},
                    {'X', "%H:%M:%S"},
                    {'c', "%a %b %e %H:%M:%S %Y"},
                    {'r', "%I:%M:%S %p"},
                    {'h', "%b"}};
    const struct tm *t = s->t;
    const int year = t->tm_year + 1900, hour12 = t->tm_hour % 12 ? t->tm_hour % 12 : 12;
    int iso_year;
    const int week = iso_week(t, &iso_year);

    for (size_t i = 0; i < sizeof composed / sizeof *composed; i++)
        if (composed[i].directive == directive)
            return write_time(run, t, composed[i].format, strlen(composed[i].format));

    /* numbers: directive, value, width, pad */
    const struct {
        char directive;
        int value, width;
        char pad;
    } numbers[] = {
        {'d', t->tm_mday, 2, '0'},
        {'e', t->tm_mday, 2, ' '},
        {'m', t->tm_mon + 1, 2, '0'},
        {'y', year % 100, 2, '0'},
        {'Y', year, 1, '0'},
        {'C', year / 100, 2, '0'},
        {'H', t->tm_hour, 2, '0'},
        {'k', t->tm_hour, 2, ' '},
        {'I', hour12, 2, '0'},
        {'l', hour12, 2, ' '},
        {'M', t->tm_min, 2, '0'},
        {'S', t->tm_sec, 2, '0'},
        {'f', 0, 6, '0'},
        {'j', t->tm_yday + 1, 3, '0'},
        {'w', t->tm_wday, 1, '0'},
        {'u', t->tm_wday ? t->tm_wday : 7, 1, '0'},
        {'U', (t->tm_yday + 7 - t->tm_wday) / 7, 2, '0'},
        {'W', (t->tm_yday + 7 - (t->tm_wday + 6) % 7) / 7, 2, '0'},
        {'V', week, 2, '0'},
        {'G', iso_year, 1, '0'},
        {'g', iso_year % 100, 2, '0'},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].directive == directive)
            return write_padded(run, s, numbers[i].value, numbers[i].width, numbers[i].pad);

    switch (directive) {
    case 'a':
        return write_word(run, s, days[t->tm_wday], 3);
    case 'A':
        return write_word(run, s, days[t->tm_wday], 10);
    case 'b':
        return write_word(run, s, months[t->tm_mon], 3);
    case 'B':
        return write_word(run, s, months[t->tm_mon], 10);
    case 'p':
        return bb_jinja_write_text(run, t->tm_hour < 12 ? "AM" : "PM");
    case 'P':
        return bb_jinja_write_text(run, t->tm_hour < 12 ? "am" : "pm");
    case 'n':
        return bb_jinja_write_text(run, "\n");
    case 't':
        return bb_jinja_write_text(run, "\t");
    case '%':
        return bb_jinja_write_text(run, "%");
    case 'z': /* of a time without a zone: nothing */
    case 'Z':
        return true;
    default:
        return bb_jinja_raise(run, "strftime: '%%%c' is not supported", directive);
    }
}

static bool write_time(bb_jinja *run, const struct tm *t, const char *format, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        stamp s = {.t = t};
        if (format[i] != '%') {
            if (!bb_jinja_write(run, &format[i], 1))
                return false;
            continue;
        }
        if (i + 1 < size && strchr("-_0^", format[i + 1]) && format[i + 1])
            s.flag = format[++i];
        if (i + 1 >= size)
            return bb_jinja_write_text(run, "%");
        if (!write_directive(run, &s, format[++i]))
            return false;
    }
    return true;
}

static bool global_strftime_now(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    const size_t start = run->out.size;
    const time_t now = (time_t)run->now;
    struct tm local;

    (void)self;
    if (args[0].kind != BB_J_STRING)
        return bb_jinja_raise(run, "strftime: '%s', expected a string", bb_jvalue_type(args[0]));
    if (!localtime_r(&now, &local))
        return bb_jinja_raise(run, "strftime: the time has no date");
    return write_time(run, &local, args[0].text->bytes, args[0].text->size) && bb_jinja_capture(run, start, out);
}

static const bb_jcallable globals[] = {
    {.name = "range", .params = "start,stop,step", .required = 1, .positional = true, .body = global_range},
    {.name = "dict", .raw = global_dict},
    {.name = "namespace", .raw = global_namespace},
    {.name = "cycler", .raw = global_cycler},
    {.name = "joiner", .params = "sep", .body = global_joiner},
    {.name = "lipsum", .refusal = "a prompt does not depend on chance"},
    {.name = "raise_exception", .params = "message", .required = 1, .body = global_raise_exception},
    {.name = "strftime_now", .params = "format", .required = 1, .body = global_strftime_now},
};

const bb_jcallable *bb_jinja_global(const char *name, size_t size)
{
    return bb_jcallable_find(globals, sizeof globals / sizeof *globals, name, size);
}
