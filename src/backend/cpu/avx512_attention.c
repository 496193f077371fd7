/* The tile of attention with AVX-512. */
#include "backend/cpu/avx512.h"

#include "backend/cpu/attention_tile.h"

void bb_attend_avx512(const bb_queries *queries, const bb_kv_tile *tile, int first, int last, const bb_kv_tile *next)
{
    attend(queries, tile, first, last, next);
}
