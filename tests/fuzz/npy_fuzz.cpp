// Arrays of NumPy's, and images and labels that come as such.
#include <cstring>

#include "data/image_array.h"
#include "data/labels.h"
#include "data/npy.h"
#include "fuzz/target.h"

namespace inoculate::fuzz {
namespace {

constexpr const char* kName = "fuzz.npy";

void demand_same_when_written(const NpyArray& array) {
  constexpr std::size_t kMostAxes = 64;  // of NumPy's arrays
  if (array.shape.size() > kMostAxes) return;
  const std::vector<float>& values = array.floats();
  const NpyArray again = parse_npy(write_npy(values, array.shape), kName);
  const std::size_t bytes = values.size() * sizeof(float);
  demand(again.shape == array.shape && again.floats().size() == values.size() &&
             (bytes == 0 || std::memcmp(again.floats().data(), values.data(), bytes) == 0),
         "an array changes when it is written");
}

void read(ByteView file) {
  accepts(kName, [&] { parse_labels(file, kName); });
  NpyArray array;
  if (!accepts("fuzz.npy: ", [&] { array = parse_npy(file, kName); })) return;
  const bool floats = std::holds_alternative<std::vector<float>>(array.values);
  if (floats) demand_same_when_written(array);
  for (const Shape shape : {Shape{2, 3, 1}, Shape{2, 2, 3}, Shape{1, 1, 4}, Shape{28, 28, 1}}) {
    accepts("fuzz.npy: ", [&] {
      const Matrix images = images_of(array, shape);
      demand(images.rows() > 0 && images.cols() == shape.size(), "images of another size");
      demand(images.minCoeff() >= 0 && images.maxCoeff() <= 1, "a pixel outside of 0..1");
    });
  }
  accepts("fuzz.npy: ", [&] { array.integers(); });
}

const Target target("npy", read);

}  // namespace
}  // namespace inoculate::fuzz
