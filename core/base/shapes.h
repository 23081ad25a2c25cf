// The glossary of sizes, used by every declaration of the engine:
//
//   N batch   H height   W width   C channels   K kernel size   S stride   F filters or features
//
// Images and activations are float, NHWC, row-major: a batch is one contiguous N x (H*W*C) buffer.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace inoculate {

/// Row-major float matrix; a batch of activations is [N, H*W*C].
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// Read-only view of a row-major batch whose rows are contiguous.
using ConstMatrixRef = Eigen::Ref<const Matrix>;
using MatrixRef = Eigen::Ref<Matrix>;

/// Class labels, one a row of a batch.
using Labels = std::vector<std::int32_t>;

/// The shape of one example: H x W x C.
struct Shape {
  int h = 1;
  int w = 1;
  int c = 1;

  int size() const { return h * w * c; }
  bool operator==(const Shape&) const = default;
};

/// A number that is not negative, as what vectors count by.
inline std::size_t index(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

}  // namespace inoculate
