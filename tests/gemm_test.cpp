#include "nn/gemm.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/shapes.h"
#include "base/simd.h"
#include "catch.h"
#include "compare.h"
#include "random_data.h"
#include "reference.h"

using namespace inoculate;
using reference::Values;

namespace {

constexpr float kGuard = 12345.0F;
// Two tiles of the tallest kernel and one row more; three panels and a few columns.
constexpr int kMostRows = 2 * 28 + 1;
constexpr int kMostColumns = 3 * kLanes * 2 + 3;

/// Some rows in one buffer, `stride` floats apart, with a guard value wherever no row is.
struct Rows {
  std::vector<float> buffer;
  std::ptrdiff_t stride;
  int rows, columns;

  Rows(int row_count, int column_count, std::ptrdiff_t row_stride, const std::vector<float>& values)
      : buffer(index(row_count * row_stride + 3), kGuard),
        stride(row_stride),
        rows(row_count),
        columns(column_count) {
    std::size_t i = 0;
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) buffer[index(r * stride + c)] = values[i++];
    }
  }

  template <class Pointer>
  std::vector<Pointer> pointers() {
    std::vector<Pointer> result;
    for (int r = 0; r < rows; ++r) result.push_back(buffer.data() + r * stride);
    return result;
  }
  std::vector<float> values() const {
    std::vector<float> result;
    for (int r = 0; r < rows; ++r) {
      const auto begin = buffer.begin() + r * stride;
      result.insert(result.end(), begin, begin + columns);
    }
    return result;
  }
  bool guards_are_whole() const {
    for (std::size_t i = 0; i < buffer.size(); ++i) {
      const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(i) / stride;
      const bool inside = row < rows && static_cast<std::ptrdiff_t>(i) % stride < columns;
      if (!inside && buffer[i] != kGuard) return false;
    }
    return true;
  }
};

/// Rows [rows, K] cut into runs that lie apart, in turned order: nothing may be read beyond them.
struct ScatteredRuns {
  std::vector<std::vector<float>> runs;
  std::vector<const float*> pointers;  // [runs, rows]

  ScatteredRuns(const std::vector<float>& values, int rows, Runs shape) {
    const int k = shape.count * shape.length;
    for (int run = 0; run < shape.count; ++run) {
      for (int r = rows; r-- > 0;) {
        const auto begin = values.begin() + r * k + run * shape.length;
        runs.emplace_back(begin, begin + shape.length);
      }
    }
    for (int run = 0; run < shape.count; ++run) {
      for (int r = 0; r < rows; ++r) {
        pointers.push_back(runs[index(run * rows + rows - 1 - r)].data());
      }
    }
  }
};

/// Calls body(rows, columns) for every size of a result up to the largest above.
template <class Body>
void for_each_size(Body&& body) {
  for (int rows = 0; rows <= kMostRows; ++rows) {
    for (int columns = 1; columns <= kMostColumns; ++columns) body(rows, columns);
  }
}

/// Collects what went wrong: an assertion for every size would take longer than the products.
struct Faults {
  std::string text;
  void expect(bool holds, const char* what, int rows, int columns, int k) {
    if (holds || !text.empty()) return;
    text = std::string(what) + " at rows " + std::to_string(rows) + ", columns " +
           std::to_string(columns) + ", K " + std::to_string(k);
  }
};

void add(Values& sum, const std::vector<float>& more) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += more[i];
}

}  // namespace

// The numbers are small and whole, so that every sum is exact and must come out equal.

TEST_CASE("multiply_rows equals the plain product for every size of tile") {
  RandomData random(1);
  Faults faults;
  for (const Runs runs : {Runs{1, 1}, Runs{1, 7}, Runs{3, 2}}) {
    const int k = runs.count * runs.length;
    for_each_size([&](int rows, int columns) {
      const bool with_bias = (rows + columns) % 2 == 0;
      const auto b_values = random.whole_numbers(k * columns);
      const auto bias = random.whole_numbers(columns);
      const auto a_values = random.whole_numbers(rows * k);
      const ScatteredRuns a(a_values, rows, runs);
      Values expected = reference::multiply(reference::doubles(a_values),
                                            reference::doubles(b_values), rows, k, columns);
      const std::vector<float> c_values = random.whole_numbers(rows * columns);
      Rows b(k, columns, columns + rows % 3, b_values);

      Rows c(rows, columns, columns + 1 + rows % 2, c_values);
      multiply_rows_add(c.pointers<float*>().data(), a.pointers.data(), b.buffer.data(), b.stride,
                        rows, columns, runs);
      Values sum = expected;
      add(sum, c_values);
      faults.expect(largest_difference(c.values(), sum) == 0, "wrong sum", rows, columns, k);
      faults.expect(c.guards_are_whole(), "wrote outside of c when adding", rows, columns, k);

      c = Rows(rows, columns, columns + 1 + rows % 2, c_values);
      multiply_rows(c.pointers<float*>().data(), a.pointers.data(), b.buffer.data(), b.stride,
                    with_bias ? bias.data() : nullptr, rows, columns, runs);
      for (int i = 0; with_bias && i < rows * columns; ++i) {
        expected[index(i)] += bias[index(i % columns)];
      }
      faults.expect(largest_difference(c.values(), expected) == 0, "wrong", rows, columns, k);
      faults.expect(c.guards_are_whole(), "wrote outside of c", rows, columns, k);
    });
  }
  CHECK(faults.text == "");
}

TEST_CASE("multiply_rows_by_transposed equals the plain product for every size of tile") {
  RandomData random(8);
  Faults faults;
  for (const int k : {1, 6}) {
    for_each_size([&](int rows, int columns) {
      const auto a_values = random.whole_numbers(rows * k);
      const auto b_values = random.whole_numbers(columns * k);
      const Values expected = reference::multiply(
          reference::doubles(a_values),
          reference::transposed(reference::doubles(b_values), columns, k), rows, k, columns);
      Rows a(rows, k, k + 2, a_values);
      Rows b(columns, k, k + rows % 3, b_values);
      Rows c(rows, columns, columns + 1, std::vector<float>(index(rows * columns)));
      multiply_rows_by_transposed(c.pointers<float*>().data(), a.pointers<const float*>().data(),
                                  b.buffer.data(), b.stride, rows, columns, k);
      faults.expect(largest_difference(c.values(), expected) == 0, "wrong", rows, columns, k);
      faults.expect(c.guards_are_whole(), "wrote outside of c", rows, columns, k);
    });
  }
  CHECK(faults.text == "");
}

TEST_CASE("multiply_transposed equals the plain product for every size of tile") {
  RandomData random(2);
  Faults faults;
  for (const int count : {1, 5, 8}) {
    for_each_size([&](int rows, int columns) {
      const Runs runs = rows % 2 == 0 ? Runs{2, rows / 2} : Runs{1, rows};
      const auto a_values = random.whole_numbers(count * rows);
      const ScatteredRuns a(a_values, count, runs);
      const auto b_values = random.whole_numbers(count * columns);
      const Values expected =
          reference::multiply(reference::transposed(reference::doubles(a_values), count, rows),
                              reference::doubles(b_values), rows, count, columns);
      const std::vector<float> c_values = random.whole_numbers(rows * columns);
      Rows b(count, columns, columns + rows % 3, b_values);

      Rows c(rows, columns, columns + 1 + rows % 2, c_values);
      multiply_transposed(c.buffer.data(), c.stride, a.pointers.data(), b.buffer.data(), b.stride,
                          count, runs, columns);
      faults.expect(largest_difference(c.values(), expected) == 0, "wrong", rows, columns, count);
      faults.expect(c.guards_are_whole(), "wrote outside of c", rows, columns, count);

      c = Rows(rows, columns, columns + 1 + rows % 2, c_values);
      multiply_transposed_add(c.buffer.data(), c.stride, a.pointers.data(), b.buffer.data(),
                              b.stride, count, runs, columns);
      Values sum = expected;
      add(sum, c_values);
      faults.expect(largest_difference(c.values(), sum) == 0, "wrong sum", rows, columns, count);
      faults.expect(c.guards_are_whole(), "wrote outside of c when adding", rows, columns, count);
    });
  }
  CHECK(faults.text == "");
}

TEST_CASE("the network's own product sizes come out right") {
  RandomData random(3);
  struct {
    int rows, k, columns;
  } const cases[] = {{1, 3136, 128}, {33, 288, 64},  {49, 9, 32},    {64, 128, 10},
                     {5, 64, 288},   {64, 784, 200}, {15, 577, 131}, {30, 100, 300}};
  for (const auto& c : cases) {
    CAPTURE(c.rows, c.k, c.columns);
    const auto a = random.whole_numbers(c.rows * c.k);
    const auto b = random.whole_numbers(c.k * c.columns);
    const Values expected =
        reference::multiply(reference::doubles(a), reference::doubles(b), c.rows, c.k, c.columns);
    Rows left(c.rows, c.k, c.k, a);
    Rows result(c.rows, c.columns, c.columns, std::vector<float>(index(c.rows * c.columns)));
    multiply_rows(result.pointers<float*>().data(), left.pointers<const float*>().data(), b.data(),
                  c.columns, nullptr, c.rows, c.columns, {1, c.k});
    CHECK(largest_difference(result.values(), expected) == 0);

    std::vector<float> b_transposed(b.size());
    transpose(b_transposed.data(), c.k, b.data(), c.columns, c.k, c.columns);
    std::fill(result.buffer.begin(), result.buffer.end(), kGuard);
    multiply_rows_by_transposed(result.pointers<float*>().data(),
                                left.pointers<const float*>().data(), b_transposed.data(), c.k,
                                c.rows, c.columns, c.k);
    CHECK(largest_difference(result.values(), expected) == 0);

    std::vector<float> left_transposed(a.size());
    transpose(left_transposed.data(), c.rows, a.data(), c.k, c.rows, c.k);
    Rows turned(c.k, c.rows, c.rows, left_transposed);
    multiply_transposed(result.buffer.data(), c.columns, turned.pointers<const float*>().data(),
                        b.data(), c.columns, c.k, {1, c.rows}, c.columns);
    CHECK(largest_difference(result.values(), expected) == 0);
  }
}

TEST_CASE("a row of a product has the same bits in whatever tile it is computed") {
  RandomData random(4);
  constexpr int kRows = 40, kInner = 1100, kColumns = 8 * kLanes + 2 * kLanes + kLanes + 3;
  const auto b = random.numbers(kInner * kColumns);
  const auto bias = random.numbers(kColumns);
  Rows a(kRows, kInner, kInner, random.numbers(kRows * kInner));
  const auto product = [&](int first_row, int rows, int first_column, int columns) {
    Rows c(rows, columns, columns, std::vector<float>(index(rows * columns)));
    multiply_rows(c.pointers<float*>().data(), a.pointers<const float*>().data() + first_row,
                  b.data() + first_column, kColumns, bias.data() + first_column, rows, columns,
                  {1, kInner});
    return c.values();
  };
  const auto whole = product(0, kRows, 0, kColumns);
  for (const int rows : {1, 2, 3, 4, 5, 7, 8, 14, 15, 33}) {
    for (const int columns : {1, 3, kLanes, kLanes + 1, 3 * kLanes, 4 * kLanes + 2, kColumns}) {
      CAPTURE(rows, columns);
      const int first_row = kRows - rows, first_column = kColumns - columns;
      const auto part = product(first_row, rows, first_column, columns);
      int different = 0;
      for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < columns; ++c) {
          different += part[index(r * columns + c)] !=
                       whole[index((first_row + r) * kColumns + first_column + c)];
        }
      }
      CHECK(different == 0);
    }
  }
}

TEST_CASE("a row times a transposed matrix has the same bits alone and among others") {
  RandomData random(9);
  constexpr int kRows = 6;
  for (const int k : {3, 64, 129}) {
    for (const int columns : {1, 15, 16, 50, 224}) {
      CAPTURE(k, columns);
      const auto b = random.numbers(columns * k);
      Rows a(kRows, k, k, random.numbers(kRows * k));
      Rows together(kRows, columns, columns, std::vector<float>(index(kRows * columns)));
      Rows alone = together;
      multiply_rows_by_transposed(together.pointers<float*>().data(),
                                  a.pointers<const float*>().data(), b.data(), k, kRows, columns,
                                  k);
      for (int r = 0; r < kRows; ++r) {
        multiply_rows_by_transposed(alone.pointers<float*>().data() + r,
                                    a.pointers<const float*>().data() + r, b.data(), k, 1, columns,
                                    k);
      }
      CHECK(alone.values() == together.values());
    }
  }
}

TEST_CASE("a product of real numbers is as near as single precision allows") {
  RandomData random(6);
  constexpr int kRows = 17, kInner = 1000, kColumns = 3 * kLanes + 5;
  const auto b = random.numbers(kInner * kColumns);
  Rows a(kRows, kInner, kInner, random.numbers(kRows * kInner));
  Rows c(kRows, kColumns, kColumns, std::vector<float>(kRows * kColumns));
  multiply_rows(c.pointers<float*>().data(), a.pointers<const float*>().data(), b.data(), kColumns,
                nullptr, kRows, kColumns, {1, kInner});
  const Values expected = reference::multiply(reference::doubles(a.values()), reference::doubles(b),
                                              kRows, kInner, kColumns);
  CHECK(relative_difference(c.values(), expected) < 1e-6);
}

TEST_CASE("transpose turns a matrix and writes nothing else") {
  RandomData random(7);
  for (const auto& [rows, columns] :
       {std::pair{1, 1}, {1, 40}, {40, 1}, {15, 17}, {16, 16}, {33, 50}}) {
    CAPTURE(rows, columns);
    Rows in(rows, columns, columns + 2, random.numbers(rows * columns));
    Rows out(columns, rows, rows + 3, std::vector<float>(index(rows * columns)));
    transpose(out.buffer.data(), out.stride, in.buffer.data(), in.stride, rows, columns);
    CHECK(largest_difference(out.values(), reference::transposed(reference::doubles(in.values()),
                                                                 rows, columns)) == 0);
    CHECK(out.guards_are_whole());
  }
}
