// The border between the C core and JavaScript: handles and plain numbers in, {code, message, value} out. No
// logic, no exceptions. wasm/module.d.ts is the contract. Bytes cross as offsets; JavaScript copies them at once.
#include <emscripten/bind.h>
#include <emscripten/heap.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

extern "C" {
#include "ew.h"
#include "image/image.h"
#include "task/task.h"
}

using emscripten::val;

namespace {

template <typename T>
T *from_handle(uintptr_t handle) {
  return reinterpret_cast<T *>(handle);
}

val number(size_t x) { return val(static_cast<double>(x)); }
val number(const void *handle) { return number(reinterpret_cast<size_t>(handle)); }

val object(std::initializer_list<std::pair<const char *, val>> entries) {
  val result = val::object();
  for (const auto &[name, value] : entries) result.set(name, value);
  return result;
}

val outcome(ew_status code, const ew_error &err, val value = val::undefined()) {
  return object({{"code", val(static_cast<int>(code))},
                 {"message", val(std::string(code == EW_OK ? "" : err.message))},
                 {"value", code == EW_OK ? value : val::undefined()}});
}

val slot(const ew_tensor &tensor) {
  return object({{"scalarType", val(static_cast<int>(tensor.dtype))},
                 {"sizes", val::array(tensor.dims, tensor.dims + tensor.rank)},
                 {"ptr", number(tensor.data)},
                 {"byteLength", number(ew_tensor_bytes(&tensor))}});
}

template <typename T, void (*release)(T *)>
void free_handle(uintptr_t handle) {
  release(from_handle<T>(handle));
}

std::string version() { return EW_VERSION; }
uintptr_t alloc(size_t size) { return reinterpret_cast<uintptr_t>(ew_alloc(size)); }
double heap_bytes() { return static_cast<double>(emscripten_get_heap_size()); }

// Sizes beyond any limit become one that is refused; none where there is no list.
std::vector<size_t> dims_of(const val &sizes) {
  std::vector<size_t> dims;
  if (!sizes.isArray()) return dims;
  for (const double size : emscripten::convertJSArrayToNumberVector<double>(sizes)) {
    const bool fits = size >= 0 && size <= static_cast<double>(EW_MAX_TENSOR_BYTES);
    dims.push_back(fits ? static_cast<size_t>(size) : SIZE_MAX);
  }
  return dims;
}

// --- load ---------------------------------------------------------------------------------------------

val load_begin(val options) {
  ew_load_options native = {};
  const double size = options["fileSize"].as<double>();
  native.file_size = size < 0 ? UINT64_MAX : static_cast<uint64_t>(size);
  if (options["dataSize"].isNumber()) native.data_size = options["dataSize"].as<double>();
  const bool has_method = options["method"].isString();
  const std::string method = has_method ? options["method"].as<std::string>() : "";
  if (has_method) native.method = method.c_str();
  native.skip_passes = options["optimize"].isFalse();
  native.profile = options["profile"].isTrue();
  if (options["maxOutputBytes"].isNumber())
    native.max_output_bytes = (uint64_t)options["maxOutputBytes"].as<double>();
  if (options["threads"].isNumber()) native.num_threads = options["threads"].as<uint32_t>();
  const std::vector<size_t> sizes = dims_of(options["inputSizes"]);
  native.input_sizes = sizes.data();
  native.num_input_sizes = static_cast<uint32_t>(sizes.size());
  const std::vector<size_t> picture = dims_of(options["pictureSize"]);
  if (picture.size() == 2) std::copy(picture.begin(), picture.end(), native.picture_size);
  ew_error err = {};
  ew_load *load = nullptr;
  const ew_status status = ew_load_begin(&native, &load, &err);
  return outcome(status, err, number(load));
}

val load_want(uintptr_t load) {
  const ew_want want = ew_load_want(from_handle<ew_load>(load));
  return object({{"offset", val(static_cast<double>(want.offset))},
                 {"size", number(want.size)},
                 {"ptr", number(want.data)}});
}

val load_advance(uintptr_t load, size_t n) {
  ew_error err = {};
  return outcome(ew_load_advance(from_handle<ew_load>(load), n, &err), err);
}

val load_finish(uintptr_t load) {
  ew_error err = {};
  ew_model *model = nullptr;
  ew_status status = ew_load_finish(from_handle<ew_load>(load), &model, &err);
  ew_task *task = nullptr;
  if (status == EW_OK) status = ew_task_create(model, &task, &err);
  return outcome(status, err, number(task));
}

// --- model --------------------------------------------------------------------------------------------

ew_model *native(uintptr_t model) { return ew_task_model(from_handle<ew_task>(model)); }

template <void (*write)(const ew_model *, ew_text *)>
std::string model_text(uintptr_t model) {
  ew_text text = {};
  write(native(model), &text);
  const std::string result(text.data == nullptr ? "" : text.data, text.failed ? 0 : text.size);
  ew_text_free(&text);
  return result;
}

val set_input(uintptr_t model, uint32_t index, int scalar_type, val sizes) {
  ew_error err = {};
  ew_tensor tensor = {};
  // A rank that is too large is refused by the core, which looks at EW_MAX_RANK sizes at most.
  std::vector<size_t> dims = dims_of(sizes);
  const uint32_t rank = static_cast<uint32_t>(dims.size());
  dims.resize(EW_MAX_RANK);
  const ew_status status =
      ew_task_set_input(from_handle<ew_task>(model), index, static_cast<ew_dtype>(scalar_type),
                        rank, dims.data(), &tensor, &err);
  return outcome(status, err, slot(tensor));
}

// Three numbers each, or none.
val set_input_image(uintptr_t model, uint32_t index, uintptr_t image, val mean, val std) {
  ew_error err = {};
  const auto means = emscripten::convertJSArrayToNumberVector<float>(mean);
  const auto stds = emscripten::convertJSArrayToNumberVector<float>(std);
  const ew_status status = ew_model_set_image(native(model), index, from_handle<ew_image>(image),
                                              means.size() == 3 ? means.data() : nullptr,
                                              stds.size() == 3 ? stds.data() : nullptr, &err);
  return outcome(status, err);
}

val run(uintptr_t model) {
  ew_error err = {};
  return outcome(ew_task_run(from_handle<ew_task>(model), &err), err);
}

val output(uintptr_t model, uint32_t index) {
  ew_error err = {};
  ew_tensor tensor = {};
  const ew_status status = ew_task_output(from_handle<ew_task>(model), index, &tensor, &err);
  return outcome(status, err, slot(tensor));
}

val task(uintptr_t model, std::string name, uint32_t width, uint32_t height, val numbers) {
  ew_error err = {};
  ew_task_result result = {};
  const auto arguments = emscripten::convertJSArrayToNumberVector<double>(numbers);
  const ew_task_request request = {name.c_str(), width, height, arguments.data(),
                                   static_cast<uint32_t>(arguments.size())};
  const ew_status status = ew_task_result_of(from_handle<ew_task>(model), &request, &result, &err);
  val list = val::array();
  for (uint32_t i = 0; i < result.count; i++) list.call<void>("push", slot(result.tensors[i]));
  return outcome(status, err, list);
}

// --- images -------------------------------------------------------------------------------------------

val image_value(const ew_image *image) {
  return object({{"handle", number(image)},
                 {"width", number(image->width)},
                 {"height", number(image->height)}});
}

// A new image that `make` fills in; max_pixels 0: the default.
template <typename Make>
val new_image(double max_pixels, Make make) {
  ew_error err = {};
  ew_image_limits limits = ew_image_limits_default();
  if (max_pixels > 0) limits.max_pixels = static_cast<uint64_t>(max_pixels);
  ew_image *image = new ew_image{};
  const ew_status status = make(image, &limits, &err);
  if (status == EW_OK) return outcome(status, err, image_value(image));
  delete image;
  return outcome(status, err);
}

val image_decode(uintptr_t ptr, size_t size, double max_pixels) {
  return new_image(max_pixels, [=](ew_image *image, ew_image_limits *limits, ew_error *err) {
    return ew_image_decode(from_handle<uint8_t>(ptr), size, limits, image, err);
  });
}

val image_from_pixels(uintptr_t ptr, uint32_t width, uint32_t height, uint32_t channels,
                      size_t stride, double max_pixels) {
  return new_image(max_pixels, [=](ew_image *image, ew_image_limits *limits, ew_error *err) {
    return ew_image_from_pixels(from_handle<uint8_t>(ptr), width, height, channels, stride, limits,
                                image, err);
  });
}

int image_orientation(uintptr_t ptr, size_t size) {
  return ew_image_exif_orientation(from_handle<uint8_t>(ptr), size);
}

val image_orient(uintptr_t handle, int orientation) {
  ew_image *image = from_handle<ew_image>(handle);
  ew_image_orient(image, orientation);
  return image_value(image);
}

val image_crop(uintptr_t handle, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
               int quarter_turns) {
  ew_error err = {};
  ew_image *image = from_handle<ew_image>(handle);
  const ew_status status = ew_image_crop(image, x, y, width, height, quarter_turns, &err);
  return outcome(status, err, image_value(image));
}

val image_resize(uintptr_t source, uint32_t width, uint32_t height) {
  return new_image(0, [=](ew_image *image, ew_image_limits *, ew_error *err) {
    return ew_image_resize(from_handle<ew_image>(source), width, height, image, err);
  });
}

val image_pixels(uintptr_t handle) {
  const ew_image *image = from_handle<ew_image>(handle);
  const size_t size = static_cast<size_t>(image->width) * image->height * 3;
  uint8_t *copy = static_cast<uint8_t *>(ew_alloc(size));
  if (copy != nullptr) ew_image_copy_rgb(image, copy);
  return object({{"ptr", number(copy)}, {"byteLength", number(size)}});
}

void image_free(uintptr_t handle) {
  ew_image_free(from_handle<ew_image>(handle));
  delete from_handle<ew_image>(handle);
}

}  // namespace

EMSCRIPTEN_BINDINGS(executorch_web) {
  emscripten::function("version", &version);
  emscripten::function("alloc", &alloc);
  emscripten::function("free", &free_handle<void, ew_free>);
  emscripten::function("heapBytes", &heap_bytes);
  emscripten::function("loadBegin", &load_begin);
  emscripten::function("loadWant", &load_want);
  emscripten::function("loadAdvance", &load_advance);
  emscripten::function("loadFinish", &load_finish);
  emscripten::function("loadFree", &free_handle<ew_load, ew_load_destroy>);
  emscripten::function("modelInfo", &model_text<ew_model_info>);
  emscripten::function("modelDump", &model_text<ew_model_dump>);
  emscripten::function("modelFree", &free_handle<ew_task, ew_task_destroy>);
  emscripten::function("setInput", &set_input);
  emscripten::function("setInputImage", &set_input_image);
  emscripten::function("run", &run);
#ifdef __EMSCRIPTEN_PTHREADS__
  emscripten::function("limitThreads", &ew_limit_threads);
#endif
  emscripten::function("output", &output);
  emscripten::function("task", &task);
  emscripten::function("profile", &model_text<ew_model_profile>);
  emscripten::function("imageDecode", &image_decode);
  emscripten::function("imageFromPixels", &image_from_pixels);
  emscripten::function("imageOrientation", &image_orientation);
  emscripten::function("imageOrient", &image_orient);
  emscripten::function("imageCrop", &image_crop);
  emscripten::function("imageResize", &image_resize);
  emscripten::function("imagePixels", &image_pixels);
  emscripten::function("imageFree", &image_free);
}
