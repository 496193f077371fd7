/* Chat templates: any source is refused with its place, or renders to UTF-8, or ends with an error, in bounded time.
 *
 * What follows the first NUL byte is the messages' JSON, and behind a second one the variables'. */
#include <bombus/template.h>
#include <bombus/tokenizer.h>

#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char MESSAGES[] =
    "[{\"role\": \"user\", \"content\": \"hi \\u00e9\\n\"}, {\"role\": \"assistant\", \"content\": [{\"text\": \"a\"}, 1.5, null],"
    " \"tool_calls\": [{\"name\": \"f\", \"arguments\": {\"b\": [true, -7]}}]}]";

static void require(bool truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *messages, *variables = NULL, *rendered;
    bombus_template *t;
    bombus_error err = {0};
    size_t bytes;

    require(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    const size_t source = strlen(text);
    messages = source < size ? text + source + 1 : NULL;
    if (messages && messages + strlen(messages) < text + size)
        variables = messages + strlen(messages) + 1;

    if (bombus_template_create(&t, text, source, "t", NULL, &err) != BOMBUS_OK) {
        require(err.code != BOMBUS_OK && err.message[0] != '\0' && bb_utf8_valid(err.message, strlen(err.message)));
        free(text);
        return 0;
    }
    const bombus_template_input input = {
        .messages = messages && *messages ? messages : MESSAGES, .variables = variables, .add_generation_prompt = true, .now = 1};
    if (bombus_template_render(t, &input, &rendered, &bytes, &err) == BOMBUS_OK) {
        require(strlen(rendered) <= bytes && rendered[bytes] == '\0' && bb_utf8_valid(rendered, bytes));
        bombus_text_free(rendered);
    } else {
        require(err.code != BOMBUS_OK && err.message[0] != '\0' && rendered == NULL);
    }
    bombus_template_free(t);
    free(text);
    return 0;
}
