/* bombus fuse: a model with an adapter in its weights. */
#include "load.h"

#include <stdio.h>

typedef struct choice {
    model_choice model;
    const char *save, *upload, *gguf_path;
    bool dequantize, gguf, trust;
} choice;

static bool fuse(choice *c)
{
    bombus_fuse_options options = {.dequantize = c->dequantize};
    bombus_adapter_use uses[MAX_LIST];
    size_t count = 0;
    bombus_error err;
    bool done = find_fine_tune(&c->model, &options.fine_tune);

    if (done && !options.fine_tune)
        done = load_adapters(&c->model, uses, &count);
    if (done && bombus_fuse(c->model.path, uses, count, c->save, &options, &err) != BOMBUS_OK) {
        complain("%s", err.message);
        done = false;
    }
    free_adapters(uses, count);
    return done;
}

static int run(const command *self, int argc, char **argv)
{
    choice c = {.save = "fused_model"};
    option_table table = {0};
    const option own[] = {
        model_option(&c.model),
        text_option("save-path", &c.save, "DIR", "Where to write the model; made where it is not there (default: fused_model)."),
        flag_option("dequantize", &c.dequantize, "Write a dense model, with all layers that are quantized dequantized."),
        flag_option("export-gguf", &c.gguf, "mlx_lm.fuse has it; not supported."),
        text_option("gguf-path", &c.gguf_path, "FILE", "mlx_lm.fuse has it; not supported."),
        text_option("upload-repo", &c.upload, "REPO", "mlx_lm.fuse has it; not supported."),
        flag_option("trust-remote-code", &c.trust, "mlx_lm.fuse has it; there is nothing to trust, since no code of a model's is run."),
    };

    add_options(&table, own, sizeof own / sizeof *own);
    add_adapter_options(&table, &c.model);
    int status = read_options(self, table.rows, table.count, &argc, argv);
    if (status >= 0)
        return status;
    if (argc)
        return complain_usage(self, "unexpected argument \"%s\"", argv[0]);
    if (c.gguf || c.gguf_path)
        return complain_usage(self, "--%s: GGUF is not supported", c.gguf ? "export-gguf" : "gguf-path");
    if (c.upload)
        return complain_usage(self, "--upload-repo: uploads are not supported");
    if (c.model.adapters.count == 0)
        c.model.adapters.items[c.model.adapters.count++] = "adapters";
    if ((status = need_model(self, &c.model.path)) >= 0)
        return status;
    return fuse(&c) ? EXIT_OK : EXIT_FAILED;
}

const command cmd_fuse = {
    .name = "fuse",
    .summary = "Write a model with an adapter in its weights",
    .synopsis = "[--model DIR] [--adapter-path DIR] [--save-path DIR] [options]",
    .description =
        "Writes the model that a model and an adapter are together; without --adapter-path the adapter is in the directory\n"
        "adapters, as in mlx_lm.fuse. A quantized layer that the adapter changes is quantized again as it was, which loses what\n"
        "its steps are too coarse for: --dequantize keeps it. A full fine-tune's weights go in the model's place.",
    .run = run,
};
