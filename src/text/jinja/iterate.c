/* Iteration: over what has items, and over generators, which make theirs as they are asked, once. */
#include "text/jinja/unicode.h"
#include "text/jinja/value.h"

static bool next_of_text(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    const bb_jtext *text = it->source.text;
    uint32_t point;

    *more = it->offset < text->size;
    if (!*more)
        return true;
    const char *bytes = text->bytes + it->offset;
    const size_t size = bb_utf8_decode(bytes, &point);
    it->offset += size;
    return bb_j_borrow(run, bytes, size, item);
}

static bool next_of_list(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    (void)run;
    *more = it->index < it->source.list->count;
    if (*more)
        *item = it->source.list->items[it->index++];
    return true;
}

static bool next_of_dict(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    (void)run;
    *more = it->index < it->source.dict->count;
    if (*more)
        *item = it->source.dict->entries[it->index++].key;
    return true;
}

static bool next_of_view(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    bool ok = true;

    *more = it->index < it->source.view->dict->count;
    if (*more)
        *item = bb_jview_item(it->source.view, it->index++, run, &ok);
    return ok;
}

static bool next_of_range(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    const bb_jrange *range = it->source.range;

    (void)run;
    *more = it->index < range->count;
    if (*more)
        *item = bb_j_int(range->start + (int64_t)it->index++ * range->step);
    return true;
}

static bool next_of_nothing(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    (void)run;
    (void)it;
    (void)item;
    *more = false;
    return true;
}

bool bb_jiterator_of(bb_jinja *run, bb_jvalue iterable, bb_jiterator **out)
{
    static const bb_jnext nexts[] = {
        [BB_J_UNDEFINED] = next_of_nothing, [BB_J_STRING] = next_of_text, [BB_J_LIST] = next_of_list,   [BB_J_TUPLE] = next_of_list,
        [BB_J_DICT] = next_of_dict,         [BB_J_VIEW] = next_of_view,   [BB_J_RANGE] = next_of_range,
    };

    if (iterable.kind == BB_J_ITERATOR) {
        *out = iterable.iterator;
        return true;
    }
    if (iterable.kind >= sizeof nexts / sizeof *nexts || !nexts[iterable.kind])
        return bb_jinja_raise(run, "'%s' object is not iterable", bb_jvalue_type(iterable));
    *out = bb_jinja_alloc(run, 1, sizeof **out);
    if (!*out)
        return false;
    **out = (bb_jiterator){.next = nexts[iterable.kind], .name = "iterator", .source = iterable};
    return true;
}

bool bb_jiterator_next(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    *more = false;
    if (it->done)
        return true;
    if (!bb_jinja_spend(run, 1) || !bb_jinja_enter(run))
        return false;
    const bool ok = it->next(run, it, item, more);
    bb_jinja_leave(run);
    it->done = !*more;
    return ok;
}

bool bb_jiterator_generate(bb_jinja *run, bb_jvalue iterable, bb_jnext next, const char *name, const void *state, bb_jvalue *out)
{
    bb_jiterator *it = bb_jinja_alloc(run, 1, sizeof *it);

    if (!it)
        return false;
    *it = (bb_jiterator){.next = next, .name = name, .source = iterable, .state = state};
    *out = (bb_jvalue){.kind = BB_J_ITERATOR, .iterator = it};
    return true;
}

bool bb_jvalue_collect(bb_jinja *run, bb_jvalue iterable, bb_jlist **out)
{
    bb_jiterator *it = NULL;
    bb_jvalue list;
    size_t capacity = 0;

    if (iterable.kind == BB_J_LIST || iterable.kind == BB_J_TUPLE) {
        *out = iterable.list;
        return true;
    }
    if (!bb_jiterator_of(run, iterable, &it) || !bb_j_list(run, BB_J_LIST, 0, &list))
        return false;
    for (bool more;;) {
        bb_jvalue item;
        if (!bb_jiterator_next(run, it, &item, &more))
            return false;
        if (!more)
            break;
        if (!bb_j_list_push(run, list.list, &capacity, item))
            return false;
    }
    *out = list.list;
    return true;
}
