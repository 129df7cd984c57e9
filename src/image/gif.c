/* GIF: the first frame as browsers show it. What it leaves uncovered, and its transparent pixels, are black: the
 * background colour of the screen is not used, and a screen too small for the frame grows. */
#include "base/arena.h"
#include "image/decoders.h"

enum { MAX_CODE = 4096, NO_CODE = 0xffff };

typedef struct gif {
  ew_bytes file;
  size_t at;
  const uint8_t *palette; /* of the frame, else the screen's; NULL = none */
  uint32_t colours;
  int transparent; /* index; -1 = none */
  uint32_t screen_width, screen_height;
  uint32_t left, top, width, height; /* of the frame */
  bool is_interlaced;
} gif;

static ew_status truncated(const gif *g, ew_error *err) {
  return ew_image_truncated("GIF", g->file.size, "the end of its first frame", err);
}

static ew_status damaged(const char *reason, ew_error *err) {
  return ew_fail(err, EW_INVALID_IMAGE, "the GIF image is damaged: %s", reason);
}

/* --- blocks ---------------------------------------------------------------------------------------- */

/* The next `size` bytes; NULL when the file ends before. */
static const uint8_t *take(gif *g, size_t size) {
  if (!ew_in_range(g->at, size, g->file.size)) return NULL;
  const uint8_t *bytes = g->file.data + g->at;
  g->at += size;
  return bytes;
}

static ew_status read_palette(gif *g, uint8_t flags, ew_error *err) {
  if (!(flags & 0x80)) return EW_OK;
  g->colours = 2u << (flags & 7);
  g->palette = take(g, (size_t)g->colours * 3);
  return g->palette != NULL ? EW_OK : truncated(g, err);
}

/* An extension; of one that controls the frame, its transparent colour. */
static ew_status read_extension(gif *g, ew_error *err) {
  const uint8_t *label = take(g, 1);
  bool is_first = true;
  for (;;) {
    const uint8_t *size = take(g, 1);
    const uint8_t *data = size == NULL ? NULL : take(g, *size);
    if (label == NULL || data == NULL) return truncated(g, err);
    if (*size == 0) return EW_OK;
    if (*label == 0xf9 && is_first && *size >= 4) g->transparent = (data[0] & 1) ? data[3] : -1;
    is_first = false;
  }
}

/* Reads up to the compressed pixels of the first frame. */
static ew_status read_head(gif *g, ew_error *err) {
  const uint8_t *screen = take(g, 13);
  if (screen == NULL) return truncated(g, err);
  g->screen_width = ew_load_u16(screen + 6);
  g->screen_height = ew_load_u16(screen + 8);
  EW_TRY(read_palette(g, screen[10], err));
  for (;;) {
    const uint8_t *kind = take(g, 1);
    if (kind == NULL) return truncated(g, err);
    if (*kind == 0x2c) break;
    if (*kind == 0x3b) return damaged("it has no frame", err);
    if (*kind != 0x21) return damaged("it has a block of unknown kind", err);
    EW_TRY(read_extension(g, err));
  }
  const uint8_t *frame = take(g, 9);
  if (frame == NULL) return truncated(g, err);
  g->left = ew_load_u16(frame);
  g->top = ew_load_u16(frame + 2);
  g->width = ew_load_u16(frame + 4);
  g->height = ew_load_u16(frame + 6);
  g->is_interlaced = (frame[8] & 0x40) != 0;
  return read_palette(g, frame[8], err);
}

/* --- pixels ---------------------------------------------------------------------------------------- */

typedef struct lzw {
  /* A code stands for the string of `prefix` and then `suffix`. */
  uint16_t prefix[MAX_CODE];
  uint8_t suffix[MAX_CODE], first[MAX_CODE];
  uint8_t reversed[MAX_CODE + 1]; /* a string, last index first */
  uint32_t clear, next, width;
  uint32_t previous; /* code */
  uint32_t bits, count;
  const uint8_t *block; /* what is left of a sub-block */
  uint32_t left;
} lzw;

typedef struct canvas {
  const gif *gif;
  ew_image *image;
  uint32_t x, y; /* next pixel of the frame */
  int pass;
  bool is_full;
} canvas;

/* First row of each pass and the step to the next. Interlaced rows come in four passes; the last is for all others. */
static const uint8_t PASSES[][2] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}, {0, 1}};

static void next_row(canvas *c) {
  c->x = 0;
  c->y += PASSES[c->pass][1];
  while (c->y >= c->gif->height && c->pass < 3) c->y = PASSES[++c->pass][0];
  c->is_full = c->y >= c->gif->height;
}

static void put(canvas *c, uint32_t index) {
  if (c->is_full) return;
  const gif *g = c->gif;
  if ((int)index != g->transparent && index < g->colours) {
    uint8_t *to = c->image->memory + (size_t)(g->top + c->y) * (size_t)c->image->row;
    memcpy(to + (size_t)(g->left + c->x) * 3, g->palette + (size_t)index * 3, 3);
  }
  if (++c->x == g->width) next_row(c);
}

static void reset(lzw *l) {
  l->next = l->clear + 2;
  l->width = 1;
  while (1u << l->width < l->next) l->width++;
  l->previous = NO_CODE;
}

/* The next code; NO_CODE where the frame's data end, with *is_cut when the file ends first. */
static uint32_t read_code(gif *g, lzw *l, bool *is_cut) {
  while (l->count < l->width) {
    if (l->left == 0) {
      const uint8_t *size = take(g, 1);
      l->block = size == NULL ? NULL : take(g, *size);
      *is_cut = l->block == NULL;
      if (l->block == NULL || *size == 0) return NO_CODE;
      l->left = *size;
    }
    l->bits |= (uint32_t)*l->block++ << l->count;
    l->left--;
    l->count += 8;
  }
  const uint32_t code = l->bits & ((1u << l->width) - 1);
  l->bits >>= l->width;
  l->count -= l->width;
  return code;
}

/* Writes the string of a code and learns a new one. False for a code that cannot be. */
static bool write_string(lzw *l, uint32_t code, canvas *c) {
  const bool is_new = code == l->next && l->previous != NO_CODE; /* not yet in the table */
  if (code > l->next || (code == l->next && !is_new)) return false;
  uint32_t n = 0;
  uint32_t at = is_new ? l->previous : code;
  if (is_new) l->reversed[n++] = l->first[at];
  for (; at >= l->clear + 2; at = l->prefix[at]) l->reversed[n++] = l->suffix[at];
  l->reversed[n++] = (uint8_t)at;
  if (l->previous != NO_CODE && l->next < MAX_CODE) {
    l->prefix[l->next] = (uint16_t)l->previous;
    l->first[l->next] = l->first[l->previous];
    l->suffix[l->next] = (uint8_t)at;
    l->next++;
  }
  if (l->next >= 1u << l->width && l->width < 12) l->width++;
  l->previous = code;
  while (n > 0) put(c, l->reversed[--n]);
  return true;
}

static ew_status read_pixels(gif *g, lzw *l, canvas *c, ew_error *err) {
  const uint8_t *minimum = take(g, 1);
  if (minimum == NULL) return truncated(g, err);
  if (*minimum < 1 || *minimum > 8) return damaged("its codes begin with a wrong length", err);
  l->clear = 1u << *minimum;
  for (uint32_t i = 0; i < l->clear; i++) l->first[i] = (uint8_t)i;
  reset(l);
  l->bits = l->count = l->left = 0;
  while (!c->is_full) {
    bool is_cut = false;
    const uint32_t code = read_code(g, l, &is_cut);
    if (is_cut) return truncated(g, err);
    if (code == NO_CODE || code == l->clear + 1) return damaged("pixels are missing", err);
    if (code == l->clear)
      reset(l);
    else if (!write_string(l, code, c))
      return damaged("an unknown code", err);
  }
  return EW_OK;
}

/* Goes over what is left of the frame's data: a file that is cut off there is not whole. */
static ew_status read_end(gif *g, ew_error *err) {
  for (;;) {
    const uint8_t *size = take(g, 1);
    if (size == NULL || take(g, *size) == NULL) return truncated(g, err);
    if (*size == 0) return EW_OK;
  }
}

static ew_status decode_frame(gif *g, ew_image *out, ew_error *err) {
  canvas c = {.gif = g, .image = out, .pass = g->is_interlaced ? 0 : 4};
  c.is_full = g->width == 0 || g->height == 0;
  if (c.is_full) return EW_OK;
  lzw *l = ew_alloc(sizeof *l);
  EW_CHECK(l != NULL, err, EW_OUT_OF_MEMORY, "out of memory while decoding the GIF image");
  ew_status status = read_pixels(g, l, &c, err);
  if (status == EW_OK) status = read_end(g, err);
  ew_free(l);
  return status;
}

ew_status ew_gif_decode(ew_bytes file, const ew_image_limits *limits, ew_image *out,
                        ew_error *err) {
  gif *g = &(gif){.file = file, .transparent = -1};
  EW_TRY(read_head(g, err));
  const uint32_t right = g->left + g->width, bottom = g->top + g->height;
  const uint32_t width = right > g->screen_width ? right : g->screen_width;
  const uint32_t height = bottom > g->screen_height ? bottom : g->screen_height;
  EW_TRY(ew_image_check_size("GIF", width, height, limits, err));
  EW_TRY(ew_image_new("GIF", width, height, 3, out, err));
  memset(out->memory, 0, (size_t)width * height * 3);
  const ew_status status = decode_frame(g, out, err);
  if (status != EW_OK) ew_image_free(out);
  return status;
}
