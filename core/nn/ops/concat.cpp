// Concat along any axis but the batch's.
#include <algorithm>

#include "base/parallel.h"
#include "base/simd.h"
#include "nn/ops/form.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

// Calls body(input, where its piece begins in it, where in the output, how long it is) for all
// pieces that lie in one.
template <class F>
void for_each_piece(const Pass& p, F&& body) {
  const auto axis = static_cast<std::size_t>(p.node.attributes.axes[0]);
  const Extents& shape = p.node.shape;
  std::size_t outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= static_cast<std::size_t>(shape[i]);
  const std::size_t row = p.out_size() / outer, rows = p.n * outer;
  const std::size_t each = std::max<std::size_t>(1, (1 << 14) / row);  // rows that a task takes
  parallel_for(static_cast<int>((rows + each - 1) / each), [&](int part) {
    const std::size_t begin = static_cast<std::size_t>(part) * each;
    for (std::size_t i = begin; i < std::min(rows, begin + each); ++i) {
      std::size_t out = i * row;
      for (std::size_t input = 0; input < p.in.size(); ++input) {
        const std::size_t length = p.in_size(input) / outer;
        body(input, i * length, out, length);
        out += length;
      }
    }
  });
}

void forward(const Pass& p) {
  for_each_piece(p, [&](std::size_t input, std::size_t in, std::size_t out, std::size_t length) {
    std::copy_n(p.in[input] + in, length, p.out + out);
  });
}

void backward(const Pass& p) {
  for_each_piece(p, [&](std::size_t input, std::size_t in, std::size_t out, std::size_t length) {
    if (p.d_in[input] == nullptr) return;
    float* d_in = p.d_in[input] + in;
    p.stores[input].visit([&](auto&& finish) {
      for_each_vector(static_cast<int>(length), [&](int i, auto v) {
        store(d_in + i, finish(load(p.d_out + out + i, v), d_in + i));
      });
    });
  });
}

}  // namespace

// Attributes: axes[0], the batch not counted.
const Kernel kConcat{.forward = forward, .backward = backward, .stores = true};

Form concat_form(const Graph& graph, const Node& node) {
  const auto axis = static_cast<std::ptrdiff_t>(node.attributes.axes[0]);
  int outer = 1, at = 0;
  for (std::ptrdiff_t i = 0; i < axis; ++i) outer *= node.shape[static_cast<std::size_t>(i)];
  const int row = size_of(node.shape) / outer;
  SparseForm form{{}, {}, {}, 0, false};
  for (const int input : node.inputs) {
    const int length = size_of(graph.shape(input)) / outer;
    auto& entries = form.inputs.emplace_back();
    for (int i = 0; i < outer * length; ++i) {
      entries.push_back({i / length * row + at + i % length, i, 1});
    }
    at += length;
  }
  return form;
}

Value join(Import& import, const std::vector<Value>& parts, int axis) {
  Value result = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    for (int k = 0; k < result.rank(); ++k) {
      import.require(k == axis || parts[i].dim(k) == result.dim(k),
                     "joins values whose shapes do not fit");
    }
    result.dims[static_cast<std::size_t>(axis)] += parts[i].dim(axis);
  }
  Attributes attributes;
  attributes.axes = {result.place(axis) - 1};
  return import.add(kConcat, parts, result.dims, result.order, attributes);
}

Value read_concat(Import& import) {
  std::size_t first = 0;
  while (import.is_constant(first)) ++first;
  const Value like = import.in(first);
  std::vector<Value> parts;
  for (std::size_t i = 0; i < import.input_count(); ++i) {
    parts.push_back(import.as_node(import.in(i), like));
    // The same for every image, whatever a constant has there.
    parts.back().dims[static_cast<std::size_t>(like.batch())] = like.dim(like.batch());
  }
  return join(import, parts, import.axis(like, import.integer("axis", 1)));
}

}  // namespace inoculate
