#include "native/layer_bench.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <span>
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

// What a layer reads and writes when it is timed by itself.
struct Bench {
  const Network& network;
  const Layer& layer;
  bool first;                     // its input's gradient is not asked for in training
  const SharedRows* in_rows;      // null: a row a position
  const SharedRows* rows;         // of the output
  const ReceptiveFields* fields;  // of a convolution
  const float* in;
  std::vector<float> out;
  std::vector<float> d_out;
  std::vector<float> d_in;
  std::vector<float> d_parameters;

  int positions() const { return kBatch * layer.out.h * layer.out.w; }
  std::span<const int> count() const {
    return rows ? std::span<const int>(rows->count) : std::span<const int>();
  }
  int row_count() const { return rows ? rows->rows() : positions(); }

  LayerTime operator()(const ConvLayer& l) {
    const float* w = network.parameters().data();
    const double flops = 2.0 * positions() * l.conv.kernel_size();
    return {"conv " + std::to_string(l.conv.kernel) + "x" + std::to_string(l.conv.kernel) + ", " +
                std::to_string(layer.in.c) + " to " + std::to_string(layer.out.c),
            best_seconds(
                [&] { conv2d_forward(out.data(), in, w + l.kernel, w + l.bias, l.conv, *fields); }),
            flops, best_seconds([&] {
              conv2d_backward(first ? nullptr : d_in.data(), d_parameters.data() + l.kernel,
                              d_parameters.data() + l.bias, d_out.data(), in, w + l.kernel, l.conv,
                              *fields, *in_rows);
            }),
            first ? flops : 2 * flops};
  }
  LayerTime operator()(const DenseLayer& l) {
    const float* w = network.parameters().data();
    const double flops = 2.0 * kBatch * l.dense.in * l.dense.out;
    return {"dense, " + std::to_string(l.dense.in) + " to " + std::to_string(l.dense.out),
            best_seconds([&] {
              if (in_rows) {
                dense_forward(out.data(), in, w + l.kernel, w + l.bias, l.dense, *in_rows);
              } else {
                dense_forward(out.data(), in, w + l.kernel, w + l.bias, l.dense, kBatch);
              }
            }),
            flops, best_seconds([&] {
              float* d_kernel = d_parameters.data() + l.kernel;
              float* d_bias = d_parameters.data() + l.bias;
              if (in_rows) {
                dense_backward(d_in.data(), d_kernel, d_bias, d_out.data(), in, w + l.kernel,
                               l.dense, *in_rows);
              } else {
                dense_backward(first ? nullptr : d_in.data(), d_kernel, d_bias, d_out.data(), in,
                               w + l.kernel, l.dense, kBatch);
              }
            }),
            first ? flops : 2 * flops};
  }
  LayerTime operator()(const BatchNormLayer& l) {
    const float* w = network.parameters().data();
    const int c = layer.out.c;
    const auto size = static_cast<std::size_t>(c);
    std::vector<float> saved(2 * size), mean(size), variance(size);
    return {"batch norm, " + std::to_string(c), best_seconds([&] {
              batch_norm_forward_training(out.data(), saved.data(), mean.data(), variance.data(),
                                          in, w + l.gamma, w + l.beta, row_count(), c, count());
            }),
            0, best_seconds([&] {
              batch_norm_backward_training(d_in.data(), d_parameters.data() + l.gamma,
                                           d_parameters.data() + l.beta, d_out.data(), in,
                                           saved.data(), w + l.gamma, row_count(), c, count());
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
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    const SharedRows* in_rows = i == 0 ? nullptr : network.rows_of(i - 1, cache);
    const SharedRows* rows = network.rows_of(i, cache);
    const auto size = [](const SharedRows* shared, Shape shape) {
      const int row_count = shared ? shared->rows() : kBatch * shape.h * shape.w;
      return static_cast<std::size_t>(row_count * shape.c);
    };
    const std::size_t in_size = size(in_rows, layer.in), out_size = size(rows, layer.out);
    if (in_rows == nullptr && std::holds_alternative<ConvLayer>(layer.op)) {
      in_rows = &cache.inputs[i];
    }
    Bench bench{
        network,
        layer,
        i == 0,
        in_rows,
        rows,
        &cache.fields[i],
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
