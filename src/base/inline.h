/* base/inline.h: what loops that are written once and compiled for many constants ask of the compiler. */
#ifndef BB_BASE_INLINE_H
#define BB_BASE_INLINE_H

#define INLINE static inline __attribute__((always_inline))

/* At this point a vector variable is in a register and holds what the compiler does not know. */
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
