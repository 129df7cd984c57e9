# The third-party libraries: ew_xnnpack (with pthreadpool) and ew_stb.
#
# XNNPACK takes a minute or more to compile and never changes, so each variant is built once, by a
# CMake project of its own (cmake/xnnpack), into the cache folder. The folder's name carries a hash of
# everything that the result depends on.

ew_source(xnnpack EW_XNNPACK_SOURCE)
ew_source(pthreadpool EW_PTHREADPOOL_SOURCE)
ew_source(fxdiv EW_FXDIV_SOURCE)
ew_source(stb EW_STB_SOURCE)

set(EW_XNNPACK_PROJECT "${CMAKE_CURRENT_LIST_DIR}/xnnpack")

function(ew_xnnpack_key out)
  file(SHA256 "${EW_DEPS_FILE}" hash)
  set(parts "${hash}")
  file(GLOB_RECURSE files RELATIVE "${EW_XNNPACK_PROJECT}" "${EW_XNNPACK_PROJECT}/*")
  if(EMSCRIPTEN)
    list(FILTER files EXCLUDE REGEX "^shim/native/")
  else()
    list(FILTER files EXCLUDE REGEX "^shim/wasm/")
  endif()
  list(SORT files)
  list(TRANSFORM files PREPEND "${EW_XNNPACK_PROJECT}/" OUTPUT_VARIABLE paths)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${paths})
  foreach(file IN LISTS files)
    file(SHA256 "${EW_XNNPACK_PROJECT}/${file}" hash)
    list(APPEND parts "${file}:${hash}")
  endforeach()
  list(APPEND parts "${EW_VARIANT}" "${EW_VARIANT_FLAGS}" "${CMAKE_C_COMPILER_ID}"
       "${CMAKE_C_COMPILER_VERSION}" "${EW_EMSCRIPTEN_VERSION}" "${CMAKE_SYSTEM_PROCESSOR}")
  string(SHA256 key "${parts}")
  string(SUBSTRING "${key}" 0 12 key)
  set(${out} "${key}" PARENT_SCOPE)
endfunction()

function(ew_build_xnnpack folder)
  set(work "${folder}.tmp")
  message(STATUS "Building XNNPACK for ${EW_VARIANT}, once (half a minute to two minutes)")
  if(EMSCRIPTEN)
    set(compilers "-DCMAKE_TOOLCHAIN_FILE=${CMAKE_TOOLCHAIN_FILE}")
  else()
    set(compilers "-DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}"
                  "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}")
  endif()
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -G "${CMAKE_GENERATOR}" -S "${EW_XNNPACK_PROJECT}" -B "${work}"
            ${compilers} "-DEW_VARIANT=${EW_VARIANT}"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${work}" COMMAND_ERROR_IS_FATAL ANY)
  file(MAKE_DIRECTORY "${folder}")
  file(COPY "${work}/libXNNPACK.a" "${work}/libpthreadpool.a" DESTINATION "${folder}")
  file(WRITE "${folder}/.complete" "")
  file(REMOVE_RECURSE "${work}")
endfunction()

ew_xnnpack_key(key)
set(EW_XNNPACK_LIBRARY_DIR "${EW_CACHE_DIR}/lib/${EW_VARIANT}-${key}")
# Two clones may configure at the same time.
file(LOCK "${EW_CACHE_DIR}/lib/${EW_VARIANT}.lock" TIMEOUT 1800)
if(NOT EXISTS "${EW_XNNPACK_LIBRARY_DIR}/.complete")
  ew_build_xnnpack("${EW_XNNPACK_LIBRARY_DIR}")
endif()
file(LOCK "${EW_CACHE_DIR}/lib/${EW_VARIANT}.lock" RELEASE)

add_library(ew_xnnpack INTERFACE)
target_include_directories(ew_xnnpack SYSTEM INTERFACE
  "${EW_XNNPACK_SOURCE}/include" "${EW_PTHREADPOOL_SOURCE}/include")
target_link_libraries(ew_xnnpack INTERFACE
  "${EW_XNNPACK_LIBRARY_DIR}/libXNNPACK.a" "${EW_XNNPACK_LIBRARY_DIR}/libpthreadpool.a")
if(NOT EMSCRIPTEN)
  # A few files of XNNPACK are C++.
  target_link_libraries(ew_xnnpack INTERFACE m pthread stdc++)
endif()

# stb_image with one line mended: the last pair of a row that is stretched to twice its width took the
# weights of its neighbours the wrong way round, as libjpeg does not.
set(EW_STB_FOLDER "${CMAKE_BINARY_DIR}/stb")
set(wrong "out[i*2+0] = stbi__div4(input[w-2]*3 + input[w-1] + 2);")
set(right "out[i*2+0] = stbi__div4(input[w-1]*3 + input[w-2] + 2);")
file(READ "${EW_STB_SOURCE}/stb_image.h" source)
string(FIND "${source}" "${wrong}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "stb_image.h has changed: see whether cmake/third_party.cmake must still mend it")
endif()
string(REPLACE "${wrong}" "${right}" source "${source}")
file(CONFIGURE OUTPUT "${EW_STB_FOLDER}/stb_image.h" CONTENT "${source}" @ONLY NEWLINE_STYLE UNIX)

add_library(ew_stb INTERFACE)
target_include_directories(ew_stb SYSTEM INTERFACE "${EW_STB_FOLDER}")
