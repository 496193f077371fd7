/* backend/cpu/vector.h: a register of floats, as wide as the file's instruction set has them.
 *
 * Kernels that are loops of multiplications and additions are written once, over bb_vector, and compiled once a set: a file <set>_*.c
 * includes their text. Arithmetic is that of the compilers' own vectors; only what they have no operator for stands here. */
#ifndef BB_BACKEND_CPU_VECTOR_H
#define BB_BACKEND_CPU_VECTOR_H

#include "base/inline.h"
#include "tensor/half.h"

#ifdef __AVX512F__
#include <immintrin.h>
enum { BB_WIDTH = 16 }; /* floats of a vector */
#elif defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#include <immintrin.h>
enum { BB_WIDTH = 8 };
#else
#ifdef __aarch64__
#include <arm_neon.h>
#endif
enum { BB_WIDTH = 4 };
#endif

typedef float bb_vector __attribute__((vector_size(BB_WIDTH * sizeof(float))));

INLINE bb_vector bb_vector_load(const void *from)
{
    bb_vector v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void bb_vector_store(float *to, bb_vector v)
{
    memcpy(to, &v, sizeof v);
}

INLINE bb_vector bb_vector_fill(float x)
{
    return x - (bb_vector){0}; /* x + 0 would have to be computed, since -0 + 0 is 0 */
}

/* a * b + c, rounded once where the instruction set can, twice elsewhere. */
INLINE bb_vector bb_vector_madd(bb_vector a, bb_vector b, bb_vector c)
{
#ifdef __AVX512F__
    return (bb_vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__) && defined(__FMA__)
    return (bb_vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
    return (bb_vector)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    return a * b + c;
#endif
}

INLINE bb_vector bb_vector_load_f16(const uint16_t *from)
{
#ifdef __AVX512F__
    return (bb_vector)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
#elif defined(__AVX2__) && defined(__F16C__)
    return (bb_vector)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from));
#elif defined(__aarch64__)
    return (bb_vector)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)));
#else
    float values[BB_WIDTH];
    for (int i = 0; i < BB_WIDTH; i++)
        values[i] = bb_f16_to_f32(from[i]);
    return bb_vector_load(values);
#endif
}

/* As bb_f32_to_f16, where there are instructions for it. They would keep more of a NaN than its sign. */
#if defined(__AVX2__) && defined(__F16C__) || defined(__aarch64__)
#define BB_VECTOR_STORES_F16
INLINE void bb_vector_store_f16(uint16_t *to, bb_vector v)
{
    typedef int32_t integers __attribute__((vector_size(sizeof(bb_vector))));
    const integers nan = v != v;

    v = (bb_vector)(((integers)v & (~nan | INT32_MIN)) | (nan & 0x7fc00000));
#ifdef __AVX512F__
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtps_ph((__m512)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
#elif defined(__AVX2__)
    _mm_storeu_si128((__m128i *)to, _mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT));
#else
    vst1_u16(to, vreinterpret_u16_f16(vcvt_f16_f32((float32x4_t)v)));
#endif
}
#endif

INLINE bb_vector bb_vector_load_i8(const int8_t *from)
{
#ifdef __AVX512F__
    return (bb_vector)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)from)));
#elif defined(__AVX2__)
    return (bb_vector)_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)from)));
#elif defined(__aarch64__)
    int32_t four;
    memcpy(&four, from, sizeof four);
    return (bb_vector)vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four))))));
#else
    float values[BB_WIDTH];
    for (int i = 0; i < BB_WIDTH; i++)
        values[i] = (float)from[i];
    return bb_vector_load(values);
#endif
}

/* The same, in a register: compilers read memory anew for each use, though loads are as scarce as multiplications. */
INLINE bb_vector bb_vector_held(bb_vector v)
{
#ifdef __x86_64__
    __asm__("" : "+v"(v));
#endif
    return v;
}

#endif
