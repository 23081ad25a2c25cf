// Both ways to the gradient of a later convolution's inputs, and the gradient of its kernel,
// against plain double-precision sums over all outputs and taps.
#include "nn/fast/conv_gradient.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/shapes.h"
#include "catch.h"
#include "compare.h"
#include "nn/fast/sampled_gradient.h"
#include "random_data.h"

using namespace inoculate;

namespace {

struct Kernel {
  int filters, size, stride;
};

/// A rectified convolution with random weights; its rectifier lets little through if `bias` is low.
struct RandomConv {
  Conv2d conv;
  std::vector<float> kernel;
  std::vector<float> bias;
  std::vector<float> scale;
  FrozenConv frozen;

  RandomConv(RandomData& random, Shape in, const Kernel& k, float mean_bias,
             const FrozenConv* before)
      : conv(conv2d_same(in, k.filters, k.size, k.stride)),
        kernel(random.numbers(conv.kernel_size())),
        bias(random.numbers(k.filters, mean_bias - 1, mean_bias + 1)),
        scale(random.numbers(k.filters)),
        frozen(conv, kernel.data(), bias.data(), activation(), before) {}

  Activation activation() const {
    Activation relu(conv.out.c);
    relu.rectify();
    relu.scale_and_shift(scale, std::vector<float>(scale.size()));
    return relu;
  }
};

/// Two convolutions after a forward pass of drawings, and a random gradient of the second one's
/// live outputs, which counts in about half of its windows.
struct Pass {
  static constexpr int kImages = 4;
  RandomConv first, second;
  SparseMap out_of_first, d_out;
  std::vector<LaneBits> live_of_first, live_of_second;
  std::vector<RowBits> pixels, seen_by_first, seen_by_second, windows, wanted;

  Pass(RandomData& random, Shape in, const Kernel& a, const Kernel& b, float bias)
      : first(random, in, a, bias, nullptr),
        second(random, first.conv.out, b, 0, &first.frozen),
        live_of_first(index(kImages * first.frozen.live_size())),
        live_of_second(index(kImages * second.frozen.live_size())),
        pixels(index(kImages * in.h)),
        seen_by_first(index(kImages * first.conv.out.h)),
        seen_by_second(index(kImages * second.conv.out.h)),
        wanted(index(kImages * first.conv.out.h)) {
    const Grid& grid = first.frozen.in;
    std::vector<float> images(index(kImages * grid.size()), 0.0F);
    const auto drawings = random.drawings(kImages, in);
    for (int i = 0; i < kImages; ++i) {
      for (int y = 0; y < in.h; ++y) {
        const float* row = drawings.data() + (i * in.h + y) * in.w * in.c;
        std::copy_n(row, in.w * in.c, images.data() + i * grid.size() + grid.at(y, 0));
        pixels[index(i * in.h + y)] = drawn_pixels(row, in.w, in.c);
      }
      touched_windows(seen_by_first.data() + i * first.conv.out.h, pixels.data() + i * in.h,
                      first.conv);
      touched_windows(seen_by_second.data() + i * second.conv.out.h,
                      seen_by_first.data() + i * first.conv.out.h, second.conv);
    }
    out_of_first.reset(first.conv.out, kImages);
    first.frozen.forward(out_of_first, live_of_first.data(), images.data(), seen_by_first.data(),
                         FrozenConv::Blank::kNothing, kImages);
    d_out.reset(second.conv.out, kImages);
    second.frozen.forward(d_out, live_of_second.data(), out_of_first, seen_by_first.data(),
                          seen_by_second.data(), FrozenConv::Blank::kGround, kImages);
    const Shape out = second.conv.out;
    for (int i = 0; i < kImages; ++i) {
      for (int y = 0; y < out.h; ++y) {
        windows.push_back(static_cast<RowBits>(random.below(1 << out.w)));
        for (int x = 0; x < out.w; ++x) {
          for (int k = 0; k < d_out.row(i, y, x, x + 1).count; ++k) {
            d_out.values(i, y, x)[k] = random.number();
          }
        }
      }
      inputs_of_windows(wanted.data() + i * out_h_of_first(), windows.data() + i * out.h,
                        second.conv);
    }
  }

  int out_h_of_first() const { return first.conv.out.h; }
  LiveOutputs live_first(int image = 0) const {
    return first.frozen.live_outputs(live_of_first.data(), seen_by_first.data(), image);
  }
  LiveOutputs live_second() const {
    return second.frozen.live_outputs(live_of_second.data(), seen_by_second.data(), 0);
  }
  bool is_live(int image, int y, int x, int channel) const {
    int bit = 0;
    const LaneBits* bits = live_first().at(image, y, x);
    bool live = false;
    for_each_vector(first.conv.out.c, [&](int f, auto vector) {
      const int lanes = static_cast<int>(sizeof vector / sizeof(float));
      if (channel >= f && channel < f + lanes) live = (bits[bit] >> (channel - f) & 1) != 0;
      ++bit;
    });
    return live;
  }

  /// Calls body(input, its place in the input grids [kImages], output's filter, d_out, where the
  /// kernel is) for every tap of every window.
  template <class F>
  void for_each_product(F&& body) const {
    const Conv2d& c = second.conv;
    const Grid& grid = second.frozen.in;
    for (int i = 0; i < kImages; ++i) {
      for (int window = 0; window < c.out.h * c.out.w; ++window) {
        const int oy = window / c.out.w, ox = window % c.out.w;
        if (!has_bit(windows[index(i * c.out.h + oy)], ox)) continue;
        const SparseRow row = d_out.row(i, oy, ox, ox + 1);
        for (int tap = 0; tap < c.kernel * c.kernel; ++tap) {
          const int y = oy * c.stride - c.pad_top + tap / c.kernel;
          const int x = ox * c.stride - c.pad_left + tap % c.kernel;
          if (y < 0 || y >= c.in.h || x < 0 || x >= c.in.w) continue;
          std::vector<float> inputs(index(c.in.c), 0.0F);
          const SparseRow live = out_of_first.row(i, y, x, x + 1);
          for (int k = 0; k < live.count; ++k) {
            inputs[index(live.columns[k] - x * c.in.c)] = live.values[k];
          }
          for (int channel = 0; channel < c.in.c; ++channel) {
            for (int k = 0; k < row.count; ++k) {
              const int f = row.columns[k] - ox * c.out.c;
              body(static_cast<double>(inputs[index(channel)]),
                   index(i * grid.size() + grid.at(y, x) + channel), f,
                   static_cast<double>(row.values[k]),
                   index((tap * c.in.c + channel) * c.out.c + f));
            }
          }
        }
      }
    }
  }

  /// What the second convolution sees of an image, in its input grid.
  std::vector<float> inputs(int image) const {
    const Grid& grid = second.frozen.in;
    std::vector<float> x(index(grid.size()), 0.0F);
    for (int y = 0; y < grid.shape.h; ++y) {
      const SparseRow row = out_of_first.row(image, y, 0, grid.shape.w);
      for (int k = 0; k < row.count; ++k) x[index(grid.at(y, 0) + row.columns[k])] = row.values[k];
    }
    return x;
  }

  /// The gradient of every input [kImages], in that grid; of scaled outputs, or as if they were
  /// not.
  std::vector<double> expected(bool scaled = true) const {
    std::vector<double> d(index(kImages * second.frozen.in.size()), 0.0);
    for_each_product([&](double, std::size_t at, int f, double gradient, std::size_t weight) {
      const double scale = scaled ? static_cast<double>(second.scale[index(f)]) : 1;
      d[at] += gradient * scale * static_cast<double>(second.kernel[weight]);
    });
    return d;
  }
  /// The gradient of the second convolution's kernel.
  std::vector<double> expected_of_kernel() const {
    std::vector<double> d(second.kernel.size(), 0.0);
    for_each_product([&](double input, std::size_t, int, double gradient, std::size_t weight) {
      d[weight] += input * gradient;
    });
    return d;
  }

  /// The gradients of outputs in a grid of the other way, with zeros where they do not count.
  void unpack_outputs(GridBuffer& to, const Grid& grid) const {
    float* images = to.room(grid, kImages);
    for (int i = 0; i < kImages; ++i) {
      unpack(images + i * grid.size(), grid, d_out, i, live_second(), i,
             windows.data() + i * grid.shape.h);
    }
  }
};

/// Calls body(pass) for channels in and beside whole vectors, strides below and above the kernel's
/// size, and a first rectifier that lets much or little through.
template <class F>
void for_each_pass(F&& body) {
  RandomData random(7);
  const Kernel kernels[][2] = {{{32, 3, 2}, {64, 3, 2}}, {{5, 3, 1}, {7, 3, 2}},
                               {{16, 2, 2}, {16, 5, 3}}, {{33, 3, 2}, {128, 2, 1}},
                               {{70, 1, 1}, {20, 1, 2}}, {{4, 3, 2}, {3, 2, 4}}};
  for (const auto& k : kernels) {
    for (const float bias : {0.5F, -1.5F}) {
      CAPTURE(k[0].filters, k[1].filters, k[1].size, k[1].stride, bias);
      body(Pass(random, {13, 14, 1}, k[0], k[1], bias));
    }
  }
}

constexpr ImageBits kChosen = 0b1101;
constexpr float kUntouched = 99;

}  // namespace

TEST_CASE("what outputs say of a convolution's inputs is the sum over windows and taps") {
  for_each_pass([](const Pass& pass) {
    const Grid& grid = pass.second.frozen.in;
    std::vector<float> d(index(Pass::kImages * grid.size()), kUntouched);
    ConvGradient(pass.second.frozen)
        .backward(d.data(), pass.d_out, 0, pass.windows.data(), kChosen);
    const auto expected = pass.expected();
    std::vector<float> actual;
    std::vector<double> wanted;
    for (int i = 0; i < Pass::kImages; ++i) {
      for (int y = 0; y < grid.shape.h; ++y) {
        for (int k = 0; k < grid.shape.w * grid.shape.c; ++k) {
          const std::size_t at = index(i * grid.size() + grid.at(y, 0) + k);
          actual.push_back(d[at]);
          wanted.push_back(has_bit(kChosen, i) ? expected[at] : static_cast<double>(kUntouched));
        }
      }
    }
    CHECK(relative_difference(actual, wanted) < 1e-6);
  });
}

TEST_CASE("inputs that ask get the same where they are live, and zeros where no window shows") {
  for_each_pass([](const Pass& pass) {
    const Grid& grid = pass.second.frozen.in;
    std::vector<float> d(index(Pass::kImages * grid.size()), kUntouched);
    const SampledGradient gradient(pass.second.conv, pass.second.kernel.data(),
                                   pass.second.scale.data());
    GridBuffer d_out;
    pass.unpack_outputs(d_out, gradient.outputs());
    gradient.backward(d.data(), pass.live_first(), pass.wanted.data(), d_out.data(), kChosen);
    const auto expected = pass.expected();
    std::vector<float> actual;
    std::vector<double> wanted;
    for (int i = 0; i < Pass::kImages; ++i) {
      for (int position = 0; position < grid.shape.h * grid.shape.w; ++position) {
        const int y = position / grid.shape.w, x = position % grid.shape.w;
        const bool shown = has_bit(pass.wanted[index(i * grid.shape.h + y)], x);
        for (int channel = 0; channel < grid.shape.c; ++channel) {
          if (has_bit(kChosen, i) && shown && !pass.is_live(i, y, x, channel)) continue;
          const std::size_t at = index(i * grid.size() + grid.at(y, x) + channel);
          actual.push_back(d[at]);
          wanted.push_back(has_bit(kChosen, i) ? expected[at] : static_cast<double>(kUntouched));
        }
      }
    }
    CHECK(relative_difference(actual, wanted) < 1e-6);
  });
}

TEST_CASE("live inputs make up the gradient of the kernel, and get their own") {
  for_each_pass([](const Pass& pass) {
    const SampledGradient gradient(pass.second.conv, pass.second.kernel.data(), nullptr);
    GridBuffer d_out;
    pass.unpack_outputs(d_out, gradient.outputs());
    const auto size = static_cast<std::size_t>(pass.second.conv.kernel_size());
    const Grid& grid = pass.second.frozen.in;
    const std::vector<RowBits> all(index(grid.shape.h), bits_below(grid.shape.w));
    std::vector<float> sums(size), d_kernel(size), d(index(Pass::kImages * grid.size()));
    for (int i = 0; i < Pass::kImages; ++i) {
      gradient.backward_with_kernel(d.data() + i * grid.size(), sums.data(), pass.inputs(i).data(),
                                    pass.live_first(i), all.data(),
                                    d_out.data() + i * gradient.outputs().size());
    }
    gradient.order_kernel(d_kernel.data(), sums.data());
    CHECK(relative_difference(d_kernel, pass.expected_of_kernel()) < 2e-6);
    const auto expected = pass.expected(false);
    std::vector<float> actual;
    std::vector<double> wanted;
    for (int i = 0; i < Pass::kImages; ++i) {
      for (int k = 0; k < grid.shape.size(); ++k) {
        const int position = k / grid.shape.c, channel = k % grid.shape.c;
        const int y = position / grid.shape.w, x = position % grid.shape.w;
        if (!pass.is_live(i, y, x, channel)) continue;
        const std::size_t at = index(i * grid.size() + grid.at(y, x) + channel);
        actual.push_back(d[at]);
        wanted.push_back(expected[at]);
      }
    }
    CHECK(relative_difference(actual, wanted) < 1e-6);
  });
}
