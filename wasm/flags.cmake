# Flags of the WebAssembly module, one per line with its reason.

set(EW_WASM_COMPILE_FLAGS
  # Errors are values (code and message); nothing throws, and without support for it code is smaller.
  -fno-exceptions
  # Embind asks for type names only to word errors about unbound types.
  -fno-rtti
  -DEMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0
)

set(EW_WASM_LINK_FLAGS
  # C++ functions and values in JavaScript.
  -lembind
  # Chooses the Embind library that identifies types as our code does.
  -fno-rtti
  # Embind would build its callers with `new Function`; a strict Content-Security-Policy forbids that.
  -sDYNAMIC_EXECUTION=0
  # A factory function in an ES module: several instances, and bundlers understand it.
  -sMODULARIZE=1
  -sEXPORT_ES6=1
  -sEXPORT_NAME=createModule
  # JavaScript says where the binary is; bundlers would take the default for an asset of theirs.
  -sUSE_ES6_IMPORT_META=0
  # No main(): the module is a library.
  --no-entry
  # Web workers and pages. Node works too, because JavaScript hands in the bytes; the code that would make
  # bundlers look for Node modules is left out.
  -sENVIRONMENT=web,worker
  # The core does no file access and no stdio.
  -sFILESYSTEM=0
  # Nothing throws in C++, so nothing is caught.
  -sDISABLE_EXCEPTION_CATCHING=1
  -sSUPPORT_LONGJMP=0
  # Models differ in size by a factor of a hundred.
  -sALLOW_MEMORY_GROWTH=1
  # Geometric growth, the default, wastes up to a fifth of the heap, and wasm memory never shrinks.
  -sMEMORY_GROWTH_LINEAR_STEP=1MB
  -sINITIAL_MEMORY=4MB
  # The deepest stack seen is 16 KB (640 nodes); files cannot make the loader recurse.
  -sSTACK_SIZE=256KB
  # Few and large allocations: all allocators are equally fast, and this one packs tightest.
  -sMALLOC=dlmalloc
  # Lets memory.c use memory.fill and memory.copy.
  -mbulk-memory
  # An allocation that fails returns NULL and becomes a coded error, not an abort.
  -sABORTING_MALLOC=0
  # Local variables, loops and branches rebuilt from flat code: 1.5 kB less to download, at the same speed.
  -sBINARYEN_EXTRA_PASSES=--flatten,--rereloop,-Oz,-Oz
  # What JavaScript may pass in: a compiled module or its bytes, shared memory, where the files are, console output.
  -sINCOMING_MODULE_JS_API=instantiateWasm,wasmBinary,wasmMemory,locateFile,mainScriptUrlOrBlob,print,printErr,onAbort
  # What JavaScript uses of the runtime.
  -sEXPORTED_RUNTIME_METHODS=HEAPU8
)

if(EW_VARIANT_THREADS)
  list(APPEND EW_WASM_LINK_FLAGS
    # Threads must exist before the pool is made, because the thread that makes it does not return to
    # its event loop. The caller passes `threads`, the total with the calling one.
    "-sPTHREAD_POOL_SIZE=Math.max((Module['threads']|0)-1,0)"
    # Shared memory reserves its maximum at once: js/core/shared-memory.ts makes it, smaller where this is refused.
    -sMAXIMUM_MEMORY=2GB
    # Growing shared memory makes access from JavaScript slower; we copy in large blocks only.
    -Wno-pthreads-mem-growth)
else()
  list(APPEND EW_WASM_LINK_FLAGS
    # All of the address space; pages with less memory fail at growth, with an error we report.
    -sMAXIMUM_MEMORY=4GB)
endif()
