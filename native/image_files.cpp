#include "native/image_files.h"

#include <algorithm>

#include "base/error.h"
#include "data/file_kind.h"
#include "data/gzip.h"
#include "data/idx.h"
#include "data/image_array.h"
#include "data/labels.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/picture_folder.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestImages = std::size_t{1} << 29;  // 60,000 MNIST images of doubles
constexpr std::size_t kLargestLabels = std::size_t{1} << 24;
constexpr Shape kShape{28, 28, 1};

/// The images of an IDX file as the array that they are.
NpyArray array_of(const IdxImages& images, const std::string& name) {
  return {name,
          {images.count, images.rows, images.cols},
          Bytes(images.pixels.begin(), images.pixels.end())};
}

NpyArray read_array(const std::string& path) {
  const Bytes file = read_file(path, kLargestImages);
  if (is_npy(file)) return parse_npy(file, path);
  const bool idx = is_gzip(file) || (file.size() >= 2 && file[0] == 0 && file[1] == 0);
  if (idx) return array_of(parse_idx_images(file, path), path);
  const std::string advice = "write such a file, or give the folder of pictures";
  refuse_known_kind(file, path, "a .npy or IDX file of images", advice);
  throw Error(path + ": is not a .npy or IDX file of images; " + advice);
}

/// The labels of a file for `count` images of `path`.
Labels read_labels(const std::string& file, int count, const std::string& path) {
  Labels labels = parse_labels(read_file(file, kLargestLabels), file);
  if (labels.size() != static_cast<std::size_t>(count)) {
    throw Error(file + ": holds " + std::to_string(labels.size()) + " labels, but " + path +
                " holds " + std::to_string(count) + " images; give one for each");
  }
  return labels;
}

Labels part_of(const Labels& labels, Range range) {
  if (labels.empty()) return {};
  return {labels.begin() + range.begin, labels.begin() + range.end};
}

NamedImages read_array_images(const std::string& path, const std::string& labels_file, int start,
                              const CountOption& count) {
  const Matrix all = images_of(read_array(path), kShape);
  const int size = static_cast<int>(all.rows());
  Labels labels;
  if (!labels_file.empty()) labels = read_labels(labels_file, size, path);
  const Range range = choose(size, start, count);
  NamedImages images{
      {all.middleRows(range.begin, range.end - range.begin), part_of(labels, range)}, {}, {}};
  for (int i = range.begin; i < range.end; ++i) {
    images.names.push_back(path + "[" + std::to_string(i) + "]");
  }
  return images;
}

NamedImages read_folder_images(const std::string& path, const std::string& labels_file, int start,
                               const CountOption& count) {
  const std::vector<FolderPicture> pictures = list_pictures(path, labels_file);
  const int size = static_cast<int>(pictures.size());
  Labels labels;
  if (pictures[0].label) {
    if (!labels_file.empty()) {
      throw UsageError("--labels " + labels_file + ": " + path +
                       " has a folder for each class, which labels its pictures; leave --labels "
                       "out");
    }
    for (const FolderPicture& picture : pictures) {
      labels.push_back(static_cast<Labels::value_type>(*picture.label));
    }
  } else if (!labels_file.empty()) {
    labels = read_labels(labels_file, size, path);
  }
  const Range range = choose(size, start, count);
  NamedImages images{
      {Matrix(range.end - range.begin, kShape.size()), part_of(labels, range)}, {}, {}};
  for (int i = range.begin; i < range.end; ++i) {
    const std::string& name = pictures[static_cast<std::size_t>(i)].name;
    const PreparedDigit digit = read_set_picture(fs::path(path) / name);
    std::copy(digit.pixels.begin(), digit.pixels.end(),
              images.data.images.row(i - range.begin).data());
    images.names.push_back(name);
    images.prepared.push_back(digit.how);
  }
  return images;
}

}  // namespace

NamedImages read_images(const std::string& path, const std::string& labels, int start,
                        const CountOption& count) {
  std::error_code failure;
  return fs::is_directory(path, failure) ? read_folder_images(path, labels, start, count)
                                         : read_array_images(path, labels, start, count);
}

}  // namespace inoculate
