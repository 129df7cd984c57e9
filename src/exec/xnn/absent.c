/* Stands in for what absent.def lists; linked in by --wrap (src/CMakeLists.txt). XNNPACK takes NULL for "this
 * hardware has no such kernels". WebAssembly checks a function's type where it is called, so stand-ins of operators have
 * the parameters of what they stand for. */
#include <stddef.h>
#include <stdint.h>
#include <xnnpack.h>

#define EW_ABSENT(name)            \
  const void *__wrap_##name(void); \
  const void *__wrap_##name(void) { return NULL; }

#define EW_ABSENT_OPERATOR(name, parameters) \
  enum xnn_status __wrap_##name parameters;  \
  enum xnn_status __wrap_##name parameters { return xnn_status_unsupported_parameter; }

typedef const void *any;

/* Padding, kernel, stride, dilation, groups; channels and strides; pointers; range; flags; caches and result. */
#define WINDOW                                                                                   \
  uint32_t top, uint32_t right, uint32_t bottom, uint32_t left, uint32_t height, uint32_t width, \
      uint32_t stride_y, uint32_t stride_x, uint32_t dilation_y, uint32_t dilation_x,            \
      uint32_t groups
#define CHANNELS size_t inputs, size_t outputs, size_t input_stride, size_t output_stride
#define ENDING float minimum, float maximum, uint32_t flags, any code, any weights, any result

#define CONVOLUTION (WINDOW, CHANNELS, any kernel, any bias, ENDING)
#define SCALED_CONVOLUTION (WINDOW, CHANNELS, any scale, any kernel, any bias, ENDING)
#define CONVOLUTION_RESHAPE \
  (any op, size_t batch, size_t height, size_t width, any out_height, any out_width, any pool)
#define PRODUCT (CHANNELS, any kernel, any bias, ENDING)
#define SCALED_PRODUCT (CHANNELS, any scale, any kernel, any bias, ENDING)
#define PRODUCT_OF_NIBBLES (CHANNELS, uint8_t zero_point, any scale, any kernel, any bias, ENDING)
#define PRODUCT_OF_BLOCKS \
  (CHANNELS, size_t block, uint8_t zero_point, any scale, any kernel, any bias, ENDING)
#define DYNAMIC_PRODUCT (float minimum, float maximum, uint32_t flags, any result)
#define DYNAMIC_PRODUCTS (uint32_t flags, any result)
#define CONVERT_RESHAPE \
  (any op, size_t batch, size_t channels, size_t input_stride, size_t output_stride, any pool)
#define PICTURES                                                                           \
  any op, size_t batch, size_t height, size_t width, size_t channels, size_t input_stride, \
      size_t output_stride
#define AVERAGE_RESHAPE \
  (PICTURES, any workspace_size, any workspace_alignment, any out_height, any out_width, any pool)
#define RESIZE (size_t height, size_t width, uint32_t flags, any result)
#define RESIZE_RESHAPE (PICTURES, any pool)
#define RESIZE_RESHAPE_WITH_WORKSPACE \
  (PICTURES, any workspace_size, any workspace_alignment, any pool)
#define SETUP (any op, any input, any output)

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif
#include "exec/xnn/absent.def"
