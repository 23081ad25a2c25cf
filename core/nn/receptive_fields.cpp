#include "nn/receptive_fields.h"

#include <algorithm>

#include "base/simd.h"

namespace inoculate {
namespace {

bool same_field(const float* a, const float* b, const Runs& runs) {
  if (*a != *b) return false;  // most differ here already
  for (int run = 0; run < runs.count; ++run, a += runs.stride, b += runs.stride) {
    if (!equal_bits(a, b, runs.length)) return false;
  }
  return true;
}

}  // namespace

void PaddedImages::prepare(const Conv2d& conv, int images) {
  const bool fits = size_ > 0 && buffer_.size() >= static_cast<std::size_t>(size_ * images);
  if (fits && conv == conv_) return;
  conv_ = conv;
  // Where the stride leaves the last rows of an image unread, the image is the larger of the two.
  const int h = std::max((conv.out.h - 1) * conv.stride + conv.kernel, conv.pad_top + conv.in.h);
  const int w = std::max((conv.out.w - 1) * conv.stride + conv.kernel, conv.pad_left + conv.in.w);
  row_ = static_cast<std::ptrdiff_t>(w) * conv.in.c;
  size_ = h * row_;
  buffer_.assign(static_cast<std::size_t>(size_ * images), 0.0F);
}

void PaddedImages::clear() { std::fill(buffer_.begin(), buffer_.end(), 0.0F); }

std::ptrdiff_t PaddedImages::row_offset(int slot, int y) const {
  return slot * size_ + (y + conv_.pad_top) * row_ +
         static_cast<std::ptrdiff_t>(conv_.pad_left) * conv_.in.c;
}

void PaddedImages::put(int slot, const float* image) {
  const int row = conv_.in.w * conv_.in.c;
  for (int y = 0; y < conv_.in.h; ++y) {
    copy_floats(buffer_.data() + row_offset(slot, y), image + y * row, row);
  }
}

void PaddedImages::get(float* image, int slot) const {
  const int row = conv_.in.w * conv_.in.c;
  for (int y = 0; y < conv_.in.h; ++y) {
    copy_floats(image + y * row, buffer_.data() + row_offset(slot, y), row);
  }
}

void ReceptiveFields::find(PaddedImages& padded, const Conv2d& conv, int images) {
  const Runs runs = padded.runs();
  const bool compare = runs.count * runs.length >= kSmallField;
  fields.clear();
  first.clear();
  field_of.clear();
  for (int image = 0; image < images; ++image) {
    for (int y = 0; y < conv.out.h; ++y) {
      for (int x = 0; x < conv.out.w; ++x) {
        const int position = static_cast<int>(field_of.size());
        const float* field = padded.slot(image) + padded.offset(y, x);
        const auto repeats = [&](int neighbour) {
          const int index = field_of[static_cast<std::size_t>(neighbour)];
          if (!same_field(field, fields[static_cast<std::size_t>(index)], runs)) return false;
          field_of.push_back(index);
          return true;
        };
        if (compare && x > 0 && repeats(position - 1)) continue;
        if (compare && y > 0 && repeats(position - conv.out.w)) continue;
        field_of.push_back(static_cast<int>(fields.size()));
        fields.push_back(field);
        first.push_back(position);
      }
    }
  }
}

}  // namespace inoculate
