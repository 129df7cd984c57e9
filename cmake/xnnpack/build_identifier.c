/* XNNPACK generates this file from the list of its kernels, to recognise stored packed weights. We
 * never store them, so any fixed identifier serves. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const uint8_t identifier[] = {'e', 'w', '4', 'e', 'a', '8', '2', 'e', '5'};

size_t xnn_experimental_get_build_identifier_size(void) { return sizeof(identifier); }

const void *xnn_experimental_get_build_identifier_data(void) { return identifier; }

bool xnn_experimental_check_build_identifier(const void *data, size_t size) {
  return size == sizeof(identifier) && memcmp(data, identifier, size) == 0;
}
