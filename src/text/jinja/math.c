/* Operators as Python has them: integers that divide to floats and round down, strings and lists that add and repeat. Integers are of 64
 * bits here; a result beyond is an error, never wrong. */
#include "text/jinja/eval.h"
#include "text/jinja/filters.h"
#include "text/jinja/format.h"

#include <math.h>
#include <string.h>

static bool overflow(bb_jinja *run)
{
    return bb_jinja_raise(run, "an integer grows beyond 64 bits");
}

static bool zero_division(bb_jinja *run)
{
    return bb_jinja_raise(run, "division by zero");
}

static bool int_power(bb_jinja *run, int64_t base, int64_t exponent, bb_jvalue *out)
{
    int64_t result = 1;

    if (exponent < 0) {
        if (base == 0)
            return zero_division(run);
        *out = bb_j_float(pow((double)base, (double)exponent));
        return true;
    }
    for (uint64_t rest = (uint64_t)exponent; rest; rest >>= 1) {
        if (rest & 1 && __builtin_mul_overflow(result, base, &result))
            return overflow(run);
        if (rest > 1 && __builtin_mul_overflow(base, base, &base)) {
            if (rest >> 1)
                return overflow(run);
        }
    }
    *out = bb_j_int(result);
    return true;
}

/* The quotient rounded down, and its remainder, which has the divisor's sign. */
static bool int_divide(bb_jinja *run, int64_t a, int64_t b, int64_t *quotient, int64_t *remainder)
{
    if (b == 0)
        return zero_division(run);
    if (b == -1) {
        *remainder = 0;
        return !__builtin_sub_overflow((int64_t)0, a, quotient) || overflow(run);
    }
    *quotient = a / b;
    *remainder = a % b;
    if (*remainder && (*remainder < 0) != (b < 0)) {
        --*quotient;
        *remainder += b;
    }
    return true;
}

static bool int_binary(bb_jinja *run, int op, int64_t a, int64_t b, bb_jvalue *out)
{
    int64_t result = 0, other = 0;
    bool ok = true;

    switch (op) {
    case BB_JT_ADD:
        ok = !__builtin_add_overflow(a, b, &result) || overflow(run);
        break;
    case BB_JT_SUB:
        ok = !__builtin_sub_overflow(a, b, &result) || overflow(run);
        break;
    case BB_JT_MUL:
        ok = !__builtin_mul_overflow(a, b, &result) || overflow(run);
        break;
    case BB_JT_FLOORDIV:
        ok = int_divide(run, a, b, &result, &other);
        break;
    case BB_JT_MOD:
        ok = int_divide(run, a, b, &other, &result);
        break;
    case BB_JT_DIV:
        if (b == 0)
            return zero_division(run);
        *out = bb_j_float((double)((long double)a / (long double)b));
        return true;
    default:
        return int_power(run, a, b, out);
    }
    *out = bb_j_int(result);
    return ok;
}

static double float_mod(double a, double b)
{
    double rest = fmod(a, b);

    if (rest != 0 && (rest < 0) != (b < 0))
        rest += b;
    return rest == 0 ? copysign(0.0, b) : rest;
}

static double float_floor_divide(double a, double b)
{
    const double whole = (a - float_mod(a, b)) / b, down = floor(whole);

    if (whole == 0)
        return copysign(0.0, a / b);
    return whole - down > 0.5 ? down + 1 : down;
}

static bool float_binary(bb_jinja *run, int op, double a, double b, bb_jvalue *out)
{
    if ((op == BB_JT_DIV || op == BB_JT_FLOORDIV || op == BB_JT_MOD) && b == 0)
        return zero_division(run);
    switch (op) {
    case BB_JT_ADD:
        *out = bb_j_float(a + b);
        return true;
    case BB_JT_SUB:
        *out = bb_j_float(a - b);
        return true;
    case BB_JT_MUL:
        *out = bb_j_float(a * b);
        return true;
    case BB_JT_DIV:
        *out = bb_j_float(a / b);
        return true;
    case BB_JT_FLOORDIV:
        *out = bb_j_float(float_floor_divide(a, b));
        return true;
    case BB_JT_MOD:
        *out = bb_j_float(float_mod(a, b));
        return true;
    default:
        break;
    }
    if (a == 0 && b < 0)
        return zero_division(run);
    if (a < 0 && b != rint(b) && isfinite(a) && isfinite(b))
        return bb_jinja_raise(run, "a negative number to a fractional power is complex");
    *out = bb_j_float(pow(a, b));
    if (isinf(out->real) && isfinite(a) && isfinite(b))
        return bb_jinja_raise(run, "a power is beyond the range of floats");
    return true;
}

static bool repeat_text(bb_jinja *run, const bb_jtext *text, int64_t times, bb_jvalue *out)
{
    if (times < 0 || !text->size)
        times = 0;
    if ((uint64_t)times > BB_JINJA_MEMORY)
        return bb_jinja_raise_limit(run, "memory");
    const size_t size = text->size;
    char *bytes = bb_jinja_alloc(run, (size_t)times, size ? size : 1);
    if (!bytes)
        return false;
    if (size == 1 && times)
        memset(bytes, text->bytes[0], (size_t)times);
    else
        for (int64_t i = 0; i < times; i++)
            memcpy(bytes + (size_t)i * size, text->bytes, size);
    return bb_j_borrow(run, bytes, (size_t)times * size, out);
}

static bool repeat_list(bb_jinja *run, bb_jvalue value, int64_t times, bb_jvalue *out)
{
    const bb_jlist *list = value.list;

    if (times < 0 || !list->count)
        times = 0;
    if ((uint64_t)times > BB_JINJA_MEMORY || (list->count && (uint64_t)times > BB_JINJA_MEMORY / list->count))
        return bb_jinja_raise_limit(run, "memory");
    if (!bb_j_list(run, value.kind, (size_t)times * list->count, out) || !bb_jinja_spend(run, (size_t)times * list->count))
        return false;
    for (int64_t i = 0; i < times; i++)
        memcpy(out->list->items + (size_t)i * list->count, list->items, list->count * sizeof *list->items);
    out->list->count = (size_t)times * list->count;
    return true;
}

static bool is_list(bb_jvalue value)
{
    return value.kind == BB_J_LIST || value.kind == BB_J_TUPLE;
}

static bool add_lists(bb_jinja *run, bb_jvalue a, bb_jvalue b, bb_jvalue *out)
{
    const size_t count = a.list->count + b.list->count;

    if (!bb_j_list(run, a.kind, count, out) || !bb_jinja_spend(run, count))
        return false;
    if (a.list->count)
        memcpy(out->list->items, a.list->items, a.list->count * sizeof *a.list->items);
    if (b.list->count)
        memcpy(out->list->items + a.list->count, b.list->items, b.list->count * sizeof *b.list->items);
    out->list->count = count;
    return true;
}

static bool add_texts(bb_jinja *run, bb_jvalue a, bb_jvalue b, bb_jvalue *out)
{
    if (!a.text->markup && !b.text->markup)
        return bb_jtext_concat(run, a.text, b.text, out);
    return bb_jtext_escape(run, a, &a) && bb_jtext_escape(run, b, &b) && bb_jtext_concat(run, a.text, b.text, out) &&
           bb_jtext_mark(run, *out, out);
}

/* Operators on what is no pair of numbers. *known says whether there is such an operator. */
static bool sequence_binary(bb_jinja *run, int op, bb_jvalue a, bb_jvalue b, bb_jvalue *out, bool *known)
{
    int64_t times;

    *known = true;
    if (op == BB_JT_ADD && a.kind == BB_J_STRING && b.kind == BB_J_STRING)
        return add_texts(run, a, b, out);
    if (op == BB_JT_ADD && is_list(a) && a.kind == b.kind)
        return add_lists(run, a, b, out);
    if (op == BB_JT_MUL && a.kind == BB_J_STRING && bb_jvalue_to_int(b, &times))
        return repeat_text(run, a.text, times, out);
    if (op == BB_JT_MUL && b.kind == BB_J_STRING && bb_jvalue_to_int(a, &times))
        return repeat_text(run, b.text, times, out);
    if (op == BB_JT_MUL && is_list(a) && bb_jvalue_to_int(b, &times))
        return repeat_list(run, a, times, out);
    if (op == BB_JT_MUL && is_list(b) && bb_jvalue_to_int(a, &times))
        return repeat_list(run, b, times, out);
    if (op == BB_JT_MOD && a.kind == BB_J_STRING)
        return bb_jinja_percent(run, a.text, b, out);
    *known = false;
    return true;
}

bool bb_jeval_binary(bb_jinja *run, int op, bb_jvalue a, bb_jvalue b, bb_jvalue *out)
{
    int64_t i, j;
    bool known;

    if (bb_jvalue_to_int(a, &i) && bb_jvalue_to_int(b, &j))
        return int_binary(run, op, i, j, out);
    if (bb_jvalue_is_number(a) && bb_jvalue_is_number(b))
        return float_binary(run, op, bb_jvalue_to_double(a), bb_jvalue_to_double(b), out);
    if (a.kind == BB_J_BIG || b.kind == BB_J_BIG)
        return bb_jinja_raise(run, "integers beyond 64 bits cannot be computed with");
    if (!sequence_binary(run, op, a, b, out, &known) || known)
        return run->status == BOMBUS_OK;
    if (a.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, a.undefined);
    if (b.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, b.undefined);
    return bb_jinja_raise(run, "unsupported operand type(s) for %s: '%s' and '%s'", bb_jtoken_spelling((bb_jtoken_kind)op),
                          bb_jvalue_type(a), bb_jvalue_type(b));
}

bool bb_jeval_negate(bb_jinja *run, bb_jvalue value, bool negative, bb_jvalue *out)
{
    int64_t integer;

    if (bb_jvalue_to_int(value, &integer)) {
        if (negative && __builtin_sub_overflow((int64_t)0, integer, &integer))
            return overflow(run);
        *out = bb_j_int(integer);
        return true;
    }
    if (value.kind == BB_J_FLOAT) {
        *out = bb_j_float(negative ? -value.real : value.real);
        return true;
    }
    if (value.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, value.undefined);
    return bb_jinja_raise(run, "bad operand type for unary %s: '%s'", negative ? "-" : "+", bb_jvalue_type(value));
}
