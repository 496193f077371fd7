/* Statements of templates, and what both parsers stand on: the token at hand, nodes, lists of nodes. */
#include "text/jinja/parser.h"

#include <string.h>

const bb_jtoken *bb_jparser_token(const bb_jparser *p)
{
    return &p->program->tokens[p->next];
}

/* There is one: the last token, the end, stands twice. */
const bb_jtoken *bb_jparser_ahead(const bb_jparser *p)
{
    return bb_jparser_token(p)->kind == BB_JT_EOF ? bb_jparser_token(p) : bb_jparser_token(p) + 1;
}

bool bb_jparser_is(const bb_jparser *p, bb_jtoken_kind kind)
{
    return bb_jparser_token(p)->kind == kind;
}

bool bb_jtoken_is_word(const bb_jtoken *token, const char *word)
{
    return token->kind == BB_JT_NAME && token->size == strlen(word) && memcmp(token->text, word, token->size) == 0;
}

bool bb_jparser_at(const bb_jparser *p, const char *word)
{
    return bb_jtoken_is_word(bb_jparser_token(p), word);
}

void bb_jparser_skip(bb_jparser *p, size_t count)
{
    while (count-- && bb_jparser_token(p)->kind != BB_JT_EOF)
        p->next++;
}

bool bb_jparser_skip_if(bb_jparser *p, bb_jtoken_kind kind)
{
    if (!bb_jparser_is(p, kind))
        return false;
    bb_jparser_skip(p, 1);
    return true;
}

bool bb_jparser_skip_word(bb_jparser *p, const char *word)
{
    if (!bb_jparser_at(p, word))
        return false;
    bb_jparser_skip(p, 1);
    return true;
}

bool bb_jparser_unexpected(bb_jparser *p, const char *expected)
{
    const bb_jtoken *token = bb_jparser_token(p);

    if (token->kind == BB_JT_NAME)
        return bb_jinja_raise_at(p->run, token->at, "found '%.*s', expected %s", (int)(token->size < 40 ? token->size : 40), token->text,
                                 expected);
    if (token->kind < BB_JT_OPERATORS)
        return bb_jinja_raise_at(p->run, token->at, "found '%s', expected %s", bb_jtoken_spelling(token->kind), expected);
    return bb_jinja_raise_at(p->run, token->at, "found %s, expected %s", bb_jtoken_spelling(token->kind), expected);
}

bool bb_jparser_expect(bb_jparser *p, bb_jtoken_kind kind)
{
    return bb_jparser_skip_if(p, kind) || bb_jparser_unexpected(p, bb_jtoken_spelling(kind));
}

bool bb_jparser_expect_word(bb_jparser *p, const char *word)
{
    return bb_jparser_skip_word(p, word) || bb_jparser_unexpected(p, word);
}

bb_jnode *bb_jnode_new(bb_jparser *p, bb_jnode_kind kind, uint32_t at)
{
    bb_jnode *node = bb_jinja_alloc(p->run, 1, sizeof *node);

    if (!node)
        return NULL;
    memset(node, 0, sizeof *node);
    node->kind = (uint8_t)kind;
    node->at = at;
    return node;
}

const bb_jtext *bb_jparser_name(bb_jparser *p)
{
    const bb_jtoken *token = bb_jparser_token(p);

    if (!bb_jparser_expect(p, BB_JT_NAME))
        return NULL;
    return bb_jtemplate_name(p->run, p->program, token->text, token->size);
}

const bb_jtext *bb_jtemplate_name(bb_jinja *run, bb_jtemplate *program, const char *bytes, size_t size)
{
    const bb_jvalue *known = bb_jdict_find(program->names, bytes, size);
    bb_jvalue name;

    if (known)
        return known->text;
    if (!bb_j_borrow(run, bytes, size, &name) || !bb_jdict_set(run, program->names, name, name))
        return NULL;
    return name.text;
}

bool bb_jgather(bb_jparser *p, bb_jgathering *list, bb_jnode *node)
{
    if (list->nodes.count == list->capacity) {
        const size_t larger = list->capacity ? list->capacity * 2 : 4;
        bb_jnode **at = bb_jinja_alloc(p->run, larger, sizeof *at);
        if (!at)
            return false;
        if (list->nodes.count)
            memcpy(at, list->nodes.at, list->nodes.count * sizeof *at);
        list->nodes.at = at;
        list->capacity = larger;
    }
    list->nodes.at[list->nodes.count++] = node;
    return true;
}

bb_jnode *bb_jnode_finish(bb_jparser *p, bb_jnode *node)
{
    const bb_jnode *const children[] = {node->left, node->right, node->third, node->star, node->star_star};
    const bb_jnodes *const lists[] = {&node->items, &node->more, &node->body, &node->orelse};
    uint16_t height = 0;

    for (size_t i = 0; i < sizeof children / sizeof *children; i++)
        if (children[i] && children[i]->height > height)
            height = children[i]->height;
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            if (lists[l]->at[i] && lists[l]->at[i]->height > height)
                height = lists[l]->at[i]->height;
    node->height = height + 1;
    if (node->height <= BB_JINJA_DEPTH / 2)
        return node;
    bb_jinja_raise_at(p->run, node->at, "nested too deep");
    return NULL;
}

/* ---- statements ---- */

static bool parse_body(bb_jparser *p, const char *const *ends, bb_jnodes *body);

/* ":" (allowed), "%}" and statements up to a tag that begins with one of ends, which is the current token then. */
static bool parse_block(bb_jparser *p, const char *const *ends, bb_jnodes *body)
{
    bb_jparser_skip_if(p, BB_JT_COLON);
    return bb_jparser_expect(p, BB_JT_BLOCK_END) && parse_body(p, ends, body);
}

/* The same, with a single end that is taken. */
static bool parse_block_to(bb_jparser *p, const char *end, bb_jnodes *body)
{
    const char *const ends[] = {end, NULL};
    return parse_block(p, ends, body) && bb_jparser_expect_word(p, end);
}

static bool assignable(bb_jparser *p, bb_jnode *target, bb_jrole role)
{
    if (target->kind == BB_JN_NAME || target->kind == BB_JN_NSREF) {
        target->role = (uint8_t)role;
        return true;
    }
    if (target->kind != BB_JN_TUPLE)
        return bb_jinja_raise_at(p->run, target->at, "this cannot be assigned to");
    for (size_t i = 0; i < target->items.count; i++)
        if (!assignable(p, target->items.at[i], role))
            return false;
    return true;
}

static bb_jnode *parse_target(bb_jparser *p, int flags, const char *end, bb_jrole role)
{
    bb_jnode *target = bb_jparse_tuple(p, flags | BB_JP_TARGETS, end);
    return target && assignable(p, target, role) ? target : NULL;
}

static bool parse_set(bb_jparser *p, bb_jnode *node)
{
    node->left = parse_target(p, BB_JP_NSREF, NULL, BB_J_STORE);
    if (!node->left)
        return false;
    if (bb_jparser_skip_if(p, BB_JT_ASSIGN)) {
        node->right = bb_jparse_tuple(p, 0, NULL);
        return node->right != NULL;
    }
    node->kind = BB_JN_SET_BLOCK;
    if (bb_jparser_is(p, BB_JT_PIPE) && !(node->right = bb_jparse_filters(p, NULL, false)))
        return false;
    return parse_block_to(p, "endset", &node->body);
}

static bool parse_for(bb_jparser *p, bb_jnode *node)
{
    static const char *const ends[] = {"endfor", "else", NULL};

    node->left = parse_target(p, 0, "in", BB_J_STORE);
    if (!node->left || !bb_jparser_expect_word(p, "in"))
        return false;
    node->right = bb_jparse_tuple(p, BB_JP_NO_CONDITION, "recursive");
    if (!node->right)
        return false;
    if (bb_jparser_skip_word(p, "if") && !(node->third = bb_jparse_expression(p)))
        return false;
    if (bb_jparser_at(p, "recursive"))
        return bb_jinja_raise_at(p->run, bb_jparser_token(p)->at, "recursive loops are not supported");
    if (!parse_block(p, ends, &node->body))
        return false;
    if (bb_jparser_skip_word(p, "else"))
        return parse_block_to(p, "endfor", &node->orelse);
    return bb_jparser_expect_word(p, "endfor");
}

static bool parse_if(bb_jparser *p, bb_jnode *node)
{
    static const char *const ends[] = {"elif", "else", "endif", NULL};
    bb_jgathering elifs = {0};

    for (bb_jnode *branch = node;;) {
        branch->left = bb_jparse_tuple(p, BB_JP_NO_CONDITION, NULL);
        if (!branch->left || !parse_block(p, ends, &branch->body))
            return false;
        if (branch != node && !bb_jnode_finish(p, branch))
            return false;
        if (!bb_jparser_at(p, "elif"))
            break;
        branch = bb_jnode_new(p, BB_JN_IF, bb_jparser_token(p)->at);
        bb_jparser_skip(p, 1);
        if (!branch || !bb_jgather(p, &elifs, branch))
            return false;
    }
    node->more = elifs.nodes;
    if (bb_jparser_skip_word(p, "else"))
        return parse_block_to(p, "endif", &node->orelse);
    return bb_jparser_expect_word(p, "endif");
}

/* "(a, b=1)" */
static bool parse_signature(bb_jparser *p, bb_jnode *node)
{
    bb_jgathering params = {0}, defaults = {0};

    if (!bb_jparser_expect(p, BB_JT_LPAREN))
        return false;
    while (!bb_jparser_is(p, BB_JT_RPAREN)) {
        if (params.nodes.count && !bb_jparser_expect(p, BB_JT_COMMA))
            return false;
        bb_jnode *param = bb_jnode_new(p, BB_JN_NAME, bb_jparser_token(p)->at);
        if (!param || !(param->name = bb_jparser_name(p)))
            return false;
        param->role = BB_J_PARAM;
        for (size_t i = 0; i < params.nodes.count; i++)
            if (params.nodes.at[i]->name == param->name)
                return bb_jinja_raise_at(p->run, param->at, "parameter '%.*s' is named twice", (int)param->name->size, param->name->bytes);
        if (bb_jparser_skip_if(p, BB_JT_ASSIGN)) {
            bb_jnode *value = bb_jparse_expression(p);
            if (!value || !bb_jgather(p, &defaults, value))
                return false;
        } else if (defaults.nodes.count) {
            return bb_jinja_raise_at(p->run, param->at, "a parameter without a default stands behind one with a default");
        }
        if (!bb_jgather(p, &params, param))
            return false;
    }
    bb_jparser_skip(p, 1);
    node->items = params.nodes;
    node->more = defaults.nodes;
    return true;
}

static bool parse_macro(bb_jparser *p, bb_jnode *node)
{
    node->role = BB_J_STORE;
    node->name = bb_jparser_name(p);
    return node->name && parse_signature(p, node) && parse_block_to(p, "endmacro", &node->body);
}

static bool parse_call_block(bb_jparser *p, bb_jnode *node)
{
    if (bb_jparser_is(p, BB_JT_LPAREN) && !parse_signature(p, node))
        return false;
    node->left = bb_jparse_expression(p);
    if (!node->left)
        return false;
    if (node->left->kind != BB_JN_CALL)
        return bb_jinja_raise_at(p->run, node->left->at, "a call block needs a call");
    return parse_block_to(p, "endcall", &node->body);
}

static bool parse_generation(bb_jparser *p, bb_jnode *node)
{
    return parse_block_to(p, "endgeneration", &node->body);
}

static bool parse_filter_block(bb_jparser *p, bb_jnode *node)
{
    node->right = bb_jparse_filters(p, NULL, true);
    return node->right && parse_block_to(p, "endfilter", &node->body);
}

static bool parse_with(bb_jparser *p, bb_jnode *node)
{
    bb_jgathering targets = {0}, values = {0};

    while (!bb_jparser_is(p, BB_JT_BLOCK_END)) {
        if (targets.nodes.count && !bb_jparser_expect(p, BB_JT_COMMA))
            return false;
        bb_jnode *target = parse_target(p, 0, NULL, BB_J_PARAM);
        if (!target || !bb_jparser_expect(p, BB_JT_ASSIGN))
            return false;
        bb_jnode *value = bb_jparse_expression(p);
        if (!value || !bb_jgather(p, &targets, target) || !bb_jgather(p, &values, value))
            return false;
    }
    node->items = targets.nodes;
    node->more = values.nodes;
    return parse_block_to(p, "endwith", &node->body);
}

static bool parse_print(bb_jparser *p, bb_jnode *node)
{
    bb_jgathering items = {0};

    while (!bb_jparser_is(p, BB_JT_BLOCK_END)) {
        if (items.nodes.count && !bb_jparser_expect(p, BB_JT_COMMA))
            return false;
        bb_jnode *item = bb_jparse_expression(p);
        if (!item || !bb_jgather(p, &items, item))
            return false;
    }
    node->items = items.nodes;
    return true;
}

static bool parse_nothing(bb_jparser *p, bb_jnode *node)
{
    (void)p;
    (void)node;
    return true;
}

/* The tags. Those without a parser are Jinja's too, and refused by name. */
static const struct tag {
    const char *word;
    bb_jnode_kind kind;
    bool (*parse)(bb_jparser *p, bb_jnode *node);
} tags[] = {
    {"if", BB_JN_IF, parse_if},
    {"for", BB_JN_FOR, parse_for},
    {"set", BB_JN_SET, parse_set},
    {"macro", BB_JN_MACRO, parse_macro},
    {"call", BB_JN_CALL_BLOCK, parse_call_block},
    {"generation", BB_JN_CALL_BLOCK, parse_generation},
    {"filter", BB_JN_FILTER_BLOCK, parse_filter_block},
    {"with", BB_JN_WITH, parse_with},
    {"print", BB_JN_OUTPUT, parse_print},
    {"break", BB_JN_BREAK, parse_nothing},
    {"continue", BB_JN_CONTINUE, parse_nothing},
    {"include", 0, NULL},
    {"import", 0, NULL},
    {"from", 0, NULL},
    {"extends", 0, NULL},
    {"block", 0, NULL},
    {"autoescape", 0, NULL},
};

static bb_jnode *parse_tag(bb_jparser *p, const bb_jtoken *token)
{
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (!bb_jtoken_is_word(token, tags[i].word))
            continue;
        if (!tags[i].parse) {
            bb_jinja_raise_at(p->run, token->at, "'%s' is not supported: a chat template is a single file of plain text", tags[i].word);
            return NULL;
        }
        bb_jnode *node = bb_jnode_new(p, tags[i].kind, token->at);
        bb_jparser_skip(p, 1);
        return node && tags[i].parse(p, node) ? bb_jnode_finish(p, node) : NULL;
    }
    bb_jinja_raise_at(p->run, token->at, "unknown tag '%.*s'", (int)(token->size < 40 ? token->size : 40), token->text);
    return NULL;
}

static bb_jnode *parse_statement(bb_jparser *p, const char *const *ends)
{
    const bb_jtoken *token = bb_jparser_token(p);

    if (token->kind != BB_JT_NAME) {
        bb_jparser_unexpected(p, "the name of a tag");
        return NULL;
    }
    if (ends && (token->size > 3 && memcmp(token->text, "end", 3) == 0)) {
        bb_jinja_raise_at(p->run, token->at, "found '%.*s', expected '%s'", (int)(token->size < 40 ? token->size : 40), token->text,
                          ends[0]);
        return NULL;
    }
    if (!bb_jinja_enter(p->run))
        return NULL;
    bb_jnode *node = parse_tag(p, token);
    bb_jinja_leave(p->run);
    return node && bb_jparser_expect(p, BB_JT_BLOCK_END) ? node : NULL;
}

static bb_jnode *parse_data(bb_jparser *p)
{
    const bb_jtoken *token = bb_jparser_token(p);
    bb_jnode *node = bb_jnode_new(p, BB_JN_DATA, token->at);

    if (!node || !bb_j_borrow(p->run, token->text, token->size, &node->value))
        return NULL;
    bb_jparser_skip(p, 1);
    return bb_jnode_finish(p, node);
}

/* Text and "{{ }}" up to the next tag: one output. */
static bb_jnode *parse_output(bb_jparser *p)
{
    bb_jnode *node = bb_jnode_new(p, BB_JN_OUTPUT, bb_jparser_token(p)->at);
    bb_jgathering items = {0};

    if (!node)
        return NULL;
    for (;;) {
        bb_jnode *item;
        if (bb_jparser_is(p, BB_JT_DATA)) {
            item = parse_data(p);
        } else if (bb_jparser_skip_if(p, BB_JT_VARIABLE_BEGIN)) {
            item = bb_jparse_tuple(p, 0, NULL);
            if (item && !bb_jparser_expect(p, BB_JT_VARIABLE_END))
                return NULL;
        } else {
            break;
        }
        if (!item || !bb_jgather(p, &items, item))
            return NULL;
    }
    node->items = items.nodes;
    return bb_jnode_finish(p, node);
}

static bool parse_body(bb_jparser *p, const char *const *ends, bb_jnodes *body)
{
    bb_jgathering list = {0};

    while (!bb_jparser_is(p, BB_JT_EOF)) {
        bb_jnode *node;
        if (bb_jparser_skip_if(p, BB_JT_BLOCK_BEGIN)) {
            for (size_t i = 0; ends && ends[i]; i++)
                if (bb_jparser_at(p, ends[i])) {
                    *body = list.nodes;
                    return true;
                }
            node = parse_statement(p, ends);
        } else {
            node = parse_output(p);
        }
        if (!node || !bb_jgather(p, &list, node))
            return false;
    }
    *body = list.nodes;
    if (!ends)
        return true;
    return bb_jinja_raise_at(p->run, bb_jparser_token(p)->at, "the template ends before '%s'", ends[0]);
}

bool bb_jinja_parse(bb_jinja *run, bb_jtemplate *program)
{
    bb_jparser p = {.run = run, .program = program};
    bb_jvalue names;

    if (!bb_j_dict(run, &names))
        return false;
    program->names = names.dict;
    return parse_body(&p, NULL, &program->body);
}
