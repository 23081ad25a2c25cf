// The backward pass of SparseFront.
#include <algorithm>
#include <bit>
#include <utility>

#include "base/shapes.h"
#include "base/simd.h"
#include "nn/add_parts.h"
#include "nn/fast/blank_inputs.h"
#include "nn/fast/sampled_gradient.h"
#include "nn/fast/sparse_front.h"
#include "nn/gemm.h"

namespace inoculate {
namespace {

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

// Adds the gradients of the outputs of an image to sums [choices, F], by their blank inputs.
void add_choices(float* sums, const float* d, const Grid& grid, const Conv2d& conv,
                 const RowBits* drawn) {
  const int f = conv.out.c;
  for (int y = 0; y < conv.out.h; ++y) {
    for (int x = 0; x < conv.out.w; ++x) {
      const float* row = d + grid.at(y, x);
      for_each_blank_choice(conv, y, x, drawn, [&](int choice) {
        float* sum = sums + choice * f;
        for_each_vector(f, [&](int k, auto vector) {
          store(sum + k, load(sum + k, vector) + load(row + k, vector));
        });
      });
    }
  }
}

}  // namespace

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
  const int choices = i == 1 ? blank_choices(stage.conv()) * shape.c : 0;
  thread_local FloatBuffer kernel_buffer, positions_buffer, choices_buffer;
  float* sums = room_for(kernel_buffer, index(kMostParts * size));
  float* of_positions = room_for(positions_buffer, index(kMostParts * shape.size()));
  float* of_choices = room_for(choices_buffer, index(kMostParts * choices));
  for_each_part(cache.n, [&](int part, int first, int images) {
    thread_local GridBuffer outputs, inputs;
    float* d = outputs.room(grid, 1);
    float* x = inputs.room(stage.in, 1);
    float* of_kernel = sums + part * size;
    float* by_position = of_positions + part * shape.size();
    clear_floats(of_kernel, size);
    clear_floats(by_position, shape.size());
    clear_floats(of_choices + part * choices, choices);
    for (int k = 0, image = first; k < images; ++k, ++image) {
      if (is_last) {
        rectify_back(d, grid, by_position, d_out + image * shape.size(),
                     out + image * shape.size());
      } else {
        backward_rectifier([&](int row, int column) { return d + grid.at(row, column); },
                           by_position, shape.c, i, part, k, image, cache);
      }
      const RowBits* drawn = before.drawn.data() + image * stage.in.shape.h;
      if (i == 1) add_choices(of_choices + part * choices, d, grid, stage.conv(), drawn);
      const LiveOutputs live = stages_[i - 1].live_outputs(before, image);
      unpack(x, stage.in, before.out[index(part)], k, live, 0, drawn);
      of_inputs.backward_with_kernel(d_in + image * stage.in.size(), of_kernel, x, live, drawn, d);
    }
  });
  add_parts(sums, parts_of(cache.n), size);
  of_inputs.order_kernel(d_parameters + stage.layer.kernel, sums);
  if (i == 1) {
    add_parts(of_choices, parts_of(cache.n), choices);
    add_blank(d_parameters + stage.layer.kernel, parameters, of_choices, cache);
  }
  add_parts(of_positions, parts_of(cache.n), shape.size());
  float* d_bias = d_parameters + stage.layer.bias;
  std::fill_n(d_bias, shape.c, 0.0F);
  for (const float* row = of_positions; row < of_positions + shape.size(); row += shape.c) {
    for (int k = 0; k < shape.c; ++k) d_bias[k] += row[k];
  }
  backward_normalisation(i, d_parameters, parameters, of_positions, cache);
}

// What blank inputs of the second convolution add to the gradient of its kernel, given the sums of
// the gradients of its outputs by the choices of their blank taps; and the sum of their own.
void SparseFront::add_blank(float* d_kernel, const float* parameters, const float* sums,
                            Cache& cache) const {
  const Conv2d& conv = stages_[1].conv();
  const int c = conv.in.c, f = conv.out.c, taps = conv.kernel * conv.kernel;
  const float* kernel = parameters + stages_[1].layer.kernel;
  std::vector<float> of_taps(index(taps * f));
  sum_choices(of_taps.data(), sums, conv);
  std::vector<double> d_blank(index(c));
  for (int row = 0; row < taps * c; ++row) {
    const float* of_tap = of_taps.data() + row / c * f;
    d_blank[index(row % c)] += dot(kernel + row * f, of_tap, f);
    const float value = cache.blank_out[index(row % c)];
    for (int k = 0; k < f; ++k) d_kernel[row * f + k] += value * of_tap[k];
  }
  cache.d_blank.assign(d_blank.begin(), d_blank.end());
}

// The gradient before the rectifier of a convolution that others follow, in an image, from that of
// what comes out of its normalisation: at the positions that are drawn. Writes it to to(y, x), and
// adds that of each to sums [F], the next of which is `stride` further.
template <class To>
void SparseFront::backward_rectifier(To&& to, float* sums, int stride, std::size_t i, int part,
                                     int of_part, int image, const Cache& cache) const {
  const Shape shape = stages_[i].conv().out;
  const Cache::Stage& batch = cache.stages[i];
  const Grid& from_grid = stages_[i + 1].in;
  const float* from = batch.d.data() + image * from_grid.size();
  const LiveOutputs live = stages_[i].live_outputs(batch, image);
  const float *a = batch.norm.a.data(), *b = batch.norm.b.data(), *e = batch.norm.e.data();
  for (int y = 0; y < shape.h; ++y) {
    const float* values = batch.out[index(part)].row(of_part, y, 0, shape.w).values;
    for_each_bit(batch.drawn[index(image * shape.h + y)], [&](int x) {
      const LaneBits* bits = live.at(0, y, x);
      const float* d = from + from_grid.at(y, x);
      float *row = to(y, x), *sum = sums + x * stride;
      for_each_vector(shape.c, [&](int k, auto vector) {
        const auto value = unpack_lanes(values, *bits, vector);
        const auto before = chosen_lanes(load(a + k, vector) * load(d + k, vector) +
                                             (load(b + k, vector) * value + load(e + k, vector)),
                                         *bits);
        store(row + k, before);
        store(sum + k, load(sum + k, vector) + before);
        values += std::popcount(*bits++);
      });
    });
    sums += shape.w * stride;
  }
}

void SparseFront::backward_first(float* d_parameters, const Cache& cache) const {
  const Stage& stage = stages_[0];
  const Conv2d& conv = stage.conv();
  const int f = conv.out.c, size = conv.kernel_size();
  thread_local FloatBuffer caller_buffer;  // of each part, the kernel's and then the bias'
  float* sums = room_for(caller_buffer, index(kMostParts * (size + f)));
  for_each_part(cache.n, [&](int part, int first, int images) {
    thread_local FloatBuffer buffer;
    thread_local std::vector<const float*> windows;  // [K, positions]: where their rows begin
    float* of_kernel = sums + part * (size + f);
    float* of_bias = of_kernel + size;
    clear_floats(of_kernel, size + f);
    float* rows = room_for(buffer, index(conv.out.size()));
    for (int image = first; image < first + images; ++image) {
      const float* in = cache.images.data() + image * stage.in.size();
      float* row = rows;
      windows.clear();
      const auto next_row = [&](int y, int x) {
        windows.push_back(
            in + stage.in.at(y * conv.stride - conv.pad_top, x * conv.stride - conv.pad_left));
        return std::exchange(row, row + f);
      };
      backward_rectifier(next_row, of_bias, 0, 0, part, image - first, image, cache);
      const std::size_t positions = windows.size();
      for (std::size_t k = positions; k < positions * index(conv.kernel); ++k) {
        windows.push_back(windows[k - positions] + stage.in.row());
      }
      multiply_transposed_add(of_kernel, f, windows.data(), rows, f, static_cast<int>(positions),
                              {conv.kernel, conv.kernel * conv.in.c}, f);
    }
  });
  add_parts(sums, parts_of(cache.n), size + f);
  std::copy_n(sums, size, d_parameters + stage.layer.kernel);
  // Blank windows show zeros: of the gradients of these parameters, only the bias has one.
  const FoldedNorm& norm = cache.stages[0].norm;
  for (int k = 0; k < f; ++k) {
    const std::size_t i = index(k);
    const float value = cache.blank_out[i];
    const float of_blank = norm.a[i] * cache.d_blank[i] +
                           static_cast<float>(cache.blank) * (norm.b[i] * value + norm.e[i]);
    d_parameters[stage.layer.bias + i] = sums[size + k] + (value > 0 ? of_blank : 0.0F);
  }
}

// From the gradient of stage i's kernel, as if no normalisation came before, and that of its
// outputs at each position: the gradients of kernel and normalisation.
void SparseFront::backward_normalisation(std::size_t i, float* d_parameters,
                                         const float* parameters, const float* of_positions,
                                         Cache& cache) const {
  const Conv2d& conv = stages_[i].conv();
  Cache::Stage& before = cache.stages[i - 1];
  const int f = conv.out.c, c = conv.in.c;
  const float* kernel = parameters + stages_[i].layer.kernel;
  float* d_kernel = d_parameters + stages_[i].layer.kernel;
  const int taps = conv.kernel * conv.kernel;
  // For each tap, of the gradient of the inputs, and of it times these.
  std::vector<double> of_inputs(index(taps * 2 * c));
  parallel_for(taps, [&](int tap) {
    // The sum of the gradients of all outputs whose window has the tap within the input: the shift
    // before contributes this much to the tap's row of the kernel.
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
  before.norm.unfold(stages_[i - 1].norm_or_null(), parameters, d_parameters, of_inputs.data(),
                     static_cast<double>(cache.n) * conv.in.h * conv.in.w, c);
}

}  // namespace inoculate
