#include "nn/check_architecture.h"

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <variant>

#include "base/error.h"
#include "base/quote.h"
#include "nn/conv2d.h"
#include "nn/fast/seen.h"

namespace inoculate {
namespace {

constexpr int kMostClasses = 256;  // as many as labels of IDX files, which are bytes
// Along an axis; then the products of three of them fit in 64 bits.
constexpr int kLongest = 1 << 20;
// Of an image between two layers, and of all weights: what 32 bits count in bytes, and to spare.
constexpr std::int64_t kMostValues = 1 << 24;
constexpr std::int64_t kMostWeights = 1 << 28;
// Columns of a sparse row, which are 16 bits.
constexpr int kMostSparse = std::numeric_limits<std::uint16_t>::max();
// Each choice of blank taps in a row of a window has sums of its own.
constexpr int kLargestKernel = 11;

/// Follows an image through the layers.
class Check {
 public:
  explicit Check(const Architecture& architecture) : architecture_(architecture) {}

  void run() {
    place_ = "its input";
    take({architecture_.input.h, architecture_.input.w, architecture_.input.c});
    for (const LayerSpec& spec : architecture_.layers) {
      ++layer_;
      std::visit([this](const auto& layer) { add(layer); }, spec);
    }
    place_ = "its end";
    require(has_dense_, "must be a dense layer, which gives the logits");
    require(shape_.c >= 2 && shape_.c <= kMostClasses, "has " + std::to_string(shape_.c) +
                                                           " classes; give it 2 to " +
                                                           std::to_string(kMostClasses));
  }

 private:
  void require(bool holds, const std::string& what) const {
    if (!holds) {
      throw Error("the network " + quote(architecture_.name) + " cannot be computed: " + place_ +
                  " " + what);
    }
  }
  void require_size(int size, int most, const std::string& what) const {
    require(size >= 1 && size <= most, "has " + what + " " + std::to_string(size) +
                                           "; it must be 1 to " + std::to_string(most));
  }

  // Goes on with images of that shape.
  void take(Shape shape) {
    require_size(shape.h, kLongest, "height");
    require_size(shape.w, kLongest, "width");
    require_size(shape.c, kLongest, "channels");
    require(std::int64_t{shape.h} * shape.w * shape.c <= kMostValues,
            "has more than " + std::to_string(kMostValues) + " values");
    shape_ = shape;
  }
  void add_weights(std::int64_t count) {
    weights_ += count;
    require(weights_ <= kMostWeights,
            "comes to more than " + std::to_string(kMostWeights) + " weights");
  }

  void name_place(const std::string& kind) {
    place_ = "layer " + std::to_string(layer_) + ", a " + kind + ",";
  }
  void begin(const std::string& kind, const std::string& name) {
    name_place(kind);
    require(!name.empty(), "has no name");
    place_ = "layer " + std::to_string(layer_) + ", the " + kind + " " + quote(name) + ",";
    require(names_.insert(name).second, "has the name of another layer");
  }
  void begin_after_kernel() const {
    require(has_kernel_, "comes first; begin with a convolution or a dense layer");
  }
  void begin_kernel() {
    has_kernel_ = true;
    rectified_ = normalised_since_ = false;
  }

  void add(const ConvSpec& conv) {
    begin("convolution", conv.name);
    require(!has_dense_, "comes after a dense layer; convolutions come first");
    require_size(conv.filters, kMostSparse, "filters");
    require_size(conv.kernel, kLargestKernel, "a kernel of");
    require_size(conv.stride, kLongest, "a stride of");
    require(shape_.w + conv.kernel <= kMostColumns,
            "reads rows of " + std::to_string(shape_.w) + " columns; a kernel of " +
                std::to_string(conv.kernel) + " takes at most " +
                std::to_string(kMostColumns - conv.kernel));
    add_weights(std::int64_t{conv.kernel} * conv.kernel * shape_.c * conv.filters + conv.filters);
    take(conv2d_same(shape_, conv.filters, conv.kernel, conv.stride).out);
    require(shape_.w * shape_.c <= kMostSparse,
            "gives rows of more than " + std::to_string(kMostSparse) + " values");
    begin_kernel();
  }
  void add(const DenseSpec& dense) {
    begin("dense layer", dense.name);
    require_size(dense.units, kLongest, "units");
    add_weights((std::int64_t{shape_.size()} + 1) * dense.units);
    take({1, 1, dense.units});
    begin_kernel();
    has_dense_ = true;
  }
  void add(const BatchNormSpec& norm) {
    begin("batch normalisation", norm.name);
    begin_after_kernel();
    add_weights(4 * std::int64_t{shape_.c});
    normalised_since_ = rectified_;
  }
  void add(const ReluSpec&) {
    name_place("rectifier");
    begin_after_kernel();
    require(!normalised_since_,
            "is the second after a kernel, with a batch normalisation in between; leave one out");
    rectified_ = true;
  }
  void add(const DropoutSpec& dropout) {
    name_place("dropout");
    begin_after_kernel();
    require(dropout.rate >= 0 && dropout.rate < 1, "must have a rate in [0, 1)");
  }

  const Architecture& architecture_;
  std::string place_;
  int layer_ = 0;
  Shape shape_;
  std::int64_t weights_ = 0;
  std::set<std::string> names_;
  bool has_kernel_ = false;
  bool has_dense_ = false;
  bool rectified_ = false;         // since the last kernel
  bool normalised_since_ = false;  // after that rectifier
};

}  // namespace

void check_architecture(const Architecture& architecture) { Check(architecture).run(); }

}  // namespace inoculate
