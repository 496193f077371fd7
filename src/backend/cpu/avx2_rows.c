/* Kernels that go along rows, with AVX2. */
#include "backend/cpu/avx2.h"

#define NAME(kernel) bb_##kernel##_avx2
#include "backend/cpu/row_kernels.h"
