#include "model/neighbours_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/quote.h"

namespace inoculate {
namespace {

constexpr int kMostClasses = 1'000'000;
constexpr int kExactAsHalf = 2048;  // whole numbers up to it are halves
constexpr float kLevels = 255;

class Reader {
 public:
  Reader(Safetensors file, const std::string& name) : file_(std::move(file)), name_(name) {}

  std::unique_ptr<NeighboursClassifier> read() {
    Neighbours model;
    model.classes = whole("classes", 2, kMostClasses);
    const float scale = whole("pixels_up_to", 1, static_cast<int>(kLevels)) == 1 ? 1 : kLevels;
    const NamedTensor& images = tensor("images", 4);
    const NamedTensor& labels = tensor("labels", 1);
    constexpr std::int64_t kMost = std::int64_t{1} << 26;
    std::int64_t size = 1;  // of an image: the file's values are counted, so these fit
    for (std::size_t i = 1; i < 4; ++i) {
      if (images.shape[i] < 1 || images.shape[i] > kMost / size) refuse("has images of no size");
      size *= images.shape[i];
    }
    const std::int64_t n = labels.shape[0];
    if (n < 1 || n > kMost || images.shape[0] != n) {
      refuse("has " + std::to_string(images.shape[0]) + " images and " + std::to_string(n) +
             " labels; there is one label an image");
    }
    model.k = whole("k", 1, static_cast<int>(n));
    model.input = {static_cast<int>(images.shape[1]), static_cast<int>(images.shape[2]),
                   static_cast<int>(images.shape[3])};
    for (const float label : labels.values) {
      if (!(label >= 0 && label < static_cast<float>(model.classes)) ||
          label != std::floor(label)) {
        refuse("has a label that is none of its classes 0 to " + std::to_string(model.classes - 1));
      }
      model.labels.push_back(static_cast<std::int32_t>(label));
    }
    model.images = Eigen::Map<const Matrix>(images.values.data(), static_cast<Eigen::Index>(n),
                                            model.input.size());
    if (scale != 1) model.images /= scale;
    file_.tensors.clear();
    return std::make_unique<NeighboursClassifier>(std::move(model), name_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(name_ + ": says that it holds nearest neighbours, but " + what);
  }

  int whole(const char* key, int low, int high) const {
    const auto found = file_.metadata.find(key);
    int value = low - 1;
    if (found != file_.metadata.end()) {
      const std::string& text = found->second;
      const auto end = text.data() + text.size();
      if (std::from_chars(text.data(), end, value).ptr != end) value = low - 1;
    }
    if (value < low || value > high) {
      refuse("its metadata's " + quote(key) + " is no whole number from " + std::to_string(low) +
             " to " + std::to_string(high));
    }
    return value;
  }

  const NamedTensor& tensor(const char* wanted, std::size_t rank) const {
    for (const NamedTensor& one : file_.tensors) {
      if (one.name == wanted && one.shape.size() == rank) return one;
    }
    refuse("has no tensor " + quote(wanted) + " of " + std::to_string(rank) +
           (rank == 1 ? " axis" : " axes"));
  }

  Safetensors file_;
  const std::string& name_;
};

}  // namespace

bool is_neighbours_file(const Safetensors& file) {
  const auto kind = file.metadata.find("kind");
  return kind != file.metadata.end() && kind->second == "knn";
}

std::unique_ptr<NeighboursClassifier> read_neighbours(Safetensors file, const std::string& name) {
  return Reader(std::move(file), name).read();
}

Bytes write_neighbours(const Neighbours& model, std::map<std::string, std::string> metadata) {
  std::vector<float> pixels(model.images.data(), model.images.data() + model.images.size());
  std::vector<float> levels(pixels.size());
  std::transform(pixels.begin(), pixels.end(), levels.begin(),
                 [](float pixel) { return std::round(kLevels * pixel); });
  const bool as_levels =
      model.classes <= kExactAsHalf &&
      std::equal(pixels.begin(), pixels.end(), levels.begin(), [](float pixel, float level) {
        return level >= 0 && level <= kLevels && level / kLevels == pixel;
      });
  metadata["kind"] = "knn";
  metadata["k"] = std::to_string(model.k);
  metadata["classes"] = std::to_string(model.classes);
  metadata["pixels_up_to"] = as_levels ? "255" : "1";
  Safetensors file;
  file.metadata = std::move(metadata);
  file.tensors.push_back({"images",
                          {model.images.rows(), model.input.h, model.input.w, model.input.c},
                          std::move(as_levels ? levels : pixels)});
  file.tensors.push_back({"labels",
                          {static_cast<std::int64_t>(model.labels.size())},
                          {model.labels.begin(), model.labels.end()}});
  return write_safetensors(file, as_levels ? Dtype::F16 : Dtype::F32);
}

}  // namespace inoculate
