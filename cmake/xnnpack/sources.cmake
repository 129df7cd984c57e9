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

# ew_xnnpack_edit(<tree> <list> <file> <pattern> <replacement>): compiles a changed copy of a file of the list.
function(ew_xnnpack_edit tree list file pattern replacement)
  set(copy "${CMAKE_CURRENT_BINARY_DIR}/edited/${file}")
  set(source "${tree}/src/${file}")
  if(copy IN_LIST ${list})
    set(source "${copy}")
  endif()
  file(READ "${source}" text)
  string(REGEX REPLACE "${pattern}" "${replacement}" result "${text}")
  if(result STREQUAL text)
    message(FATAL_ERROR "XNNPACK's ${file} has nothing like '${pattern}' any more")
  endif()
  file(CONFIGURE OUTPUT "${copy}" CONTENT "${result}" @ONLY NEWLINE_STYLE UNIX)
  list(TRANSFORM ${list} REPLACE "^${tree}/src/${file}$" "${copy}")
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()

# ew_xnnpack_leave_out(<tree> <list>): sources without what no model reaches, in every build: the loops that stand
# in for kernels are instances of one template for each operator and type; half precision is widened before
# XNNPACK sees it (exec/half.c), some operators have no node (graph/ops.def), and two rewrites of the subgraph are
# never asked for.
function(ew_xnnpack_leave_out tree list)
  set(binary "copysign|squared_difference|modulus|atan2|pow|bitwise_(and|or|xor)|shift_[a-z_]+")
  set(unary "bankers_rounding|cube_root|bitwise_not|count_leading_zeros|popcount|sign")
  foreach(kind binary unary)
    set(file "reference/${kind}-elementwise.cc")
    ew_xnnpack_edit("${tree}" ${list} "${file}"
      "\n    case xnn_datatype_(fp16|bf16):[^\n]*\n *return get_[a-z_]+<[^;]*;[^\n]*" "")
    ew_xnnpack_edit("${tree}" ${list} "${file}"
      "\n    case xnn_${kind}_(${${kind}}):\n[^\n]*" "")
  endforeach()
  ew_xnnpack_edit("${tree}" ${list} subgraph.c "xnn_subgraph_rewrite_for_fp16\\(subgraph\\);" "false;")
  ew_xnnpack_edit("${tree}" ${list} subgraph.c "\n *xnn_subgraph_rewrite_for_nchw\\(subgraph\\);" "")
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()

# ew_xnnpack_skip_bounds(<tree> <list>): matrix kernels for a range that leave the results alone where it has no
# bounds, so that they take the place of those for "no activation", and read the bounds only where they are used.
# With 24 to 64 channels, keeping results between bounds that are infinite takes 3 % of the time.
function(ew_xnnpack_skip_bounds tree list)
  set(kernels ${${list}})
  list(FILTER kernels INCLUDE REGEX "/f32-i?gemm/.*minmax-wasm[a-z]*simd")
  list(TRANSFORM kernels REPLACE "^${tree}/src/" "")
  set(declaration "\n *const v128_t (vm[a-z]+) = (wasm_v128_load[0-9]+_splat)\\(&params->scalar.m(in|ax)\\);")
  set(clamp "\n+ *vacc[0-9x]+ = wasm_f32x4_[a-z_]*m(ax|in)\\(vm(in|ax), vacc[0-9x]+\\);")
  foreach(file IN LISTS kernels)
    ew_xnnpack_edit("${tree}" ${list} "${file}" "(${declaration})+(\n *XNN_FORCE_REALIZATION\\(vm(in|ax)\\);)+"
      "\n  const int bounded = params->scalar.min != -__builtin_inff() || params->scalar.max != __builtin_inff();")
    ew_xnnpack_edit("${tree}" ${list} "${file}" "(${clamp})+"
      "\n    if (bounded) {
      const union xnn_f32_minmax_params *range = params;
      __asm__(\"\" : \"+r\"(range));
      const v128_t vmin = wasm_v128_load32_splat(&range->scalar.min);
      const v128_t vmax = wasm_v128_load32_splat(&range->scalar.max);\\0\n    }")
  endforeach()
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()

# ew_xnnpack_by_columns(<tree> <list>): products cut into tiles by shim/columns.h.
function(ew_xnnpack_by_columns tree list)
  ew_xnnpack_edit("${tree}" ${list} operator-run.c
    "\n *pthreadpool_parallelize_2d_tile_2d\\(" "\n        ew_parallelize_by_columns(")
  ew_xnnpack_edit("${tree}" ${list} operator-run.c "\n#include \"pthreadpool.h\"" "\\0\n#include \"columns.h\"")
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()

# ew_xnnpack_fewer_kernels(<tree> <list>): in the WebAssembly builds, configurations that do without
#   - the f32 kernels for "ReLU" and "no activation", see above;
#   - the kernels for ARM that differ from those for x86 in minima and maxima alone (f32x4.pmin, which is one
#     instruction on x86 and two on ARM, where f32x4.min is one on ARM and eight on x86), or in how many vectors
#     they take at once. Matrix kernels for ARM (5x8) are of another shape and stay.
function(ew_xnnpack_fewer_kernels tree list)
  if(NOT EMSCRIPTEN)
    return()
  endif()
  foreach(name gemm dwconv)
    ew_xnnpack_edit("${tree}" ${list} configs/${name}-config.c
      "\n[^\n]*f32_${name}_config[^\n]*\\.(relu|linear)\\.[^\n]*__wasm[^\n]*" "")
  endforeach()
  ew_xnnpack_edit("${tree}" ${list} configs/transpose-config.c "x16_transposec_ukernel__8x8_reuse_mov_wasmsimd"
    "x16_transposec_ukernel__2x4_scalar_int")
  ew_xnnpack_edit("${tree}" ${list} configs/gemm-config.c "4x2c4__wasmsimd_arm" "4x2c4__wasmsimd_x86")
  foreach(name avgpool binary-elementwise dwconv maxpool pavgpool unary-elementwise vmulcaddc)
    ew_xnnpack_edit("${tree}" ${list} configs/${name}-config.c "hardware_config->is_x86" "true")
  endforeach()
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()
