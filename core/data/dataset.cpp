#include "data/dataset.h"

#include <cassert>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "data/idx.h"

namespace inoculate {
namespace {

std::string text_of(Shape shape) {
  return std::to_string(shape.h) + "x" + std::to_string(shape.w) +
         (shape.c > 1 ? "x" + std::to_string(shape.c) : "");
}

void require_form(const IdxImages& images, const std::string& name, Shape shape) {
  const Shape own{images.rows, images.cols, 1};
  const bool flat = shape.h * shape.w == 1;
  if (own == shape || (flat && std::int64_t{own.h} * own.w == shape.c)) return;
  throw Error(name + ": its images are " + text_of(own) + " pixels, not " + text_of(shape) +
              "; name " +
              (shape == Shape{28, 28, 1} ? "MNIST or a set of its form" : "a set of such images"));
}

}  // namespace

Dataset make_dataset(ByteView images, const std::string& images_name, ByteView labels,
                     const std::string& labels_name, const DataForm& form) {
  Dataset dataset;
  dataset.shape = form.shape;
  IdxImages parsed = parse_idx_images(images, images_name);
  require_form(parsed, images_name, form.shape);
  dataset.labels = parse_idx_labels(labels, labels_name, form.classes);
  if (parsed.count != dataset.size()) {
    throw Error(images_name + ": holds " + std::to_string(parsed.count) + " images, but " +
                labels_name + " holds " + std::to_string(dataset.size()) +
                " labels; name two files of the same set");
  }
  dataset.pixels = std::move(parsed.pixels);
  return dataset;
}

Dataset slice(const Dataset& dataset, int begin, int end) {
  if (begin < 0 || begin >= end || end > dataset.size()) {
    throw Error("range " + std::to_string(begin) + ":" + std::to_string(end) +
                ": does not select any of the " + std::to_string(dataset.size()) +
                " images in order; keep within 0:" + std::to_string(dataset.size()));
  }
  const std::ptrdiff_t each = dataset.shape.size();
  Dataset part;
  part.shape = dataset.shape;
  part.pixels.assign(dataset.pixels.begin() + begin * each, dataset.pixels.begin() + end * each);
  part.labels.assign(dataset.labels.begin() + begin, dataset.labels.begin() + end);
  return part;
}

void gather(const Dataset& dataset, std::span<const std::int32_t> indices, Matrix& images,
            Labels& labels) {
  const Eigen::Index each = dataset.shape.size();
  images.resize(static_cast<Eigen::Index>(indices.size()), each);
  labels.resize(indices.size());
  const auto n = static_cast<int>(indices.size());
  const auto pixels_of = [&](int i) {
    const std::int32_t index = indices[static_cast<std::size_t>(i)];
    assert(index >= 0 && index < dataset.size());
    return dataset.pixels.data() + index * each;
  };
  const int parts = part_count(n);
  parallel_for(parts, [&](int part) {
    const int begin = part_begin(n, parts, part), end = part_begin(n, parts, part + 1);
    // The images lie anywhere: all are on their way from memory before the first is waited for.
    for (int i = begin; i < end; ++i) {
      for (Eigen::Index j = 0; j < each; j += kCacheLine) __builtin_prefetch(pixels_of(i) + j);
    }
    for (int i = begin; i < end; ++i) {
      const std::uint8_t* in = pixels_of(i);
      float* out = images.data() + i * each;
      for (Eigen::Index j = 0; j < each; ++j) out[j] = static_cast<float>(in[j]) / 255;
    }
  });
  for (int i = 0; i < n; ++i) {
    const std::int32_t index = indices[static_cast<std::size_t>(i)];
    labels[static_cast<std::size_t>(i)] = dataset.labels[static_cast<std::size_t>(index)];
  }
}

}  // namespace inoculate
