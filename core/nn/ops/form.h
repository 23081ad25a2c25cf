// What kind of function an operator is, to who bounds what it can give (core/certify): a sparse
// matrix, a convolution, a function of single numbers, or the largest of some.
//
// Every operator that can be bounded says in its own file which of them it is, with which numbers,
// in double precision: for inference, where batch normalisation goes by the moving
// statistics and whose dropout drops nothing. Nothing that trains or asks refers to these
// functions, so that who certifies nothing does not link them.
#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include "nn/graph/graph.h"
#include "nn/ops/conv_sizes.h"

namespace inoculate {

/// out[out] += factor * in[in], within one image.
struct SparseEntry {
  int out, in;
  double factor;
};

/// The sum of a sparse matrix times each input, and a constant.
struct SparseForm {
  std::vector<std::vector<SparseEntry>> inputs;  ///< of each input, by rising `out`
  std::vector<double> constant;                  ///< [out], or empty for zeros
  /// [out], or empty: at least the sum of the magnitudes of the terms that single precision works
  /// the constant out from. Empty: those of the constant.
  std::vector<double> constant_mass;
  int roundings = 1;  ///< at most, that single precision makes on the way of one term to its sum
  /// Entry i of every input goes from number i to number i, and there is one for every number.
  bool elementwise = false;
};

/// A convolution or, over images of one column, a product with a matrix.
struct ConvForm {
  ConvSizes sizes;
  std::vector<double> kernel;  ///< as ConvSizes has it
  std::vector<double> bias;    ///< [out_c], or empty
};

/// How the graph of a function bends.
enum class Bend {
  kClip,     ///< the identity between a and b, constant beyond; either may be infinite
  kHinge,    ///< slope a below 0, and 1 above
  kConvex,   ///< rising
  kConcave,  ///< rising
  kSigmoid,  ///< rising, convex below 0 and concave above
};

/// A function of every number by itself, which never falls; unless a hinge does below 0.
struct PointwiseForm {
  Bend bend = Bend::kClip;
  double a = 0, b = 0;
  double (*value)(double x, double a, double b) = nullptr;
  double (*slope)(double x, double a, double b) = nullptr;  ///< null for kClip and kHinge
  /// By how many units in the last place, at most, single precision misses the value.
  double ulps = 0;
  std::vector<double> each = {};  ///< `a` of every number, where they are not the same; else empty

  double a_of(std::size_t number) const { return each.empty() ? a : each[number]; }
};

/// Output i is the largest, or the smallest, of the inputs
/// members[begins[i] .. begins[i + 1] - 1], at least one.
struct ExtremumForm {
  std::vector<int> begins, members;
  bool smallest = false;
};

using Form = std::variant<SparseForm, ConvForm, PointwiseForm, ExtremumForm>;

/// What an operator file says of a node of its own. Throws Error, which goes on from the name of
/// the operator, where this node cannot be bounded.
using FormOf = Form(const Graph& graph, const Node& node);
FormOf affine_form, average_pool_form, batch_norm_form, concat_form, constant_form, conv_form,
    conv_transpose_form, dense_form, extremum_form, max_pool_form, pad_form, product_form,
    reduce_form, sum_form, unary_form, view_form;
FormOf identity_form;  ///< of other shapes and of dropout

/// The matrix that leaves `size` numbers as they are, times a factor.
std::vector<SparseEntry> diagonal(int size, double factor = 1);

}  // namespace inoculate
