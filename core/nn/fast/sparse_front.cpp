#include "nn/fast/sparse_front.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "base/shapes.h"
#include "base/simd.h"
#include "nn/add_parts.h"
#include "nn/fast/blank_inputs.h"
#include "nn/fast/sparse_conv.h"

namespace inoculate {
namespace {

// Of the second convolution: its table of blank inputs doubles with every tap in a row.
constexpr int kLargestKernel = 5;

// windows [OH]: those of a first convolution that contain a drawn pixel of an image.
void windows_of_image(RowBits* windows, const float* image, const Conv2d& conv) {
  thread_local std::vector<RowBits> pixels;
  pixels.resize(index(conv.in.h));
  for (RowBits& row : pixels) {
    row = drawn_pixels(image, conv.in.w, conv.in.c);
    image += conv.in.w * conv.in.c;
  }
  touched_windows(windows, pixels.data(), conv);
}

// A row with zeros, as a sparse one. The columns are the caller's until the next call.
SparseRow all_of(const FloatBuffer& row) {
  thread_local std::vector<std::uint16_t> columns;
  columns.resize(row.size());
  std::iota(columns.begin(), columns.end(), std::uint16_t{0});
  return {row.data(), columns.data(), static_cast<int>(row.size())};
}

}  // namespace

std::optional<SparseFront> SparseFront::of(const std::vector<Layer>& layers) {
  SparseFront front;
  const auto is_conv = [&](std::size_t i) {
    return i + 1 < layers.size() && std::holds_alternative<ConvLayer>(layers[i].op);
  };
  std::size_t i = 0;
  while (is_conv(i)) {
    if (!std::holds_alternative<ReluLayer>(layers[i + 1].op)) return std::nullopt;
    const auto& layer = std::get<ConvLayer>(layers[i].op);
    Stage stage{layer, std::nullopt, Activation(layers[i].out.c), grid_for_windows(layer.conv)};
    stage.rectifier.rectify();
    i += 2;
    front.layers_ = i;
    if (i < layers.size()) {
      if (const auto* norm = std::get_if<BatchNormLayer>(&layers[i].op)) {
        stage.norm = *norm;
        ++i;
      }
    }
    front.stages_.push_back(std::move(stage));
  }
  if (front.stages_.size() < 2 || front.stages_[1].conv().kernel > kLargestKernel) {
    return std::nullopt;
  }
  return front;
}

void SparseFront::forward(float* out, const float* parameters, float* statistics,
                          const float* images, int n, Cache& cache) const {
  cache.n = n;
  cache.stages.resize(stages_.size() - 1);
  for (std::size_t i = 0; i < cache.stages.size(); ++i) {
    Cache::Stage& stage = cache.stages[i];
    stage.out.resize(std::max(stage.out.size(), index(parts_of(n))));
    stage.live.resize(index(n * stages_[i].live_size()));
    const Shape shape = stages_[i].conv().out;
    stage.drawn.assign(index(n * shape.h), bits_below(shape.w));
  }
  forward_first(parameters, statistics, images, cache);
  for (std::size_t i = 1; i < stages_.size(); ++i) {
    forward_next(i, out, parameters, statistics, cache);
  }
}

void SparseFront::forward_first(const float* parameters, float* statistics, const float* images,
                                Cache& cache) const {
  const Stage& stage = stages_[0];
  const Conv2d& conv = stage.conv();
  const int n = cache.n, c = conv.out.c;
  const float* bias = parameters + stage.layer.bias;
  std::vector<RowBits>& drawn = cache.stages[0].drawn;
  float* grids = cache.images.room(stage.in, n);
  std::vector<double> moments(index(parts_of(n) * 2 * c));
  for_each_part(n, [&](int part, int first, int in_part) {
    thread_local FloatBuffer buffer;
    float* rows = room_for(buffer, index(kImagesAtOnce * conv.out.size()));
    cache.stages[0].out[index(part)].reset(conv.out, in_part);
    for_each_group(in_part, [&](int done, int count) {
      for (int i = first + done; i < first + done + count; ++i) {
        const float* image = images + static_cast<std::ptrdiff_t>(i) * conv.in.size();
        copy_into_grid(grids + i * stage.in.size(), stage.in, image);
        windows_of_image(drawn.data() + i * conv.out.h, image, conv);
      }
      multiply_windows(rows, grids + (first + done) * stage.in.size(), conv,
                       parameters + stage.layer.kernel, bias,
                       drawn.data() + (first + done) * conv.out.h, count);
      keep(0, rows, part, first + done, count, moments.data() + part * 2 * c, cache);
    });
  });
  add_parts(moments.data(), parts_of(n), 2 * c);
  cache.blank = std::int64_t{n} * stage.positions();
  for (const RowBits row : drawn) cache.blank -= std::popcount(row);
  cache.blank_out.assign(bias, bias + c);
  for (int k = 0; k < c; ++k) {
    float& value = cache.blank_out[index(k)];
    rectify_lanes(value);
    const auto exact = static_cast<double>(value), times = static_cast<double>(cache.blank);
    moments[index(k)] += times * exact;
    moments[index(c + k)] += times * exact * exact;
  }
  cache.stages[0].norm.fold(stage.norm_or_null(), parameters, statistics, moments.data(),
                            static_cast<double>(n) * stage.positions(), c);
}

// Of a convolution that others follow, keeps what the rectifier lets through of its sums for some
// images, and adds to their moments. rows: those of the positions that are drawn.
void SparseFront::keep(std::size_t i, const float* rows, int part, int first, int count,
                       double* moments, Cache& cache) const {
  const Stage& stage = stages_[i];
  const Shape shape = stage.conv().out;
  Cache::Stage& batch = cache.stages[i];
  LaneBits* live = batch.live.data() + first * stage.live_size();
  std::fill_n(live, count * stage.live_size(), LaneBits{0});
  for (int image = first; image < first + count; ++image, live += stage.live_size()) {
    const RowBits* drawn = batch.drawn.data() + image * shape.h;
    int positions = 0;
    for (int y = 0; y < shape.h; ++y) positions += std::popcount(drawn[y]);
    add_moments(moments, rows, positions, shape.c, true);
    append_images(batch.out[index(part)], live, rows, stage.rectifier, shape, drawn, nullptr, 1);
    rows += positions * shape.c;
  }
}

void SparseFront::forward_next(std::size_t i, float* out, const float* parameters,
                               float* statistics, Cache& cache) const {
  const Stage& stage = stages_[i];
  const Conv2d& conv = stage.conv();
  const Cache::Stage& before = cache.stages[i - 1];
  const int n = cache.n, c = conv.out.c, size = conv.out.size();
  const bool is_last = i + 1 == stages_.size();
  // The normalisation before is in the kernel, and in what is constant.
  thread_local FloatBuffer scaled_buffer, constants_buffer;
  const float* own = parameters + stage.layer.kernel;
  float* kernel = room_for(scaled_buffer, index(conv.kernel_size()));
  for (int row = 0; row < conv.kernel * conv.kernel * conv.in.c; ++row) {
    const float scale = before.norm.scale[index(row % conv.in.c)];
    for (int k = 0; k < c; ++k) kernel[row * c + k] = scale * own[row * c + k];
  }
  find_window_constants(constants_buffer, conv, own, parameters + stage.layer.bias,
                        before.norm.shift.data());
  const float* constants = constants_buffer.data();
  thread_local FloatBuffer table_buffer;
  const float* table = nullptr;
  if (i == 1) {
    find_blank_sums(table_buffer, conv, kernel, all_of(cache.blank_out));
    table = table_buffer.data();
  }
  std::vector<double> moments(index(parts_of(n) * 2 * c));
  for_each_part(n, [&](int part, int first, int in_part) {
    thread_local FloatBuffer buffer;
    if (!is_last) cache.stages[i].out[index(part)].reset(conv.out, in_part);
    for_each_group(in_part, [&](int done, int count) {
      float* rows = is_last ? out + static_cast<std::ptrdiff_t>(first + done) * size
                            : room_for(buffer, index(kImagesAtOnce * size));
      float* sums = rows;
      for (int image = first + done; image < first + done + count; ++image) {
        sums = start_windows(sums, conv, constants, table, before.drawn.data() + image * conv.in.h,
                             nullptr);
      }
      add_windows(rows, before.out[index(part)], done, conv, kernel, nullptr, count);
      if (is_last) {
        for (int k = 0; k < count * size; ++k) rows[k] = rows[k] <= 0 ? 0 : rows[k];
      } else {
        keep(i, rows, part, first + done, count, moments.data() + part * 2 * c, cache);
      }
    });
  });
  if (is_last) return;
  add_parts(moments.data(), parts_of(n), 2 * c);
  cache.stages[i].norm.fold(stage.norm_or_null(), parameters, statistics, moments.data(),
                            n * stage.positions(), c);
}

}  // namespace inoculate
