// The border between the C core and JavaScript: handles and plain numbers in, {code, message, value} out.
//
// No logic and no exceptions live here. wasm/module.d.ts is the contract. Bytes cross as offsets into
// HEAPU8; JavaScript copies them before the next call.
#include <emscripten/bind.h>
#include <emscripten/heap.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

extern "C" {
#include "base/bytes.h"
#include "ew.h"
#include "image/image.h"
#include "task/task.h"
}

using emscripten::val;

namespace {

val outcome(ew_status code, const ew_error &err, val value = val::undefined()) {
  val result = val::object();
  result.set("code", static_cast<int>(code));
  result.set("message", std::string(code == EW_OK ? "" : err.message));
  result.set("value", code == EW_OK ? value : val::undefined());
  return result;
}

template <typename T>
uintptr_t to_handle(T *object) {
  return reinterpret_cast<uintptr_t>(object);
}
template <typename T>
T *from_handle(uintptr_t handle) {
  return reinterpret_cast<T *>(handle);
}

val slot(ew_dtype dtype, const size_t *dims, uint32_t rank, const void *data) {
  ew_tensor tensor = {};
  tensor.dtype = dtype;
  tensor.rank = rank;
  val sizes = val::array();
  for (uint32_t i = 0; i < rank; i++) {
    tensor.dims[i] = dims[i];
    sizes.call<void>("push", static_cast<double>(dims[i]));
  }
  val result = val::object();
  result.set("scalarType", static_cast<int>(dtype));
  result.set("sizes", sizes);
  result.set("ptr", static_cast<double>(reinterpret_cast<uintptr_t>(data)));
  result.set("byteLength", static_cast<double>(ew_tensor_bytes(&tensor)));
  return result;
}

val slot(const ew_tensor &tensor) {
  return slot(tensor.dtype, tensor.dims, tensor.rank, tensor.data);
}

// A model with the buffers that hold the results of its task calls, and row-major copies of inputs and
// outputs whose own order is another (channels_last).
struct Model {
  ew_model *model;
  std::vector<std::vector<uint8_t>> staged;
  std::vector<uint8_t> row_major;
  std::vector<float> probabilities;
  void *maps;  // of the last segmentation: class map, then planes
};

std::string version() { return EW_VERSION; }
uintptr_t alloc(size_t size) { return to_handle(ew_alloc(size)); }
void free_memory(uintptr_t ptr) { ew_free(from_handle<void>(ptr)); }
double heap_bytes() { return static_cast<double>(emscripten_get_heap_size()); }

// --- load ---------------------------------------------------------------------------------------------

val load_begin(val options) {
  ew_load_options native = {};
  std::string method;
  const double size = options["fileSize"].as<double>();
  native.file_size = size < 0 ? UINT64_MAX : static_cast<uint64_t>(size);
  if (options["method"].isString()) {
    method = options["method"].as<std::string>();
    native.method = method.c_str();
  }
  native.skip_passes = options["optimize"].isFalse();
  native.profile = options["profile"].isTrue();
  if (options["threads"].isNumber()) native.num_threads = options["threads"].as<uint32_t>();
  ew_error err = {};
  ew_load *load = nullptr;
  const ew_status status = ew_load_begin(&native, &load, &err);
  return outcome(status, err, val(static_cast<double>(to_handle(load))));
}

val load_want(uintptr_t load) {
  const ew_want want = ew_load_want(from_handle<ew_load>(load));
  val result = val::object();
  result.set("offset", static_cast<double>(want.offset));
  result.set("size", static_cast<double>(want.size));
  result.set("ptr", static_cast<double>(to_handle(want.data)));
  return result;
}

val load_advance(uintptr_t load, size_t n) {
  ew_error err = {};
  return outcome(ew_load_advance(from_handle<ew_load>(load), n, &err), err);
}

val load_finish(uintptr_t load) {
  ew_error err = {};
  ew_model *model = nullptr;
  const ew_status status = ew_load_finish(from_handle<ew_load>(load), &model, &err);
  if (status != EW_OK) return outcome(status, err);
  return outcome(status, err,
                 val(static_cast<double>(to_handle(new Model{model, {}, {}, {}, nullptr}))));
}

void load_free(uintptr_t load) { ew_load_destroy(from_handle<ew_load>(load)); }

// --- model --------------------------------------------------------------------------------------------

ew_model *native(uintptr_t model) { return from_handle<Model>(model)->model; }

std::string take_text(ew_text *text) {
  std::string result =
      text->failed || text->data == nullptr ? "" : std::string(text->data, text->size);
  ew_text_free(text);
  return result;
}

std::string model_info(uintptr_t model) {
  ew_text text = {};
  ew_model_info(native(model), &text);
  return take_text(&text);
}

std::string model_dump(uintptr_t model) {
  ew_text text = {};
  ew_model_dump(native(model), &text);
  return take_text(&text);
}

std::string model_profile(uintptr_t model) {
  ew_text text = {};
  ew_error err = {};
  if (ew_model_profile(native(model), &text, &err) != EW_OK) {
    ew_text_free(&text);
    return "[]";
  }
  return take_text(&text);
}

void model_free(uintptr_t handle) {
  Model *model = from_handle<Model>(handle);
  ew_model_destroy(model->model);
  ew_free(model->maps);
  delete model;
}

val set_input(uintptr_t model, uint32_t index, int scalar_type, val sizes) {
  ew_error err = {};
  size_t dims[EW_MAX_RANK] = {};
  const uint32_t rank = sizes["length"].as<uint32_t>();
  if (rank > EW_MAX_RANK) {
    return outcome(ew_fail(&err, EW_WRONG_DIMENSIONS, "input %u has rank %u, the limit is %d",
                           index, rank, EW_MAX_RANK),
                   err);
  }
  for (uint32_t i = 0; i < rank; i++) {
    const double size = sizes[i].as<double>();
    if (!(size >= 0 && size <= static_cast<double>(EW_MAX_TENSOR_BYTES))) {
      return outcome(
          ew_fail(&err, EW_WRONG_DIMENSIONS, "input %u: dimension %u has size %g", index, i, size),
          err);
    }
    dims[i] = static_cast<size_t>(size);
  }
  ew_tensor tensor = {};
  Model *owner = from_handle<Model>(model);
  const ew_status status = ew_model_set_input(
      owner->model, index, static_cast<ew_dtype>(scalar_type), rank, dims, &tensor, &err);
  if (status != EW_OK) return outcome(status, err);
  owner->staged.resize(ew_model_num_inputs(owner->model));
  owner->staged[index].clear();
  if (!ew_tensor_is_contiguous(&tensor)) {
    owner->staged[index].resize(ew_tensor_bytes(&tensor));
    tensor.data = owner->staged[index].data();
  }
  return outcome(status, err, slot(tensor));
}

// Moves staged inputs to where the model reads them.
ew_status flush_staged(Model *owner, ew_error *err) {
  for (uint32_t i = 0; i < owner->staged.size(); i++) {
    if (owner->staged[i].empty()) continue;
    ew_tensor tensor = {};
    EW_TRY(ew_model_input(owner->model, i, &tensor, err));
    ew_tensor_from_row_major(&tensor, owner->staged[i].data());
    owner->staged[i].clear();
  }
  return EW_OK;
}

bool read_triple(const val &list, float out[3]) {
  if (list.isNull() || list.isUndefined()) return false;
  for (int i = 0; i < 3; i++) out[i] = list[i].as<float>();
  return true;
}

val set_input_image(uintptr_t model, uint32_t index, uintptr_t image, val mean, val std) {
  ew_error err = {};
  float mean_values[3], std_values[3];
  const bool has_mean = read_triple(mean, mean_values);
  const bool has_std = read_triple(std, std_values);
  return outcome(
      ew_model_set_image(native(model), index, from_handle<ew_image>(image),
                         has_mean ? mean_values : nullptr, has_std ? std_values : nullptr, &err),
      err);
}

val run(uintptr_t model) {
  ew_error err = {};
  ew_status status = flush_staged(from_handle<Model>(model), &err);
  if (status == EW_OK) status = ew_model_run(native(model), &err);
  return outcome(status, err);
}

// Output i with row-major elements.
ew_status row_major_output(Model *owner, uint32_t index, ew_tensor *out, ew_error *err) {
  EW_TRY(ew_model_output(owner->model, index, out, err));
  if (ew_tensor_is_contiguous(out)) return EW_OK;
  owner->row_major.resize(ew_tensor_bytes(out));
  ew_tensor_to_row_major(out, owner->row_major.data());
  out->data = owner->row_major.data();
  return EW_OK;
}

val output(uintptr_t model, uint32_t index) {
  ew_error err = {};
  ew_tensor tensor = {};
  Model *owner = from_handle<Model>(model);
  const ew_status status = row_major_output(owner, index, &tensor, &err);
  return outcome(status, err, status == EW_OK ? slot(tensor) : val::undefined());
}

// --- images -------------------------------------------------------------------------------------------

val image_value(const ew_image *image) {
  val value = val::object();
  value.set("handle", static_cast<double>(to_handle(image)));
  value.set("width", image->width);
  value.set("height", image->height);
  return value;
}

val image_outcome(ew_status status, const ew_error &err, ew_image *image) {
  if (status == EW_OK) return outcome(status, err, image_value(image));
  delete image;
  return outcome(status, err);
}

ew_image_limits limits_of(double max_pixels) {
  ew_image_limits limits = ew_image_limits_default();
  if (max_pixels > 0) limits.max_pixels = static_cast<uint64_t>(max_pixels);
  return limits;
}

val image_decode(uintptr_t ptr, size_t size, double max_pixels) {
  ew_error err = {};
  ew_image *image = new ew_image{};
  const ew_image_limits limits = limits_of(max_pixels);
  const ew_status status = ew_image_decode(from_handle<uint8_t>(ptr), size, &limits, image, &err);
  return image_outcome(status, err, image);
}

val image_from_pixels(uintptr_t ptr, uint32_t width, uint32_t height, uint32_t channels,
                      size_t stride, double max_pixels) {
  ew_error err = {};
  ew_image *image = new ew_image{};
  const ew_image_limits limits = limits_of(max_pixels);
  const ew_status status = ew_image_from_pixels(from_handle<uint8_t>(ptr), width, height, channels,
                                                stride, &limits, image, &err);
  return image_outcome(status, err, image);
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
  ew_error err = {};
  ew_image *image = new ew_image{};
  const ew_status status =
      ew_image_resize(from_handle<ew_image>(source), width, height, image, &err);
  return image_outcome(status, err, image);
}

val image_pixels(uintptr_t handle) {
  const ew_image *image = from_handle<ew_image>(handle);
  const size_t size = static_cast<size_t>(image->width) * image->height * 3;
  uint8_t *copy = static_cast<uint8_t *>(ew_alloc(size));
  if (copy != nullptr) ew_image_copy_rgb(image, copy);
  val result = val::object();
  result.set("ptr", static_cast<double>(to_handle(copy)));
  result.set("byteLength", static_cast<double>(size));
  return result;
}

void image_free(uintptr_t handle) {
  ew_image *image = from_handle<ew_image>(handle);
  ew_image_free(image);
  delete image;
}

// --- tasks --------------------------------------------------------------------------------------------

val classify(uintptr_t handle, uint32_t index) {
  Model *model = from_handle<Model>(handle);
  ew_error err = {};
  ew_tensor logits = {};
  ew_status status = row_major_output(model, index, &logits, &err);
  if (status != EW_OK) return outcome(status, err);
  if (logits.dtype != EW_F32) {
    return outcome(
        ew_fail(&err, EW_INVALID_MODEL_OUTPUT, "output %u has type %s; a classifier has f32 logits",
                index, ew_dtype_name(logits.dtype)),
        err);
  }
  const size_t n = ew_tensor_numel(&logits);
  model->probabilities.resize(n);
  status =
      ew_softmax(static_cast<const float *>(logits.data), n, model->probabilities.data(), &err);
  return outcome(status, err, slot(EW_F32, &n, 1, model->probabilities.data()));
}

val segment(uintptr_t handle, uint32_t index, val classes, uint32_t width, uint32_t height) {
  Model *model = from_handle<Model>(handle);
  ew_error err = {};
  ew_tensor logits = {};
  ew_status status = row_major_output(model, index, &logits, &err);
  if (status != EW_OK) return outcome(status, err);
  char shape[128];
  if (logits.dtype != EW_F32 || logits.rank < 3 || logits.rank > 4 ||
      (logits.rank == 4 && logits.dims[0] != 1)) {
    return outcome(ew_fail(&err, EW_INVALID_MODEL_OUTPUT,
                           "output %u is %s%s; a segmenter has f32 logits [1,classes,height,width]",
                           index, ew_dtype_name(logits.dtype),
                           ew_shape_text(logits.dims, logits.rank, shape, sizeof shape)),
                   err);
  }
  const size_t *dims = logits.dims + (logits.rank - 3);
  const uint32_t count = classes["length"].as<uint32_t>();
  const size_t out[2] = {height > 0 ? height : dims[1], width > 0 ? width : dims[2]};
  size_t pixels = 0, bytes = 0;
  ew_free(model->maps);
  model->maps = nullptr;
  if (ew_mul_size(out[0], out[1], &pixels) && ew_mul_size(pixels, 4, &bytes) &&
      ew_mul_size(bytes, count + 1, &bytes)) {
    model->maps = ew_alloc(bytes);
  }
  if (model->maps == nullptr) {
    return outcome(
        ew_fail(&err, EW_OUT_OF_MEMORY,
                "out of memory: %u maps of %zu x %zu; ask for fewer classes, or without resize",
                count + 1, out[1], out[0]),
        err);
  }
  std::vector<uint32_t> wanted(count);
  std::vector<float *> planes(count);
  int32_t *argmax = static_cast<int32_t *>(model->maps);
  for (uint32_t i = 0; i < count; i++) {
    wanted[i] = classes[i].as<uint32_t>();
    planes[i] = static_cast<float *>(model->maps) + (i + 1) * pixels;
  }
  status = ew_segment_maps(static_cast<const float *>(logits.data), dims[0], dims[1], dims[2],
                           wanted.data(), count, out[1], out[0], argmax, planes.data(), &err);
  if (status != EW_OK) return outcome(status, err);
  val value = val::object();
  value.set("argmax", slot(EW_I32, out, 2, argmax));
  val list = val::array();
  for (uint32_t i = 0; i < count; i++) list.call<void>("push", slot(EW_F32, out, 2, planes[i]));
  value.set("planes", list);
  return outcome(status, err, value);
}

val embed(uintptr_t handle, uint32_t index) {
  ew_error err = {};
  ew_tensor tensor = {};
  ew_status status = row_major_output(from_handle<Model>(handle), index, &tensor, &err);
  if (status != EW_OK) return outcome(status, err);
  if (tensor.dtype != EW_F32) {
    return outcome(
        ew_fail(&err, EW_INVALID_MODEL_OUTPUT, "output %u has type %s; an embedding is f32", index,
                ew_dtype_name(tensor.dtype)),
        err);
  }
  status = ew_check_finite(static_cast<const float *>(tensor.data), ew_tensor_numel(&tensor), &err);
  return outcome(status, err, slot(tensor));
}

}  // namespace

EMSCRIPTEN_BINDINGS(executorch_web) {
  emscripten::function("version", &version);
  emscripten::function("alloc", &alloc);
  emscripten::function("free", &free_memory);
  emscripten::function("heapBytes", &heap_bytes);
  emscripten::function("loadBegin", &load_begin);
  emscripten::function("loadWant", &load_want);
  emscripten::function("loadAdvance", &load_advance);
  emscripten::function("loadFinish", &load_finish);
  emscripten::function("loadFree", &load_free);
  emscripten::function("modelInfo", &model_info);
  emscripten::function("modelDump", &model_dump);
  emscripten::function("modelFree", &model_free);
  emscripten::function("setInput", &set_input);
  emscripten::function("setInputImage", &set_input_image);
  emscripten::function("run", &run);
  emscripten::function("output", &output);
  emscripten::function("profile", &model_profile);
  emscripten::function("imageDecode", &image_decode);
  emscripten::function("imageFromPixels", &image_from_pixels);
  emscripten::function("imageOrientation", &image_orientation);
  emscripten::function("imageOrient", &image_orient);
  emscripten::function("imageCrop", &image_crop);
  emscripten::function("imageResize", &image_resize);
  emscripten::function("imagePixels", &image_pixels);
  emscripten::function("imageFree", &image_free);
  emscripten::function("classify", &classify);
  emscripten::function("segment", &segment);
  emscripten::function("embed", &embed);
}
