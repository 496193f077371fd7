/* Expressions at run time. */
#include "text/jinja/eval.h"

#include <string.h>

bb_jvalue *bb_jref_slot(const bb_jframe *frame, bb_jref ref)
{
    for (int i = 0; i < ref.hops; i++)
        frame = frame->parent;
    return &frame->slots[ref.slot];
}

static bool eval_name(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    *out = *bb_jref_slot(run->frame, node->ref);
    if (bb_j_given(*out))
        return true;
    return bb_j_undefined_in(run, *out, (bb_jvalue){.kind = BB_J_STRING, .text = node->name}, out);
}

static bool eval_truth(bb_jinja *run, const bb_jnode *node, bool *out)
{
    bb_jvalue value;
    return bb_jeval(run, node, &value) && bb_jvalue_truth(run, value, out);
}

static bool eval_items(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    if (!bb_j_list(run, node->kind == BB_JN_LIST ? BB_J_LIST : BB_J_TUPLE, node->items.count, out))
        return false;
    for (size_t i = 0; i < node->items.count; i++)
        if (!bb_jeval(run, node->items.at[i], &out->list->items[i]))
            return false;
    out->list->count = node->items.count;
    return true;
}

static bool eval_dict(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    if (!bb_j_dict(run, out))
        return false;
    for (size_t i = 0; i < node->items.count; i++) {
        bb_jvalue key, value;
        if (!bb_jeval(run, node->items.at[i], &key) || !bb_jeval(run, node->more.at[i], &value) ||
            !bb_jdict_set(run, out->dict, key, value))
            return false;
    }
    return true;
}

static bool eval_cond(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    bool truth;

    if (!eval_truth(run, node->third, &truth))
        return false;
    if (truth)
        return bb_jeval(run, node->left, out);
    if (node->right)
        return bb_jeval(run, node->right, out);
    return bb_j_undefined(run, "the inline if-expression evaluated to false and no else section was defined", out);
}

static bool eval_logic(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    bool truth;

    if (!bb_jeval(run, node->left, out) || !bb_jvalue_truth(run, *out, &truth))
        return false;
    return truth == (node->kind == BB_JN_OR) || bb_jeval(run, node->right, out);
}

static bool eval_concat(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    bb_jvalue part;

    if (!bb_jeval(run, node->items.at[0], out) || !bb_jvalue_string(run, *out, out))
        return false;
    for (size_t i = 1; i < node->items.count; i++)
        if (!bb_jeval(run, node->items.at[i], &part) || !bb_jvalue_string(run, part, &part) ||
            !bb_jtext_concat(run, out->text, part.text, out))
            return false;
    return true;
}

static bool compare(bb_jinja *run, int op, bb_jvalue a, bb_jvalue b, bool *out)
{
    int order;

    switch (op) {
    case BB_JT_EQ:
        return bb_jvalue_equal(run, a, b, out);
    case BB_JT_NE:
        if (!bb_jvalue_equal(run, a, b, out))
            return false;
        *out = !*out;
        return true;
    case BB_JO_IN:
    case BB_JO_NOT_IN:
        if (!bb_jvalue_contains(run, b, a, out))
            return false;
        *out = *out == (op == BB_JO_IN);
        return true;
    default:
        if (!bb_jvalue_compare(run, a, b, bb_jtoken_spelling((bb_jtoken_kind)op), &order))
            return false;
        *out = order != 2 && (op == BB_JT_LT ? order < 0 : op == BB_JT_LE ? order <= 0 : op == BB_JT_GT ? order > 0 : order >= 0);
        return true;
    }
}

/* "a < b < c": each value once, and none behind the first comparison that does not hold. */
static bool eval_compare(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    bb_jvalue left, right;
    bool holds = true;

    if (!bb_jeval(run, node->left, &left))
        return false;
    for (size_t i = 0; i < node->items.count && holds; i++) {
        const bb_jnode *operand = node->items.at[i];
        if (!bb_jeval(run, operand->left, &right) || !compare(run, operand->op, left, right, &holds))
            return false;
        left = right;
    }
    *out = bb_j_bool(holds);
    return true;
}

static bool eval_slice(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    bb_jvalue value, parts[3];

    if (!bb_jeval(run, node->left, &value))
        return false;
    for (size_t i = 0; i < 3; i++) {
        parts[i] = bb_j_none();
        if (node->items.at[i] && !bb_jeval(run, node->items.at[i], &parts[i]))
            return false;
    }
    return bb_jvalue_slice(run, value, parts[0], parts[1], parts[2], out);
}

/* ---- calls ---- */

/* The arguments of a call, filter or test, with *args and **kwargs spread. */
static bool eval_arguments(bb_jinja *run, const bb_jnode *node, const bb_jvalue *caller, bb_jcall *call)
{
    bb_jvalue star = {0}, star_star = {0};
    bb_jlist *spread = NULL;
    const size_t own = node->items.count, named = node->more.count;

    bb_jvalue *args = bb_jinja_alloc(run, own, sizeof *args);
    bb_jkeyword *keywords = bb_jinja_alloc(run, named + 1, sizeof *keywords);
    if (!args || !keywords)
        return false;
    *call = (bb_jcall){args, own, keywords, named};
    for (size_t i = 0; i < own; i++)
        if (!bb_jeval(run, node->items.at[i], &args[i]))
            return false;
    if (node->star && (!bb_jeval(run, node->star, &star) || !bb_jvalue_collect(run, star, &spread)))
        return false;
    for (size_t i = 0; i < named; i++) {
        keywords[i].name = node->more.at[i]->name;
        if (!bb_jeval(run, node->more.at[i]->left, &keywords[i].value))
            return false;
    }
    if (caller) {
        static const bb_jtext name = {.bytes = "caller", .size = 6, .length = 6};
        keywords[call->keyword_count++] = (bb_jkeyword){&name, *caller};
    }

    if (spread && spread->count) {
        call->args = bb_jinja_alloc(run, own + spread->count, sizeof *args);
        if (!call->args)
            return false;
        if (own)
            memcpy(call->args, args, own * sizeof *args);
        memcpy(call->args + own, spread->items, spread->count * sizeof *args);
        call->count += spread->count;
    }
    if (!node->star_star)
        return true;
    if (!bb_jeval(run, node->star_star, &star_star))
        return false;
    if (star_star.kind != BB_J_DICT)
        return bb_jinja_raise(run, "argument after ** must be a mapping, not %s", bb_jvalue_type(star_star));
    call->keywords = bb_jinja_alloc(run, call->keyword_count + star_star.dict->count, sizeof *keywords);
    if (!call->keywords)
        return false;
    memcpy(call->keywords, keywords, call->keyword_count * sizeof *keywords);
    for (size_t i = 0; i < star_star.dict->count; i++) {
        const bb_jentry *entry = &star_star.dict->entries[i];
        if (entry->key.kind != BB_J_STRING)
            return bb_jinja_raise(run, "keywords must be strings");
        for (size_t k = 0; k < call->keyword_count; k++)
            if (call->keywords[k].name->size == entry->key.text->size &&
                memcmp(call->keywords[k].name->bytes, entry->key.text->bytes, entry->key.text->size) == 0)
                return bb_jinja_raise(run, "got multiple values for keyword argument '%.*s'", (int)entry->key.text->size,
                                      entry->key.text->bytes);
        call->keywords[call->keyword_count++] = (bb_jkeyword){entry->key.text, entry->value};
    }
    return true;
}

bool bb_jeval_call(bb_jinja *run, const bb_jnode *node, const bb_jvalue *caller, bb_jvalue *out)
{
    bb_jvalue callee;
    bb_jcall call;

    return bb_jeval(run, node->left, &callee) && eval_arguments(run, node, caller, &call) && bb_jinja_call(run, callee, &call, out);
}

/* A filter or a test on value. */
static bool apply(bb_jinja *run, const bb_jnode *node, bb_jvalue value, bb_jvalue *out)
{
    const char *what = node->kind == BB_JN_FILTER ? "filter" : "test";
    bb_jcall call;

    if (!node->callable)
        return bb_jinja_raise(run, "no %s is named '%.*s'", what, (int)node->name->size, node->name->bytes);
    return eval_arguments(run, node, NULL, &call) && bb_jcallable_call(run, node->callable, what, value, &call, out);
}

bool bb_jeval_filter(bb_jinja *run, const bb_jnode *node, bb_jvalue value, bb_jvalue *out)
{
    if (node->left && (!bb_jinja_enter(run) || !bb_jeval_filter(run, node->left, value, &value)))
        return false;
    if (node->left)
        bb_jinja_leave(run);
    return apply(run, node, value, out);
}

static bool eval_callable(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    bb_jvalue value;
    return bb_jeval(run, node->left, &value) && apply(run, node, value, out);
}

static bool eval_operands(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    bb_jvalue left, right;
    return bb_jeval(run, node->left, &left) && bb_jeval(run, node->right, &right) && bb_jeval_binary(run, node->op, left, right, out);
}

static bool eval_inside(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    bb_jvalue value, key;
    bool truth;

    switch ((bb_jnode_kind)node->kind) {
    case BB_JN_LIST:
    case BB_JN_TUPLE:
        return eval_items(run, node, out);
    case BB_JN_DICT:
        return eval_dict(run, node, out);
    case BB_JN_COND:
        return eval_cond(run, node, out);
    case BB_JN_AND:
    case BB_JN_OR:
        return eval_logic(run, node, out);
    case BB_JN_NOT:
        if (!eval_truth(run, node->left, &truth))
            return false;
        *out = bb_j_bool(!truth);
        return true;
    case BB_JN_NEGATE:
    case BB_JN_PLUS:
        return bb_jeval(run, node->left, &value) && bb_jeval_negate(run, value, node->kind == BB_JN_NEGATE, out);
    case BB_JN_BINARY:
        return eval_operands(run, node, out);
    case BB_JN_CONCAT:
        return eval_concat(run, node, out);
    case BB_JN_COMPARE:
        return eval_compare(run, node, out);
    case BB_JN_ATTRIBUTE:
        return bb_jeval(run, node->left, &value) && bb_jvalue_attribute(run, value, node->name, out);
    case BB_JN_ITEM:
        return bb_jeval(run, node->left, &value) && bb_jeval(run, node->right, &key) && bb_jvalue_item(run, value, key, out);
    case BB_JN_SLICE:
        return eval_slice(run, node, out);
    case BB_JN_CALL:
        return bb_jeval_call(run, node, NULL, out);
    case BB_JN_FILTER:
    case BB_JN_TEST:
        return eval_callable(run, node, out);
    default:
        return bb_jinja_raise(run, "not an expression");
    }
}

bool bb_jeval(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    if (!bb_jinja_spend(run, 1))
        return bb_jinja_raise_at(run, node->at, "%s", run->message);
    if (node->kind == BB_JN_CONST || node->kind == BB_JN_DATA) {
        *out = node->value;
        return true;
    }
    if (node->kind == BB_JN_NAME)
        return eval_name(run, node, out);

    bool ok = bb_jinja_enter(run);
    if (ok) {
        ok = eval_inside(run, node, out);
        bb_jinja_leave(run);
    }
    if (!ok && !run->placed) {
        run->at = node->at;
        run->placed = true;
    }
    return ok;
}
