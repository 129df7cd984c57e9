/* TensorFlow Lite models, `.tflite`: schema version 3, FlatBuffers. */
#ifndef EW_FORMAT_TFLITE_TFLITE_H
#define EW_FORMAT_TFLITE_TFLITE_H

#include "format/format.h"

extern const ew_format ew_format_tflite;

#endif
