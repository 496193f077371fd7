/* bombus template: the prompt that a model's chat template makes of messages. */
#include "json.h"
#include "load.h"
#include "prompt.h"

#include <string.h>

typedef struct choice {
    const char *model;
    prompt_choice prompt;
    bool json, no_generation_prompt;
} choice;

/* Ids as transformers' apply_chat_template gives them: the template has written the special tokens, and no more are added. */
static bool print_json(const choice *c, const rendered_prompt *made)
{
    bombus_tokenizer *tokenizer = NULL;
    bombus_ids ids = {0};
    bool done = false;

    if (load_tokenizer(c->model, &tokenizer) && encode(tokenizer, "prompt", made->text, made->bytes, BOMBUS_NO_SPECIAL, &ids)) {
        json *out = json_begin();
        json_object(out);
        json_text(out, "text", made->text, made->bytes);
        json_ids(out, "ids", ids.ids, ids.count);
        json_object_end(out);
        done = json_finish(out);
    }
    bombus_ids_free(&ids);
    bombus_tokenizer_free(tokenizer);
    return done;
}

static int run(const command *self, int argc, char **argv)
{
    choice c = {0};
    bombus_template *chat_template;
    rendered_prompt made;
    const option options[] = {
        text_option(
            "model", &c.model, "DIR",
            "Model directory (default: the small model that comes with bombus). Weights are not needed, and without --json no tokenizer.json."),
        messages_option(&c.prompt, "The messages: a JSON array of objects with role and content; - reads standard input."),
        tools_option(&c.prompt),
        system_prompt_option(&c.prompt),
        chat_template_option(&c.prompt),
        chat_template_config_option(&c.prompt),
        flag_option("no-generation-prompt", &c.no_generation_prompt, "Do not open the assistant's turn at the end."),
        flag_option("json", &c.json, "Print {\"text\": \"...\", \"ids\": [...]}."),
    };

    int status = read_options(self, options, sizeof options / sizeof *options, &argc, argv);
    if (status >= 0)
        return status;
    if (argc)
        return complain_usage(self, "unexpected argument \"%s\"", argv[0]);
    if (!c.prompt.messages)
        return complain_usage(self, "--messages is missing");
    if (c.prompt.tools && strcmp(c.prompt.messages, "-") == 0 && strcmp(c.prompt.tools, "-") == 0)
        return complain_usage(self, "--messages and --tools cannot both be standard input");
    if ((status = need_model(self, &c.model)) >= 0)
        return status;
    if (!load_template(&c.prompt, c.model, true, &chat_template))
        return EXIT_FAILED;

    bool done = render_prompt(&c.prompt, chat_template, NULL, 0, !c.no_generation_prompt, &made);
    if (done)
        done = c.json ? print_json(&c, &made) : put(made.text, made.bytes) && flush_output();
    free_prompt(&made);
    bombus_template_free(chat_template);
    return done ? EXIT_OK : EXIT_FAILED;
}

const command cmd_template = {
    .name = "template",
    .summary = "Turn messages into a prompt by the model's chat template",
    .synopsis = "[--model DIR] --messages FILE|- [options]",
    .description = "Prints the prompt that the model's chat template makes of messages, exactly: no newline is added. It is what Hugging\n"
                   "Face's apply_chat_template gives. The template is chat_template.jinja, or chat_template in tokenizer_config.json.\n\n"
                   "Example:\n"
                   "  echo '[{\"role\": \"user\", \"content\": \"Hello\"}]' | bombus template --model models/Qwen3-0.6B-4bit --messages -",
    .run = run,
};
