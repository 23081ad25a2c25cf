// The two matrix products that every layer is made of, and the only hot loops of the engine.
//
// Both take their left operand as tables of pointers, so a convolution needs no im2col copy: the
// row of an output is its receptive field, wherever the pieces of it lie. Every sum runs over k in
// rising order in one accumulator, so a result depends neither on the tile it was computed in, nor
// on the batch around it, nor on the number of threads.
#pragma once

#include <cstddef>

namespace inoculate {

/// A row of the left operand: `count` runs of `length` floats, each wherever it lies.
/// K = count * length.
struct Runs {
  int count = 1;
  int length = 0;
};

/// c[m][n] = bias[n] + sum over runs g and k of a[g * rows + m][k] * b[(g * length + k) * ldb + n]
///
/// a: [runs, rows] pointers. b: [K, columns], rows `ldb` floats apart. c: `rows` pointers to
/// `columns` floats. bias: [columns], or null for zero.
void multiply_rows(float* const* c, const float* const* a, const float* b, std::ptrdiff_t ldb,
                   const float* bias, int rows, int columns, Runs runs);

/// c[m][n] = sum over k of a[m][k] * b[n * ldb + k]
///
/// a: `rows` pointers to `k` floats. b: [columns, k], rows `ldb` floats apart. c: `rows` pointers
/// to `columns` floats.
void multiply_rows_by_transposed(float* const* c, const float* const* a, const float* b,
                                 std::ptrdiff_t ldb, int rows, int columns, int k);

/// multiply_rows with c[m][n] += the sum, and no bias.
void multiply_rows_add(float* const* c, const float* const* a, const float* b, std::ptrdiff_t ldb,
                       int rows, int columns, Runs runs);

/// c[(g * length + r) * ldc + n] = sum over m of a[g * count + m][r] * b[m * ldb + n]
///
/// a: [runs, count] pointers. b: [count, columns], rows `ldb` floats apart. c: [K, columns], rows
/// `ldc` apart.
void multiply_transposed(float* c, std::ptrdiff_t ldc, const float* const* a, const float* b,
                         std::ptrdiff_t ldb, int count, Runs runs, int columns);

/// The same with c[...] +=.
void multiply_transposed_add(float* c, std::ptrdiff_t ldc, const float* const* a, const float* b,
                             std::ptrdiff_t ldb, int count, Runs runs, int columns);

/// out[c * ld_out + r] = in[r * ld_in + c] for a [rows, columns] matrix.
void transpose(float* out, std::ptrdiff_t ld_out, const float* in, std::ptrdiff_t ld_in, int rows,
               int columns);

}  // namespace inoculate
