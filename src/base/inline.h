/* base/inline.h: what loops that are written once and compiled for many constants ask of the compiler. */
#ifndef BB_BASE_INLINE_H
#define BB_BASE_INLINE_H

#define INLINE static inline __attribute__((always_inline))

/* Loops over registers. In a debug build compilers warn that they do not unroll. */
#if defined __OPTIMIZE__ && defined NDEBUG
#define PRAGMA(text)  _Pragma(#text)
#define UNROLL(count) PRAGMA(GCC unroll count)
#else
#define UNROLL(count)
#endif

#endif
