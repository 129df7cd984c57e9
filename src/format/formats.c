/* The one list of formats. Nothing else may be defined here: a test that links a list of its own takes the
 * place of this file. */
#include "format/format.h"
#include "format/pte/pte.h"
#include "format/tflite/tflite.h"

const ew_format *const ew_formats[] = {
    &ew_format_pte,
    &ew_format_tflite,
    NULL,
};
