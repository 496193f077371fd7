/* Arrays of small floats to F32 and back: plain loops that compilers vectorize. */
#include "tensor/half.h"

void bb_widen(float *out, bombus_dtype dtype, const void *data, int64_t count)
{
    const unsigned char *bytes = data;

    if (dtype == BOMBUS_F32) {
        if (count)
            memcpy(out, data, (size_t)count * sizeof *out);
    } else if (dtype == BOMBUS_BF16) {
        for (int64_t i = 0; i < count; i++) {
            uint16_t half;
            memcpy(&half, bytes + 2 * i, sizeof half);
            out[i] = bb_bf16_to_f32(half);
        }
    } else {
        for (int64_t i = 0; i < count; i++) {
            uint16_t half;
            memcpy(&half, bytes + 2 * i, sizeof half);
            out[i] = bb_f16_to_f32(half);
        }
    }
}

void bb_narrow(void *out, bombus_dtype dtype, const float *values, int64_t count)
{
    unsigned char *bytes = out;

    if (dtype == BOMBUS_F32) {
        if (count)
            memcpy(out, values, (size_t)count * sizeof *values);
    } else if (dtype == BOMBUS_BF16) {
        for (int64_t i = 0; i < count; i++) {
            const uint16_t half = bb_f32_to_bf16(values[i]);
            memcpy(bytes + 2 * i, &half, sizeof half);
        }
    } else {
        for (int64_t i = 0; i < count; i++) {
            const uint16_t half = bb_f32_to_f16(values[i]);
            memcpy(bytes + 2 * i, &half, sizeof half);
        }
    }
}
