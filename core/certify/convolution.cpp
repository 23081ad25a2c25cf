#include "certify/convolution.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace inoculate {
namespace {

using Stride = Eigen::OuterStride<>;
using Block = Eigen::Map<RealMatrix, 0, Stride>;
using ConstBlock = Eigen::Map<const RealMatrix, 0, Stride>;

// How many numbers of columns, the left operand of a product, are made at once.
constexpr int kColumns = 1 << 18;

// Calls body(offset within the columns' row, first channel of the pixel within the input) for every
// tap of the output at (y, x) that lies in `region` of the input.
template <class F>
void for_each_tap(const ConvSizes& s, const Region& region, int y, int x, F&& body) {
  const Window& w = s.window;
  for (int ky = 0; ky < w.kernel_h; ++ky) {
    const int iy = y * w.stride_h - w.pad_top + ky * w.dilation_h - region.y;
    if (iy < 0 || iy >= region.h) continue;
    for (int kx = 0; kx < w.kernel_w; ++kx) {
      const int ix = x * w.stride_w - w.pad_left + kx * w.dilation_w - region.x;
      if (ix < 0 || ix >= region.w) continue;
      body((ky * w.kernel_w + kx) * s.group_in(), (std::ptrdiff_t{iy} * region.w + ix) * s.in_c);
    }
  }
}

ConstBlock kernel_of(const ConvSizes& s, const std::vector<double>& kernel, int group) {
  const Eigen::Index k = s.window.taps() * s.group_in(), f = s.group_out();
  return {kernel.data() + group * k * f, k, f, Stride(f)};
}

}  // namespace

void convolve(RealMatrix& out, const RealMatrix& in, const ConvForm& form,
              const std::vector<double>& kernel) {
  const ConvSizes& s = form.sizes;
  const Eigen::Index n = in.rows(), area = s.out_h * s.out_w, k = s.window.taps() * s.group_in();
  out.resize(n, area * s.out_c);
  if (s.is_pointwise()) {
    Block(out.data(), n * area, s.out_c, Stride(s.out_c)).noalias() =
        ConstBlock(in.data(), n * area, s.in_c, Stride(s.in_c)) * kernel_of(s, kernel, 0);
    return;
  }
  const Eigen::Index each = std::clamp<Eigen::Index>(kColumns / k, 1, n * area);
  RealMatrix columns(each, k);
  const Region all{0, 0, s.in_h, s.in_w};
  for (int group = 0; group < s.groups; ++group) {
    for (Eigen::Index begin = 0; begin < n * area; begin += each) {
      const Eigen::Index rows = std::min(each, n * area - begin);
      columns.setZero();
      for (Eigen::Index row = 0; row < rows; ++row) {
        const auto position = static_cast<int>((begin + row) % area);
        const double* image = in.row((begin + row) / area).data() + group * s.group_in();
        double* to = columns.row(row).data();
        for_each_tap(s, all, position / s.out_w, position % s.out_w,
                     [&](int offset, std::ptrdiff_t pixel) {
                       std::copy_n(image + pixel, s.group_in(), to + offset);
                     });
      }
      Block(out.data() + begin * s.out_c + group * s.group_out(), rows, s.group_out(),
            Stride(s.out_c))
          .noalias() = columns.topRows(rows) * kernel_of(s, kernel, group);
    }
  }
}

Region seen_by(const Region& region, const ConvForm& form, const Shape& in) {
  if (form.sizes.is_pointwise()) return region;
  const Window& w = form.sizes.window;
  const auto along = [](int begin, int count, int stride, int pad, int reach, int extent) {
    const int low = std::clamp(begin * stride - pad, 0, extent);
    return std::pair{low, std::clamp((begin + count - 1) * stride - pad + reach, low, extent)};
  };
  const auto [top, bottom] =
      along(region.y, region.h, w.stride_h, w.pad_top, (w.kernel_h - 1) * w.dilation_h + 1, in.h);
  const auto [left, right] =
      along(region.x, region.w, w.stride_w, w.pad_left, (w.kernel_w - 1) * w.dilation_w + 1, in.w);
  return {top, left, bottom - top, right - left};
}

void add_transposed(RealMatrix& d_in, const Region& in_region, const RealMatrix& d_out,
                    const Region& out_region, const ConvForm& form) {
  const ConvSizes& s = form.sizes;
  const Eigen::Index rows = d_out.rows(), area = out_region.positions();
  if (s.is_pointwise() && in_region == out_region) {
    Block(d_in.data(), rows * area, s.in_c, Stride(s.in_c)).noalias() +=
        ConstBlock(d_out.data(), rows * area, s.out_c, Stride(s.out_c)) *
        kernel_of(s, form.kernel, 0).transpose();
    return;
  }
  const Eigen::Index k = s.window.taps() * s.group_in();
  const Eigen::Index each = std::clamp<Eigen::Index>(kColumns / k, 1, rows * area);
  RealMatrix columns(each, k);
  for (int group = 0; group < s.groups; ++group) {
    const auto kernel = kernel_of(s, form.kernel, group);
    for (Eigen::Index begin = 0; begin < rows * area; begin += each) {
      const Eigen::Index count = std::min(each, rows * area - begin);
      columns.topRows(count).noalias() =
          ConstBlock(d_out.data() + begin * s.out_c + group * s.group_out(), count, s.group_out(),
                     Stride(s.out_c)) *
          kernel.transpose();
      for (Eigen::Index i = 0; i < count; ++i) {
        const auto position = static_cast<int>((begin + i) % area);
        double* image = d_in.row((begin + i) / area).data() + group * s.group_in();
        const double* from = columns.row(i).data();
        for_each_tap(s, in_region, out_region.y + position / out_region.w,
                     out_region.x + position % out_region.w, [&](int offset, std::ptrdiff_t pixel) {
                       for (int c = 0; c < s.group_in(); ++c) image[pixel + c] += from[offset + c];
                     });
      }
    }
  }
}

}  // namespace inoculate
