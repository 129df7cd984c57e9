/* Bytes by a table of 256, for WebAssembly, in place of XNNPACK's microkernel (--wrap, src/CMakeLists.txt): that one looks
 * each vector up in sixteen pieces of the table, which takes longer than bytes one by one. */
#include <stddef.h>
#include <stdint.h>

typedef void ew_table_fn(size_t count, const uint8_t *in, uint8_t *out, const uint8_t table[256]);

ew_table_fn __wrap_xnn_x8_lut_ukernel__wasmpshufb_u32;
void __wrap_xnn_x8_lut_ukernel__wasmpshufb_u32(size_t count, const uint8_t *in, uint8_t *out,
                                               const uint8_t table[256]) {
  for (; count >= 4; count -= 4, in += 4, out += 4) {
    const uint8_t a = table[in[0]], b = table[in[1]], c = table[in[2]], d = table[in[3]];
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
  }
  for (; count > 0; count--) *out++ = table[*in++];
}
