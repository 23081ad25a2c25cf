#include "nn/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/buffer.h"
#include "nn/batch_norm.h"
#include "nn/check_architecture.h"
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

// Rows that batch normalisation averages over.
int rows_of(const Layer& layer, int n) { return n * layer.out.h * layer.out.w; }

// Two buffers for the gradients of a layer's output and of its input, which change places.
struct Gradients {
  float* d_out;
  float* d_in;

  // Room for `size` floats each; the first ones of d_out are a copy of d_logits.
  Gradients(std::size_t size, const float* d_logits, std::size_t logits) {
    thread_local FloatBuffer buffers[2];
    d_out = room_for(buffers[0], size);
    d_in = room_for(buffers[1], size);
    std::copy_n(d_logits, logits, d_out);
  }
  void swap() { std::swap(d_in, d_out); }
};

}  // namespace

Network::Network(Architecture architecture) : architecture_(std::move(architecture)) {
  check_architecture(architecture_);
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
  front_ = SparseFront::of(layers_);
}

const float* Network::output_of(std::size_t layer, const Cache& cache) const {
  while (layers_[layer].in_place()) --layer;
  return cache.outputs[layer].data();
}

std::size_t Network::add_tensor(std::string name, std::vector<std::int64_t> shape, bool trained) {
  std::size_t size = 1;
  for (const std::int64_t extent : shape) size *= static_cast<std::size_t>(extent);
  FloatBuffer& arena = trained ? parameters_ : statistics_;
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

const float* Network::forward_training(const float* images, int n, Rng& rng, Cache& cache) {
  cache.n = n;
  cache.outputs.resize(layers_.size());
  cache.saved.resize(layers_.size());
  const float* w = parameters_.data();
  const float* in = images;
  float* out = nullptr;
  std::size_t i = 0;
  if (front_) {
    i = front_->layers();
    // The last one works on the memory of the one before.
    out = room_for(cache.outputs[i - 2], batch_size(n, layers_[i - 1].out));
    front_->forward(out, w, statistics_.data(), images, n, cache.front);
    in = out;
  }
  for (; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const std::size_t size = batch_size(n, layer.out);
    if (!layer.in_place()) out = room_for(cache.outputs[i], size);
    std::visit(Overloaded{
                   [&](const ConvLayer& l) {
                     conv2d_forward(out, in, w + l.kernel, w + l.bias, l.conv, n);
                   },
                   [&](const DenseLayer& l) {
                     dense_forward(out, in, w + l.kernel, w + l.bias, l.dense, n);
                   },
                   [&](const BatchNormLayer& l) {
                     const auto c = static_cast<std::size_t>(layer.out.c);
                     batch_norm_forward_training(
                         out, room_for(cache.saved[i], 2 * c), statistics_.data() + l.moving_mean,
                         statistics_.data() + l.moving_variance, in, w + l.gamma, w + l.beta,
                         rows_of(layer, n), layer.out.c);
                   },
                   [&](const ReluLayer&) { relu_forward(out, size); },
                   [&](const DropoutLayer& l) {
                     dropout_forward(out, room_for(cache.saved[i], size), l.rate, size, rng);
                   },
               },
               layer.op);
    in = out;
  }
  return out;
}

void Network::backward(std::span<float> d_parameters, const float* d_logits, const float* images,
                       Cache& cache) const {
  const int n = cache.n;
  const float* w = parameters_.data();
  float* d_w = d_parameters.data();
  const std::size_t first = front_ ? front_->layers() : 0;
  std::size_t largest = 0;
  for (std::size_t i = first > 0 ? first - 1 : 0; i < layers_.size(); ++i) {
    largest = std::max(largest, batch_size(n, layers_[i].out));
  }
  Gradients g(largest, d_logits, batch_size(n, layers_.back().out));
  for (std::size_t i = layers_.size(); i-- > first;) {
    const Layer& layer = layers_[i];
    const float* in = i == 0 ? images : output_of(i - 1, cache);
    float* d_in = i == 0 ? nullptr : g.d_in;
    const std::size_t size = batch_size(n, layer.out);
    std::visit(
        Overloaded{
            [&](const ConvLayer& l) {
              conv2d_backward(d_in, d_w + l.kernel, d_w + l.bias, g.d_out, in, w + l.kernel, l.conv,
                              n);
              g.swap();
            },
            [&](const DenseLayer& l) {
              dense_backward(d_in, d_w + l.kernel, d_w + l.bias, g.d_out, in, w + l.kernel, l.dense,
                             n);
              g.swap();
            },
            [&](const BatchNormLayer& l) {
              batch_norm_backward_training(g.d_out, d_w + l.gamma, d_w + l.beta, g.d_out, in,
                                           cache.saved[i].data(), w + l.gamma, rows_of(layer, n),
                                           layer.out.c);
            },
            [&](const ReluLayer&) { relu_backward(g.d_out, output_of(i, cache), size); },
            [&](const DropoutLayer&) { dropout_backward(g.d_out, cache.saved[i].data(), size); },
        },
        layer.op);
  }
  if (front_) front_->backward(d_w, g.d_out, output_of(first - 1, cache), w, cache.front);
}

}  // namespace inoculate
