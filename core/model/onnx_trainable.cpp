#include "model/onnx_trainable.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "model/graph_classifier.h"
#include "model/onnx_source.h"
#include "model/preprocessed.h"
#include "nn/graph/graph_network.h"

namespace inoculate {
namespace {

// Errors of the network itself do not know its file.
GraphNetwork network_of(Graph graph, const std::string& name) {
  try {
    return GraphNetwork(std::move(graph));
  } catch (const Error& error) {
    throw Error(name + ": " + error.what());
  }
}

class OnnxTrainable : public Trainable {
 public:
  OnnxTrainable(std::shared_ptr<const OnnxSource> source, Graph graph, const ModelNotes& notes,
                bool freeze_statistics, std::string architecture);

  const ModelSpec& spec() const override { return spec_; }
  const std::string& architecture() const override { return architecture_; }

  std::span<float> parameters() override { return network_.parameters(); }
  std::span<const float> parameters() const override { return network_.parameters(); }
  std::span<float> statistics() override { return network_.statistics(); }
  std::span<const float> statistics() const override { return network_.statistics(); }
  const std::vector<TensorInfo>& tensors() const override { return tensors_; }

  const float* forward_training(const float* images, int n, Rng& rng) override;
  void backward(std::span<float> d_parameters, const float* d_logits) override;

  int least_batch() const override { return frozen_ ? 1 : least_batch_; }

  GraphNetwork* graph() override { return &network_; }
  const GraphNetwork* graph() const override { return &network_; }
  Matrix graph_inputs(ConstMatrixRef images) const override {
    return map_ ? prepared(*map_, images) : Matrix(images);
  }
  bool keeps_statistics() const override { return frozen_; }
  void tie(std::span<float> d_parameters) const override;

  std::unique_ptr<Classifier> classifier() const override;
  std::unique_ptr<Trainable> copy() const override;
  bool round_to_file() override;
  Bytes file(const std::map<std::string, std::string>& metadata) const override;

 private:
  void list_tensors();

  std::shared_ptr<const OnnxSource> source_;
  GraphNetwork network_;
  GraphNetwork::Memory memory_;
  ModelNotes notes_;
  ModelSpec spec_;
  std::optional<ChannelMap> map_;  // of the preprocessing, where there is any
  std::string architecture_;
  std::vector<TensorInfo> tensors_;
  std::vector<int> weights_;  // which of the graph's each of them is
  std::vector<std::vector<std::size_t>> ties_;
  int least_batch_ = 1;
  bool frozen_;
  Matrix prepared_;
};

OnnxTrainable::OnnxTrainable(std::shared_ptr<const OnnxSource> source, Graph graph,
                             const ModelNotes& notes, bool freeze_statistics,
                             std::string architecture)
    : source_(std::move(source)),
      network_(network_of(std::move(graph), source_->name())),
      notes_(notes),
      architecture_(std::move(architecture)),
      frozen_(freeze_statistics) {
  ties_ = source_->ties(network_.graph());
  list_tensors();
  const std::unique_ptr<Classifier> model = classifier();
  spec_ = model->spec();
  const auto* preprocessed = dynamic_cast<const PreprocessedClassifier*>(model.get());
  if (preprocessed != nullptr) map_ = channel_map(preprocessed->preprocessing(), spec_.input.c);
}

// A checkpoint has them under these names: a node's own may be any text, and stand there twice.
void OnnxTrainable::list_tensors() {
  const Graph& graph = network_.graph();
  const std::size_t parameters = std::as_const(network_).parameters().size();
  for (const Node& node : graph.nodes) {
    int statistics = 0;
    for (const int number : node.weights) {
      const Weight& weight = graph.weights[static_cast<std::size_t>(number)];
      if (weight.role == Role::kConstant) continue;
      const bool trained = weight.role == Role::kParameter;
      std::string name = "weight" + std::to_string(number) + "/" + printable(node.name);
      if (!trained) name += statistics++ == 0 ? "/moving_mean" : "/moving_variance";
      tensors_.push_back({std::move(name),
                          {static_cast<std::int64_t>(weight.size)},
                          weight.offset - (trained ? 0 : parameters),
                          weight.size,
                          trained});
      weights_.push_back(number);
    }
    // One value a channel and image: a single image leaves nothing to normalise.
    if (statistics > 0 && size_of(node.shape) == node.shape.back()) least_batch_ = 2;
  }
}

const float* OnnxTrainable::forward_training(const float* images, int n, Rng& rng) {
  if (map_) {
    prepared_ = prepared(*map_, Eigen::Map<const Matrix>(images, n, spec_.input.size()));
    images = prepared_.data();
  }
  GraphNetwork::Mode mode;
  mode.batch_statistics = mode.update_statistics = !frozen_;
  mode.masks = rng.next();
  return network_.forward(images, n, mode, memory_);
}

void OnnxTrainable::backward(std::span<float> d_parameters, const float* d_logits) {
  network_.backward(nullptr, d_parameters, d_logits, memory_);
  tie(d_parameters);
}

void OnnxTrainable::tie(std::span<float> d_parameters) const {
  for (const std::vector<std::size_t>& places : ties_) {
    float sum = 0;
    for (const std::size_t place : places) sum += d_parameters[place];
    for (const std::size_t place : places) d_parameters[place] = sum;
  }
}

std::unique_ptr<Classifier> OnnxTrainable::classifier() const {
  auto model = std::make_unique<GraphClassifier>(network_.graph(), source_->name());
  if (notes_.empty()) return model;
  return std::make_unique<PreprocessedClassifier>(std::move(model), notes_);
}

std::unique_ptr<Trainable> OnnxTrainable::copy() const {
  return std::make_unique<OnnxTrainable>(source_, network_.graph(), notes_, frozen_, architecture_);
}

bool OnnxTrainable::round_to_file() {
  const Graph there = source_->read(source_->written(network_.graph(), {}));
  if (same_numbers(there, network_.graph())) return false;
  const std::span<float> own[] = {network_.parameters(), network_.statistics()};
  auto number = weights_.begin();
  for (const TensorInfo& info : tensors_) {
    std::copy_n(there.weight(*number++), info.size, own[info.trained ? 0 : 1].data() + info.offset);
  }
  return true;
}

Bytes OnnxTrainable::file(const std::map<std::string, std::string>& metadata) const {
  Bytes bytes = source_->written(network_.graph(), metadata);
  if (same_numbers(source_->read(bytes), network_.graph())) return bytes;
  throw Error(source_->name() +
              ": its new weights are read from the written file as other numbers; that is a "
              "mistake of this program");
}

}  // namespace

OnnxTraining trainable_onnx(Bytes file, const std::string& name, const ModelNotes& notes,
                            bool freeze_statistics, const std::string& architecture) {
  Graph graph;
  const auto source = std::make_shared<const OnnxSource>(std::move(file), name, graph);
  return {std::make_unique<OnnxTrainable>(source, std::move(graph), notes, freeze_statistics,
                                          architecture),
          source->left_out()};
}

}  // namespace inoculate
