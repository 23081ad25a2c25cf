// A convolution as a product: the row of an output is its receptive field. Where pixels have many
// channels the rows are pointers to them; where they have few, they are copied side by side.
#include <algorithm>
#include <vector>

#include "nn/ops/conv_sizes.h"
#include "nn/ops/packed.h"

namespace inoculate {
namespace {

// Below this many channels the kernel would spend its time on pointers.
constexpr int kFewChannels = 12;

bool copies_fields(const ConvSizes& s) {
  return s.window.taps() > 1 && s.group_in() < kFewChannels;
}

// The positions [begin, begin + count) of n images' outputs, one after the other.
struct Position {
  const ConvSizes& s;
  const float* image;
  int y, x;

  Position(const ConvSizes& sizes, const float* in, std::size_t number) : s(sizes) {
    const auto area = static_cast<std::size_t>(s.out_h) * static_cast<std::size_t>(s.out_w);
    image = in + number / area * s.in_size();
    const int rest = static_cast<int>(number % area);
    y = rest / s.out_w;
    x = rest % s.out_w;
  }
  // What tap (ky, kx) sees, or null beyond the image.
  const float* see(int ky, int kx) const {
    const Window& w = s.window;
    const int iy = y * w.stride_h - w.pad_top + ky * w.dilation_h;
    const int ix = x * w.stride_w - w.pad_left + kx * w.dilation_w;
    if (iy < 0 || iy >= s.in_h || ix < 0 || ix >= s.in_w) return nullptr;
    return image + (static_cast<std::ptrdiff_t>(iy) * s.in_w + ix) * s.in_c;
  }
  void next() {
    if (++x < s.out_w) return;
    x = 0;
    if (++y < s.out_h) return;
    y = 0;
    image += s.in_size();
  }
};

// Calls body(tap, row, pointer to its first channel) for every tap of `count` positions.
template <class F>
void for_each_tap(const ConvSizes& s, const float* in, std::size_t begin, int count,
                  const float* beyond, F&& body) {
  Position position(s, in, begin);
  for (int row = 0; row < count; ++row, position.next()) {
    int tap = 0;
    for (int ky = 0; ky < s.window.kernel_h; ++ky) {
      for (int kx = 0; kx < s.window.kernel_w; ++kx, ++tap) {
        const float* seen = position.see(ky, kx);
        body(tap, row, seen == nullptr ? beyond : seen);
      }
    }
  }
}

}  // namespace

std::size_t conv_forward_size(const ConvSizes& s) {
  const int k = s.window.taps() * s.group_in();
  return static_cast<std::size_t>(s.groups) * packed_size(k, s.group_out());
}

void conv_forward_prepare(float* to, const float* kernel, const ConvSizes& s) {
  const int k = s.window.taps() * s.group_in();
  for (int group = 0; group < s.groups; ++group) {
    pack_panels(to, kernel, s.group_out(), 1, k, s.group_out());
    to += packed_size(k, s.group_out());
    kernel += static_cast<std::ptrdiff_t>(k) * s.group_out();
  }
}

void conv_forward(float* out, const float* in, const float* prepared, const float* bias,
                  const ConvSizes& s, std::size_t n, const Epilogue& epilogue) {
  const int taps = s.window.taps(), channels = s.group_in(), columns = s.group_out();
  const std::size_t rows = s.out_size() / static_cast<std::size_t>(s.out_c) * n;
  if (s.is_pointwise()) {
    multiply_matrix(out, in, prepared, bias, rows, columns, channels, epilogue);
    return;
  }
  const std::vector<float> beyond(static_cast<std::size_t>(s.in_c), 0.0F);
  const bool copies = copies_fields(s);
  const Runs runs = copies ? Runs{1, taps * channels} : Runs{taps, channels};
  for_each_block(
      rows, panel_count(columns), [&](std::size_t begin, int count, int first, int last) {
        std::vector<const float*> table(static_cast<std::size_t>(taps) *
                                        static_cast<std::size_t>(count));
        std::vector<const float*> a(table.size());
        std::vector<float> fields(copies ? table.size() * static_cast<std::size_t>(channels) : 0);
        for_each_tap(s, in, begin, count, beyond.data(), [&](int tap, int row, const float* seen) {
          table[static_cast<std::size_t>(tap * count + row)] = seen;
        });
        float* to[kRowBlock];
        for (int group = 0; group < s.groups; ++group) {
          for (std::size_t i = 0; i < table.size(); ++i) {
            a[i] = table[i] == beyond.data() ? table[i] : table[i] + group * channels;
          }
          if (copies) {
            for (int row = 0; row < count; ++row) {
              float* field = fields.data() + static_cast<std::ptrdiff_t>(row) * runs.length;
              for (int tap = 0; tap < taps; ++tap) {
                const float* seen = a[static_cast<std::size_t>(tap * count + row)];
                for (int c = 0; c < channels; ++c) field[tap * channels + c] = seen[c];
              }
            }
            for (int row = 0; row < count; ++row) {
              a[static_cast<std::size_t>(row)] =
                  fields.data() + static_cast<std::ptrdiff_t>(row) * runs.length;
            }
          }
          for (int row = 0; row < count; ++row) {
            to[row] = out +
                      static_cast<std::ptrdiff_t>(begin + static_cast<std::size_t>(row)) * s.out_c +
                      group * columns;
          }
          multiply_packed(
              to, a.data(),
              prepared + static_cast<std::size_t>(group) * packed_size(taps * channels, columns),
              bias == nullptr ? nullptr : bias + group * columns, count, columns, runs, first, last,
              epilogue);
        }
      });
}

}  // namespace inoculate
