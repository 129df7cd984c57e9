/* What the three tasks compute from a model's output, on plain arrays. */
#ifndef EW_TASK_ARRAYS_H
#define EW_TASK_ARRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Softmax of n logits, as React Native ExecuTorch does it: less the maximum, in float32.
 * Errors: EW_INVALID_MODEL_OUTPUT when n is 0 or a logit is not a number. */
ew_status ew_softmax(const float *logits, size_t n, float *out, ew_error *err);

/* Errors: EW_INVALID_MODEL_OUTPUT, naming the first of the n values that is infinite or no number, or
 * when n is 0. */
ew_status ew_check_finite(const float *values, size_t n, ew_error *err);

/* Maps of a segmenter's logits [classes, height, width], row-major.
 *
 * argmax gets the class per pixel, ties to the lowest index; planes[i] the softmax probability of class
 * wanted[i]. Both have out_width * out_height elements: argmax is resized by nearest neighbour (floor rule),
 * probabilities bilinearly, as OpenCV does.
 * A single channel is the foreground (selfie segmentation): it counts as two classes, 0 = background with 1 - p
 * and 1 = foreground, which wins where p > 0.5. p is the value itself, or its sigmoid unless is_probability.
 * Errors: EW_INVALID_MODEL_OUTPUT (empty, not finite), EW_INVALID_USER_INPUT (unknown class),
 * EW_OUT_OF_MEMORY. */
ew_status ew_segmentation_maps(const float *logits, size_t classes, size_t height, size_t width,
                               bool is_probability, const uint32_t *wanted, uint32_t count,
                               uint32_t out_width, uint32_t out_height, int32_t *argmax,
                               float *const *planes, ew_error *err);

#endif
