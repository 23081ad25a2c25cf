#include "model/network_graph_trainable.h"

#include <utility>

#include "data/safetensors.h"
#include "model/network_classifier.h"
#include "model/network_graph.h"
#include "nn/moving_statistics.h"

namespace inoculate {
namespace {

// Parameters and statistics of the graph lie in the order in which the network has them
// (model/network_graph.h), so that the network's table of tensors holds for them.
class NetworkGraphTrainable : public Trainable {
 public:
  explicit NetworkGraphTrainable(Network network)
      : form_(std::move(network)),
        graph_(graph_network_of(form_)),
        spec_(network_classifier_spec(form_)) {}

  const ModelSpec& spec() const override { return spec_; }
  const std::string& architecture() const override { return form_.architecture().name; }

  std::span<float> parameters() override { return graph_.parameters(); }
  std::span<const float> parameters() const override { return graph_.parameters(); }
  std::span<float> statistics() override { return graph_.statistics(); }
  std::span<const float> statistics() const override { return graph_.statistics(); }
  const std::vector<TensorInfo>& tensors() const override { return form_.tensors(); }

  const float* forward_training(const float* images, int n, Rng& rng) override {
    GraphNetwork::Mode mode;
    mode.masks = rng.next();
    return graph_.forward(images, n, mode, memory_);
  }
  void backward(std::span<float> d_parameters, const float* d_logits) override {
    graph_.backward(nullptr, d_parameters, d_logits, memory_);
  }

  int least_batch() const override { return inoculate::least_batch(form_); }

  GraphNetwork* graph() override { return &graph_; }
  const GraphNetwork* graph() const override { return &graph_; }

  std::unique_ptr<Classifier> classifier() const override {
    return std::make_unique<NetworkClassifier>(network());
  }
  std::unique_ptr<Trainable> copy() const override {
    return std::make_unique<NetworkGraphTrainable>(network());
  }

  Bytes file(const std::map<std::string, std::string>& metadata) const override {
    Safetensors file{weights(network()), metadata};
    file.metadata["architecture"] = architecture();
    return write_safetensors(file);
  }

 private:
  Network network() const {
    Network network = form_;
    set_weights(network, graph_);
    return network;
  }

  Network form_;  // its weights are those that it began with
  GraphNetwork graph_;
  GraphNetwork::Memory memory_;
  ModelSpec spec_;
};

}  // namespace

std::unique_ptr<Trainable> graph_trainable(Network network) {
  return std::make_unique<NetworkGraphTrainable>(std::move(network));
}

}  // namespace inoculate
