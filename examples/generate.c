/* The smallest useful program: a model directory and a prompt in, text out as it is drawn.
 *
 *     cc generate.c $(pkg-config --cflags --libs bombus) -o generate && ./generate Qwen3-0.6B-4bit "Once upon a time" */
#include <bombus/bombus.h>
#include <stdio.h>
#include <string.h>

static bool print(const bombus_token *token, void *context)
{
    return fwrite(token->text, 1, token->text_bytes, context) == token->text_bytes; /* false ends the answer */
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    bombus_error err = {0};
    bombus_model *model = NULL;
    bombus_tokenizer *tokenizer = NULL;
    bombus_session *session = NULL;
    bombus_ids prompt = {0};
    bombus_result result = {0};
    bombus_request request;
    bombus_request_init(&request);
    request.on_token = print;
    request.context = stdout;

    if (bombus_model_load(&model, argv[1], NULL, &err) || bombus_tokenizer_load(&tokenizer, argv[1], &err) ||
        bombus_session_create(&session, model, tokenizer, NULL, &err) ||
        bombus_tokenizer_encode(tokenizer, argv[2], strlen(argv[2]), 0, &prompt, &err) ||
        bombus_session_generate(session, prompt.ids, prompt.count, &request, &result, &err))
        fprintf(stderr, "%s\n", err.message);

    bombus_result_clear(&result);
    bombus_ids_free(&prompt);
    bombus_session_free(session);
    bombus_tokenizer_free(tokenizer);
    bombus_model_free(model);
    return err.code ? 1 : 0;
}
