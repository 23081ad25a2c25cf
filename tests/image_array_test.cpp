#include "data/image_array.h"

#include <limits>

#include "base/error.h"
#include "catch.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

using Extents = std::vector<std::int64_t>;

constexpr Shape kShape{28, 28, 1};

NpyArray floats(const Extents& shape, std::vector<float> values) {
  return {"x.npy", shape, std::move(values)};
}

// Two images of zeros, but for one pixel of the second.
NpyArray with_pixel(float value) {
  std::vector<float> values(2 * 784);
  values[784 + 30] = value;
  return floats({2, 28, 28}, values);
}

std::string refusal(const NpyArray& array) {
  return refusal_of([&] { images_of(array, kShape); });
}

}  // namespace

TEST_CASE("arrays of every layout that images come in are the same images", "[data]") {
  std::vector<float> values;
  for (int i = 0; i < 3 * 784; ++i) values.push_back(static_cast<float>(i) / (3 * 784));
  for (const Extents& shape : {Extents{3, 28, 28, 1}, Extents{3, 28, 28}, Extents{3, 1, 28, 28}}) {
    const Matrix images = images_of(floats(shape, values), kShape);
    REQUIRE(images.rows() == 3);
    REQUIRE(images.cols() == 784);
    CHECK(std::vector<float>(images.data(), images.data() + images.size()) == values);
  }
  const Matrix one = images_of(floats({28, 28}, {values.begin(), values.begin() + 784}), kShape);
  REQUIRE(one.rows() == 1);
  CHECK(one(0, 100) == values[100]);
}

TEST_CASE("bytes of an array are divided by 255", "[data]") {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 784; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  const Matrix images = images_of({"x.npy", {1, 28, 28}, bytes}, kShape);
  for (int i = 0; i < 784; ++i) CHECK(images(0, i) == static_cast<float>(i % 256) / 255.0F);
}

TEST_CASE("pixels beyond 0..1 by rounding alone are cut off", "[data]") {
  CHECK(images_of(with_pixel(1.0000002F), kShape)(1, 30) == 1);
  CHECK(images_of(with_pixel(-1e-8F), kShape)(1, 30) == 0);
  CHECK(images_of(with_pixel(0.5F), kShape)(1, 30) == 0.5F);
}

TEST_CASE("arrays that are no images are refused in words that help", "[data]") {
  CHECK(refusal(with_pixel(255)) ==
        "x.npy: its values reach 255, and pixels as floats are 0 to 1; write it as uint8 or divide "
        "by 255");
  CHECK(refusal(with_pixel(-0.4242F)) ==
        "x.npy: its values go from -0.4242 to 0, and pixels are 0 to 1; undo its normalisation or "
        "clip it");
  CHECK(refusal(with_pixel(1.1F)) ==
        "x.npy: its values go from 0 to 1.1, and pixels are 0 to 1; undo its normalisation or clip "
        "it");
  CHECK(refusal(with_pixel(std::numeric_limits<float>::quiet_NaN())) ==
        "x.npy: image number 1 holds nan, which is not a pixel; pixels are 0 to 1");
  CHECK(refusal(with_pixel(std::numeric_limits<float>::infinity())) ==
        "x.npy: image number 1 holds inf, which is not a pixel; pixels are 0 to 1");
  const std::string shapes = "; reshape it to [N, 28, 28], [N, 28, 28, 1] or [N, 1, 28, 28]";
  CHECK(refusal(floats({2, 784}, std::vector<float>(2 * 784))) ==
        "x.npy: is of the shape [2, 784]" + shapes);
  CHECK(refusal(floats({1, 28, 28, 3}, std::vector<float>(784 * 3))) ==
        "x.npy: is of the shape [1, 28, 28, 3]" + shapes);
  CHECK(refusal(floats({}, {1})) == "x.npy: is of the shape []" + shapes);
  CHECK(refusal(floats({0, 28, 28}, {})) == "x.npy: holds no images; write some");
  CHECK(refusal({"x.npy", {1, 28, 28}, std::vector<std::int64_t>(784, 255)}) ==
        "x.npy: holds integers that are not uint8; write its pixels as uint8 (0 to 255) or as "
        "float32 (0 to 1)");
}

TEST_CASE("colour images are told apart by where their channels are", "[data]") {
  const Shape shape{2, 4, 3};
  std::vector<float> last(2 * 24), first(2 * 24);
  for (std::size_t n = 0; n < 2; ++n) {
    for (std::size_t y = 0; y < 2; ++y) {
      for (std::size_t x = 0; x < 4; ++x) {
        for (std::size_t c = 0; c < 3; ++c) {
          const float value = static_cast<float>(1000 * n + 100 * y + 10 * x + c) / 2000;
          last[((n * 2 + y) * 4 + x) * 3 + c] = value;
          first[((n * 3 + c) * 2 + y) * 4 + x] = value;
        }
      }
    }
  }
  const auto values = [&](const NpyArray& array) {
    const Matrix images = images_of(array, shape);
    return std::vector<float>(images.data(), images.data() + images.size());
  };
  CHECK(values(floats({2, 2, 4, 3}, last)) == last);
  CHECK(values(floats({2, 3, 2, 4}, first)) == last);
  const std::vector<float> one_last(last.begin(), last.begin() + 24);
  CHECK(values(floats({2, 4, 3}, one_last)) == one_last);
  CHECK(values(floats({3, 2, 4}, {first.begin(), first.begin() + 24})) == one_last);
  CHECK(values({"x.npy", {1, 3, 2, 4}, std::vector<std::uint8_t>(24, 51)})[23] == 51.0F / 255);

  const auto told = [&](const Extents& extents, Shape wanted) {
    std::size_t size = 1;
    for (const std::int64_t extent : extents) size *= static_cast<std::size_t>(extent);
    return refusal_of([&] { images_of(floats(extents, std::vector<float>(size)), wanted); });
  };
  CHECK(told({2, 4, 2, 3}, shape) ==
        "x.npy: is of the shape [2, 4, 2, 3]; reshape it to [N, 2, 4, 3] or [N, 3, 2, 4]");
  CHECK(told({2, 4}, shape).find("reshape it") != std::string::npos);
  CHECK(told({5, 3, 3, 3}, {3, 3, 3}) ==
        "x.npy: is of the shape [5, 3, 3, 3], whose channels may come first or last; give the "
        "images as pictures");
}

TEST_CASE("a network of numbers in a row takes grey images of as many pixels", "[data]") {
  const Shape shape{1, 1, 6};
  for (const Extents& extents : {Extents{2, 6}, Extents{2, 2, 3}, Extents{2, 2, 3, 1},
                                 Extents{2, 1, 3, 2}, Extents{2, 1, 1, 6}}) {
    CHECK(images_of(floats(extents, std::vector<float>(12)), shape).rows() == 2);
  }
  CHECK(images_of(floats({6}, std::vector<float>(6)), shape).rows() == 1);
  CHECK(images_of(floats({3, 2}, std::vector<float>(6)), shape).rows() == 1);
  CHECK(refusal_of([&] {
          images_of(floats({2, 2, 2}, std::vector<float>(8)), shape);
        }) == "x.npy: is of the shape [2, 2, 2]; reshape it to [N, 6]");
}
