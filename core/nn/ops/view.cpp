// Numbers in other places: what is read through a view, and what is written through one. A view
// has, for each axis of the tensor that is walked through, how far the other one moves (0: it stays
// where it is, so that numbers are repeated or summed).
#include <algorithm>

#include "nn/ops/form.h"
#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

// Calls body(walked, viewed: where a row begins; viewed's step; the row's length).
template <class F>
void for_each_row_seen(const Pass& p, const Extents& walked, std::size_t viewed_size, F&& body) {
  const Attributes& view = p.node.attributes;
  const auto walked_size = static_cast<std::size_t>(size_of(walked));
  for_each_row_of<2>(p.n, walked,
                     {strides_in(walked, walked), {view.axes.begin(), view.axes.end()}},
                     {walked_size, viewed_size},
                     [&](const Offsets<2>& at, const Offsets<2>& steps, std::ptrdiff_t length) {
                       body(at[0], at[1] + view.offset, steps[1], length);
                     });
}

// to (through the view) += factor * from (walked through)
void add_scattered(const Pass& p, float* to, const float* from, const Extents& walked,
                   std::size_t viewed_size, float factor) {
  for_each_row_seen(
      p, walked, viewed_size,
      [&](std::ptrdiff_t w, std::ptrdiff_t v, std::ptrdiff_t step, std::ptrdiff_t length) {
        for (std::ptrdiff_t i = 0; i < length; ++i) {
          to[v + i * step] += factor * from[w + i];
        }
      });
}

void view_forward(const Pass& p) {
  for_each_row_seen(
      p, p.node.shape, p.in_size(),
      [&](std::ptrdiff_t w, std::ptrdiff_t v, std::ptrdiff_t step, std::ptrdiff_t length) {
        const float* from = p.in[0] + v;
        if (step == 1) {
          std::copy_n(from, length, p.out + w);
        } else {
          for (std::ptrdiff_t i = 0; i < length; ++i) p.out[w + i] = from[i * step];
        }
      });
}

void view_backward(const Pass& p) {
  add_scattered(p, p.d_in[0], p.d_out, p.node.shape, p.in_size(), 1);
}

void spread_forward(const Pass& p) {
  std::fill_n(p.out, p.n * p.out_size(), 0.0F);
  add_scattered(p, p.out, p.in[0], p.in_shape(), p.out_size(), p.node.attributes.alpha);
}

void spread_backward(const Pass& p) {
  const float factor = p.node.attributes.alpha;
  for_each_row_seen(
      p, p.in_shape(), p.out_size(),
      [&](std::ptrdiff_t w, std::ptrdiff_t v, std::ptrdiff_t step, std::ptrdiff_t length) {
        for (std::ptrdiff_t i = 0; i < length; ++i) {
          p.d_in[0][w + i] += factor * p.d_out[v + i * step];
        }
      });
}

void pad_forward(const Pass& p) {
  std::fill_n(p.out, p.n * p.out_size(), p.node.attributes.beta);
  for_each_row_seen(
      p, p.in_shape(), p.out_size(),
      [&](std::ptrdiff_t w, std::ptrdiff_t v, std::ptrdiff_t step, std::ptrdiff_t length) {
        for (std::ptrdiff_t i = 0; i < length; ++i) {
          p.out[v + i * step] = p.in[0][w + i];
        }
      });
}

}  // namespace

// Attributes of all: axes, the strides of the view; offset, where it begins.
// Out is what is seen of the input.
const Kernel kView{.forward = view_forward, .backward = view_backward};
// The input is summed into what it sees of the output, times alpha.
const Kernel kReduce{.forward = spread_forward, .backward = spread_backward};
// The output holds the input where that sees it, and beta elsewhere. Alpha is 1.
const Kernel kPad{.forward = pad_forward, .backward = spread_backward};

// Calls body(walked, viewed) for every number that is walked through, by rising `walked`.
template <class F>
static void for_each_number_seen(const Node& node, const Extents& walked, F&& body) {
  const Attributes& view = node.attributes;
  for_each_row_of<2>(
      1, walked, {strides_in(walked, walked), {view.axes.begin(), view.axes.end()}}, {0, 0},
      [&](const Offsets<2>& at, const Offsets<2>& steps, std::ptrdiff_t length) {
        for (std::ptrdiff_t i = 0; i < length; ++i) {
          body(static_cast<int>(at[0] + i), static_cast<int>(at[1] + view.offset + i * steps[1]));
        }
      });
}

Form view_form(const Graph&, const Node& node) {
  SparseForm form{{{}}, {}, {}, 0, false};
  for_each_number_seen(node, node.shape, [&](int out, int in) {
    form.inputs[0].push_back({out, in, 1});
  });
  return form;
}

static std::vector<SparseEntry> spread(const Graph& graph, const Node& node) {
  std::vector<SparseEntry> entries;
  for_each_number_seen(node, graph.shape(node.inputs[0]), [&](int in, int out) {
    entries.push_back({out, in, double{node.attributes.alpha}});
  });
  std::stable_sort(entries.begin(), entries.end(),
                   [](const SparseEntry& a, const SparseEntry& b) { return a.out < b.out; });
  return entries;
}

Form reduce_form(const Graph& graph, const Node& node) {
  const int terms = size_of(graph.shape(node.inputs[0])) / size_of(node.shape);
  return SparseForm{{spread(graph, node)}, {}, {}, terms + 2, false};
}

Form pad_form(const Graph& graph, const Node& node) {
  SparseForm form{{spread(graph, node)}, {}, {}, 0, false};
  form.constant.assign(static_cast<std::size_t>(size_of(node.shape)), double{node.attributes.beta});
  for (const SparseEntry& entry : form.inputs[0]) {
    form.constant[static_cast<std::size_t>(entry.out)] = 0;
  }
  return form;
}

}  // namespace inoculate
