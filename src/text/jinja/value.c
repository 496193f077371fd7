/* Values of templates: making them, dicts, and Python's answers about truth, equality and order. */
#include "text/jinja/ast.h"
#include "text/jinja/unicode.h"

#include <math.h>
#include <string.h>

size_t bb_jtext_length(const char *bytes, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < size; i++)
        length += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    return length;
}

/* ---- making ---- */

bool bb_j_borrow(bb_jinja *run, const char *bytes, size_t size, bb_jvalue *out)
{
    bb_jtext *text = bb_jinja_alloc(run, 1, sizeof *text);

    if (!text || !bb_jinja_handle(run, size))
        return false;
    *text = (bb_jtext){.bytes = bytes, .size = size, .length = bb_jtext_length(bytes, size)};
    *out = (bb_jvalue){.kind = BB_J_STRING, .text = text};
    return true;
}

bool bb_j_string(bb_jinja *run, const char *bytes, size_t size, bb_jvalue *out)
{
    char *copy = bb_jinja_alloc(run, size, 1);

    if (!copy)
        return false;
    if (size)
        memcpy(copy, bytes, size);
    return bb_j_borrow(run, copy, size, out);
}

/* A buffer with room behind what is used: a text that ends at its end can be continued in place, so that a template that gathers its
 * output piece by piece in a variable stays linear. Texts that share the buffer see only their own part. */
struct bb_jgrow {
    char *bytes;
    size_t used, capacity;
};

bool bb_jtext_concat(bb_jinja *run, const bb_jtext *a, const bb_jtext *b, bb_jvalue *out)
{
    struct bb_jgrow *grow = a->grow;
    const size_t size = a->size + b->size;
    const bool in_place = grow && a->bytes + a->size == grow->bytes + grow->used && b->size <= grow->capacity - grow->used;

    if (!bb_jinja_handle(run, in_place ? b->size : size))
        return false;
    if (!in_place) {
        grow = bb_jinja_alloc(run, 1, sizeof *grow);
        if (!grow)
            return false;
        grow->capacity = a->grow ? size * 2 : size;
        grow->bytes = bb_jinja_alloc(run, grow->capacity, 1);
        if (!grow->bytes)
            return false;
        if (a->size)
            memcpy(grow->bytes, a->bytes, a->size);
        grow->used = a->size;
    }

    bb_jtext *text = bb_jinja_alloc(run, 1, sizeof *text);
    if (!text)
        return false;
    if (b->size)
        memcpy(grow->bytes + grow->used, b->bytes, b->size);
    grow->used += b->size;
    *text = (bb_jtext){in_place ? a->bytes : grow->bytes, size, a->length + b->length, grow, false};
    *out = (bb_jvalue){.kind = BB_J_STRING, .text = text};
    return true;
}

bool bb_j_list(bb_jinja *run, bb_jkind kind, size_t capacity, bb_jvalue *out)
{
    bb_jlist *list = bb_jinja_alloc(run, 1, sizeof *list);

    if (!list)
        return false;
    *list = (bb_jlist){.items = bb_jinja_alloc(run, capacity, sizeof *list->items)};
    *out = (bb_jvalue){.kind = kind, .list = list};
    return list->items != NULL;
}

bool bb_j_list_push(bb_jinja *run, bb_jlist *list, size_t *capacity, bb_jvalue item)
{
    if (list->count >= *capacity) {
        const size_t larger = *capacity ? *capacity * 2 : 8;
        bb_jvalue *items = bb_jinja_alloc(run, larger, sizeof *items);
        if (!items)
            return false;
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        *capacity = larger;
    }
    list->items[list->count++] = item;
    return bb_jinja_spend(run, 1);
}

bool bb_j_pair(bb_jinja *run, bb_jvalue first, bb_jvalue second, bb_jvalue *out)
{
    if (!bb_j_list(run, BB_J_TUPLE, 2, out))
        return false;
    out->list->items[0] = first;
    out->list->items[1] = second;
    out->list->count = 2;
    return true;
}

static bool undefined(bb_jinja *run, bb_jundefined why, bb_jvalue *out)
{
    bb_jundefined *copy = bb_jinja_alloc(run, 1, sizeof *copy);

    if (!copy)
        return false;
    *copy = why;
    *out = (bb_jvalue){.kind = BB_J_UNDEFINED, .undefined = copy};
    return true;
}

bool bb_j_undefined(bb_jinja *run, const char *hint, bb_jvalue *out)
{
    return undefined(run, (bb_jundefined){.hint = hint}, out);
}

bool bb_j_undefined_in(bb_jinja *run, bb_jvalue owner, bb_jvalue name, bb_jvalue *out)
{
    return undefined(run, (bb_jundefined){.owner = bb_j_given(owner) ? bb_jvalue_type(owner) : NULL, .name = name}, out);
}

bool bb_j_bound(bb_jinja *run, bb_jvalue self, const bb_jcallable *method, bb_jvalue *out)
{
    bb_jbound *bound = bb_jinja_alloc(run, 1, sizeof *bound);

    if (!bound)
        return false;
    *bound = (bb_jbound){self, method};
    *out = (bb_jvalue){.kind = BB_J_METHOD, .bound = bound};
    return true;
}

/* ---- dicts ---- */

enum { FEW_ENTRIES = 8 }; /* searched one by one */

bool bb_jvalue_hashable(bb_jvalue value)
{
    if (value.kind == BB_J_TUPLE) {
        for (size_t i = 0; i < value.list->count; i++)
            if (!bb_jvalue_hashable(value.list->items[i]))
                return false;
        return true;
    }
    return value.kind != BB_J_LIST && value.kind != BB_J_DICT && value.kind != BB_J_VIEW;
}

/* Equal values have equal hashes: 1, 1.0 and True are one key. */
static uint64_t hash(bb_jvalue value, bb_hash_key secret)
{
    switch (value.kind) {
    case BB_J_STRING:
    case BB_J_BIG:
        return bb_hash(value.text->bytes, value.text->size, secret);
    case BB_J_BOOL:
        return hash(bb_j_int(value.truth), secret);
    case BB_J_INT:
        return bb_hash(&value.integer, sizeof value.integer, secret);
    case BB_J_FLOAT:
        if (value.real == rint(value.real) && fabs(value.real) < 9e18)
            return hash(bb_j_int((int64_t)value.real), secret);
        return bb_hash(&value.real, sizeof value.real, secret);
    case BB_J_TUPLE: {
        uint64_t sum = 17;
        for (size_t i = 0; i < value.list->count; i++)
            sum = sum * 31 + hash(value.list->items[i], secret);
        return sum;
    }
    default:
        return value.kind;
    }
}

bool bb_j_dict(bb_jinja *run, bb_jvalue *out)
{
    bb_jdict *dict = bb_jinja_alloc(run, 1, sizeof *dict);

    if (!dict)
        return false;
    *dict = (bb_jdict){.secret = run->secret};
    *out = (bb_jvalue){.kind = BB_J_DICT, .dict = dict};
    return true;
}

/* The index of key, or count; *free_slot is where it would go. */
static bool locate(bb_jinja *run, const bb_jdict *dict, bb_jvalue key, uint64_t code, size_t *index, size_t *free_slot)
{
    bool equal = false;

    if (!dict->slots) {
        for (*index = 0; *index < dict->count; ++*index) {
            const bb_jentry *entry = &dict->entries[*index];
            if (entry->hash == code && (!bb_jvalue_equal(run, entry->key, key, &equal) || equal))
                break;
        }
        return *index == dict->count || equal;
    }
    size_t slot = code & (dict->slot_count - 1);
    for (; dict->slots[slot]; slot = (slot + 1) & (dict->slot_count - 1)) {
        *index = dict->slots[slot] - 1;
        if (dict->entries[*index].hash != code)
            continue;
        if (!bb_jvalue_equal(run, dict->entries[*index].key, key, &equal))
            return false;
        if (equal)
            return true;
    }
    *index = dict->count;
    *free_slot = slot;
    return true;
}

static bool enlarge(bb_jinja *run, bb_jdict *dict)
{
    const size_t capacity = dict->capacity ? dict->capacity * 2 : 4;
    bb_jentry *entries = bb_jinja_alloc(run, capacity, sizeof *entries);

    if (!entries)
        return false;
    if (dict->count)
        memcpy(entries, dict->entries, dict->count * sizeof *entries);
    dict->entries = entries;
    dict->capacity = capacity;
    if (capacity <= FEW_ENTRIES)
        return true;

    dict->slot_count = capacity * 2;
    dict->slots = bb_jinja_alloc(run, dict->slot_count, sizeof *dict->slots);
    if (!dict->slots)
        return false;
    memset(dict->slots, 0, dict->slot_count * sizeof *dict->slots);
    for (size_t i = 0; i < dict->count; i++) {
        size_t slot = entries[i].hash & (dict->slot_count - 1);
        while (dict->slots[slot])
            slot = (slot + 1) & (dict->slot_count - 1);
        dict->slots[slot] = (uint32_t)(i + 1);
    }
    return true;
}

static bool check_key(bb_jinja *run, bb_jvalue key)
{
    return bb_jvalue_hashable(key) || bb_jinja_raise(run, "unhashable type: '%s'", bb_jvalue_type(key));
}

bool bb_jdict_set(bb_jinja *run, bb_jdict *dict, bb_jvalue key, bb_jvalue value)
{
    size_t index, slot = 0;

    if (!check_key(run, key) || !bb_jinja_spend(run, 1) || (dict->count == dict->capacity && !enlarge(run, dict)))
        return false;
    const uint64_t code = hash(key, dict->secret);
    if (!locate(run, dict, key, code, &index, &slot))
        return false;
    if (index < dict->count) {
        dict->entries[index].value = value;
        return true;
    }
    dict->entries[dict->count++] = (bb_jentry){key, value, code};
    if (dict->slots)
        dict->slots[slot] = (uint32_t)dict->count;
    return true;
}

bool bb_jdict_get(bb_jinja *run, const bb_jdict *dict, bb_jvalue key, bb_jvalue *found)
{
    size_t index, slot;

    *found = (bb_jvalue){.kind = BB_J_MISSING};
    if (!check_key(run, key) || !locate(run, dict, key, hash(key, dict->secret), &index, &slot))
        return false;
    if (index < dict->count)
        *found = dict->entries[index].value;
    return true;
}

const bb_jvalue *bb_jdict_find(const bb_jdict *dict, const char *key, size_t size)
{
    const bb_jtext text = {.bytes = key, .size = size};
    size_t index, slot;

    if (!dict || !locate(NULL, dict, (bb_jvalue){.kind = BB_J_STRING, .text = &text}, bb_hash(key, size, dict->secret), &index, &slot))
        return NULL;
    return index < dict->count ? &dict->entries[index].value : NULL;
}

bb_jvalue bb_jview_item(const bb_jview *view, size_t index, bb_jinja *run, bool *ok)
{
    const bb_jentry *entry = &view->dict->entries[index];
    bb_jvalue pair;

    *ok = true;
    if (view->kind == BB_J_KEYS)
        return entry->key;
    if (view->kind == BB_J_VALUES)
        return entry->value;
    *ok = bb_j_pair(run, entry->key, entry->value, &pair);
    return *ok ? pair : bb_j_none();
}

/* ---- kinds ---- */

const char *bb_jvalue_type(bb_jvalue value)
{
    static const char *const views[] = {"dict_keys", "dict_values", "dict_items"};

    switch (value.kind) {
    case BB_J_MISSING:
    case BB_J_UNDEFINED:
        return "Undefined";
    case BB_J_NONE:
        return "NoneType";
    case BB_J_BOOL:
        return "bool";
    case BB_J_INT:
    case BB_J_BIG:
        return "int";
    case BB_J_FLOAT:
        return "float";
    case BB_J_STRING:
        return "str";
    case BB_J_LIST:
        return "list";
    case BB_J_TUPLE:
        return "tuple";
    case BB_J_DICT:
        return "dict";
    case BB_J_VIEW:
        return views[value.view->kind];
    case BB_J_RANGE:
        return "range";
    case BB_J_NAMESPACE:
        return "Namespace";
    case BB_J_ITERATOR:
        return value.iterator->name;
    case BB_J_LOOP:
        return "LoopContext";
    case BB_J_MACRO:
        return "Macro";
    case BB_J_METHOD:
    case BB_J_FUNCTION:
        return "function";
    case BB_J_CYCLER:
        return "Cycler";
    case BB_J_JOINER:
        return "Joiner";
    }
    return "object";
}

bool bb_jvalue_is_text(bb_jvalue value, const char *text)
{
    return value.kind == BB_J_STRING && value.text->size == strlen(text) && memcmp(value.text->bytes, text, value.text->size) == 0;
}

bool bb_jvalue_is_number(bb_jvalue value)
{
    return value.kind == BB_J_BOOL || value.kind == BB_J_INT || value.kind == BB_J_FLOAT;
}

bool bb_jvalue_to_int(bb_jvalue value, int64_t *out)
{
    if (value.kind != BB_J_BOOL && value.kind != BB_J_INT)
        return false;
    *out = value.kind == BB_J_INT ? value.integer : value.truth;
    return true;
}

double bb_jvalue_to_double(bb_jvalue value)
{
    return value.kind == BB_J_FLOAT ? value.real : value.kind == BB_J_INT ? (double)value.integer : value.truth;
}

bool bb_jvalue_has_length(bb_jvalue value)
{
    return value.kind == BB_J_UNDEFINED || (value.kind >= BB_J_STRING && value.kind <= BB_J_RANGE) || value.kind == BB_J_LOOP;
}

bool bb_jvalue_iterable(bb_jvalue value)
{
    return bb_jvalue_has_length(value) || value.kind == BB_J_ITERATOR;
}

bool bb_jvalue_callable(bb_jvalue value)
{
    return value.kind == BB_J_MACRO || value.kind == BB_J_METHOD || value.kind == BB_J_FUNCTION || value.kind == BB_J_JOINER ||
           value.kind == BB_J_LOOP || value.kind == BB_J_UNDEFINED;
}

bool bb_jvalue_length(bb_jinja *run, bb_jvalue value, size_t *out)
{
    switch (value.kind) {
    case BB_J_UNDEFINED:
        *out = 0;
        return true;
    case BB_J_STRING:
        *out = value.text->length;
        return true;
    case BB_J_LIST:
    case BB_J_TUPLE:
        *out = value.list->count;
        return true;
    case BB_J_DICT:
        *out = value.dict->count;
        return true;
    case BB_J_VIEW:
        *out = value.view->dict->count;
        return true;
    case BB_J_RANGE:
        *out = value.range->count;
        return true;
    case BB_J_LOOP:
        return bb_jloop_length(run, value.loop, out);
    default:
        return bb_jinja_raise(run, "object of type '%s' has no len()", bb_jvalue_type(value));
    }
}

bool bb_jvalue_truth(bb_jinja *run, bb_jvalue value, bool *out)
{
    size_t length;

    switch (value.kind) {
    case BB_J_MISSING:
    case BB_J_UNDEFINED:
    case BB_J_NONE:
        *out = false;
        return true;
    case BB_J_BOOL:
        *out = value.truth;
        return true;
    case BB_J_INT:
        *out = value.integer != 0;
        return true;
    case BB_J_FLOAT:
        *out = value.real != 0;
        return true;
    default:
        *out = true;
        if (!bb_jvalue_has_length(value))
            return true;
        if (!bb_jvalue_length(run, value, &length))
            return false;
        *out = length != 0;
        return true;
    }
}

/* ---- equality and order ---- */

/* a <=> b for an integer and a float, without rounding the integer; 2 for NaN. */
static int compare_mixed(int64_t a, double b)
{
    if (isnan(b))
        return 2;
    if (b >= 9223372036854775808.0)
        return -1;
    if (b < -9223372036854775808.0)
        return 1;
    const double whole = floor(b);
    const int64_t below = (int64_t)whole;
    if (a != below)
        return a < below ? -1 : 1;
    return b > whole ? -1 : 0;
}

static int compare_numbers(bb_jvalue a, bb_jvalue b)
{
    int64_t i, j;
    const bool ai = bb_jvalue_to_int(a, &i), bi = bb_jvalue_to_int(b, &j);

    if (ai && bi)
        return i < j ? -1 : i > j;
    if (ai)
        return compare_mixed(i, b.real);
    if (bi) {
        const int order = compare_mixed(j, a.real);
        return order == 2 ? 2 : -order;
    }
    if (isnan(a.real) || isnan(b.real))
        return 2;
    return a.real < b.real ? -1 : a.real > b.real;
}

/* UTF-8 in order of bytes is in order of code points. */
static int compare_texts(const bb_jtext *a, const bb_jtext *b)
{
    const size_t common = a->size < b->size ? a->size : b->size;
    const int order = common ? memcmp(a->bytes, b->bytes, common) : 0;

    if (order)
        return order < 0 ? -1 : 1;
    return a->size < b->size ? -1 : a->size > b->size;
}

bool bb_jvalue_same(bb_jvalue a, bb_jvalue b)
{
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case BB_J_NONE:
        return true;
    case BB_J_BOOL:
        return a.truth == b.truth;
    case BB_J_INT: /* Python's small integers are single objects, its others mostly not */
        return a.integer == b.integer && a.integer >= -5 && a.integer <= 256;
    case BB_J_FLOAT:
        return false;
    default:
        return a.text == b.text;
    }
}

static bool equal_items(bb_jinja *run, const bb_jlist *a, const bb_jlist *b, bool *out)
{
    *out = a->count == b->count;
    for (size_t i = 0; *out && i < a->count; i++)
        if (!bb_jvalue_equal(run, a->items[i], b->items[i], out))
            return false;
    return true;
}

static bool equal_dicts(bb_jinja *run, const bb_jdict *a, const bb_jdict *b, bool *out)
{
    *out = a->count == b->count;
    for (size_t i = 0; *out && i < a->count; i++) {
        bb_jvalue found;
        if (!bb_jdict_get(run, b, a->entries[i].key, &found))
            return false;
        if (!bb_j_given(found))
            *out = false;
        else if (!bb_jvalue_equal(run, a->entries[i].value, found, out))
            return false;
    }
    return true;
}

static bool equal_nested(bb_jinja *run, bb_jvalue a, bb_jvalue b, bool *out)
{
    if (!bb_jinja_enter(run))
        return false;
    const bool ok = a.kind == BB_J_DICT ? equal_dicts(run, a.dict, b.dict, out) : equal_items(run, a.list, b.list, out);
    bb_jinja_leave(run);
    return ok && bb_jinja_spend(run, 1);
}

/* run is NULL where both are text. */
bool bb_jvalue_equal(bb_jinja *run, bb_jvalue a, bb_jvalue b, bool *out)
{
    if (bb_jvalue_is_number(a) && bb_jvalue_is_number(b)) {
        *out = compare_numbers(a, b) == 0;
        return true;
    }
    *out = false;
    if (a.kind != b.kind)
        return true;
    switch (a.kind) {
    case BB_J_MISSING:
    case BB_J_UNDEFINED:
    case BB_J_NONE:
        *out = true;
        return true;
    case BB_J_STRING:
    case BB_J_BIG:
        *out = a.text->size == b.text->size && (!a.text->size || memcmp(a.text->bytes, b.text->bytes, a.text->size) == 0);
        return !run || bb_jinja_handle(run, a.text->size == b.text->size ? a.text->size : 0);
    case BB_J_LIST:
    case BB_J_TUPLE:
    case BB_J_DICT:
        return equal_nested(run, a, b, out);
    case BB_J_RANGE:
        *out = a.range->count == b.range->count &&
               (!a.range->count || (a.range->start == b.range->start && (a.range->count == 1 || a.range->step == b.range->step)));
        return true;
    case BB_J_METHOD:
        *out = a.bound->method == b.bound->method && bb_jvalue_same(a.bound->self, b.bound->self);
        return true;
    default:
        *out = bb_jvalue_same(a, b);
        return true;
    }
}

static bool compare_items(bb_jinja *run, const bb_jlist *a, const bb_jlist *b, const char *operation, int *out)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        bool equal;
        if (!bb_jvalue_equal(run, a->items[i], b->items[i], &equal))
            return false;
        if (!equal)
            return bb_jvalue_compare(run, a->items[i], b->items[i], operation, out);
    }
    *out = a->count < b->count ? -1 : a->count > b->count;
    return true;
}

bool bb_jvalue_compare(bb_jinja *run, bb_jvalue a, bb_jvalue b, const char *operation, int *out)
{
    if (!bb_jinja_spend(run, 1))
        return false;
    if (a.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, a.undefined);
    if (b.kind == BB_J_UNDEFINED)
        return bb_jinja_raise_undefined(run, b.undefined);
    if (bb_jvalue_is_number(a) && bb_jvalue_is_number(b)) {
        *out = compare_numbers(a, b);
        return true;
    }
    if (a.kind == BB_J_STRING && b.kind == BB_J_STRING) {
        *out = compare_texts(a.text, b.text);
        return bb_jinja_handle(run, a.text->size);
    }
    if ((a.kind == BB_J_LIST || a.kind == BB_J_TUPLE) && a.kind == b.kind) {
        if (!bb_jinja_enter(run))
            return false;
        const bool ok = compare_items(run, a.list, b.list, operation, out);
        bb_jinja_leave(run);
        return ok;
    }
    return bb_jinja_raise(run, "'%s' not supported between instances of '%s' and '%s'", operation, bb_jvalue_type(a), bb_jvalue_type(b));
}

bool bb_jvalue_contains(bb_jinja *run, bb_jvalue container, bb_jvalue item, bool *out)
{
    bb_jiterator *it;
    bb_jvalue found;
    int64_t integer;

    *out = false;
    switch (container.kind) {
    case BB_J_STRING:
        if (item.kind != BB_J_STRING)
            return bb_jinja_raise(run, "'in <string>' requires string as left operand, not %s", bb_jvalue_type(item));
        *out = !item.text->size ||
               (container.text->size && memmem(container.text->bytes, container.text->size, item.text->bytes, item.text->size));
        return bb_jinja_handle(run, container.text->size);
    case BB_J_DICT:
        if (!bb_jdict_get(run, container.dict, item, &found))
            return false;
        *out = bb_j_given(found);
        return true;
    case BB_J_VIEW:
        if (container.view->kind != BB_J_KEYS)
            break;
        return bb_jvalue_contains(run, (bb_jvalue){.kind = BB_J_DICT, .dict = (bb_jdict *)container.view->dict}, item, out);
    case BB_J_RANGE:
        if (bb_jvalue_to_int(item, &integer)) {
            const bb_jrange *r = container.range;
            const int64_t past = integer - r->start;
            *out = past % r->step == 0 && past / r->step >= 0 && (uint64_t)(past / r->step) < r->count;
            return true;
        }
        break;
    default:
        break;
    }
    if (!bb_jvalue_iterable(container))
        return bb_jinja_raise(run, "argument of type '%s' is not iterable", bb_jvalue_type(container));
    if (!bb_jiterator_of(run, container, &it))
        return false;
    for (bool more; !*out;) {
        if (!bb_jiterator_next(run, it, &found, &more))
            return false;
        if (!more)
            break;
        if (!bb_jvalue_equal(run, found, item, out))
            return false;
    }
    return true;
}
