#include "nn/fast/blank_inputs.h"

#include <cstdint>
#include <numeric>
#include <vector>

#include "base/shapes.h"
#include "catch.h"
#include "compare.h"
#include "random_data.h"
#include "reference.h"

using namespace inoculate;
using reference::Values;

namespace {

/// A convolution with random weights, over images of which some positions are blank.
struct Trial {
  Conv2d conv;
  std::vector<float> kernel, blank, constants;
  std::vector<std::uint16_t> columns;
  std::vector<RowBits> drawn;

  Trial(RandomData& random, Shape in, int filters, int size, int stride)
      : conv(conv2d_same(in, filters, size, stride)),
        kernel(random.numbers(conv.kernel_size())),
        blank(random.numbers(in.c)),
        constants(random.numbers(conv.out.size())),
        columns(index(in.c)) {
    std::iota(columns.begin(), columns.end(), std::uint16_t{0});
    for (int y = 0; y < in.h; ++y) {
      RowBits bits = 0;
      for (int x = 0; x < in.w; ++x) bits |= RowBits{random.below(3) == 0} << x;
      drawn.push_back(bits);
    }
  }

  FloatBuffer table() const {
    FloatBuffer table;
    find_blank_sums(table, conv, kernel.data(), {blank.data(), columns.data(), conv.in.c});
    return table;
  }
  /// Calls body(tap) for the taps of a window that read a blank input.
  template <class F>
  void for_each_blank_tap(int y, int x, F&& body) const {
    for (int tap = 0; tap < conv.kernel * conv.kernel; ++tap) {
      const int in_y = y * conv.stride - conv.pad_top + tap / conv.kernel;
      const int in_x = x * conv.stride - conv.pad_left + tap % conv.kernel;
      if (in_y < 0 || in_y >= conv.in.h || in_x < 0 || in_x >= conv.in.w) continue;
      if (!has_bit(drawn[index(in_y)], in_x)) body(tap);
    }
  }
};

template <class F>
void for_each_trial(F&& check) {
  RandomData random(1);
  for (const int size : {1, 2, 3, 5}) {
    for (const int stride : {1, 2, 3}) {
      for (const int filters : {1, 5, 16, 33}) {
        CAPTURE(size, stride, filters);
        check(Trial(random, {6, 7, 3}, filters, size, stride), random);
      }
    }
  }
}

}  // namespace

TEST_CASE("windows start from their constants and the contribution of their blank inputs") {
  for_each_trial([](const Trial& t, RandomData&) {
    const int f = t.conv.out.c, c = t.conv.in.c;
    const FloatBuffer table = t.table();
    std::vector<float> sums(t.constants.size());
    const float* end = start_windows(sums.data(), t.conv, t.constants.data(), table.data(),
                                     t.drawn.data(), nullptr);
    CHECK(end == sums.data() + sums.size());
    Values expected = reference::doubles(t.constants);
    for (int y = 0; y < t.conv.out.h; ++y) {
      for (int x = 0; x < t.conv.out.w; ++x) {
        t.for_each_blank_tap(y, x, [&](int tap) {
          for (int i = 0; i < c * f; ++i) {
            expected[index((y * t.conv.out.w + x) * f + i % f)] +=
                static_cast<double>(t.blank[index(i / f)]) * t.kernel[index(tap * c * f + i)];
          }
        });
      }
    }
    CHECK(relative_difference(sums, expected) < 1e-6);
  });
}

TEST_CASE("windows that see nothing but drawn inputs, or have no table, start from constants") {
  RandomData random(2);
  Trial t(random, {6, 7, 3}, 5, 3, 2);
  std::vector<float> sums(t.constants.size());
  start_windows(sums.data(), t.conv, t.constants.data(), nullptr, t.drawn.data(), nullptr);
  CHECK(sums == t.constants);
  t.drawn.assign(t.drawn.size(), bits_below(t.conv.in.w));
  const FloatBuffer table = t.table();
  sums.assign(sums.size(), 99);
  start_windows(sums.data(), t.conv, t.constants.data(), table.data(), t.drawn.data(), nullptr);
  CHECK(sums == t.constants);
}

TEST_CASE("sums by choice of blank taps make up those by tap") {
  for_each_trial([](const Trial& t, RandomData& random) {
    const int f = t.conv.out.c, taps = t.conv.kernel * t.conv.kernel;
    const auto d_out = random.numbers(t.conv.out.size());
    std::vector<float> by_choice(index(blank_choices(t.conv) * f)), by_tap(index(taps * f), 99);
    Values expected = reference::zeros(taps * f);
    for (int y = 0; y < t.conv.out.h; ++y) {
      for (int x = 0; x < t.conv.out.w; ++x) {
        const float* d = d_out.data() + (y * t.conv.out.w + x) * f;
        for_each_blank_choice(t.conv, y, x, t.drawn.data(), [&](int choice) {
          for (int k = 0; k < f; ++k) by_choice[index(choice * f + k)] += d[k];
        });
        t.for_each_blank_tap(y, x, [&](int tap) {
          for (int k = 0; k < f; ++k) expected[index(tap * f + k)] += static_cast<double>(d[k]);
        });
      }
    }
    sum_choices(by_tap.data(), by_choice.data(), t.conv);
    CHECK(relative_difference(by_tap, expected) < 1e-6);
  });
}
