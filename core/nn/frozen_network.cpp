#include "nn/frozen_network.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

#include "base/simd.h"
#include "nn/batch_norm.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// Images that go through the convolutions together: enough rows to fill the tiles of a product, and
// few enough for their activations to stay in the second cache.
constexpr int kImagesAtOnce = 8;

// Turning the kernels of dense layers costs as much as the gradients of so many images.
constexpr std::int64_t kWorthTurning = 16;

// What follows layer `i`, up to the next one that has a kernel.
Activation activation_after(const Network& network, std::size_t i) {
  const auto& layers = network.layers();
  const float* w = network.parameters().data();
  const float* statistics = network.statistics().data();
  Activation activation(layers[i].out.c);
  std::vector<float> scale(index(layers[i].out.c)), shift(scale.size());
  for (++i; i < layers.size(); ++i) {
    if (const auto* l = std::get_if<BatchNormLayer>(&layers[i].op)) {
      batch_norm_scale_and_shift(scale.data(), shift.data(), w + l->gamma, w + l->beta,
                                 statistics + l->moving_mean, statistics + l->moving_variance,
                                 layers[i].out.c);
      activation.scale_and_shift(scale, shift);
    } else if (std::holds_alternative<ReluLayer>(layers[i].op)) {
      activation.rectify();
    } else if (!std::holds_alternative<DropoutLayer>(layers[i].op)) {
      break;
    }
  }
  return activation;
}

// Calls body(first image, images) for some images at a time.
template <class F>
void for_each_group(int n, F&& body) {
  for (int first = 0; first < n; first += kImagesAtOnce) {
    body(first, std::min(kImagesAtOnce, n - first));
  }
}

}  // namespace

FrozenNetwork::FrozenNetwork(const Network& network, std::int64_t gradients) : network_(network) {
  add_layers();
  if (gradients > 0) lay_out_gradients(gradients);
}

void FrozenNetwork::add_layers() {
  const auto& layers = network_.layers();
  const float* w = network_.parameters().data();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (const auto* conv = std::get_if<ConvLayer>(&layers[i].op)) {
      assert(dense_.empty());
      convs_.emplace_back(*conv, w + conv->kernel, w + conv->bias, activation_after(network_, i),
                          convs_.empty() ? nullptr : &convs_.back().ground);
      conv_kernels_.push_back(w + conv->kernel);
    } else if (const auto* dense = std::get_if<DenseLayer>(&layers[i].op)) {
      const int positions = dense_.empty() && !convs_.empty() ? convs_.back().outputs() : 1;
      dense_.emplace_back(dense->dense, w + dense->kernel, w + dense->bias,
                          activation_after(network_, i), positions);
    }
  }
  assert(!dense_.empty());
}

void FrozenNetwork::lay_out_gradients(std::int64_t gradients) {
  if (gradients >= kWorthTurning) {
    for (FrozenDense& dense : dense_) dense.turn();
  }
  if (convs_.empty()) return;
  to_images_.emplace(convs_[0], conv_kernels_[0]);
  Grid d_in{convs_[0].conv.out};
  for (std::size_t i = 1; i < convs_.size(); ++i) {
    to_convs_.emplace_back(convs_[i - 1], convs_[i], conv_kernels_[i], d_in,
                           i == 1 ? &*to_images_ : nullptr);
    d_in = to_convs_.back().d_out();
  }
  if (convs_.size() > 1 && convs_[0].ground.known()) {
    blank_blocks_.emplace(convs_[0], *to_images_, convs_[1], conv_kernels_[1], to_convs_[0]);
  }
}

Grid FrozenNetwork::feature_grid() const {
  return to_convs_.empty() ? Grid{convs_.back().conv.out} : to_convs_.back().d_out();
}

const float* FrozenNetwork::infer(const float* images, int n, Scratch& scratch) const {
  scratch.n = n;
  if (!convs_.empty()) convolve(images, scratch);
  scratch.dense.resize(std::max(scratch.dense.size(), dense_.size()));
  const float* in = images;
  for (std::size_t i = 0; i < dense_.size(); ++i) {
    const FrozenDense& dense = dense_[i];
    Scratch::Dense& layer = scratch.dense[i];
    float* out = room_for(layer.out, index(n * dense.dense.out));
    layer.live.resize(index(n * dense.activation.live_size()));
    if (i == 0 && !convs_.empty()) {
      dense.forward(out, layer.live.data(), scratch.features.data(), scratch.feature_rows);
    } else {
      dense.forward(out, layer.live.data(), in, n);
    }
    in = out;
  }
  return in;
}

// Fills scratch.features and lists its rows.
void FrozenNetwork::convolve(const float* images, Scratch& scratch) const {
  const int n = scratch.n;
  const Grid grid = feature_grid();
  float* features = scratch.features.room(grid, n + 1);
  const FloatBuffer& shared = convs_.back().ground.rows;
  std::copy(shared.begin(), shared.end(), features);
  features += grid.size();
  scratch.convs.resize(std::max(scratch.convs.size(), convs_.size()));
  for (std::size_t i = 0; i < convs_.size(); ++i) {
    Scratch::Conv& layer = scratch.convs[i];
    layer.in.room(convs_[i].in, kImagesAtOnce);
    layer.seen.resize(index(n * convs_[i].conv.out.h));
    layer.live.resize(index(n * convs_[i].live_size()));
  }
  for_each_group(n, [&](int first, int count) {
    take_images(images + static_cast<std::ptrdiff_t>(first) * input_size(), count, scratch);
    const RowBits* seen_in = scratch.pixels.data();
    for (std::size_t i = 0; i < convs_.size(); ++i) {
      const FrozenConv& conv = convs_[i];
      Scratch::Conv& layer = scratch.convs[i];
      RowBits* seen = layer.seen.data() + first * conv.conv.out.h;
      for (int image = 0; image < count; ++image) {
        conv.find_seen(seen + image * conv.conv.out.h, seen_in + image * conv.conv.in.h);
      }
      LaneBits* live = layer.live.data() + first * conv.live_size();
      const bool is_last = i + 1 == convs_.size();
      float* out = is_last ? features + static_cast<std::ptrdiff_t>(first) * grid.size()
                           : scratch.convs[i + 1].in.data();
      conv.forward(out, live, layer.in.data(), seen, is_last ? grid : convs_[i + 1].in, !is_last,
                   count);
      seen_in = seen;
    }
  });
  list_feature_rows(scratch);
}

// Lays some images out for the first convolution, and finds which of their pixels are drawn.
void FrozenNetwork::take_images(const float* images, int count, Scratch& scratch) const {
  const Grid& in = convs_[0].in;
  const int row = in.shape.w * in.shape.c;
  float* to = scratch.convs[0].in.data();
  scratch.pixels.resize(index(count * in.shape.h));
  RowBits* seen = scratch.pixels.data();
  for (int i = 0; i < count; ++i, to += in.size()) {
    for (int y = 0; y < in.shape.h; ++y, images += row) {
      copy_floats(to + in.at(y, 0), images, row);
      *seen++ = see_pixels(images, in.shape.w, in.shape.c);
    }
  }
}

void FrozenNetwork::list_feature_rows(Scratch& scratch) const {
  const Ground& ground = convs_.back().ground;
  const Shape shape = convs_.back().conv.out;
  const Grid grid = feature_grid();
  SharedRows& rows = scratch.feature_rows;
  rows.shared = ground.shared();
  rows.row_of.resize(index(scratch.n * shape.h * shape.w));
  rows.first_row.resize(index(scratch.n + 1));
  const RowBits* seen = scratch.convs[convs_.size() - 1].seen.data();
  int* row_of = rows.row_of.data();
  for (int i = 0; i < scratch.n; ++i) {
    for (int y = 0; y < shape.h; ++y, ++seen) {
      const int first = ((i + 1) * grid.size() + grid.at(y, 0)) / shape.c;
      for (int x = 0; x < shape.w; ++x) {
        *row_of++ = has_bit(*seen, x) ? first + x : ground.row_of[index(y * shape.w + x)];
      }
    }
  }
}

void FrozenNetwork::backward(float* d_images, const float* d_logits, Scratch& scratch) const {
  const int n = scratch.n;
  int widest = 0;
  for (const FrozenDense& dense : dense_) {
    widest = std::max({widest, dense.dense.out, dense.dense.in / dense.positions});
  }
  float* d_out = room_for(scratch.d[0], index(n * widest));
  float* d_in = room_for(scratch.d[1], index(n * widest));
  std::copy_n(d_logits, n * classes(), d_out);
  for (std::size_t i = dense_.size(); i-- > 0; std::swap(d_out, d_in)) {
    const FrozenDense& dense = dense_[i];
    dense.backward_activation(d_out, scratch.dense[i].live.data(), n);
    if (i == 0 && !convs_.empty()) {
      backward_features(d_out, scratch);
      backward_convs(d_images, scratch);
    } else {
      dense.backward(rows_from(i == 0 ? d_images : d_in, n, dense.dense.in).data(), 0, d_out, n);
    }
  }
}

// The gradient of the last convolution's outputs, before its activation.
void FrozenNetwork::backward_features(const float* d_out, Scratch& scratch) const {
  const int n = scratch.n;
  const FrozenConv& last = convs_.back();
  const Shape shape = last.conv.out;
  const Grid grid = feature_grid();
  const Scratch::Conv& layer = scratch.convs[convs_.size() - 1];
  std::vector<const LaneBits*> live(index(n));
  for (int y = 0; y < shape.h; ++y) {
    for (int x = 0; x < shape.w; ++x) {
      const auto d_features =
          rows_from(scratch.features.data() + grid.size() + grid.at(y, x), n, grid.size());
      for (int i = 0; i < n; ++i) {
        live[index(i)] = last.live_at(layer.live.data() + i * last.live_size(), y, x,
                                      layer.seen.data() + i * shape.h);
      }
      dense_[0].backward(d_features.data(), y * shape.w + x, d_out, n);
      last.activation.backward(d_features.data(), live.data(), n);
    }
  }
}

void FrozenNetwork::backward_convs(float* d_images, Scratch& scratch) const {
  const FrozenConv& conv = convs_[0];
  const Grid& in = conv.in;
  const int columns = to_images_->columns(), row = in.shape.w * in.shape.c;
  float* fields = room_for(scratch.fields, index(kImagesAtOnce * conv.outputs() * columns));
  float* d_image = room_for(scratch.d_image, index(in.size()));
  for (std::size_t i = 1; i + 1 < convs_.size(); ++i) {
    scratch.convs[i].d_out.room(to_convs_[i - 1].d_out(), kImagesAtOnce);
  }
  for_each_group(scratch.n, [&](int first, int count) {
    backward_to_fields(first, count, scratch);
    float* to = d_images + static_cast<std::ptrdiff_t>(first) * input_size();
    for (int i = 0; i < count; ++i) {
      clear_floats(d_image, in.size());
      to_images_->add_fields(d_image, fields + i * conv.outputs() * columns,
                             scratch.wanted.data() + i * conv.conv.out.h);
      if (blank_blocks_) blank_blocks_->add(d_image, scratch.blocks, i);
      for (int y = 0; y < in.shape.h; ++y, to += row) {
        copy_floats(to, d_image + in.at(y, 0), row);
      }
    }
  });
}

// Sets scratch.fields of some images at the positions of the first convolution that are then
// wanted: all but those in blank blocks.
void FrozenNetwork::backward_to_fields(int first, int count, Scratch& scratch) const {
  const std::size_t last = convs_.size() - 1;
  const float* d =
      scratch.features.data() + static_cast<std::ptrdiff_t>(first + 1) * feature_grid().size();
  const auto want_all = [&](const Conv2d& conv) {
    scratch.wanted.assign(index(count * conv.out.h), bits_below(conv.out.w));
  };
  for (std::size_t i = last; i > 0; --i) {
    const FrozenConv& before = convs_[i - 1];
    Scratch::Conv& layer = scratch.convs[i - 1];
    const RowBits* seen = layer.seen.data() + first * before.conv.out.h;
    want_all(before.conv);
    if (i == 1 && blank_blocks_) {
      blank_blocks_->find(scratch.blocks, scratch.wanted.data(), seen, d, count);
    }
    float* d_in = i == 1 ? scratch.fields.data() : layer.d_out.data();
    to_convs_[i - 1].run(d_in, d, scratch.wanted.data(), seen,
                         layer.live.data() + first * before.live_size(), count);
    d = d_in;
  }
  if (last > 0) return;
  want_all(convs_[0].conv);
  const int rows = count * convs_[0].outputs(), columns = to_images_->columns();
  to_images_->find_fields(rows_from(scratch.fields.data(), rows, columns).data(), d, rows);
}

}  // namespace inoculate
