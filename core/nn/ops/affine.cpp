// A scale and a shift of every channel.
#include "nn/ops/channel_affine.h"
#include "nn/ops/column_sums.h"
#include "nn/ops/form.h"

namespace inoculate {

void affine_forward(const Pass& p, const float* scale, const float* shift) {
  const float* in = p.in[0];
  p.finish().visit([&](auto&& finish) {
    for_each_channel(p, [&](std::size_t i, int c, auto v) {
      store(p.out + i,
            finish(load(in + i, v) * load(scale + c, v) + load(shift + c, v), p.out + i));
    });
  });
}

void affine_backward(const Pass& p, const float* scale) {
  float* d_in = p.d_in[0];
  p.stores[0].visit([&](auto&& finish) {
    for_each_channel(p, [&](std::size_t i, int c, auto v) {
      store(d_in + i, finish(load(p.d_out + i, v) * load(scale + c, v), d_in + i));
    });
  });
}

namespace {

void forward(const Pass& p) { affine_forward(p, p.weight(0), p.weight(1)); }
void backward(const Pass& p) { affine_backward(p, p.weight(0)); }

void backward_weights(const Pass& p) {
  const int channels = p.node.shape.back();
  const std::size_t rows = p.n * p.out_size() / static_cast<std::size_t>(channels);
  const ColumnSums sums = column_sums(p.d_out, p.in[0], nullptr, rows, channels);
  add_sums(p.d_weights[0], sums.of_products);
  add_sums(p.d_weights[1], sums.of_d);
}

}  // namespace

// Weights: scale and shift, one a channel.
const Kernel kAffine{.forward = forward,
                     .backward = backward,
                     .backward_weights = backward_weights,
                     .weights_read_in = true,
                     .clips = true,
                     .stores = true};

Form affine_form(const Graph& graph, const Node& node) {
  const float *scale = graph.weight(node.weights[0]), *shift = graph.weight(node.weights[1]);
  const int size = size_of(node.shape), channels = node.shape.back();
  SparseForm form{{diagonal(size)}, {}, {}, 2, true};
  for (int i = 0; i < size; ++i) {
    form.inputs[0][static_cast<std::size_t>(i)].factor = double{scale[i % channels]};
    form.constant.push_back(double{shift[i % channels]});
  }
  return form;
}

}  // namespace inoculate
