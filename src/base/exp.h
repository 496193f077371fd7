/* base/exp.h: the exponential function of kernels and sampler. */
#ifndef BB_BASE_EXP_H
#define BB_BASE_EXP_H

#include <stdint.h>
#include <string.h>

/* Exp for x <= 0, with 0 where the result would not be a normal number. Our own, because the C library's differs from machine to machine
 * and does not vectorize: this has no branch, and a loop around it becomes one of vectors, with the same bits. Within 1.1 units in the last
 * place of the true value. NaN gives NaN. */
static inline float bb_exp_negative(float x)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer in the low bits */
    const float whole = x * 1.44269504f + shift;
    const float n = whole - shift;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f; /* ln 2 in two parts, the first exact times n */
    uint32_t bits;

    /* Taylor's series to r^7 / 7!; |r| <= ln 2 / 2, where the rest is below 5e-9. */
    float p = 1.98412698e-4f;
    p = p * r + 1.38888889e-3f;
    p = p * r + 8.33333333e-3f;
    p = p * r + 4.16666667e-2f;
    p = p * r + 1.66666667e-1f;
    p = p * r + 0.5f;
    p = (p * r) * r + r + 1.0f;

    memcpy(&bits, &whole, sizeof bits);
    bits = (bits << 23) + 0x3f800000u; /* 2^n */
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    p *= scale;

    /* Below -87 all of the above is noise. */
    memcpy(&bits, &p, sizeof bits);
    bits &= (uint32_t)(x < -87.0f) - 1u;
    memcpy(&p, &bits, sizeof p);
    return p;
}

#endif
