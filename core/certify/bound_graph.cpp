#include "certify/bound_graph.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "nn/ops/kernel.h"

namespace inoculate {
namespace {

// The operators that can be bounded: one line each.
struct Row {
  const Kernel* kernel;
  FormOf* form;
};
const Row kRows[] = {{&kActivation, unary_form},
                     {&kAffine, affine_form},
                     {&kAveragePool, average_pool_form},
                     {&kBatchNorm, batch_norm_form},
                     {&kConcat, concat_form},
                     {&kConstantValue, constant_form},
                     {&kConv, conv_form},
                     {&kConvTranspose, conv_transpose_form},
                     {&kDense, dense_form},
                     {&kDropout, identity_form},
                     {&kExtremum, extremum_form},
                     {&kMaxPool, max_pool_form},
                     {&kPad, pad_form},
                     {&kProduct, product_form},
                     {&kReduce, reduce_form},
                     {&kReshape, identity_form},
                     {&kSum, sum_form},
                     {&kUnary, unary_form},
                     {&kView, view_form}};

Form form_of(const Graph& graph, const Node& node, const std::string& name) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& one) { return one.kernel == node.kernel; });
  const std::string subject = name + ": cannot be certified: operator '" + printable(node.op) +
                              "' (node '" + printable(node.name) + "') ";
  if (row == std::end(kRows) || node.clip.clips()) throw Error(subject + "has no bounds");
  try {
    return row->form(graph, node);
  } catch (const Error& error) {
    throw Error(subject + error.what());
  }
}

// Of the longest sum in each direction.
double most_terms(const SparseForm& form, std::size_t out_size) {
  std::vector<int> into(out_size), from;
  for (const auto& entries : form.inputs) {
    from.assign(from.size(), 0);
    for (const SparseEntry& entry : entries) {
      ++into[static_cast<std::size_t>(entry.out)];
      if (static_cast<std::size_t>(entry.in) >= from.size()) {
        from.resize(static_cast<std::size_t>(entry.in) + 1);
      }
      ++from[static_cast<std::size_t>(entry.in)];
    }
  }
  const auto largest = [](const std::vector<int>& counts) {
    return counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
  };
  return largest(into) + largest(from);
}

void count_terms(BoundNode& node, std::size_t size, std::size_t readers) {
  if (const auto* sparse = std::get_if<SparseForm>(&node.form)) {
    node.roundings = sparse->roundings;
    node.terms = most_terms(*sparse, size);
  }
  if (const auto* conv = std::get_if<ConvForm>(&node.form)) {
    // A product and a sum for each term and the bias; and two more, where a scale behind or before
    // it is folded into the kernel.
    const double taps = conv->sizes.window.taps();
    node.roundings = taps * conv->sizes.group_in() + 4;
    node.terms = node.roundings + taps * conv->sizes.group_out();
    node.absolute_kernel.resize(conv->kernel.size());
    std::transform(conv->kernel.begin(), conv->kernel.end(), node.absolute_kernel.begin(),
                   [](double weight) { return std::abs(weight); });
  }
  node.terms += static_cast<double>(readers) + 16;
}

}  // namespace

BoundGraph::BoundGraph(Graph graph, const std::string& name, Arithmetic arithmetic)
    : graph_(std::move(graph)), arithmetic_(arithmetic), nodes_(graph_.nodes.size()) {
  std::vector<std::size_t> readers(nodes_.size());
  nodes_[static_cast<std::size_t>(graph_.output)].used = true;
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    BoundNode& own = nodes_[i];
    const Node& node = graph_.nodes[i];
    own.grid = grid_of(node.shape);
    if (!own.used || i == 0) continue;
    own.form = form_of(graph_, node, name);
    count_terms(own, static_cast<std::size_t>(size_of(node.shape)), readers[i]);
    for (const int input : node.inputs) {
      BoundNode& from = nodes_[static_cast<std::size_t>(input)];
      from.used = true;
      from.feeds_nonlinear = from.feeds_nonlinear || !own.is_linear();
      ++readers[static_cast<std::size_t>(input)];
    }
  }
  if (!nodes_[0].used) throw Error(name + ": its logits do not depend on the image");
}

}  // namespace inoculate
