#include "native/image_outputs.h"

#include <array>
#include <cstdio>

#include "attack/stored.h"
#include "data/idx.h"
#include "data/npy.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/interrupt.h"
#include "native/new_folder.h"
#include "native/png_encoder.h"

namespace inoculate {
namespace {

constexpr const char* kPngsOption = "--out-pngs";

// "00012.png": names that every tool sorts as numbers.
std::string picture_name(int number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%05d.png", number);
  return text.data();
}

void write_pictures(const std::string& path, ConstMatrixRef images, Shape shape,
                    const Labels& labels, int first) {
  const InterruptGuard guard;
  NewFolder folder(path, kPngsOption);
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    if (InterruptGuard::interrupted()) throw Interrupted("interrupted; no pictures were written");
    const auto levels = to_levels(images.row(i).data(), static_cast<std::size_t>(images.cols()));
    std::filesystem::path name = picture_name(first + static_cast<int>(i));
    if (!labels.empty()) name = std::to_string(labels[static_cast<std::size_t>(i)]) / name;
    folder.write(name, encode_png(levels.data(), shape.w, shape.h, shape.c));
  }
  folder.finish();
}

void write_idx(const ImageOutputs& outputs, ConstMatrixRef images, Shape shape,
               const Labels& labels) {
  const Matrix whole = images;
  const auto levels = to_levels(whole.data(), static_cast<std::size_t>(whole.size()));
  const IdxImages idx{static_cast<int>(images.rows()), shape.h, shape.w,
                      ByteBuffer(levels.begin(), levels.end())};
  write_file_atomically(idx_images_path(outputs), write_idx_images(idx));
  write_file_atomically(idx_labels_path(outputs), write_idx_labels(labels));
}

void write_array(const std::string& path, ConstMatrixRef images, Shape shape) {
  const Matrix whole = images;
  write_file_atomically(path, write_npy({whole.data(), static_cast<std::size_t>(whole.size())},
                                        {whole.rows(), shape.h, shape.w, shape.c}));
}

}  // namespace

void add_image_outputs(Command command, ImageOutputs& outputs) {
  command.add_option("--out", outputs.npy,
                     "Write the adversaries, float32 [N, H, W, C], to this .npy");
  command.add_option(kPngsOption, outputs.pngs,
                     "Write them as 8-bit PNGs to this new folder, in a folder for each label; "
                     "--images reads it");
  command.add_option("--out-idx", outputs.idx,
                     "Write them and their labels as IDX to this name with -images-idx3-ubyte and "
                     "-labels-idx1-ubyte; --images reads them, and with DIR/t10k --data DIR does");
}

std::string idx_images_path(const ImageOutputs& outputs) {
  return outputs.idx + "-images-idx3-ubyte";
}

std::string idx_labels_path(const ImageOutputs& outputs) {
  return outputs.idx + "-labels-idx1-ubyte";
}

std::vector<FileOption> output_files(const ImageOutputs& outputs) {
  for (const std::string& path : {outputs.pngs, outputs.idx}) refuse_dash(path);
  for (const char* ending : {".png", "-ubyte", ".gz", "/"}) {
    if (!outputs.npy.ends_with(ending)) continue;
    throw UsageError("--out " + outputs.npy + ": writes a NumPy array (.npy); pictures go to " +
                     kPngsOption + " FOLDER, IDX files to --out-idx PREFIX");
  }
  if (!outputs.pngs.empty()) require_new_folder(outputs.pngs, kPngsOption);
  std::vector<FileOption> files{{"--out", outputs.npy}};
  if (!outputs.idx.empty()) {
    files.push_back({"--out-idx", idx_images_path(outputs)});
    files.push_back({"--out-idx", idx_labels_path(outputs)});
  }
  return files;
}

void require_labels_for(const ImageOutputs& outputs, bool labelled) {
  if (outputs.idx.empty() || labelled) return;
  throw UsageError("--out-idx " + outputs.idx +
                   ": writes labels too, and those of these images are not known; give them, or "
                   "use --out or " +
                   kPngsOption);
}

void write_images(const ImageOutputs& outputs, ConstMatrixRef images, Shape shape,
                  const Labels& labels, int first) {
  if (!outputs.npy.empty()) write_array(outputs.npy, images, shape);
  if (!outputs.idx.empty()) write_idx(outputs, images, shape, labels);
  if (!outputs.pngs.empty()) write_pictures(outputs.pngs, images, shape, labels, first);
}

}  // namespace inoculate
