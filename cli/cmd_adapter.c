/* bombus adapter: what an adapter changes; one format to the other; several as one. */
#include "json.h"
#include "load.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct choice {
    model_choice model; /* its adapters are */
    const char *save;
    int format;
    bool format_given, json;
} choice;

static const char *const formats[] = {[BOMBUS_ADAPTER_MLX] = "mlx", [BOMBUS_ADAPTER_PEFT] = "peft", NULL};

/* ---- inspect ---- */

static void write_modules(json *out, const bombus_adapter *adapter)
{
    const bombus_adapter_info *info = bombus_adapter_get_info(adapter);
    bombus_adapter_module m;

    json_key(out, "modules");
    json_array(out);
    for (size_t i = 0; i < info->module_count; i++) {
        bombus_adapter_module_at(adapter, i, &m, NULL);
        json_object(out);
        json_string(out, "name", m.name);
        json_int(out, "rank", m.rank);
        json_float(out, "scale", m.scale, 9);
        json_int(out, "in", m.in);
        json_int(out, "out", m.out);
        json_bool(out, "magnitude", m.magnitude);
        json_object_end(out);
    }
    json_array_end(out);
}

static bool inspect_json(const bombus_adapter *adapter)
{
    const bombus_adapter_info *info = bombus_adapter_get_info(adapter);
    json *out = json_begin();

    json_object(out);
    json_string(out, "format", bombus_adapter_format_name(info->format));
    json_string(out, "kind", bombus_adapter_kind_name(info->kind));
    json_string(out, "base", info->base);
    json_int(out, "rank", info->rank);
    json_int(out, "parameters", info->parameters);
    json_int(out, "weight_bytes", info->weight_bytes);
    write_modules(out, adapter);
    json_object_end(out);
    return json_finish(out);
}

static bool inspect_text(const char *path, const bombus_adapter *adapter)
{
    const bombus_adapter_info *info = bombus_adapter_get_info(adapter);
    bombus_adapter_module m;

    print("%-12s%s\n", "Adapter", path);
    print("%-12s%s, %s\n", "Format", bombus_adapter_format_name(info->format), bombus_adapter_kind_name(info->kind));
    if (info->base)
        print("%-12s%s\n", "Made for", info->base);
    if (info->kind == BOMBUS_ADAPTER_FULL)
        return flush_output();
    print("%-12s%" PRId64 " in %" PRId64 " bytes\n", "Parameters", info->parameters, info->weight_bytes);
    print("%-12s%zu\n\n", "Modules", info->module_count);
    for (size_t i = 0; i < info->module_count; i++) {
        bombus_adapter_module_at(adapter, i, &m, NULL);
        print("%-44s rank %-4d scale %-10g [%" PRId64 ", %" PRId64 "]%s\n", m.name, m.rank, m.scale, m.out, m.in,
              m.magnitude ? ", lengths" : "");
    }
    return flush_output();
}

/* ---- convert, merge ---- */

static bool write_adapter(const choice *c, const bombus_adapter_use *uses, size_t count)
{
    const int format = c->format_given ? c->format : BOMBUS_ADAPTER_MLX;
    bombus_adapter_report report;
    bombus_error err;

    if (bombus_adapter_write(uses, count, (bombus_adapter_format)format, c->save, &report, &err) != BOMBUS_OK) {
        complain("%s", err.message);
        return false;
    }
    fprintf(stderr, "%s: %zu modules, rank %d, %s\n", c->save, report.module_count, report.rank,
            bombus_adapter_format_name((bombus_adapter_format)format));
    if (report.padded)
        fprintf(stderr, "Ranks differ, and the format has one: smaller ones are filled up with zeros.\n");
    if (report.untied)
        fprintf(stderr,
                "It changes the head: mlx-lm has it only for models whose head is not their embedding (tie_word_embeddings: false).\n");
    if (report.folded)
        fprintf(stderr, "Scales are a part of B.\n");
    return true;
}

/* ---- the command ---- */

static int check_action(const command *self, const char *action, const choice *c)
{
    const bool inspects = strcmp(action, "inspect") == 0, converts = strcmp(action, "convert") == 0;

    if (!inspects && !converts && strcmp(action, "merge") != 0)
        return complain_usage(self, "adapter %s: expected inspect, convert or merge", action);
    if (c->model.adapters.count == 0)
        return complain_usage(self, "--adapter-path is missing");
    if ((inspects || converts) && (c->model.adapters.count > 1 || c->model.adapter_scales.count))
        return complain_usage(self, "adapter %s takes one --adapter-path, and no --adapter-scale", action);
    if (!inspects && !c->save)
        return complain_usage(self, "--save-path is missing");
    if (inspects && (c->save || c->format_given))
        return complain_usage(self, "adapter inspect writes nothing: --%s is for convert and merge", c->save ? "save-path" : "format");
    if (converts && !c->format_given)
        return complain_usage(self, "--format is missing");
    if (!inspects && c->json)
        return complain_usage(self, "--json is for inspect");
    return -1;
}

static int run(const command *self, int argc, char **argv)
{
    choice c = {0};
    option_table table = {0};
    bombus_adapter_use uses[MAX_LIST];
    size_t count;
    const option own[] = {
        text_option("save-path", &c.save, "DIR", "Where convert and merge write; made where it is not there."),
        with_given(&c.format_given, choice_option("format", &c.format, "FORMAT", formats,
                                                  "Whose format to write: mlx (what merge writes if it is not told), or peft.")),
        flag_option("json", &c.json, "With inspect: print one JSON object."),
    };

    add_adapter_options(&table, &c.model);
    add_options(&table, own, sizeof own / sizeof *own);
    int status = read_options(self, table.rows, table.count, &argc, argv);
    if (status >= 0)
        return status;
    if (argc == 0)
        return complain_usage(self, "expected inspect, convert or merge");
    if (argc > 2 || (argc == 2 && c.model.adapters.count))
        return complain_usage(self, "unexpected argument \"%s\"", argv[argc - 1]);
    if (argc == 2)
        c.model.adapters.items[c.model.adapters.count++] = argv[1];
    if ((status = check_action(self, argv[0], &c)) >= 0)
        return status;

    bool done = load_adapters(&c.model, uses, &count);
    if (done && strcmp(argv[0], "inspect") == 0)
        done = c.json ? inspect_json(uses[0].adapter) : inspect_text(c.model.adapters.items[0], uses[0].adapter);
    else if (done)
        done = write_adapter(&c, uses, count);
    free_adapters(uses, count);
    return done ? EXIT_OK : EXIT_FAILED;
}

const command cmd_adapter = {
    .name = "adapter",
    .summary = "Show, convert or merge adapters",
    .synopsis = "inspect DIR [--json]\n"
                "       bombus adapter convert --adapter-path DIR --format mlx|peft --save-path DIR\n"
                "       bombus adapter merge --adapter-path DIR [--adapter-scale X] ... --save-path DIR [--format mlx|peft]",
    .description =
        "inspect shows what an adapter changes. convert writes it in another format: exact where that can say what it is; mlx-lm's\n"
        "has one rank and one scale, so that smaller ranks are filled up with zeros and scales go into B, which is said. merge\n"
        "writes the weighted sum of LoRA adapters as one, of their ranks together. What the other format means otherwise is\n"
        "refused.",
    .run = run,
};
