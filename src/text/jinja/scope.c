/* Where each variable lives. Jinja decides it before a template runs, from the order in which names are read and set in a scope; so do we,
 * by the same rules, since templates lean on them: a variable set in a loop is gone behind it, one set in an "if" is not, a macro sees
 * variables of the template that are set after it.
 *
 * A scope (the template, a loop's body, a macro, a with, ...) keeps for each name what happens on entry: nothing yet (undefined), a copy
 * of the outer variable (alias), or the input's variable (resolve). A slot belongs to a (level, name) of a function. */
#include "text/jinja/ast.h"

#include <string.h>

typedef struct walker {
    bb_jinja *run;
    bb_jtemplate *program;
} walker;

/* What the second pass carries down. */
typedef struct place {
    bb_jscope *scope;
    bool soft;    /* inside an if: an unknown filter is an error only where it is reached */
    bool in_loop; /* break and continue have one */
} place;

static bool grow(walker *w, void *array_pointer, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return true;

    const size_t larger = *capacity ? *capacity * 2 : 8;
    void *array = bb_jinja_alloc(w->run, larger, size), *old;
    if (!array)
        return false;
    memcpy(&old, array_pointer, sizeof old);
    if (count)
        memcpy(array, old, count * size);
    memcpy(array_pointer, &array, sizeof array);
    *capacity = larger;
    return true;
}

static bb_jscope *new_scope(walker *w, bb_jscope *parent, bb_jfunction *function)
{
    bb_jscope *scope = bb_jinja_alloc(w->run, 1, sizeof *scope);

    if (scope)
        *scope = (bb_jscope){.parent = parent, .function = function, .level = parent ? parent->level + 1 : 0};
    return scope;
}

static bb_jfunction *new_function(walker *w, bb_jscope *around, const bb_jnode *node)
{
    bb_jfunction *function = bb_jinja_alloc(w->run, 1, sizeof *function);

    if (!function)
        return NULL;
    *function = (bb_jfunction){.parent = around ? around->function : NULL, .node = node, .caller = -1, .kwargs = -1, .varargs = -1};
    function->depth = function->parent ? function->parent->depth + 1 : 0;
    function->scope = new_scope(w, around, function);
    return function->scope ? function : NULL;
}

static bool slot_of(walker *w, bb_jscope *scope, const bb_jtext *name, uint16_t *slot)
{
    bb_jfunction *function = scope->function;

    for (size_t i = 0; i < function->slot_count; i++)
        if (function->slots[i].name == name && function->slots[i].level == scope->level) {
            *slot = (uint16_t)i;
            return true;
        }
    if (function->slot_count == UINT16_MAX)
        return bb_jinja_raise(w->run, "too many variables");
    if (!grow(w, &function->slots, &function->slot_capacity, function->slot_count, sizeof *function->slots))
        return false;
    *slot = (uint16_t)function->slot_count;
    function->slots[function->slot_count++] = (struct bb_jslot){name, scope->level};
    return true;
}

/* ---- symbols of a scope ---- */

static bb_jsymbol *known(const bb_jscope *scope, const bb_jtext *name)
{
    for (size_t i = 0; i < scope->count; i++)
        if (scope->symbols[i].name == name)
            return &scope->symbols[i];
    return NULL;
}

static bb_jsymbol *symbol(walker *w, bb_jscope *scope, const bb_jtext *name)
{
    bb_jsymbol *found = known(scope, name);

    if (found)
        return found;
    if (!grow(w, &scope->symbols, &scope->capacity, scope->count, sizeof *scope->symbols))
        return NULL;
    found = &scope->symbols[scope->count++];
    *found = (bb_jsymbol){.name = name};
    return found;
}

/* Where scope finds a name: the innermost scope that refers to it. */
static bool find_ref(const bb_jscope *scope, const bb_jtext *name, bb_jref *ref)
{
    const int depth = scope->function->depth;

    for (; scope; scope = scope->parent) {
        const bb_jsymbol *found = known(scope, name);
        if (found && found->referenced) {
            *ref = (bb_jref){(uint16_t)(depth - scope->function->depth), found->slot};
            return true;
        }
    }
    return false;
}

/* Where the scopes around find a name, seen from scope's function. */
static bool find_outer(const bb_jscope *scope, const bb_jtext *name, bb_jref *ref)
{
    if (!scope->parent || !find_ref(scope->parent, name, ref))
        return false;
    ref->hops = (uint16_t)(ref->hops + (scope->function->depth - scope->parent->function->depth));
    return true;
}

static bool define(walker *w, bb_jscope *scope, bb_jsymbol *s, bb_jload load)
{
    s->referenced = true;
    s->load = load;
    return slot_of(w, scope, s->name, &s->slot);
}

static bool declare_param(walker *w, bb_jscope *scope, const bb_jtext *name, int *slot)
{
    bb_jsymbol *s = symbol(w, scope, name);

    if (!s)
        return false;
    s->stored = true;
    if (!define(w, scope, s, BB_J_LOAD_PARAM))
        return false;
    if (slot)
        *slot = s->slot;
    return true;
}

static bool note_load(walker *w, bb_jscope *scope, const bb_jtext *name)
{
    bb_jref ref;

    if (find_ref(scope, name, &ref))
        return true;
    bb_jsymbol *s = symbol(w, scope, name);
    return s && define(w, scope, s, BB_J_LOAD_RESOLVE);
}

static bool note_store(walker *w, bb_jscope *scope, const bb_jtext *name)
{
    bb_jsymbol *s = symbol(w, scope, name);

    if (!s)
        return false;
    s->stored = true;
    if (s->referenced)
        return true;
    bb_jref outer;
    const bool aliases = find_outer(scope, name, &outer);
    if (aliases)
        s->alias = outer;
    return define(w, scope, s, aliases ? BB_J_LOAD_ALIAS : BB_J_LOAD_UNDEFINED);
}

/* ---- first pass: what a scope itself reads and sets, in order ---- */

static bool note(walker *w, bb_jscope *scope, const bb_jnode *node);

static bool note_all(walker *w, bb_jscope *scope, bb_jnodes nodes)
{
    for (size_t i = 0; i < nodes.count; i++)
        if (!note(w, scope, nodes.at[i]))
            return false;
    return true;
}

static bool copy_scope(walker *w, const bb_jscope *from, bb_jscope *to)
{
    *to = *from;
    to->symbols = bb_jinja_alloc(w->run, from->capacity, sizeof *to->symbols);
    if (!to->symbols)
        return false;
    if (from->count)
        memcpy(to->symbols, from->symbols, from->count * sizeof *to->symbols);
    return true;
}

/* Branches see what stood before the if. A name that only some of them set is, behind it, what was there before: the outer variable or
 * the input's. */
static bool note_if(walker *w, bb_jscope *scope, const bb_jnode *node)
{
    const bb_jnodes bodies[] = {node->body, node->more, node->orelse};
    bb_jscope branches[3];

    if (!note(w, scope, node->left))
        return false;
    for (int i = 0; i < 3; i++)
        if (!copy_scope(w, scope, &branches[i]) || !note_all(w, &branches[i], bodies[i]))
            return false;

    for (int i = 0; i < 3; i++)
        for (size_t k = 0; k < branches[i].count; k++) {
            const bb_jsymbol *from = &branches[i].symbols[k];
            bb_jsymbol *to = symbol(w, scope, from->name);
            if (!to)
                return false;
            if (!from->referenced)
                continue;
            const bool stored_before = to->stored;
            *to = *from;
            to->stored = stored_before; /* until all branches are merged */
        }
    for (int i = 0; i < 3; i++)
        for (size_t k = 0; k < branches[i].count; k++) {
            const bb_jsymbol *from = &branches[i].symbols[k];
            bb_jsymbol *to = known(scope, from->name);
            bb_jref outer;
            if (!from->stored || to->stored)
                continue;
            to->stored = true;
            to->load = find_outer(scope, from->name, &outer) ? BB_J_LOAD_ALIAS : BB_J_LOAD_RESOLVE;
            if (to->load == BB_J_LOAD_ALIAS)
                to->alias = outer;
        }
    return true;
}

static bool note_name(walker *w, bb_jscope *scope, const bb_jnode *node)
{
    switch ((bb_jrole)node->role) {
    case BB_J_PARAM:
        return declare_param(w, scope, node->name, NULL);
    case BB_J_STORE:
        return note_store(w, scope, node->name);
    default:
        return note_load(w, scope, node->name);
    }
}

static bool note(walker *w, bb_jscope *scope, const bb_jnode *node)
{
    if (!node)
        return true;
    switch ((bb_jnode_kind)node->kind) {
    case BB_JN_NAME:
        return note_name(w, scope, node);
    case BB_JN_NSREF:
        return note_load(w, scope, node->name);
    case BB_JN_IF:
        return note_if(w, scope, node);
    case BB_JN_MACRO:
        return note_store(w, scope, node->name);
    case BB_JN_FOR:
        return note(w, scope, node->right);
    case BB_JN_CALL_BLOCK:
        return note(w, scope, node->left);
    case BB_JN_FILTER_BLOCK:
        return note(w, scope, node->right);
    case BB_JN_WITH:
        return note_all(w, scope, node->more);
    case BB_JN_SET_BLOCK:
        return note(w, scope, node->left);
    case BB_JN_SET:
        return note(w, scope, node->right) && note(w, scope, node->left);
    case BB_JN_COND:
        return note(w, scope, node->third) && note(w, scope, node->left) && note(w, scope, node->right);
    default:
        return note(w, scope, node->left) && note(w, scope, node->right) && note_all(w, scope, node->items) &&
               note_all(w, scope, node->more) && note(w, scope, node->star) && note(w, scope, node->star_star);
    }
}

/* Names that a loop or a with sets as its own. */
static bool note_params(walker *w, bb_jscope *scope, const bb_jnode *target)
{
    if (target->kind == BB_JN_NAME)
        return declare_param(w, scope, target->name, NULL);
    for (size_t i = 0; i < target->items.count; i++)
        if (!note_params(w, scope, target->items.at[i]))
            return false;
    return true;
}

/* ---- does a body read a special name (loop, caller, ...) that nothing before sets? ---- */

typedef enum search { SEARCH_ON, SEARCH_FOUND, SEARCH_SET } search;

static search seek(const bb_jnode *node, const bb_jtext *name);

static search seek_all(bb_jnodes nodes, const bb_jtext *name)
{
    search result = SEARCH_ON;

    for (size_t i = 0; i < nodes.count && result == SEARCH_ON; i++)
        result = seek(nodes.at[i], name);
    return result;
}

/* The children in the order in which Jinja's own search visits them, which decides what counts as set before. */
static search seek(const bb_jnode *node, const bb_jtext *name)
{
    search result;

    if (!node)
        return SEARCH_ON;
    switch ((bb_jnode_kind)node->kind) {
    case BB_JN_NAME:
        if (node->name != name)
            return SEARCH_ON;
        return node->role == BB_J_LOAD ? SEARCH_FOUND : SEARCH_SET;
    case BB_JN_NSREF:
        return SEARCH_ON;
    case BB_JN_IF:
        if ((result = seek(node->left, name)) != SEARCH_ON || (result = seek_all(node->body, name)) != SEARCH_ON ||
            (result = seek_all(node->more, name)) != SEARCH_ON)
            return result;
        return seek_all(node->orelse, name);
    case BB_JN_FOR:
        if ((result = seek(node->left, name)) != SEARCH_ON || (result = seek(node->right, name)) != SEARCH_ON ||
            (result = seek_all(node->body, name)) != SEARCH_ON || (result = seek_all(node->orelse, name)) != SEARCH_ON)
            return result;
        return seek(node->third, name);
    case BB_JN_FILTER_BLOCK:
        result = seek_all(node->body, name);
        return result == SEARCH_ON ? seek(node->right, name) : result;
    case BB_JN_COND:
        if ((result = seek(node->third, name)) != SEARCH_ON || (result = seek(node->left, name)) != SEARCH_ON)
            return result;
        return seek(node->right, name);
    default:
        if ((result = seek(node->left, name)) != SEARCH_ON || (result = seek(node->right, name)) != SEARCH_ON ||
            (result = seek_all(node->items, name)) != SEARCH_ON || (result = seek_all(node->more, name)) != SEARCH_ON ||
            (result = seek(node->star, name)) != SEARCH_ON || (result = seek(node->star_star, name)) != SEARCH_ON)
            return result;
        return seek_all(node->body, name);
    }
}

static bool uses(walker *w, bb_jnodes body, const char *word, const bb_jtext **name, bool *used)
{
    *name = bb_jtemplate_name(w->run, w->program, word, strlen(word));
    if (!*name)
        return false;
    *used = seek_all(body, *name) == SEARCH_FOUND;
    return true;
}

/* ---- second pass: each name to its slot, each scope into its own first pass ---- */

static bool settle(walker *w, bb_jnode *node, place at);

static bool settle_all(walker *w, bb_jnodes nodes, place at)
{
    for (size_t i = 0; i < nodes.count; i++)
        if (!settle(w, nodes.at[i], at))
            return false;
    return true;
}

static bool settle_ref(walker *w, bb_jnode *node, place at)
{
    if (!find_ref(at.scope, node->name, &node->ref))
        return bb_jinja_raise_at(w->run, node->at, "'%.*s' has no place", (int)node->name->size, node->name->bytes);
    return true;
}

/* A variable the function sets from its arguments without a parameter of that name. */
static bool settle_special(walker *w, bb_jfunction *function, const char *word, int *slot)
{
    const bb_jtext *name;
    bool used;

    if (!uses(w, function->node->body, word, &name, &used))
        return false;
    for (size_t i = 0; i < function->node->items.count; i++)
        if (function->node->items.at[i]->name == name) {
            if (strcmp(word, "caller") == 0)
                function->names_caller = true;
            if (used && function->names_caller && i + function->node->more.count < function->node->items.count)
                return bb_jinja_raise_at(w->run, function->node->items.at[i]->at, "the parameter 'caller' needs a default");
            return true;
        }
    return !used || declare_param(w, function->scope, name, slot);
}

static bool settle_function(walker *w, bb_jnode *node, place at)
{
    bb_jfunction *function = new_function(w, at.scope, node);

    node->function = function;
    if (!function || !note_all(w, function->scope, node->items) || !note_all(w, function->scope, node->more) ||
        !note_all(w, function->scope, node->body))
        return false;
    if (!settle_special(w, function, "caller", &function->caller) || !settle_special(w, function, "kwargs", &function->kwargs) ||
        !settle_special(w, function, "varargs", &function->varargs))
        return false;

    const place inside = {.scope = function->scope};
    function->params = bb_jinja_alloc(w->run, node->items.count, sizeof *function->params);
    if (!function->params)
        return false;
    for (size_t i = 0; i < node->items.count; i++) {
        if (!settle_ref(w, node->items.at[i], inside))
            return false;
        function->params[i] = node->items.at[i]->ref.slot;
    }
    return settle_all(w, node->more, inside) && settle_all(w, node->body, inside);
}

static bb_jnode *copy_target(walker *w, const bb_jnode *target)
{
    bb_jnode *copy = bb_jinja_alloc(w->run, 1, sizeof *copy);

    if (!copy)
        return NULL;
    *copy = *target;
    copy->items.at = bb_jinja_alloc(w->run, target->items.count, sizeof *copy->items.at);
    if (!copy->items.at)
        return NULL;
    for (size_t i = 0; i < target->items.count; i++)
        if (!(copy->items.at[i] = copy_target(w, target->items.at[i])))
            return NULL;
    return copy;
}

/* The filter of a loop runs apart from the body, since it may be asked ahead (loop.last): it has the target's names to itself. */
static bool settle_loop_filter(walker *w, bb_jnode *node, place at)
{
    bb_jfunction *filter = new_function(w, at.scope, node);

    node->function = filter;
    node->function_target = copy_target(w, node->left);
    if (!filter || !node->function_target)
        return false;
    const place inside = {.scope = filter->scope};
    return note_params(w, filter->scope, node->left) && note(w, filter->scope, node->third) && settle(w, node->function_target, inside) &&
           settle(w, node->third, inside);
}

/* The place of an assignment to name below node, or NULL. */
static const bb_jnode *assignment(const bb_jnode *node, const bb_jtext *name)
{
    if (!node)
        return NULL;
    if (node->kind == BB_JN_NAME)
        return node->name == name && node->role == BB_J_STORE ? node : NULL;

    const bb_jnode *const children[] = {node->left, node->right, node->third};
    const bb_jnodes *const lists[] = {&node->items, &node->more, &node->body, &node->orelse};
    const bb_jnode *found = NULL;
    for (size_t i = 0; i < sizeof children / sizeof *children && !found; i++)
        found = assignment(children[i], name);
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        for (size_t i = 0; i < lists[l]->count && !found; i++)
            found = assignment(lists[l]->at[i], name);
    return found;
}

static bool settle_for(walker *w, bb_jnode *node, place at)
{
    const bb_jtext *loop;
    bool extended;
    int slot = 0;

    if (!uses(w, node->body, "loop", &loop, &extended))
        return false;
    const bb_jnode *bad = assignment(node, loop);
    if (bad)
        return bb_jinja_raise_at(w->run, bad->at, "'loop' cannot be set inside a loop");

    bb_jscope *body = new_scope(w, at.scope, at.scope->function), *otherwise = new_scope(w, at.scope, at.scope->function);
    node->scope = body;
    node->else_scope = otherwise;
    if (!body || !otherwise || (extended && !declare_param(w, body, loop, &slot)))
        return false;
    node->op = extended;
    node->ref = (bb_jref){0, (uint16_t)slot};
    if (!note_params(w, body, node->left) || !note_all(w, body, node->body) || !note_all(w, otherwise, node->orelse))
        return false;
    if (node->third && !settle_loop_filter(w, node, at))
        return false;
    const place inside = {.scope = body, .in_loop = true}, behind = {.scope = otherwise};
    return settle(w, node->left, inside) && settle(w, node->right, at) && settle_all(w, node->body, inside) &&
           settle_all(w, node->orelse, behind);
}

/* A scope for a body inside the same function. */
static bool settle_scope(walker *w, bb_jnode *node, place at, place *inside)
{
    node->scope = new_scope(w, at.scope, at.scope->function);
    *inside = (place){.scope = node->scope, .in_loop = at.in_loop};
    return node->scope != NULL;
}

static bool settle_with(walker *w, bb_jnode *node, place at)
{
    place inside;

    if (!settle_scope(w, node, at, &inside))
        return false;
    for (size_t i = 0; i < node->items.count; i++)
        if (!note_params(w, node->scope, node->items.at[i]))
            return false;
    return note_all(w, node->scope, node->body) && settle_all(w, node->items, inside) && settle_all(w, node->more, at) &&
           settle_all(w, node->body, inside);
}

static bool settle_callable(walker *w, bb_jnode *node, place at)
{
    if (!node->callable && !at.soft)
        return bb_jinja_raise_at(w->run, node->at, "no %s is named '%.*s'", node->kind == BB_JN_FILTER ? "filter" : "test",
                                 (int)node->name->size, node->name->bytes);
    return settle(w, node->left, at) && settle_all(w, node->items, at) && settle_all(w, node->more, at) && settle(w, node->star, at) &&
           settle(w, node->star_star, at);
}

static bool settle(walker *w, bb_jnode *node, place at)
{
    place inside;

    if (!node)
        return true;
    switch ((bb_jnode_kind)node->kind) {
    case BB_JN_NAME:
    case BB_JN_NSREF:
        return settle_ref(w, node, at);
    case BB_JN_IF:
        at.soft = true;
        return settle(w, node->left, at) && settle_all(w, node->body, at) && settle_all(w, node->more, at) &&
               settle_all(w, node->orelse, at);
    case BB_JN_COND:
        at.soft = true;
        return settle(w, node->left, at) && settle(w, node->third, at) && settle(w, node->right, at);
    case BB_JN_FOR:
        return settle_for(w, node, at);
    case BB_JN_MACRO:
        return settle_ref(w, node, at) && settle_function(w, node, at);
    case BB_JN_CALL_BLOCK:
        return settle(w, node->left, at) && settle_function(w, node, at);
    case BB_JN_FILTER_BLOCK:
        return settle_scope(w, node, at, &inside) && note_all(w, node->scope, node->body) && note(w, node->scope, node->right) &&
               settle_all(w, node->body, inside) && settle(w, node->right, inside);
    case BB_JN_SET_BLOCK:
        return settle_scope(w, node, at, &inside) && note_all(w, node->scope, node->body) && note(w, node->scope, node->right) &&
               settle_all(w, node->body, inside) && settle(w, node->left, at) && settle(w, node->right, inside);
    case BB_JN_WITH:
        return settle_with(w, node, at);
    case BB_JN_BREAK:
    case BB_JN_CONTINUE:
        return at.in_loop || bb_jinja_raise_at(w->run, node->at, "'%s' outside a loop", node->kind == BB_JN_BREAK ? "break" : "continue");
    case BB_JN_FILTER:
    case BB_JN_TEST:
        return settle_callable(w, node, at);
    default:
        return settle(w, node->left, at) && settle(w, node->right, at) && settle_all(w, node->items, at) && settle_all(w, node->more, at) &&
               settle(w, node->star, at) && settle(w, node->star_star, at);
    }
}

bool bb_jinja_scope(bb_jinja *run, bb_jtemplate *program)
{
    walker w = {run, program};

    program->root = new_function(&w, NULL, NULL);
    if (!program->root || !note_all(&w, program->root->scope, program->body))
        return false;
    const place top = {.scope = program->root->scope};
    return settle_all(&w, program->body, top);
}
