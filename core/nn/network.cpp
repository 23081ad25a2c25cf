#include "nn/network.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "base/buffer.h"
#include "nn/batch_norm.h"
#include "nn/dropout.h"
#include "nn/relu.h"

namespace inoculate {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::size_t batch_size(int n, Shape shape) {
  return static_cast<std::size_t>(n) * static_cast<std::size_t>(shape.size());
}

}  // namespace

Network::Network(Architecture architecture) : architecture_(std::move(architecture)) {
  Shape shape = architecture_.input;
  for (const LayerSpec& spec : architecture_.layers) {
    Layer layer{ReluLayer{}, shape, shape};
    std::visit(
        Overloaded{
            [&](const ConvSpec& s) {
              const Conv2d conv = conv2d_same(shape, s.filters, s.kernel, s.stride);
              layer.out = conv.out;
              layer.op = ConvLayer{
                  conv, add_tensor(s.name + "/kernel", {s.kernel, s.kernel, shape.c, s.filters}),
                  add_tensor(s.name + "/bias", {s.filters})};
            },
            [&](const DenseSpec& s) {
              layer.out = {1, 1, s.units};
              layer.op = DenseLayer{{shape.size(), s.units},
                                    add_tensor(s.name + "/kernel", {shape.size(), s.units}),
                                    add_tensor(s.name + "/bias", {s.units})};
            },
            [&](const BatchNormSpec& s) {
              layer.op = BatchNormLayer{add_tensor(s.name + "/gamma", {shape.c}),
                                        add_tensor(s.name + "/beta", {shape.c}),
                                        add_tensor(s.name + "/moving_mean", {shape.c}, false),
                                        add_tensor(s.name + "/moving_variance", {shape.c}, false)};
            },
            [&](const ReluSpec&) {},
            [&](const DropoutSpec& s) { layer.op = DropoutLayer{s.rate}; },
        },
        spec);
    shape = layer.out;
    layers_.push_back(layer);
  }
}

std::size_t Network::add_tensor(std::string name, std::vector<std::int64_t> shape, bool trained) {
  std::size_t size = 1;
  for (const std::int64_t extent : shape) size *= static_cast<std::size_t>(extent);
  std::vector<float>& arena = trained ? parameters_ : statistics_;
  const std::size_t offset = arena.size();
  arena.resize(offset + size);
  tensors_.push_back({std::move(name), std::move(shape), offset, size, trained});
  return offset;
}

void Network::initialize(Rng& rng) {
  std::fill(parameters_.begin(), parameters_.end(), 0.0F);
  std::fill(statistics_.begin(), statistics_.end(), 0.0F);
  const auto glorot_uniform = [&](std::size_t offset, int size, int fan_in, int fan_out) {
    const double limit = std::sqrt(6.0 / (fan_in + fan_out));
    for (std::size_t i = 0; i < static_cast<std::size_t>(size); ++i) {
      parameters_[offset + i] = static_cast<float>(limit * (2 * rng.uniform() - 1));
    }
  };
  for (const Layer& layer : layers_) {
    const auto c = static_cast<std::size_t>(layer.out.c);
    std::visit(Overloaded{
                   [&](const ConvLayer& l) {
                     const int window = l.conv.kernel * l.conv.kernel;
                     glorot_uniform(l.kernel, l.conv.kernel_size(), window * layer.in.c,
                                    window * layer.out.c);
                   },
                   [&](const DenseLayer& l) {
                     glorot_uniform(l.kernel, l.dense.in * l.dense.out, l.dense.in, l.dense.out);
                   },
                   [&](const BatchNormLayer& l) {
                     std::fill_n(parameters_.data() + l.gamma, c, 1.0F);
                     std::fill_n(statistics_.data() + l.moving_variance, c, 1.0F);
                   },
                   [](const auto&) {},
               },
               layer.op);
  }
}

const float* Network::infer(const float* images, int n, Cache& cache) const {
  return forward(images, n, nullptr, nullptr, cache);
}

const float* Network::forward_training(const float* images, int n, Rng& rng, Cache& cache) {
  return forward(images, n, &rng, statistics_.data(), cache);
}

// In training mode `rng` and `statistics` are given: the network's own, which are written. In
// inference mode both are null.
const float* Network::forward(const float* images, int n, Rng* rng, float* statistics,
                              Cache& cache) const {
  cache.n = n;
  cache.training = rng != nullptr;
  cache.outputs.resize(layers_.size());
  cache.saved.resize(layers_.size());
  const float* w = parameters_.data();
  const float* in = images;
  float* out = nullptr;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const std::size_t size = batch_size(n, layer.out);
    assert(i > 0 || !layer.in_place());  // the images are the caller's
    if (!layer.in_place()) out = room_for(cache.outputs[i], size);
    const int c = layer.out.c;
    const int rows = n * layer.out.h * layer.out.w;
    std::visit(Overloaded{
                   [&](const ConvLayer& l) {
                     conv2d_forward(out, in, w + l.kernel, w + l.bias, l.conv, n);
                   },
                   [&](const DenseLayer& l) {
                     dense_forward(out, in, w + l.kernel, w + l.bias, l.dense, n);
                   },
                   [&](const BatchNormLayer& l) {
                     if (!cache.training) {
                       batch_norm_forward_inference(
                           out, in, w + l.gamma, w + l.beta, statistics_.data() + l.moving_mean,
                           statistics_.data() + l.moving_variance, rows, c);
                       return;
                     }
                     batch_norm_forward_training(
                         out, room_for(cache.saved[i], 2 * static_cast<std::size_t>(c)),
                         statistics + l.moving_mean, statistics + l.moving_variance, in,
                         w + l.gamma, w + l.beta, rows, c);
                   },
                   [&](const ReluLayer&) { relu_forward(out, size); },
                   [&](const DropoutLayer& l) {
                     if (!cache.training) return;
                     dropout_forward(out, room_for(cache.saved[i], size), l.rate, size, *rng);
                   },
               },
               layer.op);
    in = out;
  }
  return out;
}

void Network::backward(float* d_images, std::span<float> d_parameters, const float* d_logits,
                       const float* images, const Cache& cache) const {
  assert(d_parameters.empty() || cache.training);
  const int n = cache.n;
  const float* w = parameters_.data();
  float* d_w = d_parameters.empty() ? nullptr : d_parameters.data();
  const auto d_parameter = [&](std::size_t offset) { return d_w ? d_w + offset : nullptr; };

  // The gradient of a layer's output lies in `d_out`; a layer that needs other memory for that of
  // its input writes `d_in`, and the two change places.
  thread_local std::vector<float> buffers[2];
  std::size_t largest = batch_size(n, architecture_.input);
  for (const Layer& layer : layers_) largest = std::max(largest, batch_size(n, layer.out));
  float* d_out = room_for(buffers[0], largest);
  float* d_in = room_for(buffers[1], largest);
  std::copy_n(d_logits, batch_size(n, layers_.back().out), d_out);

  const auto output_of = [&](std::size_t i) {
    while (layers_[i].in_place()) --i;
    return cache.outputs[i].data();
  };
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Layer& layer = layers_[i];
    const float* in = i == 0 ? images : output_of(i - 1);
    float* wanted_d_in = i == 0 && d_images == nullptr ? nullptr : d_in;
    const std::size_t size = batch_size(n, layer.out);
    const int c = layer.out.c;
    const int rows = n * layer.out.h * layer.out.w;
    std::visit(Overloaded{
                   [&](const ConvLayer& l) {
                     conv2d_backward(wanted_d_in, d_parameter(l.kernel), d_parameter(l.bias), d_out,
                                     in, w + l.kernel, l.conv, n);
                     std::swap(d_in, d_out);
                   },
                   [&](const DenseLayer& l) {
                     dense_backward(wanted_d_in, d_parameter(l.kernel), d_parameter(l.bias), d_out,
                                    in, w + l.kernel, l.dense, n);
                     std::swap(d_in, d_out);
                   },
                   [&](const BatchNormLayer& l) {
                     if (cache.training) {
                       batch_norm_backward_training(d_out, d_parameter(l.gamma),
                                                    d_parameter(l.beta), d_out, in,
                                                    cache.saved[i].data(), w + l.gamma, rows, c);
                     } else {
                       batch_norm_backward_inference(d_out, d_out, w + l.gamma,
                                                     statistics_.data() + l.moving_variance, rows,
                                                     c);
                     }
                   },
                   [&](const ReluLayer&) { relu_backward(d_out, output_of(i), size); },
                   [&](const DropoutLayer&) {
                     if (cache.training) dropout_backward(d_out, cache.saved[i].data(), size);
                   },
               },
               layer.op);
  }
  if (d_images != nullptr) std::copy_n(d_out, batch_size(n, architecture_.input), d_images);
}

}  // namespace inoculate
