# The builds of one source. EW_VARIANT chooses; every flag here must reach every file, ours and the
# third parties', because the sizes of XNNPACK's structs depend on them.
#
#   native               gcc or clang on this machine, for tests under sanitizers
#   wasm-simd            128-bit SIMD: every browser since 2021 (Safari 16.4)
#   wasm-relaxed         relaxed SIMD: fused multiply-add and int8 dot products
#   wasm-simd-threads    the same with threads; needs a cross-origin isolated page
#   wasm-relaxed-threads

set(EW_VARIANT_FLAGS "")
set(EW_VARIANT_RELAXED OFF)
set(EW_VARIANT_THREADS OFF)

if(EW_VARIANT MATCHES "^wasm-")
  if(NOT EMSCRIPTEN)
    message(FATAL_ERROR "${EW_VARIANT} needs Emscripten: configure with `cmake --preset ${EW_VARIANT}`")
  endif()
  list(APPEND EW_VARIANT_FLAGS -msimd128)
  if(EW_VARIANT MATCHES "relaxed")
    set(EW_VARIANT_RELAXED ON)
    list(APPEND EW_VARIANT_FLAGS -mrelaxed-simd)
  endif()
  if(EW_VARIANT MATCHES "threads$")
    set(EW_VARIANT_THREADS ON)
    list(APPEND EW_VARIANT_FLAGS -pthread)
  endif()
  # For size: the kernels are intrinsics, so -O3 is not faster (measured) but a third larger. Assertions are for
  # the native builds, which tests and fuzzers run: here they are a tenth of the binary and name folders of the
  # machine that built it, and the allocator would fill all memory with what shows the tests who reads it unwritten.
  list(APPEND EW_VARIANT_FLAGS -Oz -DNDEBUG)
elseif(EW_VARIANT STREQUAL "native")
  set(EW_VARIANT_THREADS ON)
else()
  message(FATAL_ERROR "unknown EW_VARIANT '${EW_VARIANT}'")
endif()
