// Which images a sub-command looks at: some of a data set, images of one's own, or pictures.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "evaluate/noise_pictures.h"
#include "model/classifier.h"
#include "native/command_line.h"
#include "native/file_options.h"
#include "native/image_files.h"

namespace inoculate {

struct ImageOptions {
  std::vector<std::string> pictures;
  std::string images;  ///< --images; empty: a data set
  std::string labels;  ///< --labels
  std::string data;
  std::string split = "test";
  int start = 0;
  CountOption count;
  std::optional<NoiseLevel> noise;  ///< --from-noise
  std::uint64_t noise_seed = 1;
};

/// Adds --images and --labels; the options named in `excluded` cannot stand beside them.
void add_images_option(Command command, ImageOptions& options,
                       std::initializer_list<const char*> excluded);

/// Adds --data, --split, --start, --count, --images and --labels.
void add_image_options(Command command, ImageOptions& options);

/// Adds pictures, one by one, as another choice beside those of add_image_options.
void add_picture_options(Command command, ImageOptions& options);

/// Adds --from-noise, as another choice beside all of those; --count is then 10 if not given.
void add_noise_option(Command command, ImageOptions& options);

/// The files that load_images reads.
std::vector<FileOption> image_inputs(const ImageOptions& options);

/// The images, without labels where they are not known; photographs are resized by `rule`. Throws
/// Error as read_images does, and when they are not such as the model takes, or one is labelled
/// with none of its classes.
NamedImages load_images(const ImageOptions& options, const ModelSpec& model,
                        const PictureRule& rule = {});

/// The same for who cannot do without labels: throws UsageError when they are not known.
LabelledImages load_labelled_images(const ImageOptions& options, const ModelSpec& model,
                                    const PictureRule& rule = {});

/// The numbers of the first `n` of them: their places in the data set, the file or the folder.
std::vector<int> image_numbers(const ImageOptions& options, int n);

}  // namespace inoculate
