#include "model/graph_classifier.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/finite.h"
#include "base/parallel.h"
#include "formats/onnx/model.h"
#include "nn/graph/import.h"
#include "nn/graph/simplify.h"

namespace inoculate {
namespace {

// Of two extents: a grey image; or, of one column, features.
Shape input_shape(const Extents& extents) {
  if (extents.size() == 3) return {extents[0], extents[1], extents[2]};
  if (extents.size() == 2 && extents[1] > 1) return {extents[0], extents[1], 1};
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

// How many of them are worked on by one thread at a time: where the values of one image fill the
// cache, more only push each other out.
int images_in_cache(const Plan& plan, Passes passes) {
  constexpr std::size_t kFloats = std::size_t{1} << 19;
  return static_cast<int>(
      std::clamp<std::size_t>(kFloats / (plan.floats_per_image(passes) + 1), 1, 64));
}

// Images begin .. begin + n - 1, one behind the other; `copy` holds them where they are not.
const float* rows_at(ConstMatrixRef images, int begin, int n, Matrix& copy) {
  if (images.outerStride() == images.cols()) return images.row(begin).data();
  copy = images.middleRows(begin, n);
  return copy.data();
}

Graph without_numbers(const Graph& graph) { return {graph.nodes, graph.weights, {}, graph.output}; }

constexpr const char* kBadLogits =
    "gives a number that is not finite for these images; does it expect other pixels than 0..1, or "
    "has its training diverged?";
constexpr const char* kBadGradient =
    "its logits for these images are finite, but their gradient is not (as that of a square root "
    "at "
    "0); only an attack without gradients can be used here";

void require_finite(const ModelSpec& spec, const float* values, int count, const char* otherwise) {
  if (!all_finite(values, count)) throw Error(spec.name + ": " + otherwise);
}

}  // namespace

Graph read_onnx_graph(ByteView file, const std::string& name) {
  return import_onnx(parse_onnx(file, name), name);
}

class GraphClassifier::Borrowed {
 public:
  Borrowed(const GraphClassifier& model, Passes passes) : model_(model) {
    const std::lock_guard lock(model_.mutex_);
    if (model_.idle_.empty()) model_.idle_.emplace_back();
    own_.splice(own_.begin(), model_.idle_, model_.idle_.begin());
    own_.front().passes = passes;
  }
  ~Borrowed() {
    const std::lock_guard lock(model_.mutex_);
    model_.idle_.splice(model_.idle_.begin(), own_);
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

  Plan::Workspace& operator*() { return own_.front(); }

 private:
  const GraphClassifier& model_;
  std::list<Plan::Workspace> own_;  // one
};

GraphClassifier::GraphClassifier(Graph graph, std::string name,
                                 std::vector<std::string> class_names, ModelKind kind)
    : graph_(without_numbers(graph)), plan_(simplified(std::move(graph))) {
  spec_.name = std::move(name);
  spec_.input = input_shape(graph_.shape(0));
  spec_.classes = plan_.classes();
  spec_.kind = kind;
  spec_.class_names = std::move(class_names);
  spec_.images_at_once = images_at_once(plan_);
}

// Calls body(workspace, begin, n) for slices of `count` images: as many at a time as there are
// threads, and what is left over with all threads at one slice.
void GraphClassifier::for_each_slice(
    int count, Passes passes,
    const std::function<void(Plan::Workspace& workspace, int begin, int n)>& body) const {
  const int each = images_in_cache(plan_, passes);
  const int slices = (count + each - 1) / each, threads = free_threads();
  const int together = threads > 1 ? slices / threads * threads : 0;
  const auto task = [&](int slice) {
    Borrowed workspace(*this, passes);
    body(*workspace, slice * each, std::min(each, count - slice * each));
  };
  parallel_for(together, task);
  for (int slice = together; slice < slices; ++slice) task(slice);
}

Matrix GraphClassifier::logits(ConstMatrixRef images) const {
  Matrix logits(images.rows(), spec_.classes);
  for_each_slice(static_cast<int>(images.rows()), Passes::kForward,
                 [&](Plan::Workspace& workspace, int begin, int n) {
                   Matrix copy;
                   const float* some = plan_.forward(rows_at(images, begin, n, copy), n, workspace);
                   require_finite(spec_, some, n * spec_.classes, kBadLogits);
                   logits.middleRows(begin, n) = Eigen::Map<const Matrix>(some, n, spec_.classes);
                 });
  return logits;
}

void GraphClassifier::gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                                std::span<const LogitGradient> objectives) const {
  for (Matrix& gradient : gradients) gradient.resize(images.rows(), images.cols());
  if (logits != nullptr) logits->resize(images.rows(), spec_.classes);
  const auto task = [&](Plan::Workspace& workspace, int begin, int n) {
    Matrix copy, d_logits(n, spec_.classes);
    const float* some = plan_.forward(rows_at(images, begin, n, copy), n, workspace);
    require_finite(spec_, some, n * spec_.classes, kBadLogits);
    if (logits != nullptr) {
      logits->middleRows(begin, n) = Eigen::Map<const Matrix>(some, n, spec_.classes);
    }
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      objectives[k](d_logits.data(), some, begin, n);
      float* gradient = gradients[k].row(begin).data();
      plan_.backward(gradient, d_logits.data(), workspace);
      require_finite(spec_, gradient, n * plan_.input_size(), kBadGradient);
    }
  };
  for_each_slice(static_cast<int>(images.rows()), Passes::kForwardAndBackward, task);
}

}  // namespace inoculate
