/* tokenizer.json: any bytes are refused with a message, or become a tokenizer that takes any text and gives it back as UTF-8, whole or
 * piece by piece.
 *
 * What follows the first NUL byte is encoded too. */
#include "text/tokenizer/tokenizer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void require_same_pieces(bombus_tokenizer *t, const bombus_ids *ids, int flags, const char *text, size_t bytes)
{
    bombus_error err;
    bombus_detokenizer *stream;
    bb_buffer joined = {0};
    const char *piece;
    size_t piece_bytes;

    require(bombus_detokenizer_create(&stream, t, flags, &err) == BOMBUS_OK);
    for (size_t i = 0; i <= ids->count; i++) {
        bombus_status status = i < ids->count ? bombus_detokenizer_push(stream, ids->ids[i], &piece, &piece_bytes, &err)
                                              : bombus_detokenizer_finish(stream, &piece, &piece_bytes, &err);
        require(status == BOMBUS_OK && bb_utf8_valid(piece, piece_bytes));
        require(bb_buffer_append(&joined, piece, piece_bytes));
    }
    require(joined.size == bytes && (bytes == 0 || memcmp(joined.data, text, bytes) == 0));
    bombus_detokenizer_free(stream);
    bb_buffer_free(&joined);
}

static void try_text(bombus_tokenizer *t, const char *text, size_t bytes, int flags)
{
    bombus_error err = {0};
    bombus_ids ids = {0};
    char *decoded;
    size_t decoded_bytes;

    bombus_status status = bombus_tokenizer_encode(t, text, bytes, flags & BOMBUS_NO_SPECIAL, &ids, &err);
    require(status == BOMBUS_OK ? ids.count == 0 || ids.ids != NULL : err.message[0] != '\0' && ids.count == 0);
    status = bombus_tokenizer_decode(t, ids.ids, ids.count, flags & BOMBUS_SKIP_SPECIAL, &decoded, &decoded_bytes, &err);
    if (status == BOMBUS_OK) {
        require(bb_utf8_valid(decoded, decoded_bytes) && decoded[decoded_bytes] == '\0');
        require_same_pieces(t, &ids, flags & BOMBUS_SKIP_SPECIAL, decoded, decoded_bytes);
    } else {
        require(err.message[0] != '\0');
    }
    bombus_text_free(decoded);
    bombus_ids_free(&ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char fixed[] = " Hello,  w\xc3\xb6rld 123\n\n\t<s>a b</s> e\xcc\x81 \xe4\xb8\xad\xf0\x9f\x90\x9d it's\0";
    const char *text = (const char *)data, *nul = size ? memchr(text, '\0', size) : NULL;
    const size_t bytes = nul ? (size_t)(nul - text) : size;
    bombus_error err = {0};
    bombus_tokenizer *t;

    if (bb_tokenizer_parse(&t, text, bytes, "fuzz", &err) != BOMBUS_OK) {
        require(err.message[0] != '\0' && !t);
        return 0;
    }
    try_text(t, fixed, sizeof fixed - 1, 0);
    try_text(t, fixed, sizeof fixed - 1, BOMBUS_NO_SPECIAL | BOMBUS_SKIP_SPECIAL);
    if (nul)
        try_text(t, nul + 1, size - bytes - 1, 0);
    bombus_tokenizer_free(t);
    return 0;
}
