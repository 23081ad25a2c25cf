// The outputs of a rectified convolution without their zeros.
//
// A rectifier leaves a fifth to a half of its inputs. What comes after it then need not multiply
// the rest: a product takes the values that there are, one after the other, with the row of the
// kernel that each belongs to (nn/fast/sparse_products.h).
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "base/buffer.h"
#include "base/shapes.h"
#include "base/simd.h"

namespace inoculate {

/// What is not zero of a row of floats: the values, in their order, and their columns.
struct SparseRow {
  const float* values;
  const std::uint16_t* columns;
  int count;
};

/// Such rows of the positions [H*W] of some images. The column of a value is x * C + channel, so
/// that neighbours in a row of the image are one sparse row.
class SparseMap {
 public:
  /// Empties the map and makes room for `images` images.
  void reset(Shape shape, int images) {
    assert(shape.w * shape.c <= std::numeric_limits<std::uint16_t>::max());
    shape_ = shape;
    const auto size = static_cast<std::size_t>(images * (shape.size() + kPadding) + kLanes);
    room_for(values_, size);
    if (columns_.size() < size) columns_.resize(size);
    begin_.resize(static_cast<std::size_t>(images * (shape.h * shape.w + 1)));
    positions_ = 0;
    end_ = 0;
  }

  /// Where the next positions go, in their order, while several are appended: set_tail ends that.
  /// There is room for all that reset() was told of, and a whole vector more.
  struct Tail {
    float* values;
    std::uint16_t* columns;
    int* begins;
    int end;  // of the entries so far

    void begin_position() { *begins++ = end; }
  };
  Tail tail() { return {values_.data(), columns_.data(), begin_.data() + positions_, end_}; }
  void set_tail(const Tail& tail) {
    positions_ = static_cast<std::size_t>(tail.begins - begin_.data());
    end_ = tail.end;
  }
  /// Appends a position with the entries of `row`.
  void append(const SparseRow& row) {
    begin_[positions_++] = end_;
    for (int k = 0; k < row.count; k += kLanes) {
      store(values_.data() + end_ + k, load(row.values + k));
      std::memcpy(columns_.data() + end_ + k, row.columns + k, kLanes * sizeof *row.columns);
    }
    end_ += row.count;
  }
  /// Ends an image.
  void end_image() {
    begin_[positions_++] = end_;
    for (int i = 0; i < kPadding; ++i) columns_[static_cast<std::size_t>(end_ + i)] = 0;
    end_ += kPadding;
  }

  /// The positions [x_begin, x_end) in row y of an image.
  SparseRow row(int image, int y, int x_begin, int x_end) const {
    const int begin = begin_of(image, y, x_begin);
    return {values_.data() + begin, columns_.data() + begin, begin_of(image, y, x_end) - begin};
  }
  int entries(int image) const { return begin_of(image, shape_.h, 0) - begin_of(image, 0, 0); }
  /// The values of a position, to be replaced; with the three behind them, if the positions of an
  /// image are gone through in their order.
  float* values(int image, int y, int x) { return values_.data() + begin_of(image, y, x); }

 private:
  static constexpr int kPadding = 4;

  int begin_of(int image, int y, int x) const {
    return begin_[static_cast<std::size_t>(image * (shape_.h * shape_.w + 1) + y * shape_.w + x)];
  }

  Shape shape_;
  FloatBuffer values_;
  std::vector<std::uint16_t> columns_;
  std::vector<int> begin_;     // [images, H*W + 1]
  std::size_t positions_ = 0;  // that have ended, and images
  int end_ = 0;
};

}  // namespace inoculate
