// MaxPool and AveragePool, and both over all positions.
#include <algorithm>
#include <limits>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/simd.h"
#include "nn/ops/conv_sizes.h"
#include "nn/ops/form.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

ConvSizes sizes_of(const Graph& graph, const Node& node) {
  return conv_sizes(graph.shape(node.inputs[0]), node.shape, node.attributes);
}
ConvSizes sizes_of(const Pass& p) { return sizes_of(p.graph, p.node); }

// Calls body(in or d_in of the image, out or d_out of the position, y, x, channels) for every
// output; an image's are called in order. Where there are fewer images than threads, the pointers
// begin at some of the channels.
template <class In, class Out, class F>
void for_each_output(const ConvSizes& s, std::size_t n, In* in, Out* out, F&& body) {
  const int images = static_cast<int>(n), threads = free_threads();
  const int parts = images >= threads ? 1 : std::clamp(s.in_c / 16, 1, 4 * threads);
  parallel_for(images * parts, [&](int number) {
    const auto image = static_cast<std::size_t>(number / parts);
    const int first = part_begin(s.in_c, parts, number % parts);
    const int channels = part_begin(s.in_c, parts, number % parts + 1) - first;
    Out* at = out + image * s.out_size() + first;
    for (int y = 0; y < s.out_h; ++y) {
      for (int x = 0; x < s.out_w; ++x, at += s.in_c) {
        body(in + image * s.in_size() + first, at, y, x, channels);
      }
    }
  });
}

void max_forward(const Pass& p) {
  const ConvSizes s = sizes_of(p);
  for_each_output(s, p.n, p.in[0], p.out, [&](const float* in, float* out, int y, int x, int n) {
    std::fill_n(out, n, -std::numeric_limits<float>::infinity());
    for_each_pixel_seen(s, y, x, [&](std::ptrdiff_t at) {
      for (int c = 0; c < n; ++c) out[c] = std::max(out[c], in[at + c]);
    });
  });
}

// The gradient goes to the first of the largest.
void max_backward(const Pass& p) {
  const ConvSizes s = sizes_of(p);
  const float *in = p.in[0], *out = p.out;
  float* d_in = p.d_in[0];
  for_each_output(s, p.n, d_in, p.d_out, [&](float* d, const float* d_out, int y, int x, int n) {
    const float* seen = in + (d - d_in);
    const float* largest = out + (d_out - p.d_out);
    std::vector<float> left(d_out, d_out + n);
    for_each_pixel_seen(s, y, x, [&](std::ptrdiff_t at) {
      for_each_vector(n, [&](int c, auto zero) {
        const auto rest = load(left.data() + c, zero);
        const auto is_top = load(seen + at + c, zero) == load(largest + c, zero);
        store(d + at + c, load(d + at + c, zero) + (is_top ? rest : zero));
        store(left.data() + c, is_top ? zero : rest);
      });
    });
  });
}

// By how many positions the average at (y, x) divides. mode 1: padding counts too, though not what
// lies beyond it, where ceil_mode lets a window stand out further.
float counted(const ConvSizes& s, bool padding, int y, int x) {
  const Window& w = s.window;
  const auto along = [](int begin, int kernel, int dilation, int low, int high) {
    int count = 0;
    for (int k = 0; k < kernel; ++k) {
      const int at = begin + k * dilation;
      count += at >= low && at < high ? 1 : 0;
    }
    return count;
  };
  const int rows = along(y * w.stride_h - w.pad_top, w.kernel_h, w.dilation_h,
                         padding ? -w.pad_top : 0, s.in_h + (padding ? w.pad_bottom : 0));
  const int columns = along(x * w.stride_w - w.pad_left, w.kernel_w, w.dilation_w,
                            padding ? -w.pad_left : 0, s.in_w + (padding ? w.pad_right : 0));
  // Of a window that sees padding alone, which does not count, the average is 0.
  return static_cast<float>(std::max(1, rows)) * static_cast<float>(std::max(1, columns));
}

void average_forward(const Pass& p) {
  const ConvSizes s = sizes_of(p);
  const bool padding = p.node.attributes.mode == 1;
  for_each_output(s, p.n, p.in[0], p.out, [&](const float* in, float* out, int y, int x, int n) {
    std::fill_n(out, n, 0.0F);
    for_each_pixel_seen(s, y, x, [&](std::ptrdiff_t at) {
      for (int c = 0; c < n; ++c) out[c] += in[at + c];
    });
    const float part = 1.0F / counted(s, padding, y, x);
    for (int c = 0; c < n; ++c) out[c] *= part;
  });
}

void average_backward(const Pass& p) {
  const ConvSizes s = sizes_of(p);
  const bool padding = p.node.attributes.mode == 1;
  for_each_output(s, p.n, p.d_in[0], p.d_out,
                  [&](float* d, const float* d_out, int y, int x, int n) {
                    const float part = 1.0F / counted(s, padding, y, x);
                    for_each_pixel_seen(s, y, x, [&](std::ptrdiff_t at) {
                      for (int c = 0; c < n; ++c) d[at + c] += d_out[c] * part;
                    });
                  });
}

Value read_pool(Import& import, const Kernel& kernel) {
  const Value x = import.channels_last(import.in(0));
  import.require(x.rank() <= 4, "pools more than two axes, which is not supported");
  const ReadWindow read = read_window(import, x, import.integers("kernel_shape"));
  Attributes attributes;
  attributes.window = read.window;
  attributes.mode = import.integer("count_include_pad", 0) != 0 ? 1 : 0;
  return import.add(kernel, {x}, read.dims, x.order, attributes);
}

Value read_global(Import& import, const Kernel& kernel) {
  const Value x = import.channels_last(import.in(0));
  import.require(x.rank() <= 4, "pools more than two axes, which is not supported");
  Attributes attributes;
  attributes.window.kernel_w = static_cast<int>(x.dims.back());
  if (x.rank() == 4) attributes.window.kernel_h = static_cast<int>(x.dim(2));
  Sizes dims = x.dims;
  std::fill(dims.begin() + 2, dims.end(), 1);
  return import.add(kernel, {x}, dims, x.order, attributes);
}

}  // namespace

// Attributes: window; of averages also mode, see counted().
const Kernel kMaxPool{
    .forward = max_forward, .backward = max_backward, .reads_in = true, .reads_out = true};
const Kernel kAveragePool{.forward = average_forward, .backward = average_backward};

Form average_pool_form(const Graph& graph, const Node& node) {
  const ConvSizes s = sizes_of(graph, node);
  SparseForm form{{{}}, {}, {}, s.window.taps() + 2, false};
  for_each_pair_seen(s, [&](int out, int in) {
    const int x = out / s.in_c % s.out_w, y = out / s.in_c / s.out_w;
    const double count = counted(s, node.attributes.mode == 1, y, x);
    form.inputs[0].push_back({out, in, 1 / count});
  });
  return form;
}

Form max_pool_form(const Graph& graph, const Node& node) {
  const ConvSizes s = sizes_of(graph, node);
  ExtremumForm form;
  int last = -1;
  for_each_pair_seen(s, [&](int out, int in) {
    for (; last < out; ++last) form.begins.push_back(static_cast<int>(form.members.size()));
    form.members.push_back(in);
  });
  if (last != size_of(node.shape) - 1) throw Error("has a window that sees no pixel");
  form.begins.push_back(static_cast<int>(form.members.size()));
  for (std::size_t i = 1; i < form.begins.size(); ++i) {
    if (form.begins[i - 1] == form.begins[i]) throw Error("has a window that sees no pixel");
  }
  return form;
}

Value read_max_pool(Import& import) {
  import.require(import.integer("storage_order", 0) == 0, "stores columns first");
  return read_pool(import, kMaxPool);
}
Value read_average_pool(Import& import) { return read_pool(import, kAveragePool); }
Value read_global_max_pool(Import& import) { return read_global(import, kMaxPool); }
Value read_global_average_pool(Import& import) { return read_global(import, kAveragePool); }

}  // namespace inoculate
