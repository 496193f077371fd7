/* Tests: what stands behind "is". */
#include "text/jinja/ast.h"
#include "text/jinja/eval.h"
#include "text/jinja/filters.h"

#include <string.h>

#define KIND_TEST(name, condition)                                                                                                         \
    static bool test_##name(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)                                          \
    {                                                                                                                                      \
        (void)run;                                                                                                                         \
        (void)self;                                                                                                                        \
        (void)args;                                                                                                                        \
        *out = bb_j_bool(condition);                                                                                                       \
        return true;                                                                                                                       \
    }

KIND_TEST(boolean, self.kind == BB_J_BOOL)
KIND_TEST(callable, bb_jvalue_callable(self))
KIND_TEST(defined, self.kind != BB_J_UNDEFINED)
KIND_TEST(undefined, self.kind == BB_J_UNDEFINED)
KIND_TEST(false, self.kind == BB_J_BOOL && !self.truth)
KIND_TEST(true, self.kind == BB_J_BOOL && self.truth)
KIND_TEST(none, self.kind == BB_J_NONE)
KIND_TEST(integer, self.kind == BB_J_INT || self.kind == BB_J_BIG)
KIND_TEST(float, self.kind == BB_J_FLOAT)
KIND_TEST(number, bb_jvalue_is_number(self) || self.kind == BB_J_BIG)
KIND_TEST(string, self.kind == BB_J_STRING)
KIND_TEST(mapping, self.kind == BB_J_DICT)
KIND_TEST(iterable, bb_jvalue_iterable(self))
KIND_TEST(escaped, false)
KIND_TEST(sameas, bb_jvalue_same(self, args[0]))
/* len() and items: a view has no items, undefined raises nothing but is not one either */
KIND_TEST(sequence, self.kind == BB_J_STRING || self.kind == BB_J_LIST || self.kind == BB_J_TUPLE || self.kind == BB_J_DICT ||
                        self.kind == BB_J_RANGE || self.kind == BB_J_UNDEFINED)

static bool remainder_is(bb_jinja *run, bb_jvalue value, bb_jvalue by, int64_t wanted, bb_jvalue *out)
{
    bb_jvalue rest;
    bool equal;

    if (!bb_jeval_binary(run, BB_JT_MOD, value, by, &rest) || !bb_jvalue_equal(run, rest, bb_j_int(wanted), &equal))
        return false;
    *out = bb_j_bool(equal);
    return true;
}

static bool test_odd(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return remainder_is(run, self, bb_j_int(2), 1, out);
}

static bool test_even(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return remainder_is(run, self, bb_j_int(2), 0, out);
}

static bool test_divisibleby(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    return remainder_is(run, self, args[0], 0, out);
}

static bool in_case(bb_jinja *run, bb_jvalue self, bool upper, bb_jvalue *out)
{
    bb_jvalue text;

    if (!bb_jvalue_string(run, self, &text) || !bb_jinja_handle(run, text.text->size))
        return false;
    *out = bb_j_bool(bb_jtext_is_case(text.text, upper));
    return true;
}

static bool test_lower(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return in_case(run, self, false, out);
}

static bool test_upper(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    return in_case(run, self, true, out);
}

static bool test_in(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bool inside;

    if (!bb_jvalue_contains(run, args[0], self, &inside))
        return false;
    *out = bb_j_bool(inside);
    return true;
}

static bool test_filter(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    if (!bb_jvalue_hashable(self))
        return bb_jinja_raise(run, "unhashable type: '%s'", bb_jvalue_type(self));
    *out = bb_j_bool(self.kind == BB_J_STRING && bb_jinja_filter(self.text->bytes, self.text->size));
    return true;
}

static bool test_test(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    (void)args;
    if (!bb_jvalue_hashable(self))
        return bb_jinja_raise(run, "unhashable type: '%s'", bb_jvalue_type(self));
    *out = bb_j_bool(self.kind == BB_J_STRING && bb_jinja_test(self.text->bytes, self.text->size));
    return true;
}

static bool test_eq(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    bool equal;

    if (!bb_jvalue_equal(run, self, args[0], &equal))
        return false;
    *out = bb_j_bool(equal);
    return true;
}

static bool test_ne(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)
{
    if (!test_eq(run, self, args, out))
        return false;
    *out = bb_j_bool(!out->truth);
    return true;
}

#define ORDER_TEST(name, operation, condition)                                                                                             \
    static bool test_##name(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out)                                          \
    {                                                                                                                                      \
        int order;                                                                                                                         \
        if (!bb_jvalue_compare(run, self, args[0], operation, &order))                                                                     \
            return false;                                                                                                                  \
        *out = bb_j_bool(order != 2 && (condition));                                                                                       \
        return true;                                                                                                                       \
    }

ORDER_TEST(lt, "<", order < 0)
ORDER_TEST(le, "<=", order <= 0)
ORDER_TEST(gt, ">", order > 0)
ORDER_TEST(ge, ">=", order >= 0)

#define PLAIN(word, function)                                                                                                              \
    {                                                                                                                                      \
        .name = word, .params = "", .body = function                                                                                       \
    }
#define BINARY(word, param, function)                                                                                                      \
    {                                                                                                                                      \
        .name = word, .params = param, .required = 1, .body = function                                                                     \
    }

static const bb_jcallable tests[] = {
    PLAIN("odd", test_odd),
    PLAIN("even", test_even),
    BINARY("divisibleby", "num", test_divisibleby),
    PLAIN("defined", test_defined),
    PLAIN("undefined", test_undefined),
    PLAIN("filter", test_filter),
    PLAIN("test", test_test),
    PLAIN("none", test_none),
    PLAIN("boolean", test_boolean),
    PLAIN("false", test_false),
    PLAIN("true", test_true),
    PLAIN("integer", test_integer),
    PLAIN("float", test_float),
    PLAIN("lower", test_lower),
    PLAIN("upper", test_upper),
    PLAIN("string", test_string),
    PLAIN("mapping", test_mapping),
    PLAIN("number", test_number),
    PLAIN("sequence", test_sequence),
    PLAIN("iterable", test_iterable),
    PLAIN("callable", test_callable),
    BINARY("sameas", "other", test_sameas),
    PLAIN("escaped", test_escaped),
    BINARY("in", "seq", test_in),
    BINARY("==", "b", test_eq),
    BINARY("eq", "b", test_eq),
    BINARY("equalto", "b", test_eq),
    BINARY("!=", "b", test_ne),
    BINARY("ne", "b", test_ne),
    BINARY(">", "b", test_gt),
    BINARY("gt", "b", test_gt),
    BINARY("greaterthan", "b", test_gt),
    BINARY("ge", "b", test_ge),
    BINARY(">=", "b", test_ge),
    BINARY("<", "b", test_lt),
    BINARY("lt", "b", test_lt),
    BINARY("lessthan", "b", test_lt),
    BINARY("<=", "b", test_le),
    BINARY("le", "b", test_le),
};

const bb_jcallable *bb_jinja_test(const char *name, size_t size)
{
    return bb_jcallable_find(tests, sizeof tests / sizeof *tests, name, size);
}
