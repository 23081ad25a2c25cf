#include "data/dataset.h"

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "data/gzip.h"
#include "data/idx.h"
#include "data/npy.h"
#include "data/safetensors.h"
#include "refusal_of.h"

using namespace inoculate;
using namespace std::string_literals;

namespace {

/// Pixel j of image i, different for every image and for most pixels.
std::uint8_t pixel(int i, int j) { return static_cast<std::uint8_t>(i * 37 + j * 11 + j / 28); }

Bytes image_file(int count, int side = 28) {
  IdxImages images{count, side, side, {}};
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < side * side; ++j) images.pixels.push_back(pixel(i, j));
  }
  return write_idx_images(images);
}

Bytes label_file(int count) {
  Labels labels;
  for (int i = 0; i < count; ++i) labels.push_back(static_cast<std::uint8_t>((i * 3) % 10));
  return write_idx_labels(labels);
}

Dataset dataset_of(int count) {
  return make_dataset(image_file(count), "images", label_file(count), "labels");
}

/// One format: a sound file of it and its parser.
struct Format {
  std::string name;
  Bytes sample;
  std::function<void(ByteView)> parse;
};

std::vector<Format> formats() {
  const std::string packed =
      "\037\213\010\000\000\000\000\000\000\003c`\340`f``\000a&\020fdbfaec\347\340\344\342\346"
      "\001\000SK@\306\034\000\000\000"s;  // three 2x2 images as IDX, through gzip -n
  const std::vector<float> values = {1.0f, -2.0f, 0.5f, 3.0f, 0.0f, 0.25f};
  const Safetensors weights{{{"kernel", {2, 2}, {1.0f, 2.0f, 3.0f, 4.0f}}, {"bias", {1}, {0.5f}}},
                            {{"architecture", "simple_cnn"}}};
  const auto images = [](ByteView file) { parse_idx_images(file, "x"); };
  const auto labels = [](ByteView file) { parse_idx_labels(file, "x"); };
  const auto npy = [](ByteView file) { parse_npy(file, "x"); };
  const auto safetensors = [](ByteView file) { parse_safetensors(file, "x"); };
  return {
      {"gzip", Bytes(packed.begin(), packed.end()), [](ByteView file) { gunzip(file, "x", 1000); }},
      {"images in gzip", Bytes(packed.begin(), packed.end()), images},
      {"images", image_file(3, 2), images},
      {"labels", label_file(5), labels},
      {"npy", write_npy(values, {2, 3}), npy},
      {"npy without dimensions", write_npy(std::vector<float>{2.5f}, {}), npy},
      {"safetensors F32", write_safetensors(weights), safetensors},
      {"safetensors F16", write_safetensors(weights, Dtype::F16), safetensors},
  };
}

}  // namespace

TEST_CASE("a data set keeps pixels as bytes beside their labels", "[data]") {
  const Dataset dataset = dataset_of(4);
  CHECK(dataset.size() == 4);
  CHECK(dataset.shape == Shape{28, 28, 1});
  CHECK(dataset.labels == Labels{0, 3, 6, 9});
  REQUIRE(dataset.pixels.size() == 4 * 784);
  CHECK(dataset.pixels[2 * 784 + 100] == pixel(2, 100));
}

TEST_CASE("files that make no data set are refused", "[data]") {
  CHECK(refusal_of([] { make_dataset(image_file(4, 32), "a.gz", label_file(4), "b.gz"); }) ==
        "a.gz: its images are 32x32 pixels, not 28x28; name MNIST or a set of its form");
  CHECK(refusal_of([] { make_dataset(image_file(4), "a.gz", label_file(3), "b.gz"); }) ==
        "a.gz: holds 4 images, but b.gz holds 3 labels; name two files of the same set");
  CHECK(refusal_of([] {
          make_dataset(label_file(4), "b.gz", image_file(4), "a.gz");
        }).find("b.gz: holds labels where images are wanted") == 0);
}

TEST_CASE("a data set may have images of any size, and up to 256 classes", "[data]") {
  const Bytes images = image_file(4, 32), labels = label_file(4);  // 0, 3, 6, 9
  const auto told = [&](const DataForm& form) {
    return refusal_of([&] { make_dataset(images, "a.gz", labels, "b.gz", form); });
  };
  const Dataset dataset = make_dataset(images, "a.gz", labels, "b.gz", {{32, 32, 1}, 26});
  CHECK(dataset.shape == Shape{32, 32, 1});
  CHECK(dataset.pixels.size() == 4 * 1024);
  CHECK(told({{1, 1, 1024}, 10}) == "accepted");  // numbers in a row
  CHECK(told({{32, 32, 3}, 10}) ==
        "a.gz: its images are 32x32 pixels, not 32x32x3; name a set of such images");
  CHECK(told({{32, 32, 1}, 9}) == "b.gz: label number 3 is 9, above 8; name labels of 9 classes");
}

TEST_CASE("a slice is the images of its range", "[data]") {
  const Dataset dataset = dataset_of(5);
  const Dataset part = slice(dataset, 1, 3);
  CHECK(part.size() == 2);
  CHECK(part.shape == dataset.shape);
  CHECK(part.labels == Labels{3, 6});
  REQUIRE(part.pixels.size() == 2 * 784);
  CHECK(part.pixels[0] == pixel(1, 0));
  CHECK(part.pixels[2 * 784 - 1] == pixel(2, 783));
  CHECK(slice(dataset, 0, 5).pixels == dataset.pixels);
}

TEST_CASE("a range outside the data set is refused", "[data]") {
  const Dataset dataset = dataset_of(5);
  for (const auto& [begin, end] : {std::pair{-1, 3}, {0, 6}, {2, 2}, {3, 1}, {5, 6}}) {
    INFO(begin << ":" << end);
    CHECK(refusal_of([&, b = begin, e = end] { slice(dataset, b, e); }) ==
          "range " + std::to_string(begin) + ":" + std::to_string(end) +
              ": does not select any of the 5 images in order; keep within 0:5");
  }
}

TEST_CASE("gather turns the bytes of chosen images into floats", "[data]") {
  const Dataset dataset = dataset_of(5);
  Matrix images = Matrix::Constant(7, 3, 9.0f);  // of another size, with values to overwrite
  Labels labels(2, 1);
  gather(dataset, std::vector<std::int32_t>{4, 0, 4}, images, labels);
  CHECK(labels == Labels{2, 0, 2});
  REQUIRE(images.rows() == 3);
  REQUIRE(images.cols() == 784);
  for (int j = 0; j < 784; ++j) {
    REQUIRE(images(0, j) == static_cast<float>(pixel(4, j) / 255.0));
    REQUIRE(images(1, j) == static_cast<float>(pixel(0, j) / 255.0));
    REQUIRE(images(2, j) == images(0, j));
  }
  gather(dataset, {}, images, labels);
  CHECK(images.rows() == 0);
  CHECK(labels.empty());
}

TEST_CASE("gather scales every byte to exactly byte / 255", "[data]") {
  Dataset dataset{{1, 256, 1}, {}, {5}};
  for (int i = 0; i < 256; ++i) dataset.pixels.push_back(static_cast<std::uint8_t>(i));
  Matrix images;
  Labels labels;
  gather(dataset, std::vector<std::int32_t>{0}, images, labels);
  for (int i = 0; i < 256; ++i) REQUIRE(images(0, i) == static_cast<float>(i / 255.0));
  CHECK(images(0, 0) == 0.0f);
  CHECK(images(0, 51) == 0.2f);
  CHECK(images(0, 255) == 1.0f);
}

TEST_CASE("every file of every format is refused when cut short", "[data]") {
  for (const Format& format : formats()) {
    INFO(format.name);
    REQUIRE_NOTHROW(format.parse(format.sample));
    for (std::size_t size = 0; size < format.sample.size(); ++size) {
      INFO("cut to " << size << " bytes");
      const Bytes cut(format.sample.begin(),
                      format.sample.begin() + static_cast<std::ptrdiff_t>(size));
      REQUIRE_THROWS_AS(format.parse(cut), Error);
    }
  }
}

TEST_CASE("every changed byte of every format is read or refused", "[data]") {
  for (const Format& format : formats()) {
    INFO(format.name);
    int refused = 0;
    int broken_lines = 0;
    for (std::size_t place = 0; place < format.sample.size(); ++place) {
      for (int change = 1; change < 256; ++change) {
        Bytes changed = format.sample;
        changed[place] = static_cast<std::uint8_t>(changed[place] ^ change);
        try {
          format.parse(changed);
        } catch (const Error& error) {
          ++refused;
          const std::string message = error.what();
          if (message.find('\n') != std::string::npos) ++broken_lines;
        }
      }
    }
    CHECK(refused > 0);
    CHECK(broken_lines == 0);
  }
}
