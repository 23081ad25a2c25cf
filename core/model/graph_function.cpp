#include "model/graph_function.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/finite.h"
#include "base/parallel.h"
#include "nn/graph/simplify.h"

namespace inoculate {
namespace {

constexpr int kTogether = 128;  // rows that one thread works on at a time

int slices_of(Eigen::Index rows) { return (static_cast<int>(rows) + kTogether - 1) / kTogether; }

// Calls body(slice, begin, n) for the slices of so many rows, on all threads.
template <class F>
void for_each_slice(Eigen::Index rows, F&& body) {
  const int count = static_cast<int>(rows);
  parallel_for(slices_of(rows), [&](int slice) {
    const int begin = slice * kTogether;
    body(static_cast<std::size_t>(slice), begin, std::min(kTogether, count - begin));
  });
}

void require_finite(const std::string& name, const float* given, int count) {
  if (all_finite(given, count)) return;
  throw Error(name + ": gives a number that is not finite; train the generator again");
}

}  // namespace

GraphFunction::GraphFunction(Graph graph, std::string name)
    : plan_(simplified(std::move(graph))), name_(std::move(name)) {}

Matrix GraphFunction::operator()(ConstMatrixRef inputs) const {
  Matrix outputs(inputs.rows(), this->outputs());
  for_each_slice(inputs.rows(), [&](std::size_t, int begin, int n) {
    const Matrix some = inputs.middleRows(begin, n);
    Plan::Workspace workspace;
    const float* given = plan_.forward(some.data(), n, workspace);
    require_finite(name_, given, n * this->outputs());
    outputs.middleRows(begin, n) = Eigen::Map<const Matrix>(given, n, this->outputs());
  });
  return outputs;
}

Matrix GraphFunction::forward(ConstMatrixRef inputs, Trace& trace) const {
  trace.inputs = inputs;
  trace.slices.resize(static_cast<std::size_t>(slices_of(inputs.rows())));
  Matrix outputs(inputs.rows(), this->outputs());
  for_each_slice(inputs.rows(), [&](std::size_t slice, int begin, int n) {
    Plan::Workspace& workspace = trace.slices[slice];
    workspace.passes = Passes::kForwardAndBackward;
    const float* given = plan_.forward(trace.inputs.row(begin).data(), n, workspace);
    require_finite(name_, given, n * this->outputs());
    outputs.middleRows(begin, n) = Eigen::Map<const Matrix>(given, n, this->outputs());
  });
  return outputs;
}

Matrix GraphFunction::backward(const Matrix& d_outputs, Trace& trace) const {
  Matrix d_inputs(trace.inputs.rows(), inputs());
  for_each_slice(trace.inputs.rows(), [&](std::size_t slice, int begin, int) {
    plan_.backward(d_inputs.row(begin).data(), d_outputs.row(begin).data(), trace.slices[slice]);
  });
  return d_inputs;
}

}  // namespace inoculate
