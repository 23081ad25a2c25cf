// A whole network in double precision, from the layers of reference.h.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "nn/network.h"
#include "nn/weights.h"
#include "reference.h"

namespace inoculate::reference {

class ReferenceNetwork {
 public:
  explicit ReferenceNetwork(const Network& network) : architecture_(network.architecture()) {
    for (const NamedTensor& tensor : weights(network)) {
      tensors[tensor.name] = doubles(tensor.values);
    }
  }

  /// Of a network's only dropout layer, as they were drawn; empty leaves dropout out.
  Values dropout_factors;
  /// All weights under their names; may be changed.
  std::map<std::string, Values> tensors;

  struct Pass {
    Values logits;
    std::vector<bool> active;  // of every rectified value in turn: was it above 0?
    double nearest_kink = std::numeric_limits<double>::infinity();  // the smallest such magnitude
    std::map<std::string, Moments> batch;  // per batch normalisation: what it saw in training
  };

  Pass run(Values x, int n, bool training) const {
    Pass pass;
    Shape shape = architecture_.input;
    for (const LayerSpec& layer : architecture_.layers) {
      if (const auto* conv = std::get_if<ConvSpec>(&layer)) {
        const Convolution c{shape.h, shape.w, shape.c, conv->filters, conv->kernel, conv->stride};
        x = c.forward(x, at(conv->name, "kernel"), at(conv->name, "bias"), n);
        shape = {c.out_h(), c.out_w(), c.f};
      } else if (const auto* d = std::get_if<DenseSpec>(&layer)) {
        x = dense(x, at(d->name, "kernel"), at(d->name, "bias"), n, shape.size(), d->units);
        shape = {1, 1, d->units};
      } else if (const auto* bn = std::get_if<BatchNormSpec>(&layer)) {
        Moments m{at(bn->name, "moving_mean"), at(bn->name, "moving_variance")};
        if (training) m = pass.batch[bn->name] = moments(x, shape.c);
        x = normalise(x, m, at(bn->name, "gamma"), at(bn->name, "beta"));
      } else if (std::holds_alternative<ReluSpec>(layer)) {
        for (double& value : x) {
          pass.active.push_back(value > 0);
          pass.nearest_kink = std::min(pass.nearest_kink, std::abs(value));
          value = std::max(value, 0.0);
        }
      } else if (training && !dropout_factors.empty()) {
        for (std::size_t i = 0; i < x.size(); ++i) x[i] *= dropout_factors[i];
      }
    }
    pass.logits = std::move(x);
    return pass;
  }

 private:
  const Values& at(const std::string& layer, const char* tensor) const {
    return tensors.at(layer + "/" + tensor);
  }

  Architecture architecture_;
};

}  // namespace inoculate::reference
