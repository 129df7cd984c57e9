/* Scans of a JPEG to pixels; the only place that includes stb_image. */

#include "base/arena.h"
#include "image/jpeg.h"

static bool allocations_are_zeroed;

static void *decode_alloc(size_t size) {
  void *memory = ew_alloc(size);
  if (memory != NULL && allocations_are_zeroed) memset(memory, 0, size);
  return memory;
}

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_NO_THREAD_LOCALS
#define STBI_MAX_DIMENSIONS EW_IMAGE_MAX_SIDE
#define STBI_ASSERT(x) ((void)(x))
#if defined(__wasm_simd128__)
/* Emscripten's emmintrin.h maps SSE2 to wasm SIMD; stb_image's kernels give the same pixels as its C. */
#define STBI__X64_TARGET
#endif
#define STBI_MALLOC(size) decode_alloc(size)
#define STBI_FREE(p) ew_free(p)
#define STBI_REALLOC_SIZED(p, old_size, size) NULL /* nothing that grows is compiled here */
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wundef"
#endif
#include <stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* What stb_image makes of colours follows from markers by rules of its own, and is looked at only when all blocks
 * are decoded. So each block leaves there what was found by libjpeg's rules. */
static struct {
  stbi__jpeg *jpeg;
  void (*idct)(stbi_uc *out, int stride, short data[64]);
  ew_jpeg_colour colour;
} decoding;

static void idct_and_set_colour(stbi_uc *out, int stride, short data[64]) {
  stbi__jpeg *jpeg = decoding.jpeg;
  jpeg->rgb = decoding.colour == EW_JPEG_RGB ? 3 : 0;
  jpeg->jfif = decoding.colour == EW_JPEG_YCC;
  jpeg->app14_color_transform = decoding.colour == EW_JPEG_CMYK ? 0 : 2;
  decoding.idct(out, stride, data);
}

static stbi_uc *load(ew_bytes file, ew_jpeg_colour colour, int *width, int *height) {
  stbi__jpeg *jpeg = ew_alloc(sizeof *jpeg);
  if (jpeg == NULL) return stbi__errpuc("outofmem", "");
  stbi__context context;
  stbi__start_mem(&context, file.data, (int)file.size);
  memset(jpeg, 0, sizeof *jpeg);
  jpeg->s = &context;
  stbi__setup_jpeg(jpeg);
  decoding.jpeg = jpeg;
  decoding.idct = jpeg->idct_block_kernel;
  decoding.colour = colour;
  jpeg->idct_block_kernel = idct_and_set_colour;
  int channels;
  /* Four channels are what stb_image converts with SIMD. */
  stbi_uc *pixels = load_jpeg_image(jpeg, width, height, &channels, colour == EW_JPEG_GREY ? 1 : 4);
  ew_free(jpeg);
  return pixels;
}

ew_status ew_jpeg_pixels(ew_bytes file, ew_jpeg_colour colour, bool has_gaps, ew_image *out,
                         ew_error *err) {
  static const char nothing[] = "wrong order of its segments";
  stbi__g_failure_reason = nothing;
  allocations_are_zeroed = has_gaps;
  int width, height;
  stbi_uc *pixels = load(file, colour, &width, &height);
  const char *reason = stbi__g_failure_reason;
  if (pixels == NULL && strcmp(reason, "outofmem") == 0)
    return ew_fail(err, EW_OUT_OF_MEMORY, "out of memory while decoding the JPEG image");
  /* stb_image gives what it has when a segment is damaged, and notes the reason nevertheless. */
  if (pixels == NULL || reason != nothing) {
    ew_free(pixels);
    if (has_gaps && strcmp(reason, "expected marker") == 0)
      return ew_fail(
          err, EW_UNSUPPORTED_IMAGE,
          "the JPEG image is of a rare kind that cannot be decoded here (restart markers out of "
          "place); save it as PNG");
    return ew_fail(err, EW_INVALID_IMAGE, "the JPEG image is damaged: %s", reason);
  }
  const ptrdiff_t channels = colour == EW_JPEG_GREY ? 1 : 4;
  *out = (ew_image){.width = (uint32_t)width,
                    .height = (uint32_t)height,
                    .column = channels,
                    .row = (ptrdiff_t)width * channels,
                    .channel = channels == 1 ? 0 : 1,
                    .first = pixels,
                    .memory = pixels};
  return EW_OK;
}
