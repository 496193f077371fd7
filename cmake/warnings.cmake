# One place for the flags every target of ours shares.
#
# -ffp-contract=off: dequantize is a product and then a sum, each rounded; a compiler that fuses them changes the bits.
# Sanitized code is built with -O1: at -O0 the model tests take minutes.
add_library(bombus_flags INTERFACE)
target_compile_options(bombus_flags INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla $<$<BOOL:${BOMBUS_WERROR}>:-Werror>
  -ffp-contract=off -fno-math-errno $<$<CONFIG:Release>:-O3>)
target_compile_definitions(bombus_flags INTERFACE _GNU_SOURCE $<$<CONFIG:Debug>:BOMBUS_DEBUG>)
if(BOMBUS_SANITIZE)
  target_compile_options(bombus_flags INTERFACE -fsanitize=${BOMBUS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1)
  target_link_options(bombus_flags INTERFACE -fsanitize=${BOMBUS_SANITIZE})
endif()
if(BOMBUS_FUZZ)
  target_compile_options(bombus_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
