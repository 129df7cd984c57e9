# The lists of files, read from the pinned tree.

# Files that XNNPACK's CMakeLists names outside of its lists.
set(EW_XNNPACK_SINGLE_FILES
  src/allocator.c
  src/cache.c
  src/configs/hardware-config.c
  src/datatype.c
  src/indirection.c
  src/memory.c
  src/microkernel-utils.c
  src/microparams-init.c
  src/mutex.c
  src/normalization.c
  src/operator-run.c
  src/operator-utils.c
  src/reference/packing.cc)

# Instruction sets whose kernels are built, and their flags. Native: all that the x86-64 configuration
# refers to by name. The newer ones (AVX-512, VNNI) are switched off: they add minutes and nothing to
# what the tests prove.
if(EMSCRIPTEN)
  set(EW_KERNEL_SETS SCALAR WASM WASMSIMD)
  if(EW_VARIANT_RELAXED)
    list(APPEND EW_KERNEL_SETS WASMRELAXEDSIMD)
  endif()
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(EW_KERNEL_SETS SCALAR SSE SSE2 SSSE3 SSE41 AVX F16C FMA3 AVX2)
else()
  message(FATAL_ERROR "the native build of XNNPACK knows x86-64 only, not ${CMAKE_SYSTEM_PROCESSOR}")
endif()
set(EW_FLAGS_SSE -msse -mno-sse3)
set(EW_FLAGS_SSE2 -msse2 -mno-sse3)
set(EW_FLAGS_SSSE3 -mssse3 -mno-sse4.1)
set(EW_FLAGS_SSE41 -msse4.1 -mno-sse4.2)
set(EW_FLAGS_AVX -mavx -mno-avx2 -mno-fma -mno-f16c)
set(EW_FLAGS_F16C -mf16c -mno-avx2 -mno-fma)
set(EW_FLAGS_FMA3 -mf16c -mfma -mno-avx2)
set(EW_FLAGS_AVX2 -mf16c -mfma -mavx2)

# Of the kernels for WebAssembly on x86, those that keep results between two bounds, and those that take the
# larger or smaller of two operands.
set(EW_NAN_bound_WASMSIMD "/f32-(avgpool|pavgpool|dwconv|gemm|igemm|vclamp|velu|vmulcaddc)/.*wasmsimd-x86")
set(EW_NAN_operand_WASMSIMD "/(f32-maxpool|f32-v(max|min)c?)[^/]*wasmsimd-x86")

# Reads `SET(<name> file…)` out of a CMakeLists without running it.
function(ew_read_list text name out)
  string(REGEX MATCH "SET\\(${name}[ \n]+([^)]*)\\)" found "${text}")
  if(NOT found)
    message(FATAL_ERROR "XNNPACK's CMakeLists has no list ${name}")
  endif()
  string(REGEX MATCHALL "src/[^ \n\"]+" files "${CMAKE_MATCH_1}")
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# ew_xnnpack_sources(<tree> <out>): everything but the kernels.
function(ew_xnnpack_sources tree out)
  file(READ "${tree}/CMakeLists.txt" text)
  set(files ${EW_XNNPACK_SINGLE_FILES})
  foreach(name OPERATOR_SRCS REFERENCE_SRCS SUBGRAPH_SRCS LOGGING_SRCS XNNPACK_SRCS TABLE_SRCS)
    ew_read_list("${text}" ${name} list)
    list(APPEND files ${list})
  endforeach()
  list(REMOVE_DUPLICATES files)
  list(TRANSFORM files PREPEND "${tree}/")
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# ew_xnnpack_kernels(<tree> <set> <out>): the kernels of one instruction set that XNNPACK selects from.
function(ew_xnnpack_kernels tree set out)
  string(TOLOWER "${set}" name)
  include("${tree}/cmake/gen/${name}_microkernels.cmake")
  set(files ${PROD_${set}_MICROKERNEL_SRCS})
  list(TRANSFORM files PREPEND "${tree}/")
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# ew_xnnpack_fewer_kernels(<tree> <list>): in the WebAssembly builds, configurations that do without the f32
# kernels for "ReLU" and "no activation". Those for any range do the same with an instruction or two more per
# eight results, and keep NaN; a tenth of all kernels falls away.
function(ew_xnnpack_fewer_kernels tree list)
  if(NOT EMSCRIPTEN)
    return()
  endif()
  foreach(name gemm dwconv)
    set(source "${tree}/src/configs/${name}-config.c")
    set(fewer "${CMAKE_CURRENT_BINARY_DIR}/${name}-config.c")
    file(READ "${source}" text)
    string(REGEX REPLACE "\n[^\n]*f32_${name}_config[^\n]*\\.(relu|linear)\\.[^\n]*__wasm[^\n]*" "" result "${text}")
    if(result STREQUAL text)
      message(FATAL_ERROR "${name}-config.c names no kernels without a range any more")
    endif()
    file(CONFIGURE OUTPUT "${fewer}" CONTENT "${result}" @ONLY NEWLINE_STYLE UNIX)
    list(TRANSFORM ${list} REPLACE "^${source}$" "${fewer}")
  endforeach()
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()
