// Gemm: products of the last axis with a constant matrix. MatMul with one is the same.
#include "nn/gemm.h"
#include "nn/ops/column_sums.h"
#include "nn/ops/conv_sizes.h"
#include "nn/ops/form.h"
#include "nn/ops/packed.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

struct DenseSizes {
  std::size_t rows;  // of one image
  int k, columns;
};

DenseSizes sizes_of(const Graph& graph, const Node& node) {
  const Extents& in = graph.shape(node.inputs[0]);
  return {static_cast<std::size_t>(size_of(in) / in.back()), in.back(), node.shape.back()};
}

std::size_t prepared_size(const Graph& graph, const Node& node) {
  const DenseSizes s = sizes_of(graph, node);
  return packed_size(s.k, s.columns) + packed_size(s.columns, s.k);
}

void prepare(float* to, const Graph& graph, const Node& node) {
  const DenseSizes s = sizes_of(graph, node);
  const float* kernel = graph.weight(node.weights[0]);
  pack_panels(to, kernel, s.columns, 1, s.k, s.columns);
  pack_panels(to + packed_size(s.k, s.columns), kernel, 1, s.columns, s.columns, s.k);
}

void forward(const Pass& p) {
  const DenseSizes s = sizes_of(p.graph, p.node);
  multiply_matrix(p.out, p.in[0], p.prepared, p.weight(1), s.rows * p.n, s.columns, s.k,
                  p.finish());
}

void backward(const Pass& p) {
  const DenseSizes s = sizes_of(p.graph, p.node);
  multiply_matrix(p.d_in[0], p.d_out, p.prepared + packed_size(s.k, s.columns), nullptr,
                  s.rows * p.n, s.k, s.columns, p.stores[0]);
}

// A dense layer is a convolution of images of one pixel, one for each row.
void backward_weights(const Pass& p) {
  const DenseSizes s = sizes_of(p.graph, p.node);
  if (p.d_weights[0] != nullptr) {
    const ConvSizes sizes{1, 1, s.k, 1, 1, s.columns, {}, 1};
    conv_kernel_gradient(p.d_weights[0], p.in[0], p.d_out, sizes, s.rows * p.n);
  }
  add_bias_gradient(p, 1);
}

double multiply_adds(const Graph& graph, const Node& node) {
  const DenseSizes s = sizes_of(graph, node);
  return static_cast<double>(s.rows) * s.k * s.columns;
}

}  // namespace

// Weights: the matrix [in, out], and perhaps a bias [out].
const Kernel kDense{.forward = forward,
                    .backward = backward,
                    .backward_weights = backward_weights,
                    .weights_read_in = true,
                    .clips = true,
                    .stores = true,
                    .prepared_size = prepared_size,
                    .prepare = prepare,
                    .multiply_adds = multiply_adds};

Form dense_form(const Graph& graph, const Node& node) {
  const DenseSizes s = sizes_of(graph, node);
  const int rows = static_cast<int>(s.rows);
  const float* kernel = graph.weight(node.weights[0]);
  const std::size_t size = graph.weights[static_cast<std::size_t>(node.weights[0])].size;
  ConvForm form{{rows, 1, s.k, rows, 1, s.columns, {}, 1}, {kernel, kernel + size}, {}};
  if (node.weights.size() > 1) {
    const float* bias = graph.weight(node.weights[1]);
    form.bias.assign(bias, bias + s.columns);
  }
  return form;
}

Value read_gemm(Import& import) {
  const Value x = import.file_order(import.in(0));
  const OnnxTensor& b = import.constant(1);
  import.require(b.dims.size() == 2 && !b.whole && b.size() > 0,
                 "its second input is not a constant matrix");
  const int rows = x.rank() - 1;  // more than one where they are one axis of the file
  import.require(x.order.back() == rows && import.integer("transA", 0) == 0 && rows == x.joins &&
                     x.joined == 0,
                 "multiplies something else than [N, features]");
  const bool turned = import.integer("transB", 0) != 0;
  const std::int64_t k = b.dims[turned ? 1 : 0], columns = b.dims[turned ? 0 : 1];
  import.require(k == x.dim(rows), "its matrix is for another number of features");
  std::vector<float> kernel = b.floats;
  if (turned) {
    const int in = static_cast<int>(k), out = static_cast<int>(columns);
    transpose(kernel.data(), out, b.floats.data(), in, out, in);
  }
  const float alpha = import.number("alpha", 1), beta = import.number("beta", 1);
  for (float& value : kernel) value *= alpha;
  std::vector<int> weights{import.weight("kernel", kernel)};
  if (import.has(2)) {
    const OnnxTensor& c = import.constant(2);
    const bool one = c.size() == 1;
    import.require(!c.whole && (one || (static_cast<std::int64_t>(c.size()) == columns &&
                                        c.dims.back() == columns)),
                   "its bias has another size than its output");
    std::vector<float> bias(static_cast<std::size_t>(columns));
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = beta * c.floats[one ? 0 : i];
    weights.push_back(import.weight("bias", bias));
  }
  Sizes dims = x.dims;
  dims.back() = columns;
  return import.add(kDense, {x}, dims, x.order, {}, weights);
}

}  // namespace inoculate
