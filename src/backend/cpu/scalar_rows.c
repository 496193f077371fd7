/* Kernels that go along rows, for any CPU. */
#include "backend/cpu/scalar.h"

#define NAME(kernel) bb_##kernel##_scalar
#include "backend/cpu/row_kernels.h"
