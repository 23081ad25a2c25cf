#include "model/graph_classifier.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/finite.h"
#include "formats/onnx/model.h"
#include "nn/graph/import.h"

namespace inoculate {
namespace {

Shape input_shape(const Extents& extents) {
  if (extents.size() == 3) return {extents[0], extents[1], extents[2]};
  return {1, 1, size_of(extents)};
}

// How many images go through the network at once: what fits in 256 MB, and no more than keep every
// processor busy.
int images_at_once(const Plan& plan) {
  constexpr std::size_t kFloats = std::size_t{1} << 26;
  const std::size_t each = static_cast<std::size_t>(plan.input_size()) +
                           plan.floats_per_image(Passes::kForwardAndBackward);
  return static_cast<int>(std::clamp<std::size_t>(kFloats / each, 1, 64));
}

// Images begin .. begin + n - 1, one behind the other; `copy` holds them where they are not.
const float* rows_at(ConstMatrixRef images, int begin, int n, Matrix& copy) {
  if (images.outerStride() == images.cols()) return images.row(begin).data();
  copy = images.middleRows(begin, n);
  return copy.data();
}

void require_finite(const ModelSpec& spec, const float* values, int count) {
  if (all_finite(values, count)) return;
  throw Error(spec.name +
              ": gives a number that is not finite for these images; does it expect "
              "other pixels than 0..1, or has its training diverged?");
}

}  // namespace

Graph read_onnx_graph(ByteView file, const std::string& name) {
  return import_onnx(parse_onnx(file, name), name);
}

GraphClassifier::GraphClassifier(Graph graph, std::string name,
                                 std::vector<std::string> class_names)
    : plan_(std::move(graph)) {
  spec_.name = std::move(name);
  spec_.input = input_shape(plan_.graph().shape(0));
  spec_.classes = plan_.classes();
  spec_.class_names = std::move(class_names);
  spec_.images_at_once = images_at_once(plan_);
}

Matrix GraphClassifier::logits(ConstMatrixRef images) const {
  Matrix logits(images.rows(), spec_.classes);
  Plan::Workspace workspace{Passes::kForward};
  Matrix copy;
  const int count = static_cast<int>(images.rows());
  for (int begin = 0; begin < count; begin += spec_.images_at_once) {
    const int n = std::min(spec_.images_at_once, count - begin);
    const float* some = plan_.forward(rows_at(images, begin, n, copy), n, workspace);
    require_finite(spec_, some, n * spec_.classes);
    logits.middleRows(begin, n) = Eigen::Map<const Matrix>(some, n, spec_.classes);
  }
  return logits;
}

void GraphClassifier::gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                                std::span<const LogitGradient> objectives) const {
  for (Matrix& gradient : gradients) gradient.resize(images.rows(), images.cols());
  if (logits != nullptr) logits->resize(images.rows(), spec_.classes);
  Plan::Workspace workspace{Passes::kForwardAndBackward};
  Matrix copy, d_logits;
  const int count = static_cast<int>(images.rows());
  for (int begin = 0; begin < count; begin += spec_.images_at_once) {
    const int n = std::min(spec_.images_at_once, count - begin);
    const float* some = plan_.forward(rows_at(images, begin, n, copy), n, workspace);
    require_finite(spec_, some, n * spec_.classes);
    const Eigen::Map<const Matrix> own(some, n, spec_.classes);
    if (logits != nullptr) logits->middleRows(begin, n) = own;
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      d_logits.resize(n, spec_.classes);
      objectives[k](d_logits.data(), some, begin, n);
      float* gradient = gradients[k].row(begin).data();
      plan_.backward(gradient, d_logits.data(), workspace);
      require_finite(spec_, gradient, n * plan_.input_size());
    }
  }
}

}  // namespace inoculate
