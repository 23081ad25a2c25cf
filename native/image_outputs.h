// Images as files: the forms in which attack writes its adversaries.
#pragma once

#include <string>
#include <vector>

#include "base/shapes.h"
#include "native/command_line.h"
#include "native/file_options.h"

namespace inoculate {

/// Where images go; empty: not in that form.
struct ImageOutputs {
  std::string npy;   ///< --out: float32 [N, H, W, C], as they are
  std::string pngs;  ///< --out-pngs: a folder of 8-bit pictures
  std::string idx;   ///< --out-idx: what the names of two IDX files begin with
};

void add_image_outputs(Command command, ImageOutputs& outputs);

/// The files that --out-idx names: "<prefix>-images-idx3-ubyte" and "<prefix>-labels-idx1-ubyte".
std::string idx_images_path(const ImageOutputs& outputs);
std::string idx_labels_path(const ImageOutputs& outputs);

/// The files that will be written, for check_files at the start of the work. Throws UsageError for
/// a name that belongs to another option, and Error where the folder of pictures cannot be made.
std::vector<FileOption> output_files(const ImageOutputs& outputs);

/// Throws UsageError where images without labels are to go to IDX files, which come in pairs.
void require_labels_for(const ImageOutputs& outputs, bool labelled);

/// Writes grey images [N, H*W] of `shape` in the forms wanted, each whole or not at all. Pixels of
/// pictures and IDX files are the nearest of 256 levels. Pictures are called by their numbers from
/// `first` on and lie in a folder for each of their labels, or, without labels, in one. Throws
/// Error, and Interrupted on Ctrl-C.
void write_images(const ImageOutputs& outputs, ConstMatrixRef images, Shape shape,
                  const Labels& labels, int first);

}  // namespace inoculate
