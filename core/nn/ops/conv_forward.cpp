// A convolution as a product: the row of an output is its receptive field.
#include "nn/ops/fields.h"
#include "nn/ops/packed.h"

namespace inoculate {
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
  const int k = s.window.taps() * s.group_in(), columns = s.group_out();
  const std::size_t rows = s.out_size() / static_cast<std::size_t>(s.out_c) * n;
  if (s.is_pointwise()) {
    multiply_matrix(out, in, prepared, bias, rows, columns, k, epilogue);
    return;
  }
  for_each_panel_block(
      rows, panel_count(columns), [&](std::size_t begin, int count, int first, int last) {
        Fields fields(s, count);
        float* to[kRowBlock];
        for (int group = 0; group < s.groups; ++group) {
          for (int row = 0; row < count; ++row) {
            to[row] = out +
                      (begin + static_cast<std::size_t>(row)) * static_cast<std::size_t>(s.out_c) +
                      group * columns;
          }
          multiply_packed(to, fields.of(in, begin, group),
                          prepared + static_cast<std::size_t>(group) * packed_size(k, columns),
                          bias == nullptr ? nullptr : bias + group * columns, count, columns,
                          fields.runs(), first, last, epilogue);
        }
      });
}

}  // namespace inoculate
