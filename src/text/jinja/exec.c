/* Statements at run time. */
#include "text/jinja/eval.h"

#include <string.h>

bool bb_jframe_new(bb_jinja *run, const bb_jfunction *function, bb_jframe *parent, bb_jframe **out)
{
    bb_jframe *frame = bb_jinja_alloc(run, 1, sizeof *frame);

    if (!frame)
        return false;
    *frame = (bb_jframe){parent, bb_jinja_alloc(run, function->slot_count, sizeof *frame->slots)};
    if (!frame->slots)
        return false;
    memset(frame->slots, 0, function->slot_count * sizeof *frame->slots); /* all BB_J_MISSING */
    *out = frame;
    return bb_jinja_spend(run, function->slot_count);
}

/* A variable of the input, or a global; BB_J_MISSING where there is neither. */
static bb_jvalue resolve(const bb_jinja *run, const bb_jtext *name)
{
    const bb_jvalue *variable = bb_jdict_find(run->variables, name->bytes, name->size);
    const bb_jcallable *global = variable ? NULL : bb_jinja_global(name->bytes, name->size);

    if (variable)
        return *variable;
    return global ? (bb_jvalue){.kind = BB_J_FUNCTION, .function = global} : (bb_jvalue){0};
}

bool bb_jscope_enter(bb_jinja *run, const bb_jscope *scope)
{
    bb_jvalue *slots = run->frame->slots;

    for (size_t i = 0; i < scope->count; i++) {
        const bb_jsymbol *s = &scope->symbols[i];
        if (s->load == BB_J_LOAD_RESOLVE)
            slots[s->slot] = resolve(run, s->name);
        else if (s->load == BB_J_LOAD_ALIAS)
            slots[s->slot] = *bb_jref_slot(run->frame, s->alias);
        else if (s->load == BB_J_LOAD_UNDEFINED)
            slots[s->slot] = (bb_jvalue){0};
    }
    return bb_jinja_spend(run, scope->count);
}

void bb_jscope_leave(bb_jinja *run, const bb_jscope *scope)
{
    for (size_t i = 0; i < scope->count; i++)
        if (scope->symbols[i].referenced)
            run->frame->slots[scope->symbols[i].slot] = (bb_jvalue){0};
}

static bool namespaces(bb_jinja *run, const bb_jnode *target)
{
    if (target->kind == BB_JN_NSREF && bb_jref_slot(run->frame, target->ref)->kind != BB_J_NAMESPACE)
        return bb_jinja_raise_at(run, target->at, "cannot assign attribute on non-namespace object");
    for (size_t i = 0; i < target->items.count; i++)
        if (!namespaces(run, target->items.at[i]))
            return false;
    return true;
}

bool bb_jassign(bb_jinja *run, const bb_jnode *target, bb_jvalue value)
{
    bb_jlist *items;

    if (target->kind == BB_JN_NAME) {
        *bb_jref_slot(run->frame, target->ref) = value;
        return true;
    }
    if (target->kind == BB_JN_NSREF) {
        if (target->attribute->size && target->attribute->bytes[0] == '_')
            return bb_jinja_raise_at(run, target->at, "attributes of a namespace cannot begin with an underscore");
        return bb_jdict_set(run, bb_jref_slot(run->frame, target->ref)->dict, (bb_jvalue){.kind = BB_J_STRING, .text = target->attribute},
                            value);
    }
    if (!bb_jvalue_iterable(value))
        return bb_jinja_raise_at(run, target->at, "cannot unpack non-iterable %s object", bb_jvalue_type(value));
    if (!bb_jvalue_collect(run, value, &items))
        return false;
    if (items->count != target->items.count)
        return bb_jinja_raise_at(run, target->at, "%zu values to unpack, expected %zu", items->count, target->items.count);
    for (size_t i = 0; i < items->count; i++)
        if (!bb_jassign(run, target->items.at[i], items->items[i]))
            return false;
    return true;
}

static bb_jflow outcome(bool ok)
{
    return ok ? BB_J_NEXT : BB_J_FAIL;
}

static bb_jflow exec_output(bb_jinja *run, const bb_jnode *node)
{
    for (size_t i = 0; i < node->items.count; i++) {
        const bb_jnode *item = node->items.at[i];
        bb_jvalue value;
        if (!bb_jeval(run, item, &value) || !bb_jvalue_write(run, value)) {
            if (!run->placed) {
                run->at = item->at;
                run->placed = true;
            }
            return BB_J_FAIL;
        }
    }
    return BB_J_NEXT;
}

static bb_jflow exec_if(bb_jinja *run, const bb_jnode *node)
{
    bb_jvalue value;
    bool truth;

    for (size_t i = 0; i <= node->more.count; i++) {
        const bb_jnode *branch = i ? node->more.at[i - 1] : node;
        if (!bb_jeval(run, branch->left, &value) || !bb_jvalue_truth(run, value, &truth))
            return BB_J_FAIL;
        if (truth)
            return bb_jexec(run, branch->body);
    }
    return bb_jexec(run, node->orelse);
}

/* ---- loops ---- */

typedef struct loop_filter {
    const bb_jnode *node;
    bb_jframe *frame; /* of the loop */
    bb_jframe *own;   /* of the filter, NULL before the first item */
} loop_filter;

static bool filter_accepts(bb_jinja *run, loop_filter *filter, bb_jvalue item, bool *accepted)
{
    bb_jframe *saved = run->frame;
    bb_jvalue value;

    if (!filter->own) {
        if (!bb_jframe_new(run, filter->node->function, filter->frame, &filter->own))
            return false;
        run->frame = filter->own;
        if (!bb_jscope_enter(run, filter->node->function->scope))
            return false;
    }
    run->frame = filter->own;
    const bool ok = bb_jassign(run, filter->node->function_target, item) && bb_jeval(run, filter->node->third, &value) &&
                    bb_jvalue_truth(run, value, accepted);
    run->frame = saved;
    return ok;
}

static bool next_filtered(bb_jinja *run, bb_jiterator *it, bb_jvalue *item, bool *more)
{
    bool accepted = false;

    if (!it->inner && !bb_jiterator_of(run, it->source, &it->inner))
        return false;
    do {
        if (!bb_jiterator_next(run, it->inner, item, more))
            return false;
    } while (*more && filter_accepts(run, (loop_filter *)it->state, *item, &accepted) && !accepted);
    return !*more || accepted;
}

static bool filtered(bb_jinja *run, const bb_jnode *node, bb_jvalue *iterable)
{
    loop_filter *filter = bb_jinja_alloc(run, 1, sizeof *filter);

    if (!filter)
        return false;
    *filter = (loop_filter){node, run->frame, NULL};
    return bb_jiterator_generate(run, *iterable, next_filtered, "generator", filter, iterable);
}

static bb_jflow exec_for(bb_jinja *run, const bb_jnode *node)
{
    bb_jloop *loop = bb_jinja_alloc(run, 1, sizeof *loop);
    bb_jvalue item;
    bb_jflow flow = BB_J_NEXT;
    bool more, never = true;

    if (!loop)
        return BB_J_FAIL;
    *loop = (bb_jloop){.index0 = -1, .length = -1};
    if (!bb_jeval(run, node->right, &loop->iterable) || (node->third && !filtered(run, node, &loop->iterable)) ||
        !bb_jiterator_of(run, loop->iterable, &loop->it))
        return BB_J_FAIL;

    for (;;) {
        if (!bb_jloop_next(run, loop, &item, &more))
            return BB_J_FAIL;
        if (!more)
            break;
        if (node->op)
            run->frame->slots[node->ref.slot] = (bb_jvalue){.kind = BB_J_LOOP, .loop = loop};
        if (!bb_jassign(run, node->left, item) || !bb_jscope_enter(run, node->scope))
            return BB_J_FAIL;
        flow = bb_jexec(run, node->body);
        if (flow == BB_J_FAIL)
            return flow;
        if (flow == BB_J_BREAK)
            break;
        if (flow == BB_J_NEXT) /* Jinja takes note at the end of the body, which continue does not reach */
            never = false;
    }
    bb_jscope_leave(run, node->scope);
    if (!never || !node->orelse.count)
        return BB_J_NEXT;
    if (!bb_jscope_enter(run, node->else_scope))
        return BB_J_FAIL;
    flow = bb_jexec(run, node->orelse);
    bb_jscope_leave(run, node->else_scope);
    return flow;
}

/* ---- what captures ---- */

/* Runs a body in its scope and makes a string of what it writes. A break out of it loses the text, as in Jinja. */
static bb_jflow capture_body(bb_jinja *run, const bb_jnode *node, bb_jvalue *text)
{
    const size_t start = run->out.size;

    if (!bb_jscope_enter(run, node->scope))
        return BB_J_FAIL;
    const bb_jflow flow = bb_jexec(run, node->body);
    if (flow == BB_J_NEXT)
        return outcome(bb_jinja_capture(run, start, text));
    run->out.size = start;
    return flow;
}

static bb_jflow exec_set_block(bb_jinja *run, const bb_jnode *node)
{
    bb_jvalue text;
    const bb_jflow flow = capture_body(run, node, &text);

    if (flow != BB_J_NEXT)
        return flow;
    if ((node->right && !bb_jeval_filter(run, node->right, text, &text)) || !namespaces(run, node->left) ||
        !bb_jassign(run, node->left, text))
        return BB_J_FAIL;
    bb_jscope_leave(run, node->scope);
    return BB_J_NEXT;
}

/* What a block puts out is text already; Jinja fails to join anything else. */
static bool write_text(bb_jinja *run, bb_jvalue text)
{
    return text.kind == BB_J_STRING ? bb_jvalue_write(run, text)
                                    : bb_jinja_raise(run, "a block gives '%s', expected a string", bb_jvalue_type(text));
}

static bb_jflow exec_filter_block(bb_jinja *run, const bb_jnode *node)
{
    bb_jvalue text;
    const bb_jflow flow = capture_body(run, node, &text);

    if (flow != BB_J_NEXT)
        return flow;
    if (!bb_jeval_filter(run, node->right, text, &text) || !write_text(run, text))
        return BB_J_FAIL;
    bb_jscope_leave(run, node->scope);
    return BB_J_NEXT;
}

static bb_jflow exec_with(bb_jinja *run, const bb_jnode *node)
{
    if (!bb_jscope_enter(run, node->scope))
        return BB_J_FAIL;
    for (size_t i = 0; i < node->items.count; i++) {
        bb_jvalue value;
        if (!bb_jeval(run, node->more.at[i], &value) || !bb_jassign(run, node->items.at[i], value))
            return BB_J_FAIL;
    }
    const bb_jflow flow = bb_jexec(run, node->body);
    bb_jscope_leave(run, node->scope);
    return flow;
}

static bool new_macro(bb_jinja *run, const bb_jnode *node, bb_jvalue *out)
{
    bb_jmacro *macro = bb_jinja_alloc(run, 1, sizeof *macro);

    if (!macro)
        return false;
    *macro = (bb_jmacro){node->function, run->frame, node->name};
    *out = (bb_jvalue){.kind = BB_J_MACRO, .macro = macro};
    return true;
}

/* A generation block only marks what the assistant said: it writes its body. */
static bool exec_call_block(bb_jinja *run, const bb_jnode *node)
{
    bb_jvalue caller, text;

    if (!new_macro(run, node, &caller))
        return false;
    if (node->left)
        return bb_jeval_call(run, node->left, &caller, &text) && write_text(run, text);
    return bb_jmacro_call(run, caller.macro, &(bb_jcall){0}, &text) && bb_jvalue_write(run, text);
}

static bool exec_set(bb_jinja *run, const bb_jnode *node)
{
    bb_jvalue value;
    return namespaces(run, node->left) && bb_jeval(run, node->right, &value) && bb_jassign(run, node->left, value);
}

static bb_jflow exec_one(bb_jinja *run, const bb_jnode *node)
{
    bb_jvalue macro;

    switch ((bb_jnode_kind)node->kind) {
    case BB_JN_OUTPUT:
        return exec_output(run, node);
    case BB_JN_IF:
        return exec_if(run, node);
    case BB_JN_FOR:
        return exec_for(run, node);
    case BB_JN_SET:
        return outcome(exec_set(run, node));
    case BB_JN_SET_BLOCK:
        return exec_set_block(run, node);
    case BB_JN_MACRO:
        if (!new_macro(run, node, &macro))
            return BB_J_FAIL;
        *bb_jref_slot(run->frame, node->ref) = macro;
        return BB_J_NEXT;
    case BB_JN_CALL_BLOCK:
        return outcome(exec_call_block(run, node));
    case BB_JN_FILTER_BLOCK:
        return exec_filter_block(run, node);
    case BB_JN_WITH:
        return exec_with(run, node);
    case BB_JN_BREAK:
        return BB_J_BREAK;
    default:
        return BB_J_CONTINUE;
    }
}

bb_jflow bb_jexec(bb_jinja *run, bb_jnodes body)
{
    bb_jflow flow = BB_J_NEXT;

    if (!bb_jinja_enter(run))
        return BB_J_FAIL;
    for (size_t i = 0; i < body.count && flow == BB_J_NEXT; i++) {
        flow = bb_jinja_spend(run, 1) ? exec_one(run, body.at[i]) : BB_J_FAIL;
        if (flow == BB_J_FAIL && !run->placed) {
            run->at = body.at[i]->at;
            run->placed = true;
        }
    }
    bb_jinja_leave(run);
    return flow;
}

bool bb_jinja_run(bb_jinja *run)
{
    const bb_jtemplate *program = run->program;

    return bb_jframe_new(run, program->root, NULL, &run->frame) && bb_jscope_enter(run, program->root->scope) &&
           bb_jexec(run, program->body) == BB_J_NEXT;
}
