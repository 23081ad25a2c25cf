#include "nn/sparse_front.h"

#include <algorithm>
#include <bit>

#include "base/parallel.h"
#include "base/simd.h"
#include "nn/add_parts.h"
#include "nn/gemm.h"
#include "nn/sampled_gradient.h"
#include "nn/seen.h"
#include "nn/sparse_conv.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// Images are split in so many parts at most, each with sums of its own that are added up in their
// order.
constexpr int kMostParts = 8;

int parts_of(int n) { return std::min(n, kMostParts); }

// Calls body(part, first image, images) for every part of n images, in parallel.
template <class F>
void for_each_part(int n, F&& body) {
  const int parts = parts_of(n);
  parallel_for(parts, [&](int part) {
    const int first = part_begin(n, parts, part);
    body(part, first, part_begin(n, parts, part + 1) - first);
  });
}

// Images that go through a convolution together.
constexpr int kImagesAtOnce = 8;

// Calls body(first of the part, images) for some images of a part at a time.
template <class F>
void for_each_group(int images, F&& body) {
  for (int done = 0; done < images; done += kImagesAtOnce) {
    body(done, std::min(kImagesAtOnce, images - done));
  }
}

double dot(const float* a, const float* b, int size) {
  Vec sums{};
  double rest = 0;
  for_each_vector(size, [&](int i, auto vector) {
    const auto products = load(a + i, vector) * load(b + i, vector);
    if constexpr (sizeof products == sizeof sums) {
      sums += products;
    } else {
      rest += static_cast<double>(products);
    }
  });
  for (int lane = 0; lane < kLanes; ++lane) rest += static_cast<double>(sums[lane]);
  return rest;
}

// Writes the gradient before the last rectifier, in an image, to a grid, and adds it to
// of_positions [OH*OW, F].
void rectify_back(float* to, const Grid& grid, float* of_positions, const float* d_out,
                  const float* out) {
  for (int y = 0; y < grid.shape.h; ++y) {
    float* row = to + grid.at(y, 0);
    for (int k = 0; k < grid.shape.w * grid.shape.c; ++k) {
      const float gradient = *d_out++;  // read whatever `out` is: a loop without branches
      row[k] = *out++ > 0 ? gradient : 0;
      *of_positions++ += row[k];
    }
  }
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
  if (front.stages_.size() < 2) return std::nullopt;
  return front;
}

bool SparseFront::suits(const float* images, int n) const {
  constexpr double kFilled = 0.9;
  constexpr int kLookedAt = 16;  // images of a batch, which are of one kind
  const Conv2d& conv = stages_[0].conv();
  std::vector<RowBits> pixels(index(conv.in.h)), windows(index(conv.out.h));
  int shown = 0, all = 0;
  for (int i = 0; i < n; i += std::max(1, n / kLookedAt)) {
    const float* row = images + static_cast<std::ptrdiff_t>(i) * conv.in.size();
    for (RowBits& bits : pixels) {
      bits = see_pixels(row, conv.in.w, conv.in.c);
      row += conv.in.w * conv.in.c;
    }
    see_windows(windows.data(), pixels.data(), conv);
    for (const RowBits bits : windows) shown += std::popcount(bits);
    all += stages_[0].positions();
  }
  return shown >= kFilled * all;
}

void SparseFront::forward(float* out, const float* parameters, float* statistics,
                          const float* images, int n, Cache& cache) const {
  cache.n = n;
  cache.stages.resize(stages_.size() - 1);
  for (std::size_t i = 0; i < cache.stages.size(); ++i) {
    Cache::Stage& stage = cache.stages[i];
    stage.out.resize(std::max(stage.out.size(), index(parts_of(n))));
    stage.live.resize(index(n * stages_[i].live_size()));
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
  float* grids = cache.images.room(stage.in, n);
  std::vector<double> moments(index(parts_of(n) * 2 * c));
  for_each_part(n, [&](int part, int first, int in_part) {
    thread_local FloatBuffer buffer;
    float* rows = room_for(buffer, index(kImagesAtOnce * conv.out.size()));
    cache.stages[0].out[index(part)].reset(conv.out, in_part);
    for_each_group(in_part, [&](int done, int count) {
      for (int i = first + done; i < first + done + count; ++i) {
        copy_into_grid(grids + i * stage.in.size(), stage.in,
                       images + static_cast<std::ptrdiff_t>(i) * conv.in.size());
      }
      multiply_windows(rows, grids + (first + done) * stage.in.size(), conv,
                       parameters + stage.layer.kernel, parameters + stage.layer.bias, nullptr,
                       count);
      keep(0, rows, part, first + done, count, moments.data() + part * 2 * c, cache);
    });
  });
  add_parts(moments.data(), parts_of(n), 2 * c);
  cache.stages[0].norm.fold(stage.norm_or_null(), parameters, statistics, moments.data(),
                            n * stage.positions(), c);
}

// Of a convolution that others follow, keeps what the rectifier lets through of its sums for some
// images, and adds to their moments.
void SparseFront::keep(std::size_t i, const float* rows, int part, int first, int count,
                       double* moments, Cache& cache) const {
  const Stage& stage = stages_[i];
  const Shape shape = stage.conv().out;
  SparseMap& map = cache.stages[i].out[index(part)];
  LaneBits* live = cache.stages[i].live.data() + first * stage.live_size();
  for (int image = 0; image < count; ++image, rows += shape.size()) {
    add_moments(moments, rows, stage.positions(), shape.c);
    for (int y = 0; y < shape.h; ++y, live += shape.w * stage.rectifier.live_size()) {
      stage.rectifier.append(map, live, rows + y * shape.w * shape.c, 0, shape.w);
    }
    map.end_image();
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
  std::vector<double> moments(index(parts_of(n) * 2 * c));
  for_each_part(n, [&](int part, int first, int in_part) {
    thread_local FloatBuffer buffer;
    if (!is_last) cache.stages[i].out[index(part)].reset(conv.out, in_part);
    for_each_group(in_part, [&](int done, int count) {
      float* rows = is_last ? out + static_cast<std::ptrdiff_t>(first + done) * size
                            : room_for(buffer, index(kImagesAtOnce * size));
      for (int image = 0; image < count; ++image) {
        copy_floats(rows + image * size, constants, size);
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

void SparseFront::backward(float* d_parameters, const float* d_out, const float* out,
                           const float* parameters, Cache& cache) const {
  for (std::size_t i = stages_.size(); i-- > 1;) {
    backward_next(i, d_parameters, d_out, out, parameters, cache);
  }
  backward_first(d_parameters, cache);
}

void SparseFront::backward_next(std::size_t i, float* d_parameters, const float* d_out,
                                const float* out, const float* parameters, Cache& cache) const {
  const Stage& stage = stages_[i];
  const Shape shape = stage.conv().out;
  Cache::Stage& before = cache.stages[i - 1];
  const SampledGradient of_inputs(stage.conv(), parameters + stage.layer.kernel, nullptr);
  const Grid& grid = of_inputs.outputs();
  const int size = stage.conv().kernel_size();
  const bool is_last = i + 1 == stages_.size();
  float* d_in = room_for(before.d, index(cache.n * stage.in.size()));
  const std::vector<RowBits> everywhere(index(stage.in.shape.h), bits_below(stage.in.shape.w));
  thread_local FloatBuffer kernel_buffer, positions_buffer;
  float* sums = room_for(kernel_buffer, index(kMostParts * size));
  float* of_positions = room_for(positions_buffer, index(kMostParts * shape.size()));
  for_each_part(cache.n, [&](int part, int first, int images) {
    thread_local GridBuffer outputs, inputs;
    float* d = outputs.room(grid, 1);
    float* x = inputs.room(stage.in, 1);
    float* of_kernel = sums + part * size;
    float* by_position = of_positions + part * shape.size();
    clear_floats(of_kernel, size);
    clear_floats(by_position, shape.size());
    for (int k = 0, image = first; k < images; ++k, ++image) {
      if (is_last) {
        rectify_back(d, grid, by_position, d_out + image * shape.size(),
                     out + image * shape.size());
      } else {
        turn_outputs(d, grid, by_position, shape.c, i, part, k, image, cache);
      }
      const LiveOutputs live = stages_[i - 1].live_outputs(before, image);
      unpack(x, stage.in, before.out[index(part)], k, live, 0, everywhere.data());
      of_inputs.backward_with_kernel(d_in + image * stage.in.size(), of_kernel, x, live, d);
    }
  });
  add_parts(sums, parts_of(cache.n), size);
  of_inputs.order_kernel(d_parameters + stage.layer.kernel, sums);
  add_parts(of_positions, parts_of(cache.n), shape.size());
  float* d_bias = d_parameters + stage.layer.bias;
  std::fill_n(d_bias, shape.c, 0.0F);
  for (const float* row = of_positions; row < of_positions + shape.size(); row += shape.c) {
    for (int k = 0; k < shape.c; ++k) d_bias[k] += row[k];
  }
  turn_normalisation(i, d_parameters, parameters, of_positions, cache);
}

// The gradient before the rectifier of a convolution that others follow, in an image, from that of
// what comes out of its normalisation. Writes it to a grid, and adds that of each position to sums
// [F], the next of which is `stride` further.
void SparseFront::turn_outputs(float* to, const Grid& to_grid, float* sums, int stride,
                               std::size_t i, int part, int of_part, int image,
                               const Cache& cache) const {
  const Shape shape = stages_[i].conv().out;
  const Cache::Stage& batch = cache.stages[i];
  const Grid& from_grid = stages_[i + 1].in;
  const float* from = batch.d.data() + image * from_grid.size();
  const LiveOutputs live = stages_[i].live_outputs(batch, image);
  const SparseMap& out = batch.out[index(part)];
  const float *a = batch.norm.a.data(), *b = batch.norm.b.data(), *e = batch.norm.e.data();
  for (int y = 0; y < shape.h; ++y) {
    const LaneBits* bits = live.at(0, y, 0);
    const float* values = out.row(of_part, y, 0, shape.w).values;
    const float* d = from + from_grid.at(y, 0);
    float* row = to + to_grid.at(y, 0);
    for (int x = 0; x < shape.w; ++x, d += shape.c, row += shape.c, sums += stride) {
      for_each_vector(shape.c, [&](int k, auto vector) {
        const auto value = unpack_lanes(values, *bits, vector);
        const auto turned = chosen_lanes(load(a + k, vector) * load(d + k, vector) +
                                             (load(b + k, vector) * value + load(e + k, vector)),
                                         *bits);
        store(row + k, turned);
        store(sums + k, load(sums + k, vector) + turned);
        values += std::popcount(*bits++);
      });
    }
  }
}

void SparseFront::backward_first(float* d_parameters, const Cache& cache) const {
  const Stage& stage = stages_[0];
  const Conv2d& conv = stage.conv();
  const int f = conv.out.c, positions = stage.positions(), size = conv.kernel_size();
  std::vector<int> offsets;  // [K, OH*OW]: where the rows of windows begin
  for (int k = 0; k < conv.kernel; ++k) {
    for (int y = 0; y < conv.out.h; ++y) {
      for (int x = 0; x < conv.out.w; ++x) {
        offsets.push_back(
            stage.in.at(y * conv.stride - conv.pad_top + k, x * conv.stride - conv.pad_left));
      }
    }
  }
  thread_local FloatBuffer caller_buffer;  // of each part, the kernel's and then the bias'
  float* sums = room_for(caller_buffer, index(kMostParts * (size + f)));
  for_each_part(cache.n, [&](int part, int first, int images) {
    thread_local FloatBuffer buffer;
    thread_local std::vector<const float*> windows;
    float* of_kernel = sums + part * (size + f);
    float* of_bias = of_kernel + size;
    clear_floats(of_kernel, size + f);
    float* rows = room_for(buffer, index(positions * f));
    windows.resize(offsets.size());
    for (int image = first; image < first + images; ++image) {
      turn_outputs(rows, {conv.out}, of_bias, 0, 0, part, image - first, image, cache);
      const float* in = cache.images.data() + image * stage.in.size();
      for (std::size_t k = 0; k < offsets.size(); ++k) windows[k] = in + offsets[k];
      multiply_transposed_add(of_kernel, f, windows.data(), rows, f, positions,
                              {conv.kernel, conv.kernel * conv.in.c}, f);
    }
  });
  add_parts(sums, parts_of(cache.n), size + f);
  std::copy_n(sums, size, d_parameters + stage.layer.kernel);
  std::copy_n(sums + size, f, d_parameters + stage.layer.bias);
}

// From the gradient of stage i's kernel, as if no normalisation came before, and that of its
// outputs at each position: the gradients of kernel and normalisation.
void SparseFront::turn_normalisation(std::size_t i, float* d_parameters, const float* parameters,
                                     const float* of_positions, Cache& cache) const {
  const Conv2d& conv = stages_[i].conv();
  Cache::Stage& before = cache.stages[i - 1];
  const int f = conv.out.c, c = conv.in.c;
  const float* kernel = parameters + stages_[i].layer.kernel;
  float* d_kernel = d_parameters + stages_[i].layer.kernel;
  const int taps = conv.kernel * conv.kernel;
  // For each tap, of the gradient of the inputs, and of it times these.
  std::vector<double> of_inputs(index(taps * 2 * c));
  parallel_for(taps, [&](int tap) {
    // What the windows say in which the tap is within the input: what the shift before is
    // multiplied by, and what all inputs are told by that tap.
    std::vector<float> of_tap(index(f));
    for (int oy = 0; oy < conv.out.h; ++oy) {
      for (int ox = 0; ox < conv.out.w; ++ox) {
        const int y = oy * conv.stride - conv.pad_top + tap / conv.kernel;
        const int x = ox * conv.stride - conv.pad_left + tap % conv.kernel;
        if (y < 0 || y >= conv.in.h || x < 0 || x >= conv.in.w) continue;
        const float* of_position = of_positions + (oy * conv.out.w + ox) * f;
        for (int k = 0; k < f; ++k) of_tap[index(k)] += of_position[k];
      }
    }
    for (int channel = 0; channel < c; ++channel) {
      const int row = (tap * c + channel) * f;
      const float scale = before.norm.scale[index(channel)],
                  shift = before.norm.shift[index(channel)];
      of_inputs[index(tap * 2 * c + channel)] = dot(kernel + row, of_tap.data(), f);
      of_inputs[index(tap * 2 * c + c + channel)] = dot(kernel + row, d_kernel + row, f);
      for (int k = 0; k < f; ++k) {
        d_kernel[row + k] = scale * d_kernel[row + k] + shift * of_tap[index(k)];
      }
    }
  });
  add_parts(of_inputs.data(), taps, 2 * c);
  before.norm.turn_back(stages_[i - 1].norm_or_null(), d_parameters, of_inputs.data(),
                        static_cast<double>(cache.n) * conv.in.h * conv.in.w, c);
}

}  // namespace inoculate
