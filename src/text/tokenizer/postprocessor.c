/* Post-processors.
 *
 * Between steps there are stretches of ids, which nobody copies, in groups: a step of the library may leave several encodings behind, and
 * the next one tells the first from the others. */
#include "text/tokenizer/postprocessor.h"

#include "base/error.h"

typedef enum step_kind { TEMPLATE, BERT, ROBERTA } step_kind;

/* A stretch of ids. One that is last ends a group. */
typedef struct stretch {
    const int32_t *ids;
    size_t count;
    bool last;
} stretch;

/* A piece of a template: the ids of a special token, or a group. */
typedef struct template_part {
    int32_t *ids; /* [count] */
    size_t count;
    int group; /* 0 and 1: a group takes its place; -1 for ids */
} template_part;

typedef struct template
{
    template_part *parts;
    size_t count, capacity;
}
template;

struct bb_postprocessor {
    step_kind kind;
    template single, pair; /* TEMPLATE, for one group and for two */
    int32_t begin, end;    /* BERT and ROBERTA: cls and sep */
};

typedef struct loader {
    bb_postprocessors *out;
    const bb_vocab *vocab;
    const bb_added_tokens *added;
    bb_place place;
    bombus_error *err;
} loader;

/* ---- loading ---- */

static bombus_status read_id(loader *l, const bb_json *json, const bb_json *value, const char *field, int32_t *id)
{
    int64_t number;
    size_t bytes;
    char found[80];

    if (!bb_json_to_int(value, &number) || number < 0 || number > UINT32_MAX)
        return bb_component_unexpected(json, field, &l->place, "ids that are numbers", l->err);
    if (number >= l->added->limit || (!bb_added_tokens_at(l->added, (int32_t)number) && !bb_vocab_text(l->vocab, (int32_t)number, &bytes)))
        return bb_fail(l->err, BOMBUS_EFORMAT, "%s: %s: %s: id %s is not in the vocabulary", l->place.file, l->place.part, field,
                       bb_json_describe(value, found, sizeof found));
    *id = (int32_t)number;
    return BOMBUS_OK;
}

static bombus_status read_special(loader *l, const bb_json *json, const bb_json *name, template_part *part)
{
    const bb_json *known = bb_json_get(json, "special_tokens");
    const bb_json *entry = bb_json_is(name, BB_JSON_STRING) ? bb_json_get(known, name->text) : NULL, *ids = bb_json_get(entry, "ids");
    char found[80];
    bombus_status status = BOMBUS_OK;

    if (!bb_json_is(known, BB_JSON_OBJECT))
        return bb_component_unexpected(json, "special_tokens", &l->place, "an object", l->err);
    if (!bb_json_is(ids, BB_JSON_ARRAY))
        return bb_fail(l->err, BOMBUS_EFORMAT, "%s: %s: TemplateProcessing.special_tokens: no ids for %s", l->place.file, l->place.part,
                       bb_json_describe(name, found, sizeof found));
    part->group = -1;
    part->ids = bb_alloc_zero(ids->count, sizeof *part->ids);
    if (!part->ids)
        return bb_fail_memory(l->err, ids->count * sizeof *part->ids);
    for (size_t i = 0; i < ids->count && status == BOMBUS_OK; i++)
        status = read_id(l, json, &ids->items[i], "special_tokens", &part->ids[part->count++]);
    return status;
}

static bombus_status read_template(loader *l, const bb_json *json, const char *field, int groups, template *out)
{
    const bb_json *list = bb_json_get(json, field);
    bombus_status status = BOMBUS_OK;

    if (!bb_json_is(list, BB_JSON_ARRAY))
        return bb_component_unexpected(json, field, &l->place, "an array", l->err);
    for (size_t i = 0; i < list->count && status == BOMBUS_OK; i++) {
        const bb_json *special = bb_json_get(&list->items[i], "SpecialToken"), *group = bb_json_get(&list->items[i], "Sequence");
        const bb_json *id = bb_json_get(special ? special : group, "id");
        if (!bb_grow(&out->parts, &out->capacity, out->count + 1, sizeof *out->parts))
            return bb_fail_memory(l->err, sizeof *out->parts);
        template_part *part = &out->parts[out->count++];
        *part = (template_part){0};
        if (special) {
            status = read_special(l, json, id, part);
            continue;
        }
        if (bb_json_is_text(id, "B"))
            part->group = 1;
        else if (!bb_json_is_text(id, "A"))
            return bb_component_unexpected(json, field, &l->place, "SpecialToken and Sequence entries", l->err);
        if (part->group >= groups)
            return bb_component_unexpected(json, field, &l->place, "no Sequence B where there is one text", l->err);
    }
    return status;
}

static bombus_status load_template(loader *l, bb_postprocessor *step, const bb_json *json)
{
    bombus_status status = read_template(l, json, "single", 1, &step->single);

    if (status == BOMBUS_OK)
        status = read_template(l, json, "pair", 2, &step->pair);
    for (size_t i = 0; i < step->single.count; i++)
        l->out->added += step->single.parts[i].count;
    return status;
}

/* "cls": ["<s>", 0] */
static bombus_status read_pair(loader *l, const bb_json *json, const char *field, int32_t *id)
{
    const bb_json *pair = bb_json_get(json, field);

    if (!bb_json_is(pair, BB_JSON_ARRAY) || pair->count != 2 || pair->items[0].type != BB_JSON_STRING)
        return bb_component_unexpected(json, field, &l->place, "[\"token\", id]", l->err);
    return read_id(l, json, &pair->items[1], field, id);
}

static bombus_status load_bert(loader *l, bb_postprocessor *step, const bb_json *json)
{
    bombus_status status = read_pair(l, json, "cls", &step->begin);

    l->out->added += 2;
    return status == BOMBUS_OK ? read_pair(l, json, "sep", &step->end) : status;
}

static bombus_status load(loader *l, const bb_json *json, int depth)
{
    const char *type;
    bombus_status status = bb_component_type(json, &l->place, &type, l->err);

    if (status != BOMBUS_OK)
        return status;
    if (strcmp(type, "ByteLevel") == 0) /* moves offsets only */
        return BOMBUS_OK;
    if (strcmp(type, "Sequence") == 0) {
        const bb_json *list;
        status = bb_component_sequence(json, "processors", depth, &l->place, &list, l->err);
        for (size_t i = 0; status == BOMBUS_OK && i < list->count; i++)
            status = load(l, &list->items[i], depth + 1);
        return status;
    }

    static const char *const types[] = {[TEMPLATE] = "TemplateProcessing", [BERT] = "BertProcessing", [ROBERTA] = "RobertaProcessing"};
    int k = TEMPLATE;
    while (k <= ROBERTA && strcmp(type, types[k]) != 0)
        k++;
    if (k > ROBERTA)
        return bb_component_unsupported(json, &l->place, l->err);
    if (l->out->count == BB_STEPS)
        return bb_fail(l->err, BOMBUS_EUNSUPPORTED, "%s: %s: more than %d steps", l->place.file, l->place.part, BB_STEPS);
    if (!bb_grow(&l->out->steps, &l->out->capacity, l->out->count + 1, sizeof *l->out->steps))
        return bb_fail_memory(l->err, sizeof *l->out->steps);
    bb_postprocessor *step = &l->out->steps[l->out->count++];
    *step = (bb_postprocessor){.kind = (step_kind)k};
    return k == TEMPLATE ? load_template(l, step, json) : load_bert(l, step, json);
}

bombus_status bb_postprocessors_load(bb_postprocessors *out, const bb_json *json, const bb_vocab *vocab, const bb_added_tokens *added,
                                     const char *file, bombus_error *err)
{
    loader l = {out, vocab, added, {file, "post_processor"}, err};

    return json && json->type != BB_JSON_NULL ? load(&l, json, 0) : BOMBUS_OK;
}

static void free_template(template *t)
{
    for (size_t i = 0; i < t->count; i++)
        bb_free(t->parts[i].ids);
    bb_free(t->parts);
}

void bb_postprocessors_free(bb_postprocessors *processors)
{
    for (size_t i = 0; i < processors->count; i++) {
        free_template(&processors->steps[i].single);
        free_template(&processors->steps[i].pair);
    }
    bb_free(processors->steps);
    *processors = (bb_postprocessors){0};
}

/* ---- applying ---- */

typedef struct stretches {
    stretch *items;
    size_t count, capacity;
} stretches;

static bool put(stretches *list, const int32_t *ids, size_t count, bool last)
{
    if (!bb_grow(&list->items, &list->capacity, list->count + 1, sizeof *list->items))
        return false;
    list->items[list->count++] = (stretch){ids, count, last};
    return true;
}

/* The group of that number, closed if last says so. */
static bool put_group(stretches *list, const stretches *from, size_t group, bool last)
{
    size_t i = 0;

    for (; group > 0; i++)
        group -= from->items[i].last;
    for (;; i++) {
        const stretch *s = &from->items[i];
        if (!put(list, s->ids, s->count, s->last && last))
            return false;
        if (s->last)
            return true;
    }
}

static size_t group_count(const stretches *list)
{
    size_t groups = 0;
    for (size_t i = 0; i < list->count; i++)
        groups += list->items[i].last;
    return groups;
}

/* Every part of a template becomes a group of its own. */
static bombus_status apply_template(const bb_postprocessor *step, const stretches *in, stretches *out, bool special, bombus_error *err)
{
    const size_t groups = group_count(in);
    const template *t = groups == 1 ? &step->single : &step->pair;

    if (groups == 0 || groups > 2)
        return bb_fail(err, BOMBUS_EUNSUPPORTED, "post_processor: a TemplateProcessing behind one that leaves %zu parts", groups);
    for (size_t i = 0; i < t->count; i++) {
        const template_part *p = &t->parts[i];
        if (p->group < 0 && !special)
            continue;
        if (!(p->group < 0 ? put(out, p->ids, p->count, true) : put_group(out, in, (size_t)p->group, true)))
            return bb_fail_memory(err, in->count * sizeof *in->items);
    }
    return BOMBUS_OK;
}

static bombus_status apply_bert(const bb_postprocessor *step, const stretches *in, stretches *out, bombus_error *err)
{
    const size_t groups = group_count(in);
    bool ok = true;

    for (size_t g = 0; g < groups && ok; g++) {
        if (g == 0)
            ok = put(out, &step->begin, 1, false);
        else if (step->kind == ROBERTA)
            ok = put(out, &step->end, 1, false);
        ok = ok && put_group(out, in, g, false) && put(out, &step->end, 1, true);
    }
    return ok ? BOMBUS_OK : bb_fail_memory(err, in->count * sizeof *in->items);
}

static bombus_status join(const stretches *list, bombus_ids *out, bombus_error *err)
{
    size_t total = out->count;

    for (size_t i = 0; i < list->count; i++)
        total += list->items[i].count;
    if (!bb_grow(&out->ids, &out->capacity, total, sizeof *out->ids))
        return bb_fail_memory(err, total * sizeof *out->ids);
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].count)
            memcpy(out->ids + out->count, list->items[i].ids, list->items[i].count * sizeof *out->ids);
        out->count += list->items[i].count;
    }
    return BOMBUS_OK;
}

bombus_status bb_postprocess(const bb_postprocessors *processors, const int32_t *ids, size_t count, bool special, bombus_ids *out,
                             bombus_error *err)
{
    stretches lists[2] = {0};
    stretches *in = &lists[0], *next = &lists[1];
    bombus_status status = put(in, ids, count, true) ? BOMBUS_OK : bb_fail_memory(err, sizeof *in->items);

    for (size_t i = 0; i < processors->count && status == BOMBUS_OK; i++) {
        const bb_postprocessor *step = &processors->steps[i];
        if (step->kind != TEMPLATE && !special)
            continue;
        next->count = 0;
        status = step->kind == TEMPLATE ? apply_template(step, in, next, special, err) : apply_bert(step, in, next, err);
        stretches *done = in;
        in = next;
        next = done;
    }
    if (status == BOMBUS_OK)
        status = join(in, out, err);
    bb_free(lists[0].items);
    bb_free(lists[1].items);
    return status;
}
