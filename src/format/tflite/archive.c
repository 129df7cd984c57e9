/* ZIP archives, read from their end: end record, central directory, one local header per file. */
#include <string.h>

#include "format/tflite/metadata.h"
#include "image/inflate.h"

enum {
  END_MAGIC = 0x06054b50,
  CENTRAL_MAGIC = 0x02014b50,
  LOCAL_MAGIC = 0x04034b50,
  END_BYTES = 22,
  CENTRAL_BYTES = 46,
  LOCAL_BYTES = 30,
  MAX_COMMENT = 65535,
  DEFLATED = 8,
  /* Of all deflated files together; lists of labels take some kilobytes. */
  MAX_UNPACKED = 8 << 20
};

/* Looks for the end record at `at` and before it; the comment behind it fills the file. */
static bool find_end(ew_fb *fb, size_t *out) {
  const size_t size = fb->bytes.size;
  if (size < END_BYTES) return false;
  const size_t last = size - END_BYTES;
  if (!ew_fb_need(fb, last, END_BYTES)) return false;
  if (ew_load_u32(fb->bytes.data + last) == END_MAGIC) {
    *out = last;
    return true;
  }
  const size_t first = last > MAX_COMMENT ? last - MAX_COMMENT : 0;
  if (!ew_fb_need(fb, first, size - first)) return false;
  for (size_t at = last; at-- > first;) {
    const uint8_t *end = fb->bytes.data + at;
    if (ew_load_u32(end) == END_MAGIC && ew_load_u16(end + 20) == size - at - END_BYTES) {
      *out = at;
      return true;
    }
  }
  return false;
}

/* --- deflated entries ------------------------------------------------------------------------------- */

/* One entry on its way out of the archive. */
typedef struct unpacker {
  ew_bytes packed;
  uint8_t *to;
  size_t size, done;
  ew_inflate inflate; /* large: not for the stack */
} unpacker;

static bool read_packed(void *context, ew_bytes *piece) {
  unpacker *u = context;
  *piece = u->packed;
  u->packed.size = 0;
  return piece->size > 0;
}

/* Stops at the first byte beyond the size that the directory states. */
static bool write_unpacked(void *context, const uint8_t *bytes, size_t size) {
  unpacker *u = context;
  if (size > u->size - u->done) {
    u->size = SIZE_MAX;
    return false;
  }
  memcpy(u->to + u->done, bytes, size);
  u->done += size;
  return true;
}

/* NULL, or what is wrong. */
static const char *unpack(ew_bytes packed, size_t size, ew_arena *arena, ew_bytes *out) {
  uint8_t *bytes = NULL;
  if (ew_arena_alloc(arena, size + 1, 1, &bytes, NULL) != EW_OK) return "its files are too large";
  unpacker *u = ew_alloc(sizeof *u);
  if (u == NULL) return "there is no memory for its files";
  *u = (unpacker){.packed = packed, .to = bytes, .size = size};
  u->inflate.read = read_packed;
  u->inflate.write = write_unpacked;
  u->inflate.context = u;
  u->inflate.bare = true;
  const bool complete = ew_inflate_run(&u->inflate) == NULL && u->done == u->size;
  ew_free(u);
  *out = (ew_bytes){bytes, size};
  return complete ? NULL : "a file in it is damaged";
}

/* --- entries ---------------------------------------------------------------------------------------- */

/* Sets one file from its central record; NULL, or what is wrong. room: bytes that deflated files may still take. */
static const char *read_entry(ew_fb *fb, uint64_t base, const uint8_t *central, uint64_t limit,
                              ew_arena *arena, size_t *room, tfl_file *out) {
  const uint32_t method = ew_load_u16(central + 10);
  const uint32_t packed = ew_load_u32(central + 20), size = ew_load_u32(central + 24);
  const uint64_t local = base + ew_load_u32(central + 42);
  if ((ew_load_u16(central + 8) & 1) != 0) return "it holds encrypted files";
  const bool deflated = method == DEFLATED;
  if (!deflated && (method != 0 || packed != size)) {
    return "it holds files compressed by a method other than deflate";
  }
  if (!ew_in_range(local, LOCAL_BYTES, limit)) return "an entry lies outside the file";
  if (!ew_fb_need(fb, local, LOCAL_BYTES)) return NULL;
  const uint8_t *header = fb->bytes.data + local;
  if (ew_load_u32(header) != LOCAL_MAGIC) return "an entry has no header";
  const uint64_t data =
      local + LOCAL_BYTES + ew_load_u16(header + 26) + (uint64_t)ew_load_u16(header + 28);
  if (!ew_in_range(data, packed, limit)) return "an entry lies outside the file";
  if (!ew_fb_need(fb, data, packed)) return NULL;
  ew_bytes content = {fb->bytes.data + data, packed};
  if (deflated) {
    if (size > *room) return "its files are too large";
    *room -= size;
    const char *problem = unpack(content, size, arena, &content);
    if (problem != NULL) return problem;
  }
  if (ew_crc32(content.data, size) != ew_load_u32(central + 16)) return "a file in it is damaged";
  out->content = content;
  return NULL;
}

void tfl_read_archive(ew_fb *fb, ew_arena *arena, tfl_archive *out) {
  size_t end = 0, room = MAX_UNPACKED;
  *out = (tfl_archive){0};
  if (!find_end(fb, &end)) return;
  const uint8_t *record = fb->bytes.data + end;
  const uint32_t count = ew_load_u16(record + 10);
  const uint64_t size = ew_load_u32(record + 12), offset = ew_load_u32(record + 16);
  /* Offsets may count from the archive's own first byte instead of the file's. */
  if (size > end || offset > end - size || count > TFL_MAX_FILES) {
    out->problem = "its directory does not fit the file";
    return;
  }
  const uint64_t start = end - size, base = start - offset;
  if (!ew_fb_need(fb, start, size)) return;
  for (uint64_t at = start; out->count < count;) {
    const uint8_t *central = fb->bytes.data + at;
    if (!ew_in_range(at, CENTRAL_BYTES, end) || ew_load_u32(central) != CENTRAL_MAGIC) {
      out->problem = "its directory is cut off";
      return;
    }
    const size_t name = ew_load_u16(central + 28);
    const uint64_t next =
        at + CENTRAL_BYTES + name + ew_load_u16(central + 30) + (uint64_t)ew_load_u16(central + 32);
    if (next > end) {
      out->problem = "its directory is cut off";
      return;
    }
    tfl_file *file = &out->files[out->count++];
    *file = (tfl_file){.name = central + CENTRAL_BYTES, .name_size = name};
    out->problem = read_entry(fb, base, central, start, arena, &room, file);
    if (out->problem != NULL) return;
    at = next;
  }
}

const tfl_file *tfl_find_file(const tfl_archive *archive, const char *name) {
  const size_t size = strlen(name);
  for (uint32_t i = 0; i < archive->count; i++) {
    const tfl_file *file = &archive->files[i];
    if (file->name_size == size && memcmp(file->name, name, size) == 0) return file;
  }
  return NULL;
}
