// Products with rows that are mostly zeros against plain double-precision loops over the whole
// rows. Whole numbers: sums are exact.
#include "nn/fast/sparse_products.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/shapes.h"
#include "catch.h"
#include "nn/fast/activation.h"
#include "random_data.h"

using namespace inoculate;

namespace {

/// Whole numbers of which about a third are above zero, as a map [images, h, w, c] of those alone.
struct Rectified {
  Shape shape;
  std::vector<float> values;
  SparseMap map;

  Rectified(RandomData& random, Shape map_shape, int images)
      : shape(map_shape), values(random.whole_numbers(images * shape.size())) {
    for (float& value : values) value -= 1;
    Activation relu(shape.c);
    relu.rectify();
    std::vector<LaneBits> live(index(shape.w * relu.live_size()));
    map.reset(shape, images);
    for (int i = 0; i < images; ++i) {
      for (int y = 0; y < shape.h; ++y) {
        const float* row = values.data() + (i * shape.h + y) * shape.w * shape.c;
        relu.append(map, live.data(), row, 0, shape.w);
      }
      map.end_image();
    }
    for (float& value : values) value = std::max(value, 0.0F);
  }
};

}  // namespace

TEST_CASE("a sparse map has what a rectifier lets through, and nothing else") {
  RandomData random(1);
  SparseMap again;
  for (const Shape shape : {Shape{1, 1, 1}, Shape{2, 3, 5}, Shape{3, 4, 32}, Shape{2, 2, 70}}) {
    const Rectified r(random, shape, 3);
    again.reset(shape, 3);
    for (int image = 0; image < 3; ++image) {
      for (int y = 0; y < shape.h; ++y) {
        for (int begin = 0; begin < shape.w; ++begin) {
          again.append(r.map.row(image, y, begin, begin + 1));
          for (int end = begin; end <= shape.w; ++end) {
            CAPTURE(shape.c, image, y, begin, end);
            const SparseRow row = r.map.row(image, y, begin, end);
            std::vector<float> spread(index(shape.w * shape.c), 0.0F), expected = spread;
            for (int k = 0; k < row.count; ++k) {
              CHECK(row.values[k] > 0);
              spread[row.columns[k]] = row.values[k];
            }
            const float* whole = r.values.data() + (image * shape.h + y) * shape.w * shape.c;
            std::copy(whole + begin * shape.c, whole + end * shape.c,
                      expected.begin() + begin * shape.c);
            CHECK(spread == expected);
          }
        }
      }
      again.end_image();
    }
    const SparseRow copy = again.row(2, shape.h - 1, 0, shape.w);
    const SparseRow original = r.map.row(2, shape.h - 1, 0, shape.w);
    CHECK(std::vector(copy.values, copy.values + copy.count) ==
          std::vector(original.values, original.values + original.count));
  }
}

TEST_CASE("add_sparse_row goes on from c by the whole row's product, for every width") {
  RandomData random(2);
  const Shape shape{1, 3, 7};
  for (int columns = 1; columns <= 150; ++columns) {
    Rectified r(random, shape, 1);
    const auto b = random.whole_numbers(shape.size() * columns);
    auto c = random.whole_numbers(columns);
    std::vector<double> expected(c.begin(), c.end());
    for (int k = shape.c; k < shape.size(); ++k) {
      for (int n = 0; n < columns; ++n) {
        expected[index(n)] += static_cast<double>(r.values[index(k)]) *
                              static_cast<double>(b[index((k - shape.c) * columns + n)]);
      }
    }
    CAPTURE(columns);
    add_sparse_row(c.data(), r.map.row(0, 0, 1, 3), shape.c, b.data(), columns);
    CHECK(std::vector<double>(c.begin(), c.end()) == expected);
  }
}

TEST_CASE("multiply_sampled is the whole product at the columns that there are") {
  RandomData random(3);
  const Shape shape{1, 2, 21};
  for (int k = 1; k <= 130; ++k) {
    Rectified r(random, shape, 1);
    const auto a = random.whole_numbers(k), b = random.whole_numbers(shape.size() * k);
    for (int x = 0; x < 2; ++x) {  // in order: the values behind a position are overwritten
      const SparseRow row = r.map.row(0, 0, x, x + 1);
      multiply_sampled(r.map.values(0, 0, x), row.columns, row.count, 0, a.data(), b.data(), k);
    }
    const SparseRow row = r.map.row(0, 0, 0, 2);
    for (int n = 0; n < row.count; ++n) {
      double expected = 0;
      for (int i = 0; i < k; ++i) {
        expected += static_cast<double>(a[index(i)]) *
                    static_cast<double>(b[index(row.columns[n] * k + i)]);
      }
      CAPTURE(k, n);
      CHECK(static_cast<double>(row.values[n]) == expected);
    }
  }
}

TEST_CASE("multiply_at is the product with the rows whose bits are set, and leaves others alone") {
  RandomData random(4);
  for (int count = 1; count <= 2; ++count) {
    for (int length = 1; length <= 140; ++length) {
      const int stride = length + random.below(5), size = count * length;
      const auto a = random.whole_numbers(count * stride), b = random.whole_numbers(64 * size);
      std::uint64_t where = 0;
      for (int n = random.below(10); n > 0; --n) where |= std::uint64_t{1} << random.below(64);
      std::vector<float> c(64, 99);
      multiply_at(c.data(), where, {a.data(), count, length, stride}, b.data());
      for (int n = 0; n < 64; ++n) {
        double expected = 0;
        for (int i = 0; i < size; ++i) {
          expected += static_cast<double>(a[index(i / length * stride + i % length)]) *
                      static_cast<double>(b[index(n * size + i)]);
        }
        CAPTURE(count, length, n);
        CHECK(static_cast<double>(c[index(n)]) == ((where >> n & 1) != 0 ? expected : 99));
      }
    }
  }
}

TEST_CASE("multiply_and_add_at is both products at the places whose bits are set") {
  RandomData random(5);
  constexpr int kPlaces = 64, kStride = 3;
  for (int count = 1; count <= 3; ++count) {
    for (int length = 1; length <= 140; ++length) {
      const int stride = length + random.below(5), size = count * length;
      const auto a = random.whole_numbers(count * stride + kPlaces);
      const auto b = random.whole_numbers(size), x = random.whole_numbers(kPlaces * kStride);
      std::vector<float> c(x.size(), 99), sums = random.whole_numbers(size);
      std::vector<double> of_c(c.begin(), c.end()), of_sums(sums.begin(), sums.end());
      std::vector<Place> places;
      std::uint64_t where = 0;
      for (int p = 0; p < kPlaces; ++p) {
        places.push_back({p * kStride, random.below(kPlaces)});
        if (random.below(3) != 0) continue;
        where |= std::uint64_t{1} << p;
        double product = 0;
        for (int i = 0; i < size; ++i) {
          const auto value =
              static_cast<double>(a[index(places.back().out + i / length * stride + i % length)]);
          product += value * static_cast<double>(b[index(i)]);
          of_sums[index(i)] += static_cast<double>(x[index(p * kStride)]) * value;
        }
        of_c[index(p * kStride)] = product;
      }
      CAPTURE(count, length);
      multiply_and_add_at(c.data(), sums.data(), x.data(), where, places.data(),
                          {a.data(), count, length, stride}, b.data());
      CHECK(std::vector<double>(c.begin(), c.end()) == of_c);
      CHECK(std::vector<double>(sums.begin(), sums.end()) == of_sums);
    }
  }
}
