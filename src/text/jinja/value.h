/* text/jinja/value.h: the values a template computes with, and the run that owns them.
 *
 * They are Python's, as far as a template can tell: strings counted in code points, dicts in order of insertion, iterators that are
 * spent after one pass. All are immutable but namespaces, iterators and loops, and all live in the run's arena until it ends.
 *
 * Every function that can fail returns false after bb_jinja_raise; the first complaint stands. */
#ifndef BB_TEXT_JINJA_VALUE_H
#define BB_TEXT_JINJA_VALUE_H

#include "base/hash.h"
#include "base/memory.h"

#include <bombus/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one rendering may spend, so that a hostile template ends soon. Work is counted in nodes evaluated, items walked and bytes handled
 * in eights: some 20 ns each. */
enum {
    BB_JINJA_WORK = 50 * 1000 * 1000,
    BB_JINJA_WORK_PER_BYTE = 8,          /* of the input, on top: long conversations have their due */
    BB_JINJA_MEMORY = 256 * 1024 * 1024, /* bytes of values, without those of the input */
    BB_JINJA_OUTPUT = 64 * 1024 * 1024,  /* bytes of text */
    BB_JINJA_DEPTH = 1500,               /* expressions, statements, calls and values inside one another */
    BB_JINJA_RANGE = 100000,             /* items of a range(), the sandbox's own limit */
};

typedef enum bb_jkind {
    BB_J_MISSING, /* no value: an argument not given, a variable not set; a template never sees one */
    BB_J_UNDEFINED,
    BB_J_NONE,
    BB_J_BOOL,
    BB_J_INT,
    BB_J_BIG, /* an integer of the input beyond 64 bits: can be printed and compared, not computed with */
    BB_J_FLOAT,
    BB_J_STRING,
    BB_J_LIST,
    BB_J_TUPLE,
    BB_J_DICT,
    BB_J_VIEW, /* keys(), values() or items() of a dict */
    BB_J_RANGE,
    BB_J_NAMESPACE,
    BB_J_ITERATOR,
    BB_J_LOOP,
    BB_J_MACRO,
    BB_J_METHOD,   /* bound to its receiver */
    BB_J_FUNCTION, /* a global */
    BB_J_CYCLER,
    BB_J_JOINER,
} bb_jkind;

typedef struct bb_jtext {
    const char *bytes; /* UTF-8, not ended by a NUL */
    size_t size;
    size_t length;         /* code points */
    struct bb_jgrow *grow; /* where bytes stand in a buffer that may grow behind them; else NULL */
    bool markup;           /* came of escape or safe: "+" escapes what it is added to */
} bb_jtext;

typedef struct bb_jvalue {
    bb_jkind kind;
    union {
        bool truth;
        int64_t integer;
        double real;
        const bb_jtext *text; /* BB_J_STRING, BB_J_BIG */
        struct bb_jlist *list;
        struct bb_jdict *dict; /* BB_J_DICT, BB_J_NAMESPACE */
        const struct bb_jview *view;
        const struct bb_jrange *range;
        const struct bb_jundefined *undefined;
        struct bb_jiterator *iterator;
        struct bb_jloop *loop;
        const struct bb_jmacro *macro;
        const struct bb_jbound *bound;
        const struct bb_jcallable *function;
        struct bb_jcycler *cycler;
    };
} bb_jvalue;

typedef struct bb_jlist {
    bb_jvalue *items;
    size_t count;
    bool group; /* a tuple of groupby: has the attributes grouper and list */
} bb_jlist;

typedef struct bb_jentry {
    bb_jvalue key, value;
    uint64_t hash;
} bb_jentry;

typedef struct bb_jdict {
    bb_jentry *entries; /* in order of insertion */
    size_t count, capacity;
    uint32_t *slots; /* [slot_count] index + 1, open addressing; NULL while few */
    size_t slot_count;
    bb_hash_key secret; /* so that no input can choose names that all meet in one slot */
} bb_jdict;

typedef enum bb_jview_kind { BB_J_KEYS, BB_J_VALUES, BB_J_ITEMS } bb_jview_kind;

typedef struct bb_jview {
    const bb_jdict *dict;
    bb_jview_kind kind;
} bb_jview;

typedef struct bb_jrange {
    int64_t start, stop, step;
    size_t count;
} bb_jrange;

/* Why a value is undefined: hint, or the name that was looked for (in a value of the type owner, where not NULL). */
typedef struct bb_jundefined {
    const char *hint;
    const char *owner;
    bb_jvalue name;
} bb_jundefined;

typedef struct bb_jcycler { /* joiner too, with one item */
    bb_jvalue *items;
    size_t count, position;
} bb_jcycler;

/* Arguments as the caller wrote them. */
typedef struct bb_jkeyword {
    const bb_jtext *name;
    bb_jvalue value;
} bb_jkeyword;

typedef struct bb_jcall {
    bb_jvalue *args;
    size_t count;
    bb_jkeyword *keywords;
    size_t keyword_count;
} bb_jcall;

typedef struct bb_jinja bb_jinja;

/* A filter, test, method or global. params names the parameters behind the receiver ("width,first,blank"): a call is bound to them and
 * absent ones are BB_J_MISSING. Without params the function takes the call as it is. */
typedef bool (*bb_jbody)(bb_jinja *run, bb_jvalue self, const bb_jvalue *args, bb_jvalue *out);
typedef bool (*bb_jbody_raw)(bb_jinja *run, bb_jvalue self, const bb_jcall *call, bb_jvalue *out);

enum { BB_JINJA_PARAMS = 6 };

typedef struct bb_jcallable {
    const char *name;
    const char *params;
    int required;        /* how many of params must be given */
    bool positional;     /* params cannot be given by name */
    bb_jbody body;       /* with params */
    bb_jbody_raw raw;    /* without */
    const char *refusal; /* neither: known, and refused with these words */
} bb_jcallable;

typedef struct bb_jbound {
    bb_jvalue self;
    const bb_jcallable *method;
} bb_jbound;

/* ---- iteration ---- */

typedef struct bb_jiterator bb_jiterator;
typedef bool (*bb_jnext)(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more);

/* Any iterable in progress. next makes the items of generators; the others walk source. */
struct bb_jiterator {
    bb_jnext next;
    const char *name; /* "generator", for repr */
    bb_jvalue source;
    size_t index;  /* items behind us */
    size_t offset; /* the same in bytes, for strings */
    bb_jiterator *inner;
    const void *state; /* the generator's own */
    bool done;
};

bool bb_jiterator_of(bb_jinja *run, bb_jvalue iterable, bb_jiterator **out);
bool bb_jiterator_next(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more);
/* A generator value over iterable, whose iteration begins with the first item asked for. */
bool bb_jiterator_generate(bb_jinja *run, bb_jvalue iterable, bb_jnext next, const char *name, const void *state, bb_jvalue *out);
/* All items. */
bool bb_jvalue_collect(bb_jinja *run, bb_jvalue iterable, bb_jlist **out);

/* ---- the run ---- */

typedef struct bb_jbuffer {
    char *bytes;
    size_t size, capacity;
} bb_jbuffer;

struct bb_jinja {
    const struct bb_jtemplate *program;
    bb_arena arena;
    size_t input_memory; /* of the arena: the input's, which is not counted */
    bb_jbuffer out;      /* text so far; captures stand behind it */
    bb_jdict *variables;
    bb_hash_key secret; /* of its dicts */
    struct bb_jframe *frame;
    int64_t now; /* seconds since 1970 */
    uint64_t work, most_work;
    int depth;

    bombus_status status;
    char message[400];
    uint32_t at; /* offset in the source */
    bool placed; /* at is known */
};

/* Returns false, so that "return bb_jinja_raise(...)" reads as one thought. */
bool bb_jinja_raise(bb_jinja *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool bb_jinja_raise_limit(bb_jinja *run, const char *what);
bool bb_jinja_raise_undefined(bb_jinja *run, const bb_jundefined *undefined);
void *bb_jinja_alloc(bb_jinja *run, size_t count, size_t size); /* not zeroed; NULL after raising */
bool bb_jinja_spend(bb_jinja *run, uint64_t units);
bool bb_jinja_handle(bb_jinja *run, size_t bytes); /* spends for bytes read or written */
bool bb_jinja_enter(bb_jinja *run);                /* one level deeper; pair with leave where it succeeds */
void bb_jinja_leave(bb_jinja *run);
bool bb_jinja_write(bb_jinja *run, const char *bytes, size_t size);
bool bb_jinja_write_text(bb_jinja *run, const char *text); /* ends in NUL */
/* Makes a string of what was written since start, and takes it back. */
bool bb_jinja_capture(bb_jinja *run, size_t start, bb_jvalue *out);

/* ---- making values ---- */

static inline bb_jvalue bb_j_none(void)
{
    return (bb_jvalue){.kind = BB_J_NONE};
}

static inline bb_jvalue bb_j_bool(bool truth)
{
    return (bb_jvalue){.kind = BB_J_BOOL, .truth = truth};
}

static inline bb_jvalue bb_j_int(int64_t integer)
{
    return (bb_jvalue){.kind = BB_J_INT, .integer = integer};
}

static inline bb_jvalue bb_j_float(double real)
{
    return (bb_jvalue){.kind = BB_J_FLOAT, .real = real};
}

static inline bool bb_j_given(bb_jvalue value)
{
    return value.kind != BB_J_MISSING;
}

bool bb_j_string(bb_jinja *run, const char *bytes, size_t size, bb_jvalue *out); /* copies */
bool bb_j_borrow(bb_jinja *run, const char *bytes, size_t size, bb_jvalue *out); /* bytes outlive the run, or stand in its arena */
bool bb_j_list(bb_jinja *run, bb_jkind kind, size_t capacity, bb_jvalue *out);   /* empty, with room for capacity items */
bool bb_j_list_push(bb_jinja *run, bb_jlist *list, size_t *capacity, bb_jvalue item);
bool bb_j_pair(bb_jinja *run, bb_jvalue first, bb_jvalue second, bb_jvalue *out); /* a tuple */
bool bb_j_undefined(bb_jinja *run, const char *hint, bb_jvalue *out);
bool bb_j_undefined_in(bb_jinja *run, bb_jvalue owner, bb_jvalue name, bb_jvalue *out);
bool bb_j_dict(bb_jinja *run, bb_jvalue *out);
bool bb_j_bound(bb_jinja *run, bb_jvalue self, const bb_jcallable *method, bb_jvalue *out);

size_t bb_jtext_length(const char *bytes, size_t size); /* in code points */

bool bb_jdict_set(bb_jinja *run, bb_jdict *dict, bb_jvalue key, bb_jvalue value);
/* *found is BB_J_MISSING where there is none. Fails where key cannot be hashed. */
bool bb_jdict_get(bb_jinja *run, const bb_jdict *dict, bb_jvalue key, bb_jvalue *found);
/* For keys that are text: cannot fail. NULL where there is none. */
const bb_jvalue *bb_jdict_find(const bb_jdict *dict, const char *key, size_t size);

/* ---- asking values (Python's answers) ---- */

bool bb_jvalue_is_text(bb_jvalue value, const char *text);
const char *bb_jvalue_type(bb_jvalue value); /* "str" */
bool bb_jvalue_hashable(bb_jvalue value);
bool bb_jvalue_truth(bb_jinja *run, bb_jvalue value, bool *out);
bool bb_jvalue_length(bb_jinja *run, bb_jvalue value, size_t *out); /* raises where there is no len() */
bool bb_jvalue_has_length(bb_jvalue value);
bool bb_jvalue_iterable(bb_jvalue value);
bool bb_jvalue_callable(bb_jvalue value);
bool bb_jvalue_equal(bb_jinja *run, bb_jvalue a, bb_jvalue b, bool *out);
bool bb_jvalue_same(bb_jvalue a, bb_jvalue b); /* "is" */
/* The order of numbers, strings, lists and tuples: *out is below, at or above zero, or 2 where a NaN has none. */
bool bb_jvalue_compare(bb_jinja *run, bb_jvalue a, bb_jvalue b, const char *operation, int *out);
bool bb_jvalue_contains(bb_jinja *run, bb_jvalue container, bb_jvalue item, bool *out);
bool bb_jvalue_is_number(bb_jvalue value);            /* bool, int or float */
bool bb_jvalue_to_int(bb_jvalue value, int64_t *out); /* of bool and int */
double bb_jvalue_to_double(bb_jvalue value);          /* of a number */
bb_jvalue bb_jview_item(const bb_jview *view, size_t index, bb_jinja *run, bool *ok);

/* value.name, value[key] and value[start:stop:step]. */
bool bb_jvalue_attribute(bb_jinja *run, bb_jvalue value, const bb_jtext *name, bb_jvalue *out);
bool bb_jvalue_item(bb_jinja *run, bb_jvalue value, bb_jvalue key, bb_jvalue *out);
bool bb_jvalue_slice(bb_jinja *run, bb_jvalue value, bb_jvalue start, bb_jvalue stop, bb_jvalue step, bb_jvalue *out);

/* ---- text of values ---- */

bool bb_jvalue_write(bb_jinja *run, bb_jvalue value);                  /* str() */
bool bb_jvalue_write_repr(bb_jinja *run, bb_jvalue value);             /* repr() */
bool bb_jvalue_string(bb_jinja *run, bb_jvalue value, bb_jvalue *out); /* str() as a value; a string is itself */
enum { BB_JINJA_FLOAT = 32 };
void bb_jinja_float_text(double real, char text[BB_JINJA_FLOAT]); /* Python's repr */
bool bb_jtext_concat(bb_jinja *run, const bb_jtext *a, const bb_jtext *b, bb_jvalue *out);

/* ---- calling ---- */

bool bb_jinja_call(bb_jinja *run, bb_jvalue callee, const bb_jcall *call, bb_jvalue *out);
bool bb_jcallable_call(bb_jinja *run, const bb_jcallable *callable, const char *what, bb_jvalue self, const bb_jcall *call, bb_jvalue *out);
bool bb_jmacro_call(bb_jinja *run, const struct bb_jmacro *macro, const bb_jcall *call, bb_jvalue *out);
bool bb_jmacro_attribute(bb_jinja *run, const struct bb_jmacro *macro, const bb_jtext *name, bb_jvalue *out);
const bb_jtext *bb_jmacro_name(const struct bb_jmacro *macro);
bool bb_jloop_attribute(bb_jinja *run, struct bb_jloop *loop, const bb_jtext *name, bb_jvalue *out);
bool bb_jloop_length(bb_jinja *run, struct bb_jloop *loop, size_t *out);

/* NULL where there is none of this name. */
const bb_jcallable *bb_jinja_filter(const char *name, size_t size);
const bb_jcallable *bb_jinja_test(const char *name, size_t size);
const bb_jcallable *bb_jinja_global(const char *name, size_t size);
const bb_jcallable *bb_jinja_method(bb_jvalue self, const char *name, size_t size);
const bb_jcallable *bb_jinja_container_method(bb_jvalue self, const char *name, size_t size);
const bb_jcallable *bb_jcallable_find(const bb_jcallable *table, size_t count, const char *name, size_t size);

#endif
