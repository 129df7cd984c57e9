# CMake toolchain: the Emscripten that `npm run setup` found or unpacked.

include("${CMAKE_CURRENT_LIST_DIR}/cache.cmake")

if(NOT EXISTS "${EW_CACHE_DIR}/emscripten.cmake")
  message(FATAL_ERROR "no Emscripten is recorded in ${EW_CACHE_DIR}: run `npm run setup` first")
endif()
include("${EW_CACHE_DIR}/emscripten.cmake")
include("${EW_EMSCRIPTEN_TOOLCHAIN}")
