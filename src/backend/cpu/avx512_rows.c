/* Kernels that go along rows, with AVX-512. */
#include "backend/cpu/avx512.h"

#define NAME(kernel) bb_##kernel##_avx512
#include "backend/cpu/row_kernels.h"
