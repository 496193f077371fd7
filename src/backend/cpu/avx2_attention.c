/* The tile of attention with AVX2, FMA and F16C. */
#include "backend/cpu/avx2.h"

#include "backend/cpu/attention_tile.h"

void bb_attend_avx2(const bb_queries *queries, const bb_kv_tile *tile, int first, int last, const bb_kv_tile *next)
{
    attend(queries, tile, first, last, next);
}
