#include "native/logits_check.h"

#include <algorithm>

#include "base/error.h"
#include "data/npy.h"
#include "native/files.h"
#include "native/text.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30;
constexpr double kTolerance = 1e-3;  // of the largest logit

/// Rows of `size` floats: an array [N, ...] of the file.
Matrix rows_of(const NpyArray& array, int size) {
  const std::vector<float>& values = array.floats();
  const std::int64_t rows = array.shape.size() < 2 ? 0 : array.shape[0];
  if (rows < 1 ||
      values.size() / static_cast<std::size_t>(rows) != static_cast<std::size_t>(size) ||
      values.size() % static_cast<std::size_t>(rows) != 0) {
    throw Error(array.name + ": holds no rows of " + std::to_string(size) +
                " float32 each; write such an array by numpy.save");
  }
  return Eigen::Map<const Matrix>(values.data(), rows, size);
}

NpyArray read_array(const std::string& path) {
  return parse_npy(read_file(path, kLargestFile), path);
}

/// Images with channels last, whichever way the file has them.
Matrix read_images(const std::string& path, const Shape& shape) {
  const NpyArray array = read_array(path);
  Matrix images = rows_of(array, shape.size());
  const std::vector<std::int64_t> last{shape.h, shape.w, shape.c}, first{shape.c, shape.h, shape.w};
  const std::vector<std::int64_t> own(array.shape.begin() + 1, array.shape.end());
  if (own != first || own == last) return images;
  const Eigen::Index area = Eigen::Index{shape.h} * shape.w;
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    const Matrix planes = Eigen::Map<const Matrix>(images.row(i).data(), shape.c, area);
    Eigen::Map<Matrix>(images.row(i).data(), area, shape.c) = planes.transpose();
  }
  return images;
}

}  // namespace

void add_check_options(Command command, LogitsCheck& check) {
  Option images = command.add_option(
      "--check-images", check.images,
      "Some images, float32 [N, H, W, C] or [N, C, H, W] in a .npy, as the network takes them");
  Option logits =
      command.add_option("--check-logits", check.logits,
                         "What the network gave for them, float32 [N, classes] in a .npy; it must "
                         "give the same here");
  images.needs(logits);
  logits.needs(images);
}

std::optional<double> check_logits(const LogitsCheck& check, const Shape& input, int classes,
                                   const std::function<Matrix(const Matrix&)>& ask,
                                   const std::string& model, const std::string& advice) {
  if (check.images.empty()) return std::nullopt;
  const Matrix images = read_images(check.images, input);
  const Matrix wanted = rows_of(read_array(check.logits), classes);
  if (images.rows() != wanted.rows()) {
    throw Error(check.logits + ": holds logits of " + std::to_string(wanted.rows()) +
                " images, but " + check.images + " holds " + std::to_string(images.rows()) +
                "; give those of the same images");
  }
  const Matrix found = ask(images);
  const auto difference = static_cast<double>((found - wanted).cwiseAbs().maxCoeff());
  const auto largest = static_cast<double>(wanted.cwiseAbs().maxCoeff());
  if (!(difference <= kTolerance * std::max(1.0, largest))) {  // nor where it is no number
    throw Error(model + ": its logits differ by up to " + number(difference) + " from those of " +
                check.logits + ", so it computes something else here; look at " + advice);
  }
  return difference;
}

}  // namespace inoculate
