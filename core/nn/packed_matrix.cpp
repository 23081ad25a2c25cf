#include "nn/packed_matrix.h"

#include <algorithm>

#include "base/simd.h"
#include "nn/tiles.h"

namespace inoculate {
namespace {

// One run of K floats in rows a fixed distance apart.
struct StridedLeft {
  const float* a;
  std::ptrdiff_t lda;
  Runs runs;

  auto row(int first, int) const {
    return [rows = a + first * lda, ld = lda](int r) { return rows + r * ld; };
  }
};

// Columns of a panel of a packed matrix; what is left of the last one may be a single vector.
constexpr int kPackedWidth = 2 * kLanes;

int packed_width(int columns_left) { return columns_left <= kLanes ? kLanes : kPackedWidth; }

template <class L>
void multiply_packed(float* const* c, const L& left, const PackedMatrix& b, int rows) {
  for (int column = 0; column < b.columns(); column += kPackedWidth) {
    const int columns_left = b.columns() - column, width = packed_width(columns_left);
    const float* values = b.panel(column);
    const Panel panel{values, width, values + b.k() * width, column, std::min(width, columns_left)};
    const auto run = [&](auto function, int row, int tiles) {
      function(c, left, row, panel, tiles);
    };
    width == kPackedWidth ? for_each_height(kRowsTiles<2, Store::kSet, L>, rows, run)
                          : for_each_height(kRowsTiles<1, Store::kSet, L>, rows, run);
  }
}

}  // namespace

PackedMatrix::PackedMatrix(int k, int columns)
    : k_(k),
      columns_(columns),
      values_(raw_floats(static_cast<std::size_t>((columns + kLanes - 1) / kLanes * kLanes) *
                         static_cast<std::size_t>(k + 1))) {}

// Calls fill(panel, its width, its first column, how many there are) for every panel; what it
// leaves is zeros.
template <class F>
void PackedMatrix::fill_panels(F&& fill) {
  for (int column = 0; column < columns_; column += kPackedWidth) {
    const int width = packed_width(columns_ - column);
    const int there = std::min(width, columns_ - column);
    float* panel = values_.get() + static_cast<std::ptrdiff_t>(column) * (k_ + 1);
    float* bias = panel + static_cast<std::ptrdiff_t>(k_) * width;
    std::fill(there < width ? panel : bias, bias + width, 0.0F);
    fill(panel, width, column, there);
  }
}

PackedMatrix::PackedMatrix(const float* b, std::ptrdiff_t ldb, const float* bias, int k,
                           int columns)
    : PackedMatrix(k, columns) {
  fill_panels([&](float* panel, int width, int column, int there) {
    for (int row = 0; row < k; ++row) {
      copy_floats(panel + row * width, b + row * ldb + column, there);
    }
    if (bias != nullptr) copy_floats(panel + k * width, bias + column, there);
  });
}

PackedMatrix PackedMatrix::transposed(const float* b, std::ptrdiff_t ldb, int k, int columns) {
  PackedMatrix packed(k, columns);
  packed.fill_panels([&](float* panel, int width, int column, int there) {
    // Written in order first, a panel is in the cache when it is written across.
    clear_floats(panel, k * width);
    transpose(panel, width, b + column * ldb, ldb, there, k);
  });
  return packed;
}

void multiply_rows(float* const* c, const float* const* a, const PackedMatrix& b, int rows,
                   Runs runs) {
  multiply_packed(c, Left{a, rows, 0, runs}, b, rows);
}

void multiply_rows(float* const* c, const float* a, std::ptrdiff_t lda, const PackedMatrix& b,
                   int rows) {
  multiply_packed(c, StridedLeft{a, lda, {1, b.k()}}, b, rows);
}

}  // namespace inoculate
