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

// Rows of a layer's output.
int row_count(const SharedRows* rows, int n, Shape shape) {
  return rows != nullptr ? rows->rows() : n * shape.h * shape.w;
}

std::span<const int> counts_of(const SharedRows* rows) {
  return rows != nullptr ? std::span<const int>(rows->count) : std::span<const int>();
}

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
  void turn() { std::swap(d_in, d_out); }
};

}  // namespace

Network::Network(Architecture architecture) : architecture_(std::move(architecture)) {
  check_architecture(architecture_);
  Shape shape = architecture_.input;
  for (const LayerSpec& spec : architecture_.layers) {
    Layer layer{ReluLayer{}, shape, shape};
    std::visit(Overloaded{
                   [&](const ConvSpec& s) {
                     const Conv2d conv = conv2d_same(shape, s.filters, s.kernel, s.stride);
                     layer.out = conv.out;
                     layer.op = ConvLayer{
                         conv, plan_fields(conv),
                         add_tensor(s.name + "/kernel", {s.kernel, s.kernel, shape.c, s.filters}),
                         add_tensor(s.name + "/bias", {s.filters})};
                   },
                   [&](const DenseSpec& s) {
                     layer.out = {1, 1, s.units};
                     layer.op = DenseLayer{{shape.size(), s.units},
                                           add_tensor(s.name + "/kernel", {shape.size(), s.units}),
                                           add_tensor(s.name + "/bias", {s.units})};
                   },
                   [&](const BatchNormSpec& s) {
                     layer.op =
                         BatchNormLayer{add_tensor(s.name + "/gamma", {shape.c}),
                                        add_tensor(s.name + "/beta", {shape.c}),
                                        add_tensor(s.name + "/moving_mean", {shape.c}, false),
                                        add_tensor(s.name + "/moving_variance", {shape.c}, false)};
                   },
                   [&](const ReluSpec&) {},
                   [&](const DropoutSpec& s) { layer.op = DropoutLayer{s.rate}; },
               },
               spec);
    shape = layer.out;
    layers_.push_back(std::move(layer));
  }
  plan_shared_rows();
  front_ = SparseFront::of(layers_);
}

// Positions share rows from the images on, through convolutions and what follows them, until a
// dense layer takes an image as a whole. Dropout would make all positions differ.
void Network::plan_shared_rows() {
  const auto drops_positions = [](const Layer& layer) {
    return std::holds_alternative<DropoutLayer>(layer.op) && layer.out.h * layer.out.w > 1;
  };
  if (std::any_of(layers_.begin(), layers_.end(), drops_positions)) return;
  std::vector<int> ground(batch_size(1, {architecture_.input.h, architecture_.input.w, 1}), kNoRow);
  for (Layer& layer : layers_) {
    if (std::holds_alternative<DenseLayer>(layer.op)) return;
    if (auto* l = std::get_if<ConvLayer>(&layer.op)) {
      share_ground(l->plan, ground);
      ground = l->plan.ground;
    }
  }
}

const SharedRows* Network::rows_of(std::size_t layer, const Cache& cache) const {
  if (cache.filled) return nullptr;
  for (std::size_t i = layer + 1; i-- > 0;) {
    if (std::holds_alternative<ConvLayer>(layers_[i].op)) return &cache.fields[i].out;
    if (std::holds_alternative<DenseLayer>(layers_[i].op)) return nullptr;
  }
  return nullptr;
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
  cache.inputs.resize(layers_.size());
  cache.fields.resize(layers_.size());
  cache.outputs.resize(layers_.size());
  cache.saved.resize(layers_.size());
  const float* w = parameters_.data();
  const float* in = images;
  const SharedRows* rows = nullptr;  // of `in`; null: a row a position
  float* out = nullptr;
  cache.filled = front_ && front_->suits(images, n);
  std::size_t i = 0;
  if (cache.filled) {
    i = front_->layers();
    // The last one works on the memory of the one before.
    out = room_for(cache.outputs[i - 2], batch_size(n, layers_[i - 1].out));
    front_->forward(out, w, statistics_.data(), images, n, cache.front);
    in = out;
  }
  for (; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const int c = layer.out.c;
    const auto room = [&] {
      out = room_for(cache.outputs[i], static_cast<std::size_t>(row_count(rows, n, layer.out) * c));
    };
    std::visit(Overloaded{
                   [&](const ConvLayer& l) {
                     SharedRows& own = cache.inputs[i];
                     if (i == 0) {
                       give_each_drawn_position_a_row(own, images, n, layer.in);
                     } else if (rows == nullptr) {
                       give_each_position_a_row(own, n, layer.in.h * layer.in.w);
                     }
                     find_fields(cache.fields[i], l.plan, rows != nullptr ? *rows : own);
                     rows = &cache.fields[i].out;
                     room();
                     conv2d_forward(out, in, w + l.kernel, w + l.bias, l.conv, cache.fields[i]);
                   },
                   [&](const DenseLayer& l) {
                     const SharedRows* in_rows = std::exchange(rows, nullptr);
                     room();
                     if (in_rows != nullptr) {
                       dense_forward(out, in, w + l.kernel, w + l.bias, l.dense, *in_rows);
                     } else {
                       dense_forward(out, in, w + l.kernel, w + l.bias, l.dense, n);
                     }
                   },
                   [&](const BatchNormLayer& l) {
                     room();
                     batch_norm_forward_training(
                         out, room_for(cache.saved[i], 2 * static_cast<std::size_t>(c)),
                         statistics_.data() + l.moving_mean, statistics_.data() + l.moving_variance,
                         in, w + l.gamma, w + l.beta, row_count(rows, n, layer.out), c,
                         counts_of(rows));
                   },
                   [&](const ReluLayer&) {
                     relu_forward(out, static_cast<std::size_t>(row_count(rows, n, layer.out) * c));
                   },
                   [&](const DropoutLayer& l) {
                     const std::size_t size = batch_size(n, layer.out);
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
  const std::size_t first = cache.filled ? front_->layers() : 0;
  std::size_t largest = 0;
  for (std::size_t i = first > 0 ? first - 1 : 0; i < layers_.size(); ++i) {
    const Shape shape = layers_[i].out;
    largest = std::max(largest,
                       static_cast<std::size_t>(row_count(rows_of(i, cache), n, shape) * shape.c));
  }
  Gradients g(largest, d_logits, batch_size(n, layers_.back().out));
  for (std::size_t i = layers_.size(); i-- > first;) {
    const Layer& layer = layers_[i];
    const float* in = i == 0 ? images : output_of(i - 1, cache);
    const SharedRows* in_rows = i == 0 ? nullptr : rows_of(i - 1, cache);
    const SharedRows* rows = rows_of(i, cache);
    float* d_in = i == 0 ? nullptr : g.d_in;
    const int c = layer.out.c;
    const int m = row_count(rows, n, layer.out);
    std::visit(
        Overloaded{
            [&](const ConvLayer& l) {
              conv2d_backward(d_in, d_w + l.kernel, d_w + l.bias, g.d_out, in, w + l.kernel, l.conv,
                              cache.fields[i], in_rows != nullptr ? *in_rows : cache.inputs[i]);
              g.turn();
            },
            [&](const DenseLayer& l) {
              if (in_rows != nullptr) {
                dense_backward(d_in, d_w + l.kernel, d_w + l.bias, g.d_out, in, w + l.kernel,
                               l.dense, *in_rows);
              } else {
                dense_backward(d_in, d_w + l.kernel, d_w + l.bias, g.d_out, in, w + l.kernel,
                               l.dense, n);
              }
              g.turn();
            },
            [&](const BatchNormLayer& l) {
              batch_norm_backward_training(g.d_out, d_w + l.gamma, d_w + l.beta, g.d_out, in,
                                           cache.saved[i].data(), w + l.gamma, m, c,
                                           counts_of(rows));
            },
            [&](const ReluLayer&) {
              relu_backward(g.d_out, output_of(i, cache), static_cast<std::size_t>(m * c));
            },
            [&](const DropoutLayer&) {
              dropout_backward(g.d_out, cache.saved[i].data(), static_cast<std::size_t>(m * c));
            },
        },
        layer.op);
  }
  if (cache.filled) front_->backward(d_w, g.d_out, output_of(first - 1, cache), w, cache.front);
}

}  // namespace inoculate
