#include "native/layer_bench.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <variant>

#include "base/parallel.h"
#include "base/simd.h"
#include "nn/adam.h"
#include "nn/batch_norm.h"
#include "nn/dropout.h"
#include "nn/gemm.h"
#include "nn/loss.h"
#include "nn/relu.h"

namespace inoculate {
namespace {

constexpr int kBatch = 64;
constexpr int kRepetitions = 100;

// The shortest of many: what the machine can do when nothing else has it.
template <class F>
double best_seconds(F&& work) {
  double best = std::numeric_limits<double>::max();
  for (int i = 0; i < kRepetitions; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    best = std::min(best, taken.count());
  }
  return best;
}

std::size_t values_of(Shape shape) { return static_cast<std::size_t>(kBatch * shape.size()); }

double conv_flops(const Conv2d& conv) {
  return 2.0 * kBatch * conv.out.h * conv.out.w * conv.kernel_size();
}

std::string sizes(const Conv2d& conv) {
  const std::string kernel = std::to_string(conv.kernel);
  return kernel + "x" + kernel + ", " + std::to_string(conv.in.c) + " to " +
         std::to_string(conv.out.c);
}

// What a layer reads and writes when it is timed by itself.
struct Bench {
  const Network& network;
  const Layer& layer;
  bool first;  // its input's gradient is not asked for in training
  const float* in;
  std::vector<float> out;
  std::vector<float> d_out;
  std::vector<float> d_in;
  std::vector<float> d_parameters;

  LayerTime operator()(const ConvLayer& l) {
    const float* w = network.parameters().data();
    const double flops = conv_flops(l.conv);
    return {"conv " + sizes(l.conv), best_seconds([&] {
              conv2d_forward(out.data(), in, w + l.kernel, w + l.bias, l.conv, kBatch);
            }),
            flops, best_seconds([&] {
              conv2d_backward(first ? nullptr : d_in.data(), d_parameters.data() + l.kernel,
                              d_parameters.data() + l.bias, d_out.data(), in, w + l.kernel, l.conv,
                              kBatch);
            }),
            first ? flops : 2 * flops};
  }
  LayerTime operator()(const DenseLayer& l) {
    const float* w = network.parameters().data();
    const double flops = 2.0 * kBatch * l.dense.in * l.dense.out;
    return {"dense, " + std::to_string(l.dense.in) + " to " + std::to_string(l.dense.out),
            best_seconds(
                [&] { dense_forward(out.data(), in, w + l.kernel, w + l.bias, l.dense, kBatch); }),
            flops, best_seconds([&] {
              dense_backward(first ? nullptr : d_in.data(), d_parameters.data() + l.kernel,
                             d_parameters.data() + l.bias, d_out.data(), in, w + l.kernel, l.dense,
                             kBatch);
            }),
            first ? flops : 2 * flops};
  }
  LayerTime operator()(const BatchNormLayer& l) {
    const float* w = network.parameters().data();
    const int c = layer.out.c, rows = kBatch * layer.out.h * layer.out.w;
    const auto size = static_cast<std::size_t>(c);
    std::vector<float> saved(2 * size), mean(size), variance(size);
    return {"batch norm, " + std::to_string(c), best_seconds([&] {
              batch_norm_forward_training(out.data(), saved.data(), mean.data(), variance.data(),
                                          in, w + l.gamma, w + l.beta, rows, c);
            }),
            0, best_seconds([&] {
              batch_norm_backward_training(d_in.data(), d_parameters.data() + l.gamma,
                                           d_parameters.data() + l.beta, d_out.data(), in,
                                           saved.data(), w + l.gamma, rows, c);
            }),
            0};
  }
  LayerTime operator()(const ReluLayer&) {
    return {"relu", best_seconds([&] { relu_forward(out.data(), out.size()); }), 0,
            best_seconds([&] { relu_backward(d_out.data(), out.data(), out.size()); }), 0};
  }
  LayerTime operator()(const DropoutLayer& l) {
    Rng rng(1);
    std::vector<float> factors(out.size());
    return {
        "dropout",
        best_seconds([&] { dropout_forward(out.data(), factors.data(), l.rate, out.size(), rng); }),
        0, best_seconds([&] { dropout_backward(d_out.data(), factors.data(), out.size()); }), 0};
  }
};

// The convolutions that training does together, with the rectifiers and batch normalisations
// between them.
LayerTime time_front(const Network& network, const Matrix& images) {
  const SparseFront& front = *network.front();
  LayerTime time;
  for (std::size_t i = 0; i < front.layers(); ++i) {
    const auto* l = std::get_if<ConvLayer>(&network.layers()[i].op);
    if (l == nullptr) continue;
    time.name += (time.name.empty() ? "convs " : "; ") + sizes(l->conv);
    time.forward_flops += conv_flops(l->conv);
    time.backward_flops += (i == 0 ? 1 : 2) * conv_flops(l->conv);
  }
  const float* w = network.parameters().data();
  std::vector<float> statistics(network.statistics().begin(), network.statistics().end());
  std::vector<float> d_parameters(network.parameters().size());
  std::vector<float> out(values_of(network.layers()[front.layers() - 1].out));
  const std::vector<float> d_out(out.size(), 1e-3F);
  SparseFront::Cache cache;
  time.forward_seconds = best_seconds(
      [&] { front.forward(out.data(), w, statistics.data(), images.data(), kBatch, cache); });
  time.backward_seconds = best_seconds(
      [&] { front.backward(d_parameters.data(), d_out.data(), out.data(), w, cache); });
  return time;
}

LayerTime time_loss(const Labels& labels, int classes) {
  const std::vector<float> logits(static_cast<std::size_t>(kBatch * classes), 0.5F);
  std::vector<float> losses(kBatch), d_logits(logits.size());
  return {"softmax and loss", best_seconds([&] {
            loss_and_gradient(losses.data(), d_logits.data(), Loss::kCrossEntropy, 1.0F / kBatch,
                              logits.data(), labels.data(), kBatch, classes);
          })};
}

LayerTime time_adam(const Network& network) {
  std::vector<float> parameters(network.parameters().begin(), network.parameters().end());
  const std::vector<float> gradients(parameters.size(), 1e-3F);
  AdamState state(parameters.size());
  return {"adam, " + std::to_string(parameters.size()),
          best_seconds([&] { adam_step(parameters, gradients, state, 1e-3F); })};
}

}  // namespace

std::vector<LayerTime> time_layers(Network& network, const Dataset& dataset) {
  std::vector<std::int32_t> indices(kBatch);
  for (int i = 0; i < kBatch; ++i) indices[static_cast<std::size_t>(i)] = i % dataset.size();
  Matrix images;
  Labels labels;
  gather(dataset, indices, images, labels);
  Rng rng(1);
  Cache cache;
  network.forward_training(images.data(), kBatch, rng, cache);

  std::vector<LayerTime> times;
  const float* in = images.data();
  std::size_t i = 0;
  if (network.front()) {
    times.push_back(time_front(network, images));
    i = network.front()->layers();
    in = cache.outputs[i - 2].data();
  }
  for (; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    const std::size_t in_size = values_of(layer.in), out_size = values_of(layer.out);
    Bench bench{
        network,
        layer,
        i == 0,
        in,
        layer.in_place() ? std::vector<float>(in, in + in_size) : std::vector<float>(out_size),
        std::vector<float>(out_size, 1e-3F),
        std::vector<float>(in_size),
        std::vector<float>(network.parameters().size())};
    times.push_back(std::visit(bench, layer.op));
    if (!layer.in_place()) in = cache.outputs[i].data();
  }
  times.push_back(time_loss(labels, network.classes()));
  times.push_back(time_adam(network));
  return times;
}

double product_peak_gflops() {
  constexpr int kRows = 14 * 4;  // whole tiles
  constexpr int kColumns = 2 * kLanes;
  constexpr int kDepth = 128;
  constexpr int kTimes = 50;
  const int tasks = 8 * thread_count();
  const auto work = [&](int) {
    std::vector<float> a(kRows * kDepth, 0.5F), b(kDepth * kColumns, 0.5F), c(kRows * kColumns);
    std::vector<const float*> rows(kRows);
    std::vector<float*> results(kRows);
    for (std::size_t r = 0; r < kRows; ++r) {
      rows[r] = a.data() + r * kDepth;
      results[r] = c.data() + r * kColumns;
    }
    for (int i = 0; i < kTimes; ++i) {
      multiply_rows(results.data(), rows.data(), b.data(), kColumns, nullptr, kRows, kColumns,
                    {1, kDepth});
    }
  };
  const double best = best_seconds([&] { parallel_for(tasks, work); });
  return 2.0 * kRows * kColumns * kDepth * kTimes * tasks / best * 1e-9;
}

}  // namespace inoculate
