/* JSON: any bytes are refused with a message, or become a tree all of whose text can be looked at. */
#include "base/json.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void require_text(const char *text, size_t bytes)
{
    require(text[bytes] == '\0');
    require(bb_utf8_valid(text, bytes));
}

static void walk(const bb_json *value, int depth)
{
    char buffer[80];
    double number;
    int64_t integer;

    require(depth <= BB_JSON_DEPTH);
    require(strlen(bb_json_describe(value, buffer, sizeof buffer)) < sizeof buffer);
    switch (value->type) {
    case BB_JSON_STRING:
        require_text(value->text, value->bytes);
        break;
    case BB_JSON_NUMBER:
        require_text(value->text, value->bytes);
        bb_json_to_double(value, &number);
        bb_json_to_int(value, &integer);
        break;
    case BB_JSON_ARRAY:
        for (size_t i = 0; i < value->count; i++)
            walk(&value->items[i], depth + 1);
        break;
    case BB_JSON_OBJECT:
        for (size_t i = 0; i < value->size; i++) {
            const bb_json_member *member = &value->members[i];
            require_text(member->key, member->key_bytes);
            walk(&member->value, depth + 1);
            if (strlen(member->key) == member->key_bytes && value->size < 100) /* no duplicates: a key finds its own value */
                require(bb_json_get(value, member->key) == &member->value);
        }
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bb_json_document document;
    bombus_error err = {0};

    if (bb_json_parse(&document, (const char *)data, size, "input", &err) == BOMBUS_OK) {
        walk(&document.root, 0);
        bb_json_free(&document);
    } else {
        require(err.code != BOMBUS_OK && err.message[0] != '\0');
    }
    return 0;
}
