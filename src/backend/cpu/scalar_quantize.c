/* Packed weights to numbers and back, bit for bit as MLX on a CPU.
 *
 * Everything is read and written by bytes, so a tensor may lie at any address. A group is unpacked to codes, then scaled: two simple loops
 * that compilers vectorize.
 * Which type a step of the quantizer rounds to decides the bits. affine computes in F32 whatever the weight's type; the floating modes
 * compute in the weight's own type, each operation rounded to it, and pick the nearest four-bit code, the first of equals. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/scalar.h"

#include <math.h>

/* ---- packed ---- */

/* bits bytes, 2 to 7. Loads of their own: bytes gathered in memory and read back as one word would wait for the stores. */
static inline __attribute__((always_inline)) uint64_t load_eight(const unsigned char *bytes, int bits)
{
    uint64_t word = 0;
    uint32_t four;
    uint16_t two;

    if (bits & 4) {
        memcpy(&four, bytes, sizeof four);
        word = four;
    }
    if (bits & 2) {
        memcpy(&two, bytes + (bits & 4), sizeof two);
        word |= (uint64_t)two << (8 * (bits & 4));
    }
    if (bits & 1)
        word |= (uint64_t)bytes[bits - 1] << (8 * (bits - 1));
    return word;
}

/* The low half of eight, four and two fields of bits bits moves apart from the high half, until each has a byte of its own. */
static inline __attribute__((always_inline)) void unpack_eights(uint8_t *restrict codes, const unsigned char *restrict bytes, int bits,
                                                                int64_t count)
{
    const uint64_t four = ((uint64_t)1 << (4 * bits)) - 1;
    const uint64_t two = (((uint64_t)1 << (2 * bits)) - 1) * 0x100000001u;
    const uint64_t one = (((uint64_t)1 << bits) - 1) * 0x1000100010001u;

    for (int64_t i = 0; i < count; i += BB_PACK, bytes += bits) {
        uint64_t word = load_eight(bytes, bits);
        word = (word & four) | (word << (32 - 4 * bits) & four << 32);
        word = (word & two) | (word << (16 - 2 * bits) & two << 16);
        word = (word & one) | (word << (8 - bits) & one << 8);
        memcpy(codes + i, &word, sizeof word);
    }
}

void bb_unpack(uint8_t *restrict codes, const unsigned char *restrict bytes, int bits, int64_t count)
{
    switch (bits) {
    case 2:
        unpack_eights(codes, bytes, 2, count);
        break;
    case 3:
        unpack_eights(codes, bytes, 3, count);
        break;
    case 4: /* vectorizes as it stands */
        for (int64_t i = 0; i < count / 2; i++) {
            codes[2 * i] = bytes[i] & 15;
            codes[2 * i + 1] = bytes[i] >> 4;
        }
        break;
    case 5:
        unpack_eights(codes, bytes, 5, count);
        break;
    case 6:
        unpack_eights(codes, bytes, 6, count);
        break;
    default:
        memcpy(codes, bytes, (size_t)count);
    }
}

static void round_values(float *values, bombus_dtype dtype, int count)
{
    if (dtype == BOMBUS_BF16)
        for (int i = 0; i < count; i++)
            values[i] = bb_round_to(BOMBUS_BF16, values[i]);
    else if (dtype == BOMBUS_F16)
        for (int i = 0; i < count; i++)
            values[i] = bb_round_to(BOMBUS_F16, values[i]);
}

/* What codes of a group stand for, as numbers of dtype: a product and a sum, each rounded to it. */
static void scale_codes(float *restrict out, const uint8_t *restrict codes, int count, bombus_mode mode, bombus_dtype dtype, float scale,
                        float bias)
{
    if (mode == BOMBUS_AFFINE && dtype == BOMBUS_F32) {
        for (int i = 0; i < count; i++)
            out[i] = (float)codes[i] * scale + bias;
    } else if (mode == BOMBUS_AFFINE) {
        for (int i = 0; i < count; i++)
            out[i] = (float)codes[i] * scale;
        round_values(out, dtype, count);
        for (int i = 0; i < count; i++)
            out[i] += bias;
    } else if (mode == BOMBUS_MXFP8) {
        for (int i = 0; i < count; i++)
            out[i] = bb_e4m3_to_f32(codes[i]) * scale;
    } else {
        for (int i = 0; i < count; i++)
            out[i] = bb_e2m1_to_f32(codes[i]) * scale;
    }
    round_values(out, dtype, count);
}

void bb_scale_values(float *out, const bb_tensor *matrix, const void *scales, int64_t index, int64_t count)
{
    const uint8_t *bytes = scales;

    if (matrix->quant.mode == BOMBUS_AFFINE) {
        bb_widen(out, matrix->dtype, bytes + index * (bb_dtypes[matrix->dtype].bits / 8), count);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        out[i] = matrix->quant.mode == BOMBUS_NVFP4 ? bb_e4m3_to_f32(bytes[index + i]) : bb_e8m0_to_f32(bytes[index + i]);
}

void bb_row_scalar(float *out, bombus_dtype dtype, const bb_tensor *matrix, int64_t row, int64_t first, int64_t count)
{
    const int64_t in = matrix->shape[1];

    if (!bb_is_quantized(matrix)) {
        bb_widen(out, matrix->dtype, (const char *)matrix->data + (row * in + first) * (bb_dtypes[matrix->dtype].bits / 8), count);
        return;
    }

    const bombus_quantization *q = &matrix->quant;
    const unsigned char *bytes = bb_packed_at(matrix, row, first);
    int64_t group = row * (in / q->group_size) + first / q->group_size;
    int left = q->group_size - (int)(first % q->group_size); /* in this group */
    uint8_t codes[BB_GROUP_MAX];

    for (int step; count; count -= step, left = q->group_size, group++) {
        float scale, bias = 0;
        step = count < left ? (int)count : left;
        bb_unpack(codes, bytes, q->bits, step);
        bb_scale_values(&scale, matrix, matrix->scales, group, 1);
        if (matrix->biases)
            bb_scale_values(&bias, matrix, matrix->biases, group, 1);
        scale_codes(out, codes, step, q->mode, dtype, scale, bias);
        bytes += step / BB_PACK * q->bits;
        out += step;
    }
}

/* ---- whole matrices ---- */

enum { ROWS = 16 }; /* a task */

typedef struct matrices {
    const bb_tensor *out, *x;
} matrices;

static void run_rows(bb_backend *backend, bb_task task, const bb_tensor *out, const bb_tensor *x)
{
    matrices m = {out, x};

    bb_threads_run(backend->threads, task, &m, (x->shape[0] + ROWS - 1) / ROWS);
}

static int64_t last_row(const bb_tensor *x, int64_t task)
{
    return (task + 1) * ROWS < x->shape[0] ? (task + 1) * ROWS : x->shape[0];
}

static void dequantize_rows(void *context, int64_t task, int worker)
{
    const matrices *m = context;
    const int64_t in = m->x->shape[1], size = bb_dtypes[m->out->dtype].bits / 8;
    float values[BB_GROUP_MAX];

    (void)worker;
    for (int64_t row = task * ROWS; row < last_row(m->x, task); row++) {
        for (int64_t first = 0; first < in; first += m->x->quant.group_size) {
            bb_row_scalar(values, m->out->dtype, m->x, row, first, m->x->quant.group_size);
            bb_narrow((char *)m->out->data + (row * in + first) * size, m->out->dtype, values, m->x->quant.group_size);
        }
    }
}

void bb_cpu_dequantize(bb_backend *backend, const bb_tensor *out, const bb_tensor *x)
{
    run_rows(backend, dequantize_rows, out, x);
}

/* ---- quantize ---- */

/* count codes into count * bits / 8 bytes. */
static void pack(unsigned char *bytes, const uint8_t *codes, int bits, int count)
{
    for (int i = 0; i < count; i += BB_PACK, bytes += bits) {
        uint64_t word = 0;
        for (int j = 0; j < BB_PACK; j++)
            word |= (uint64_t)codes[i + j] << (bits * j);
        memcpy(bytes, &word, (size_t)bits);
    }
}

/* scale and bias as F32: the codes are found with these, before they are rounded to the weight's type. The end of the range that is farther
 * from zero is met exactly, and zero too, where it is in the range. A NaN takes no part in the range and becomes code 0. */
static void quantize_affine(uint8_t *codes, float *scale_out, float *bias_out, const float *values, int count, int bits)
{
    const float steps = (float)((1 << bits) - 1);
    float low = INFINITY, high = -INFINITY;

    for (int i = 0; i < count; i++) {
        high = high < values[i] ? values[i] : high;
        low = values[i] < low ? values[i] : low;
    }

    const bool low_is_edge = fabsf(low) > fabsf(high);
    const float range = (high - low) / steps, edge = low_is_edge ? low : high;
    float scale = range < 1e-7f ? 1e-7f : range, bias = 0;
    scale = low_is_edge ? scale : -scale;
    const float edge_code = rintf(edge / scale);
    if (edge_code != 0) {
        scale = edge / edge_code;
        bias = edge;
    }

    for (int i = 0; i < count; i++) {
        const float position = (values[i] - bias) / scale;
        const float clamped = position > 0 ? (position < steps ? position : steps) : 0;
        codes[i] =
            (uint8_t)(uint32_t)bb_float_bits(clamped + 0x1p23f); /* rounds to nearest even; the fraction's low bits are the integer */
    }
    *scale_out = scale;
    *bias_out = bias;
}

/* The nearest of E2M1's sixteen values. Distances need no rounding to the weight's type: those to the two neighbours are exact in it where
 * they decide. */
static void nearest_e2m1(uint8_t *restrict codes, const float *restrict values, int count)
{
    float best[BB_GROUP_MAX];

    for (int i = 0; i < count; i++) {
        best[i] = INFINITY;
        codes[i] = 0;
    }
    for (uint8_t code = 0; code < 16; code++) {
        const float candidate = bb_e2m1_to_f32(code);
        for (int i = 0; i < count; i++) {
            const float distance = fabsf(values[i] - candidate);
            codes[i] = distance < best[i] ? code : codes[i];
            best[i] = distance < best[i] ? distance : best[i];
        }
    }
}

/* The codes of a floating mode; returns the scale's. A group that holds an infinity or a NaN gets the scale that stands for NaN. */
static uint8_t quantize_floating(uint8_t *codes, const float *values, int count, bombus_mode mode, bombus_dtype dtype)
{
    float largest = 0, scaled[BB_GROUP_MAX], scale;
    bool finite = true;
    uint8_t scale_code;

    for (int i = 0; i < count; i++) {
        finite = finite && isfinite(values[i]);
        largest = largest < fabsf(values[i]) ? fabsf(values[i]) : largest;
    }
    if (!finite) {
        memset(codes, 0, (size_t)count);
        return mode == BOMBUS_NVFP4 ? 0x7f : 0xff;
    }

    const float quotient = bb_round_to(dtype, largest / (mode == BOMBUS_MXFP8 ? 448.0f : 6.0f));
    if (mode == BOMBUS_NVFP4) {
        scale_code = bb_f32_to_e4m3(quotient);
        scale = bb_e4m3_to_f32(scale_code);
    } else {
        /* The next power of two from the quotient on. Below 2^-127 the code wraps around, as MLX's does. */
        int exponent = 0;
        const float fraction = frexpf(quotient, &exponent);
        if (fraction == 0.5f)
            exponent--;
        scale_code = (uint8_t)(exponent + 127);
        scale = ldexpf(1, exponent);
    }

    for (int i = 0; i < count; i++)
        scaled[i] = bb_round_to(dtype, values[i] / scale);
    if (mode == BOMBUS_MXFP8) {
        for (int i = 0; i < count; i++)
            codes[i] = bb_f32_to_e4m3(scaled[i]);
    } else {
        nearest_e2m1(codes, scaled, count);
    }
    return scale_code;
}

static void quantize_rows(void *context, int64_t task, int worker)
{
    const matrices *m = context;
    const bombus_quantization *q = &m->out->quant;
    const int64_t groups = m->x->shape[1] / q->group_size, size = bb_dtypes[m->x->dtype].bits / 8;
    const int bytes = q->group_size / BB_PACK * q->bits;
    float values[BB_GROUP_MAX], scale, bias;
    uint8_t codes[BB_GROUP_MAX];

    (void)worker;
    for (int64_t group = task * ROWS * groups; group < last_row(m->x, task) * groups; group++) {
        bb_widen(values, m->x->dtype, (const char *)m->x->data + group * q->group_size * size, q->group_size);
        if (q->mode == BOMBUS_AFFINE) {
            quantize_affine(codes, &scale, &bias, values, q->group_size, q->bits);
            bb_narrow((char *)m->out->scales + group * size, m->x->dtype, &scale, 1);
            bb_narrow((char *)m->out->biases + group * size, m->x->dtype, &bias, 1);
        } else {
            ((uint8_t *)m->out->scales)[group] = quantize_floating(codes, values, q->group_size, q->mode, m->x->dtype);
        }
        pack((unsigned char *)m->out->data + group * bytes, codes, q->bits, q->group_size);
    }
}

void bb_cpu_quantize(bb_backend *backend, const bb_tensor *out, const bb_tensor *x)
{
    run_rows(backend, quantize_rows, out, x);
}
