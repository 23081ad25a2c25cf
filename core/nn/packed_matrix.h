// Products by a right operand that is laid out once for many of them.
#pragma once

#include <cstddef>

#include "base/buffer.h"
#include "nn/gemm.h"

namespace inoculate {

/// A right operand [K, columns] with a bias, panel by panel: a panel is as many columns as a tile
/// of the kernel takes.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// b: [k, columns], rows `ldb` floats apart. bias: [columns], or null for zero.
  PackedMatrix(const float* b, std::ptrdiff_t ldb, const float* bias, int k, int columns);
  /// The transpose of b [columns, k], without a bias.
  static PackedMatrix transposed(const float* b, std::ptrdiff_t ldb, int k, int columns);

  int k() const { return k_; }
  int columns() const { return columns_; }
  /// The k + 1 rows of a panel; the last is the bias.
  const float* panel(int first_column) const {
    return values_.get() + static_cast<std::ptrdiff_t>(first_column) * (k_ + 1);
  }

 private:
  PackedMatrix(int k, int columns);
  template <class F>
  void fill_panels(F&& fill);

  int k_ = 0;
  int columns_ = 0;
  RawFloats values_;
};

/// multiply_rows by a packed matrix and its bias.
void multiply_rows(float* const* c, const float* const* a, const PackedMatrix& b, int rows,
                   Runs runs);

/// The same for a left operand of one run, [rows, k], whose rows are `lda` floats apart. Narrow
/// products are faster so: they spend as much on pointers as on sums.
void multiply_rows(float* const* c, const float* a, std::ptrdiff_t lda, const PackedMatrix& b,
                   int rows);

}  // namespace inoculate
