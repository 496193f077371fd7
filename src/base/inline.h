/* base/inline.h: what loops that are written once and compiled for many constants ask of the compiler. */
#ifndef BB_BASE_INLINE_H
#define BB_BASE_INLINE_H

#define INLINE static inline __attribute__((always_inline))

/* From here on a vector variable is in its register and holds what the compiler does not know: it neither moves work past this place nor
 * loads the vector again. */
#if defined __x86_64__
#define BB_OPAQUE(vector) __asm__ volatile("" : "+v"(vector))
#elif defined __aarch64__
#define BB_OPAQUE(vector) __asm__ volatile("" : "+w"(vector))
#endif

/* Loops over registers. In a debug build compilers warn that they do not unroll. */
#if defined __OPTIMIZE__ && defined NDEBUG
#define PRAGMA(text)  _Pragma(#text)
#define UNROLL(count) PRAGMA(GCC unroll count)
#else
#define UNROLL(count)
#endif

#endif
