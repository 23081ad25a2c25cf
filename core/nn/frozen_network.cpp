#include "nn/frozen_network.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <utility>

#include "base/shapes.h"
#include "base/simd.h"
#include "nn/batch_norm.h"

namespace inoculate {
namespace {

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

}  // namespace

FrozenNetwork::FrozenNetwork(const Network& network, For purpose) : network_(network) {
  add_layers();
  if (purpose == For::kGradients && !convs_.empty()) lay_out_gradients();
}

void FrozenNetwork::add_layers() {
  const auto& layers = network_.layers();
  const float* w = network_.parameters().data();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (const auto* conv = std::get_if<ConvLayer>(&layers[i].op)) {
      assert(!features_ && dense_.empty());
      convs_.emplace_back(conv->conv, w + conv->kernel, w + conv->bias,
                          activation_after(network_, i), convs_.empty() ? nullptr : &convs_.back());
    } else if (const auto* dense = std::get_if<DenseLayer>(&layers[i].op)) {
      if (!convs_.empty() && !features_) {
        features_.emplace(dense->dense, w + dense->kernel, w + dense->bias,
                          activation_after(network_, i), convs_.back());
      } else {
        dense_.push_back(
            {dense->dense, w + dense->kernel, w + dense->bias, activation_after(network_, i)});
      }
    }
  }
  assert(features_ || !dense_.empty());
}

void FrozenNetwork::lay_out_gradients() {
  to_images_.emplace(convs_[0]);
  for (std::size_t i = 1; i < convs_.size(); ++i) {
    to_convs_.emplace_back(convs_[i]);
    sampled_.emplace_back(convs_[i].conv, convs_[i].kernel(), convs_[i].activation.slope().data());
  }
  if (convs_.size() > 1) {
    blank_windows_.emplace(convs_[0], *to_images_, convs_[1], to_convs_[0]);
  }
}

const float* FrozenNetwork::infer(const float* images, int n, Scratch& scratch) const {
  scratch.n = n;
  scratch.dense.resize(std::max(scratch.dense.size(), dense_.size() + 1));
  const auto room = [&](std::size_t i, const auto& layer) {
    scratch.dense[i].live.resize(index(n * layer.activation.live_size()));
    return room_for(scratch.dense[i].out, index(n * layer.dense.out));
  };
  const float* in = images;
  if (features_) {
    convolve(images, scratch);
    const Scratch::Conv& last = scratch.convs[convs_.size() - 1];
    float* out = room(0, *features_);
    features_->forward(out, scratch.dense[0].live.data(), last.out, last.seen.data(), n);
    in = out;
  }
  for (std::size_t i = 0; i < dense_.size(); ++i) {
    const FrozenDense& layer = dense_[i];
    float* out = room(i + 1, layer);
    dense_forward(out, in, layer.kernel, layer.bias, layer.dense, n);
    layer.activation.forward(out, scratch.dense[i + 1].live.data(), n);
    in = out;
  }
  return in;
}

void FrozenNetwork::convolve(const float* images, Scratch& scratch) const {
  const int n = scratch.n;
  scratch.convs.resize(std::max(scratch.convs.size(), convs_.size()));
  for (std::size_t i = 0; i < convs_.size(); ++i) {
    scratch.convs[i].seen.resize(index(n * convs_[i].conv.out.h));
    scratch.convs[i].live.resize(index(n * convs_[i].live_size()));
    scratch.convs[i].density.resize(index(n));
  }
  const std::size_t last = convs_.size() - 1;
  scratch.convs[last].out.reset(convs_[last].conv.out, n);
  for_each_group(n, [&](int first, int count) {
    take_images(images + static_cast<std::ptrdiff_t>(first) * input_size(), count, scratch);
    const RowBits* seen_in = scratch.pixels.data();
    for (std::size_t i = 0; i < convs_.size(); ++i) {
      const FrozenConv& conv = convs_[i];
      Scratch::Conv& layer = scratch.convs[i];
      RowBits* seen = layer.seen.data() + first * conv.conv.out.h;
      for (int image = 0; image < count; ++image) {
        touched_windows(seen + image * conv.conv.out.h, seen_in + image * conv.conv.in.h,
                        conv.conv);
      }
      LaneBits* live = layer.live.data() + first * conv.live_size();
      if (i < last) layer.out.reset(conv.conv.out, count);
      if (i == 0) {
        const auto blank = i == last ? FrozenConv::Blank::kGround : FrozenConv::Blank::kNothing;
        conv.forward(layer.out, live, scratch.images.data(), seen, blank, count);
      } else {
        conv.forward(layer.out, live, scratch.convs[i - 1].out, seen_in, seen,
                     FrozenConv::Blank::kGround, count);
      }
      for (int image = 0; image < count; ++image) {
        int positions = 0;  // that the map has: the first one's leaves out blank ones
        for (int y = 0; y < conv.conv.out.h; ++y) {
          positions += std::popcount(i == 0 ? seen[image * conv.conv.out.h + y]
                                            : bits_below(conv.conv.out.w));
        }
        // Of the last convolution all images are kept, of the others these alone.
        const int entries = layer.out.entries(i == last ? first + image : image);
        layer.density[index(first + image)] =
            static_cast<float>(entries) / static_cast<float>(std::max(1, positions));
      }
      seen_in = seen;
    }
  });
}

// Lays some images out for the first convolution, and finds which of their pixels are drawn.
void FrozenNetwork::take_images(const float* images, int count, Scratch& scratch) const {
  const Grid& in = convs_[0].in;
  const int row = in.shape.w * in.shape.c;
  float* to = scratch.images.room(in, kImagesAtOnce);
  scratch.pixels.resize(index(count * in.shape.h));
  RowBits* seen = scratch.pixels.data();
  for (int i = 0; i < count; ++i, to += in.size()) {
    copy_into_grid(to, in, images);
    for (int y = 0; y < in.shape.h; ++y, images += row) {
      *seen++ = drawn_pixels(images, in.shape.w, in.shape.c);
    }
  }
}

void FrozenNetwork::backward(float* d_images, const float* d_logits, Scratch& scratch) const {
  assert(convs_.empty() || to_images_);  // frozen for gradients
  const int n = scratch.n;
  int widest = features_ ? features_->dense.out : 0;
  for (const FrozenDense& dense : dense_) {
    widest = std::max({widest, dense.dense.out, dense.dense.in});
  }
  float* d_out = room_for(scratch.d[0], index(n * widest));
  float* d_in = room_for(scratch.d[1], index(n * widest));
  std::copy_n(d_logits, n * classes(), d_out);
  for (std::size_t i = dense_.size(); i-- > 0; std::swap(d_out, d_in)) {
    float* to = i == 0 && !features_ ? d_images : d_in;
    const FrozenDense& layer = dense_[i];
    layer.activation.backward(d_out, scratch.dense[i + 1].live.data(), n);
    dense_backward(to, nullptr, nullptr, d_out, nullptr, layer.kernel, layer.dense, n);
  }
  if (!features_) return;
  features_->backward(scratch.convs[convs_.size() - 1].out, d_out, scratch.dense[0].live.data(), n);
  backward_convs(d_images, scratch);
}

LiveOutputs FrozenNetwork::live_outputs(std::size_t i, int first, const Scratch& scratch) const {
  return convs_[i].live_outputs(scratch.convs[i].live.data(), scratch.convs[i].seen.data(), first);
}

void FrozenNetwork::backward_convs(float* d_images, Scratch& scratch) const {
  for_each_group(scratch.n, [&](int first, int count) {
    float* to = d_images + static_cast<std::ptrdiff_t>(first) * input_size();
    const Grid out = backward_to_first(to, first, count, scratch);
    const LiveOutputs live = live_outputs(0, first, scratch);
    for (int i = 0; i < count; ++i, to += input_size()) {
      to_images_->add(to, scratch.d_grid.data() + i * out.size(), out,
                      scratch.wanted.data() + i * out.shape.h, live, i);
    }
  });
}

// Leaves the gradient of the first convolution's outputs for some images in scratch.d_grid, in the
// grid that is returned, and where it is wanted. Sets d_images to the contribution of blank
// windows.
Grid FrozenNetwork::backward_to_first(float* d_images, int first, int count,
                                      Scratch& scratch) const {
  const std::size_t last = convs_.size() - 1;
  const SparseMap* d = &scratch.convs[last].out;
  int first_d = first;
  for (std::size_t i = last; i > 0; --i) {
    const Conv2d& conv = convs_[i].conv;
    const Grid& in = convs_[i].in;
    scratch.windows.assign(index(count * conv.out.h), bits_below(conv.out.w));
    if (i == 1) set_to_blank_windows(d_images, *d, first_d, first, count, scratch);
    scratch.wanted.resize(index(count * conv.in.h));
    for (int image = 0; image < count; ++image) {
      inputs_of_windows(scratch.wanted.data() + image * conv.in.h,
                        scratch.windows.data() + image * conv.out.h, conv);
    }
    backward_conv(i, *d, first_d, first, count, scratch);
    if (i == 1) return in;
    list_live(i - 1, in, first, count, scratch);
    d = &scratch.d_map;
    first_d = 0;
  }
  clear_floats(d_images, count * input_size());
  const Conv2d& conv = convs_[0].conv;
  const Grid out{conv.out};
  scratch.wanted.assign(index(count * conv.out.h), bits_below(conv.out.w));
  float* to = room_for(scratch.d_grid, index(kImagesAtOnce * out.size()));
  clear_floats(to, count * out.size());
  for (int row = 0; row < count * conv.out.h; ++row) {
    const SparseRow values = d->row(first + row / conv.out.h, row % conv.out.h, 0, conv.out.w);
    for (int k = 0; k < values.count; ++k) {
      to[row / conv.out.h * out.size() + out.at(row % conv.out.h, 0) + values.columns[k]] =
          values.values[k];
    }
  }
  return out;
}

// Leaves the gradient of the inputs of convolution `i` for some images in scratch.d_grid, at least
// where they are live.
void FrozenNetwork::backward_conv(std::size_t i, const SparseMap& d, int first_d, int first,
                                  int count, Scratch& scratch) const {
  const FrozenConv& conv = convs_[i];
  const ConvGradient& of_outputs = to_convs_[i - 1];
  const SampledGradient& at_inputs = sampled_[i - 1];
  const auto cost = [&](std::size_t layer, int cost_of_each, int image) {
    return scratch.convs[layer].density[index(first + image)] *
           static_cast<float>(cost_of_each * convs_[layer].outputs());
  };
  ImageBits sampled = 0;
  for (int image = 0; image < count; ++image) {
    const bool less = cost(i - 1, at_inputs.cost(), image) < cost(i, of_outputs.cost(), image);
    sampled |= ImageBits{less} << image;
  }
  float* d_in = room_for(scratch.d_grid, index(kImagesAtOnce * conv.in.size()));
  of_outputs.backward(d_in, d, first_d, scratch.windows.data(), bits_below(count) & ~sampled);
  const Grid& grid = at_inputs.outputs();
  float* d_out = scratch.d_out.room(grid, kImagesAtOnce);
  const LiveOutputs outputs = live_outputs(i, first, scratch);
  for_each_bit(sampled, [&](int image) {
    unpack(d_out + image * grid.size(), grid, d, first_d + image, outputs, image,
           scratch.windows.data() + image * conv.conv.out.h);
  });
  at_inputs.backward(d_in, live_outputs(i - 1, first, scratch), scratch.wanted.data(), d_out,
                     sampled);
}

// Sets d_images to the contribution of blank windows, for some images, and takes these windows out
// of scratch.windows.
void FrozenNetwork::set_to_blank_windows(float* d_images, const SparseMap& d, int first_d,
                                         int first, int count, Scratch& scratch) const {
  const Grid& grid = blank_windows_->image();
  float* image = room_for(scratch.d_image, index(grid.size()));
  const int row = grid.shape.w * grid.shape.c;
  const int rows = convs_[1].conv.out.h;
  const RowBits* seen = scratch.convs[1].seen.data() + first * rows;
  for (int i = 0; i < count; ++i, seen += rows) {
    RowBits* windows = scratch.windows.data() + i * rows;
    blank_windows_->leave_out(windows, seen);
    clear_floats(image, grid.size());
    blank_windows_->add(image, d, first_d + i, windows);
    for (int y = 0; y < grid.shape.h; ++y, d_images += row) {
      copy_floats(d_images, image + grid.at(y, 0), row);
    }
  }
}

// Sets scratch.d_map to what of scratch.d_grid lies where the outputs of convolution `i` are live.
void FrozenNetwork::list_live(std::size_t i, const Grid& grid, int first, int count,
                              Scratch& scratch) const {
  const Shape& shape = convs_[i].conv.out;
  const LiveOutputs live = live_outputs(i, first, scratch);
  const float* d = scratch.d_grid.data();
  scratch.d_map.reset(shape, count);
  for (int image = 0; image < count; ++image) {
    for (int y = 0; y < shape.h; ++y) {
      const LiveOutputs::Row lives(live, image, y);
      for (int x = 0; x < shape.w; ++x) {
        append_live(scratch.d_map, lives.at(x), d + grid.at(y, x), x * shape.c, shape.c);
      }
    }
    scratch.d_map.end_image();
    d += grid.size();
  }
}

}  // namespace inoculate
