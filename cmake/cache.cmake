# Where the cache folder is, and the third-party source trees in it (the same rules as
# scripts/lib/cache.mjs and scripts/lib/sources.mjs).

if(DEFINED ENV{EW_CACHE})
  set(EW_CACHE_DIR "$ENV{EW_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(EW_CACHE_DIR "$ENV{XDG_CACHE_HOME}/executorch-web")
else()
  set(EW_CACHE_DIR "$ENV{HOME}/.cache/executorch-web")
endif()

set(EW_DEPS_FILE "${CMAKE_CURRENT_LIST_DIR}/deps.json")

# ew_source(<name> <out>): folder of an unpacked dependency of deps.json.
function(ew_source name out)
  file(READ "${EW_DEPS_FILE}" deps)
  string(JSON tree GET "${deps}" "${name}" tree)
  string(SUBSTRING "${tree}" 0 12 short)
  set(folder "${EW_CACHE_DIR}/src/${name}-${short}")
  if(NOT EXISTS "${folder}/.complete")
    message(FATAL_ERROR "${name} is not in ${EW_CACHE_DIR}: run `npm run setup` first")
  endif()
  set(${out} "${folder}" PARENT_SCOPE)
endfunction()
