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
#include "native/model_pictures.h"
#include "native/picture_folder.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestImages = std::size_t{1} << 30;  // 1,700 photographs of 224 x 224
constexpr std::size_t kLargestLabels = std::size_t{1} << 24;

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

Labels part_of(const Labels& labels, ImageRange range) {
  if (labels.empty()) return {};
  return {labels.begin() + range.begin, labels.begin() + range.end};
}

NamedImages read_array_images(const std::string& path, const std::string& labels_file, int start,
                              const CountOption& count, const ModelSpec& model) {
  const Matrix all = images_of(read_array(path), model.input);
  const int size = static_cast<int>(all.rows());
  Labels labels;
  if (!labels_file.empty()) labels = read_labels(labels_file, size, path);
  const ImageRange range = choose(size, start, count);
  NamedImages images{
      {all.middleRows(range.begin, range.end - range.begin), part_of(labels, range)}, {}, {}};
  for (int i = range.begin; i < range.end; ++i) {
    images.names.push_back(path + "[" + std::to_string(i) + "]");
  }
  return images;
}

NamedImages read_folder_images(const std::string& path, const std::string& labels_file, int start,
                               const CountOption& count, const ModelSpec& model,
                               const PictureRule& rule) {
  const std::vector<FolderPicture> pictures = list_pictures(path, labels_file);
  const int size = static_cast<int>(pictures.size());
  Labels labels;
  if (!pictures[0].folder.empty()) {
    if (!labels_file.empty()) {
      throw UsageError("--labels " + labels_file + ": " + path +
                       " has a folder for each class, which labels its pictures; leave --labels "
                       "out");
    }
    labels = folder_labels(pictures, model, path);
  } else if (!labels_file.empty()) {
    labels = read_labels(labels_file, size, path);
  }
  const ImageRange range = choose(size, start, count);
  std::vector<std::string> names;
  std::vector<fs::path> paths;
  for (int i = range.begin; i < range.end; ++i) {
    names.push_back(pictures[static_cast<std::size_t>(i)].name);
    paths.push_back(fs::path(path) / names.back());
  }
  ModelPictures read = read_pictures(paths, model, rule, PictureSource::kSet);
  return {{std::move(read.images), part_of(labels, range)}, std::move(names), std::move(read.how)};
}

}  // namespace

NamedImages read_images(const std::string& path, const std::string& labels, int start,
                        const CountOption& count, const ModelSpec& model, const PictureRule& rule) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) {
    return read_array_images(path, labels, start, count, model);
  }
  return read_folder_images(path, labels, start, count, model, rule);
}

}  // namespace inoculate
