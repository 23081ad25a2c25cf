#include "native/image_options.h"

#include <numeric>

#include "data/labels.h"
#include "native/commands.h"
#include "native/model_pictures.h"
#include "native/noise_options.h"
#include "native/picture_folder.h"

namespace inoculate {
namespace {

Split split_of(const ImageOptions& options) {
  return options.split == "test" ? Split::kTest : Split::kTrain;
}

NamedImages load_pictures(const std::vector<std::string>& names, const ModelSpec& model,
                          const PictureRule& rule) {
  ModelPictures pictures =
      read_pictures({names.begin(), names.end()}, model, rule, PictureSource::kUser);
  return {{std::move(pictures.images), {}}, names, std::move(pictures.how)};
}

NamedImages load_data_set(const ImageOptions& options, const ModelSpec& model) {
  const Dataset all =
      load_split(find_data(options.data), split_of(options), {model.input, model.classes});
  const ImageRange range = choose(all.size(), options.start, options.count);
  NamedImages images{all_images(slice(all, range.begin, range.end)), {}, {}};
  for (int i = range.begin; i < range.end; ++i) {
    images.names.push_back(options.split + "[" + std::to_string(i) + "]");
  }
  return images;
}

// Pictures of noise, clipped to the range of valid pixels.
NamedImages draw_noise(const ImageOptions& options, const ModelSpec& model) {
  constexpr int kUsual = 10;
  const int count = options.count.given.value_or(kUsual);
  if (count == 0) throw UsageError("--count 0 means all there are, and of noise there is no end");
  NamedImages noise{
      {noise_images(model.input, *options.noise, options.start, count, options.noise_seed), {}},
      {},
      {}};
  clip_channels(noise.data.images, {model.range});
  for (int i = 0; i < count; ++i) {
    noise.names.push_back("noise[" + std::to_string(options.start + i) + "]");
  }
  return noise;
}

// Without it "" would stand for an option that is not given.
std::string refuse_empty(const std::string& path) { return path.empty() ? "is empty" : ""; }

}  // namespace

void add_images_option(Command command, ImageOptions& options,
                       std::initializer_list<const char*> excluded) {
  Option images =
      command
          .add_option("--images", options.images,
                      "Images of your own instead of a data set: a .npy array ([N, H, W, C] or "
                      "[N, C, H, W], floats 0..1 or uint8; C may be left out where it is 1), an "
                      "IDX file, or a folder of pictures, in it or in one folder a class")
          .check(refuse_empty);
  command
      .add_option("--labels", options.labels,
                  "Their labels: .npy, IDX, or text with a number a line; not needed where "
                  "pictures lie in one folder a class")
      .check(refuse_empty)
      .needs(images);
  for (const char* name : excluded) images.excludes(command.get_option(name));
}

void add_image_options(Command command, ImageOptions& options) {
  add_data_option(command, options.data);
  command.add_option("--split", options.split, "Which images: test or train")
      .one_of({"test", "train"})
      .show_default();
  command.add_option("--start", options.start, "The first image, counted from 0")
      .within(0, kMostImages)
      .show_default();
  add_count_option(command, options.count, "How many images");
  add_images_option(command, options, {"--data", "--split"});
}

void add_picture_options(Command command, ImageOptions& options) {
  Option pictures =
      command.add_option("pictures", options.pictures,
                         "Pictures (PNG, JPEG, BMP, GIF, PNM) instead of a data set: for a model "
                         "of 28x28 grey pixels prepared as MNIST was, for others resized, the "
                         "centre cut out");
  for (const char* name : {"--data", "--split", "--start", "--count", "--images"}) {
    command.get_option(name).excludes(pictures);
  }
}

void add_noise_option(Command command, ImageOptions& options) {
  Option noise = command.add_option_function(
      "--from-noise",
      [&options](const std::string& text) {
        options.noise = parse_noise_level("--from-noise", text);
      },
      "Pictures of Gaussian noise instead of a data set, MEAN:SIGMA in levels of 0..255, such as "
      "128:50; what the model reads in one is its class, and success is another class read with "
      "a confidence of 0.9, or what --confidence says");
  noise.option_text("MEAN:SIGMA");
  for (const char* name : {"--data", "--split", "--images", "pictures"}) {
    noise.excludes(command.get_option(name));
  }
}

std::vector<FileOption> image_inputs(const ImageOptions& options) {
  if (options.noise) return {};
  std::vector<FileOption> files{{"--labels", options.labels}};
  for (const std::string& path : options.pictures) files.push_back({"pictures", path});
  if (!options.images.empty()) {
    std::error_code failure;
    if (!std::filesystem::is_directory(options.images, failure)) {
      files.push_back({"--images", options.images});
    } else {
      for (const FolderPicture& picture : list_pictures(options.images, options.labels)) {
        files.push_back({"--images", std::filesystem::path(options.images) / picture.name});
      }
    }
  } else if (options.pictures.empty()) {
    files = data_inputs(find_data(options.data), {split_of(options)});
  }
  return files;
}

NamedImages load_images(const ImageOptions& options, const ModelSpec& model,
                        const PictureRule& rule) {
  if (options.noise) return draw_noise(options, model);
  if (!options.pictures.empty()) return load_pictures(options.pictures, model, rule);
  NamedImages images =
      options.images.empty()
          ? load_data_set(options, model)
          : read_images(options.images, options.labels, options.start, options.count, model, rule);
  const std::string& own = options.labels.empty() ? options.images : options.labels;
  require_labels(images.data.labels, model.classes, own.empty() ? options.split + " images" : own);
  return images;
}

LabelledImages load_labelled_images(const ImageOptions& options, const ModelSpec& model,
                                    const PictureRule& rule) {
  LabelledImages images = load_images(options, model, rule).data;
  if (images.labels.empty()) {
    throw UsageError("--images " + options.images +
                     ": does not say what its images show; give their labels with --labels");
  }
  return images;
}

std::vector<int> image_numbers(const ImageOptions& options, int n) {
  std::vector<int> numbers(static_cast<std::size_t>(n));
  std::iota(numbers.begin(), numbers.end(), options.start);
  return numbers;
}

}  // namespace inoculate
