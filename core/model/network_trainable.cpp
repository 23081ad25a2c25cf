#include "model/network_trainable.h"

#include <optional>
#include <utility>

#include "data/safetensors.h"
#include "model/network_classifier.h"
#include "nn/moving_statistics.h"

namespace inoculate {
namespace {

class NetworkTrainable : public Trainable {
 public:
  explicit NetworkTrainable(Network& network)
      : network_(network), spec_(network_classifier_spec(network)) {}
  explicit NetworkTrainable(Network&& network)
      : kept_(std::move(network)), network_(*kept_), spec_(network_classifier_spec(network_)) {}

  const ModelSpec& spec() const override { return spec_; }
  const std::string& architecture() const override { return network_.architecture().name; }

  std::span<float> parameters() override { return network_.parameters(); }
  std::span<const float> parameters() const override {
    return std::as_const(network_).parameters();
  }
  std::span<float> statistics() override { return network_.statistics(); }
  std::span<const float> statistics() const override {
    return std::as_const(network_).statistics();
  }
  const std::vector<TensorInfo>& tensors() const override { return network_.tensors(); }

  const float* forward_training(const float* images, int n, Rng& rng) override {
    images_ = images;
    return network_.forward_training(images, n, rng, cache_);
  }
  void backward(std::span<float> d_parameters, const float* d_logits) override {
    network_.backward(d_parameters, d_logits, images_, cache_);
  }

  bool has_first_statistics() const override { return inoculate::has_first_statistics(network_); }
  void remove_first_statistics(double share) override {
    inoculate::remove_first_statistics(network_, share);
  }
  int least_batch() const override { return inoculate::least_batch(network_); }

  std::unique_ptr<Classifier> classifier() const override {
    return std::make_unique<NetworkClassifier>(std::as_const(network_));
  }
  std::unique_ptr<Trainable> copy() const override {
    return std::make_unique<NetworkTrainable>(Network(network_));
  }

  Bytes file(const std::map<std::string, std::string>& metadata) const override {
    Safetensors file{weights(network_), metadata};
    file.metadata["architecture"] = architecture();
    return write_safetensors(file);
  }

 private:
  std::optional<Network> kept_;
  Network& network_;
  Cache cache_;
  const float* images_ = nullptr;
  ModelSpec spec_;
};

}  // namespace

std::unique_ptr<Trainable> trainable(Network& network) {
  return std::make_unique<NetworkTrainable>(network);
}

std::unique_ptr<Trainable> trainable(Network&& network) {
  return std::make_unique<NetworkTrainable>(std::move(network));
}

}  // namespace inoculate
