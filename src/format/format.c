/* Which format a file has. */
#include "format/format.h"

ew_status ew_format_find(ew_bytes head, const ew_format **out, ew_error *err) {
  ew_text magics = {0};
  for (const ew_format *const *format = ew_formats; *format != NULL; format++) {
    if ((*format)->sniff(head)) {
      *out = *format;
      ew_text_free(&magics);
      return EW_OK;
    }
    ew_text_add(&magics, "%s%s", magics.size == 0 ? "" : ", no ", (*format)->magic);
  }
  const ew_status status =
      ew_fail(err, EW_INVALID_PROGRAM, "this is not a model of a known format: it has no %s",
              magics.failed || magics.data == NULL ? "known magic" : magics.data);
  ew_text_free(&magics);
  return status;
}
