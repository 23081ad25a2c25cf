// MatMul: with a constant matrix on the right a dense layer, else products of pairs of matrices.
#include <algorithm>

#include "nn/gemm.h"
#include "nn/ops/packed.h"
#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

// Of every image [outer..., rows, k] times [outer..., k, columns], where an outer extent of 1 is
// repeated.
struct Products {
  Extents outer;
  Strides<3> strides;  // of out, a and b along outer, in matrices; then a last axis of extent 1
  int rows, k, columns;
};

Products products_of(const Graph& graph, const Node& node) {
  const Extents &a = graph.shape(node.inputs[0]), &b = graph.shape(node.inputs[1]);
  const auto outer = [](const Extents& extents) {
    return Extents(extents.begin(), extents.end() - 2);
  };
  Products s{outer(node.shape), {}, a[a.size() - 2], a.back(), node.shape.back()};
  s.outer.push_back(1);
  const Extents* values[] = {&node.shape, &a, &b};
  for (std::size_t i = 0; i < 3; ++i) {
    Extents own = outer(*values[i]);
    own.push_back(1);
    s.strides[i] = strides_in(own, s.outer);
  }
  return s;
}

// Calls body(out, a, b: where a matrix begins) for all products; those of an image come in order.
template <class F>
void for_each_product(const Pass& p, const Products& s, F&& body) {
  const std::ptrdiff_t sizes[] = {std::ptrdiff_t{s.rows} * s.columns, std::ptrdiff_t{s.rows} * s.k,
                                  std::ptrdiff_t{s.k} * s.columns};
  const std::size_t images[] = {p.out_size(), p.in_size(0), p.in_size(1)};
  parallel_for(static_cast<int>(p.n), [&](int image) {
    for_each_row<3>(s.outer, s.strides, [&](Offsets<3> at) {
      for (std::size_t i = 0; i < 3; ++i) {
        at[i] = at[i] * sizes[i] + image * static_cast<std::ptrdiff_t>(images[i]);
      }
      body(at[0], at[1], at[2]);
    });
  });
}

// c [rows, columns] of a [rows, k] and b [k, columns], whose strides are given.
void multiply(float* c, const float* a, const float* b, std::ptrdiff_t row_stride,
              std::ptrdiff_t column_stride, int rows, int k, int columns, Epilogue::Kind kind) {
  std::vector<float> packed(packed_size(k, columns));
  pack_panels(packed.data(), b, row_stride, column_stride, k, columns);
  multiply_matrix(c, a, packed.data(), nullptr, static_cast<std::size_t>(rows), columns, k, {kind});
}

void forward(const Pass& p) {
  const Products s = products_of(p.graph, p.node);
  for_each_product(p, s, [&](std::ptrdiff_t out, std::ptrdiff_t a, std::ptrdiff_t b) {
    multiply(p.out + out, p.in[0] + a, p.in[1] + b, s.columns, 1, s.rows, s.k, s.columns,
             Epilogue::kSet);
  });
}

// d_a = d_out b^T, d_b = a^T d_out
void backward(const Pass& p) {
  const Products s = products_of(p.graph, p.node);
  for_each_product(p, s, [&](std::ptrdiff_t out, std::ptrdiff_t a, std::ptrdiff_t b) {
    const float* d_out = p.d_out + out;
    if (p.d_in[0] != nullptr) {
      multiply(p.d_in[0] + a, d_out, p.in[1] + b, 1, s.columns, s.rows, s.columns, s.k,
               Epilogue::kAdd);
    }
    if (p.d_in[1] != nullptr) {
      std::vector<float> transposed(static_cast<std::size_t>(s.rows) *
                                    static_cast<std::size_t>(s.k));
      transpose(transposed.data(), s.rows, p.in[0] + a, s.k, s.rows, s.k);
      multiply(p.d_in[1] + b, transposed.data(), d_out, s.columns, 1, s.k, s.rows, s.columns,
               Epilogue::kAdd);
    }
  });
}

double multiply_adds(const Graph& graph, const Node& node) {
  return static_cast<double>(size_of(node.shape)) * products_of(graph, node).k;
}

Value column_or_row(const Value& vector, bool column) {
  auto tensor = std::make_shared<OnnxTensor>(*vector.constant);
  tensor->dims.insert(column ? tensor->dims.end() : tensor->dims.begin(), 1);
  return {tensor, -1, tensor->dims, {}};
}

// A value of the file's order, or a constant of as many axes. One of a single axis is a row on the
// left, a column on the right.
Value operand(Import& import, std::size_t input, const Value& like) {
  Value value = import.in(input);
  if (value.constant == nullptr) {
    value = import.file_order(value);
  } else {
    if (value.rank() == 1) value = column_or_row(value, input == 1);
    value = import.as_node(value, like);
  }
  import.require(value.rank() == like.rank() && value.batch() == 0 && value.rank() >= 3 &&
                     value.joins == like.joins &&
                     (value.joins == 1 || (value.joined == like.joined &&
                                           value.joined + value.joins <= value.rank() - 2)),
                 "multiplies along the batch, or values of different ranks");
  return value;
}

}  // namespace

// The inputs are as Products has them.
const Kernel kMatMul{
    .forward = forward, .backward = backward, .reads_in = true, .multiply_adds = multiply_adds};

Value read_mat_mul(Import& import) {
  const Value like = import.file_order(import.in(import.is_constant(0) ? 1 : 0));
  if (import.is_constant(1) && import.in(1).rank() == 2 && like.rank() >= 2) {
    const OnnxTensor& b = import.constant(1);
    import.require(like.joins == 1 || like.joined + like.joins < like.rank(),
                   "multiplies features that have no axis of their own behind the batch's");
    import.require(like.order.back() == like.rank() - 1 && b.dims[0] == like.dims.back() &&
                       b.size() > 0 && !b.whole,
                   "its matrix is for another number of features");
    Sizes dims = like.dims;
    dims.back() = b.dims[1];
    return import.add(kDense, {like}, dims, like.order, {}, {import.weight("kernel", b.floats)});
  }
  const Value a = operand(import, 0, like), b = operand(import, 1, like);
  const std::size_t rows = a.dims.size() - 2;
  import.require(a.dims.back() == b.dims[rows], "its matrices' extents do not fit each other");
  Sizes dims = a.dims;
  for (std::size_t i = 1; i < rows; ++i) {
    import.require(a.dims[i] == b.dims[i] || a.dims[i] == 1 || b.dims[i] == 1,
                   "its inputs' shapes do not fit each other");
    dims[i] = std::max(a.dims[i], b.dims[i]);
  }
  dims[0] = like.dims[0];
  dims.back() = b.dims.back();
  import.require_work(a.dims.back(), dims);
  Value product = import.add(kMatMul, {a, b}, dims, like.order);
  if (import.in(0).rank() > 1 && import.in(1).rank() > 1) return product;
  const Value vector =
      Import::without_axis(product, like.rank() - (import.in(1).rank() > 1 ? 2 : 1));
  return import.add(kReshape, {product}, vector.dims, vector.order);
}

}  // namespace inoculate
