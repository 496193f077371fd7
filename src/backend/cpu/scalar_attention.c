/* The tile of attention for any CPU: compilers make of its vectors what the machine has. */
#include "backend/cpu/scalar.h"

#include "backend/cpu/attention_tile.h"

void bb_attend_scalar(const bb_queries *queries, const bb_kv_tile *tile, int first, int last, const bb_kv_tile *next)
{
    attend(queries, tile, first, last, next);
}
