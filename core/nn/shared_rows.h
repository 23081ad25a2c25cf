// Activations that are the same at many positions are kept once.
//
// Digits stand on a blank ground: on MNIST 68 % of the first convolution's fields, and 44 % of the
// second's, show nothing else. What comes out of them is the same in every image and in every
// batch, so all such positions share a row, and layers work on the rows there are.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/shapes.h"

namespace inoculate {

/// The row of a position that holds nothing but zeros, and has none.
inline constexpr int kNoRow = -1;

/// values[row], or a value of zero bits for kNoRow; and rows[position], or kNoRow. There are
/// thousands of these in a batch: they have no branch, so that loops become vector gathers.
inline float value_at(const float* values, int row) {
  const int there = ~(row >> 31);
  std::int32_t bits = 0;
  std::memcpy(&bits, values + (row & there), sizeof bits);
  bits &= there;
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline int row_at(const int* rows, int position) {
  const int there = ~(position >> 31);
  return rows[position & there] | ~there;
}

/// Where the activations [N, H*W, C] of a batch lie: in rows of C floats. First come the rows that
/// positions share; then, image by image, the rows of all other positions, in their order.
struct SharedRows {
  int shared = 0;              // rows that positions share; any number of positions, or none
  std::vector<int> row_of;     // [N, H*W]: the row of each position, or kNoRow
  std::vector<int> count;      // [shared]: how many positions have it
  std::vector<int> first_row;  // [N + 1]: where the rows of an image's own begin

  int images() const { return static_cast<int>(first_row.size()) - 1; }
  int positions() const { return static_cast<int>(row_of.size()) / images(); }  // of an image
  int rows() const { return first_row.back(); }
};

/// A row for each position of `n` images.
void give_each_position_a_row(SharedRows& rows, int n, int positions);

/// The same for images [N, H*W*C], whose blank positions, with zeros in every channel, have none.
void give_each_drawn_position_a_row(SharedRows& rows, const float* images, int n, Shape shape);

}  // namespace inoculate
