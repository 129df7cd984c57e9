// Counts the WebAssembly memories of a page, also of engines that do not tell.
const memories = new Set();

function note(value) {
  if (value instanceof WebAssembly.Memory) memories.add(value);
}

const Memory = WebAssembly.Memory;
WebAssembly.Memory = new Proxy(Memory, {
  construct(target, args) {
    const memory = new target(...args);
    note(memory);
    return memory;
  },
});

for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...args) => {
    const result = await original.apply(WebAssembly, args);
    Object.values((result.instance ?? result).exports).forEach(note);
    return result;
  };
}

/** Bytes of all memories that this page's main thread has made. */
export function memoryBytes() {
  return [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
