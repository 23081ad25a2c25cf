// The gradient of a convolution's kernel: receptive fields, transposed, times the gradients of what
// came of them. A kernel of many numbers is shared out among the tasks by output channels; a small
// one has a sum for every part of the outputs, and these are added in their order.
#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "nn/gemm.h"
#include "nn/ops/fields.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargeKernel = 1 << 16;
constexpr int kColumns = 64;              // of a large kernel, for a task
constexpr int kRows = 256;                // outputs whose products are summed in registers
constexpr std::size_t kMostRowParts = 8;  // where the kernel is small

std::size_t kernel_size(const ConvSizes& s) {
  return static_cast<std::size_t>(s.window.taps()) * static_cast<std::size_t>(s.group_in()) *
         static_cast<std::size_t>(s.out_c);
}

// The products of one task: of outputs [begin, end) of all images and columns [first, last) of all
// groups from `group` up to `last_group`.
struct Share {
  std::size_t begin, end;
  int group, last_group;
  int first, last;
};

void add_share(float* d_kernel, const float* in, const float* d_out, const ConvSizes& s,
               const Share& share) {
  const auto channels = static_cast<std::size_t>(s.out_c);
  const std::ptrdiff_t columns = s.group_out();
  for (std::size_t begin = share.begin; begin < share.end; begin += kRows) {
    const int count = static_cast<int>(std::min<std::size_t>(kRows, share.end - begin));
    Fields fields(s, count);
    for (int group = share.group; group < share.last_group; ++group) {
      const std::ptrdiff_t k = std::ptrdiff_t{s.window.taps()} * s.group_in();
      multiply_transposed_add(d_kernel + group * k * columns + share.first, columns,
                              fields.of(in, begin, group),
                              d_out + begin * channels + group * columns + share.first, s.out_c,
                              count, fields.runs(), share.last - share.first);
    }
  }
}

// Calls body(sums, first output, end) for parts of `rows` outputs, in parallel, each with a sum
// [size] of its own, and adds these to d.
template <class F>
void sum_parts(float* d, std::size_t size, std::size_t rows, F&& body) {
  const std::size_t parts = std::clamp<std::size_t>(rows / kRows, 1, kMostRowParts);
  std::vector<float> sums(parts * size);
  parallel_for(static_cast<int>(parts), [&](int number) {
    const auto part = static_cast<std::size_t>(number);
    body(sums.data() + part * size, rows / parts * part + std::min(part, rows % parts),
         rows / parts * (part + 1) + std::min(part + 1, rows % parts));
  });
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t part = 1; part < parts; ++part) sums[i] += sums[part * size + i];
    d[i] += sums[i];
  }
}

}  // namespace

void conv_kernel_gradient(float* d_kernel, const float* in, const float* d_out, const ConvSizes& s,
                          std::size_t n) {
  const std::size_t rows = s.out_size() / static_cast<std::size_t>(s.out_c) * n;
  const std::size_t size = kernel_size(s);
  if (s.is_depthwise()) {
    sum_parts(d_kernel, size, n * static_cast<std::size_t>(s.out_h),
              [&](float* sums, std::size_t begin, std::size_t end) {
                depthwise_kernel_gradient(sums, in, d_out, s, begin, end);
              });
    return;
  }
  if (size < kLargeKernel) {
    sum_parts(d_kernel, size, rows, [&](float* sums, std::size_t begin, std::size_t end) {
      add_share(sums, in, d_out, s, {begin, end, 0, s.groups, 0, s.group_out()});
    });
    return;
  }
  const int slices = (s.group_out() + kColumns - 1) / kColumns;
  parallel_for(s.groups * slices, [&](int task) {
    const int group = task / slices, first = task % slices * kColumns;
    add_share(d_kernel, in, d_out, s,
              {0, rows, group, group + 1, first, std::min(s.group_out(), first + kColumns)});
  });
}

}  // namespace inoculate
