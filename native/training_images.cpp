#include "native/training_images.h"

#include <numeric>
#include <utility>

#include "base/rng.h"
#include "data/labels.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "train/checkpoint.h"

namespace inoculate {
namespace {

// Where the test images are, as --images and --labels would name them.
ImageOptions test_options(const TrainingSources& sources) {
  ImageOptions options;
  options.data = sources.images.data;
  options.images = sources.test_images;
  options.labels = sources.test_labels;
  return options;
}

bool has_test(const TrainingSources& sources) {
  return !sources.holds_out || sources.images.images.empty() || !sources.test_images.empty();
}

std::string refuse_empty(const std::string& path) { return path.empty() ? "is empty" : ""; }

}  // namespace

TrainingImages::TrainingImages(LabelledImages own) : own_(std::move(own)) {
  std::vector<std::int32_t> order(own_.labels.size());
  std::iota(order.begin(), order.end(), 0);
  Rng(1).shuffle(order);
  // Along the cycles of the order: there is no room for a copy of photographs.
  Matrix kept(1, own_.images.cols());
  std::vector<bool> done(order.size());
  for (std::size_t first = 0; first < order.size(); ++first) {
    if (done[first]) continue;
    kept = own_.images.row(static_cast<Eigen::Index>(first));
    const std::int32_t label = own_.labels[first];
    std::size_t at = first;
    for (;;) {
      done[at] = true;
      const auto from = static_cast<std::size_t>(order[at]);
      if (from == first) break;
      own_.images.row(static_cast<Eigen::Index>(at)) =
          own_.images.row(static_cast<Eigen::Index>(from));
      own_.labels[at] = own_.labels[from];
      at = from;
    }
    own_.images.row(static_cast<Eigen::Index>(at)) = kept;
    own_.labels[at] = label;
  }
}

ExampleSource TrainingImages::examples(ImageRange range) const {
  const ExampleSource all =
      own_.labels.empty() ? examples_of(set_) : examples_of(own_.images, own_.labels);
  return part_of(all, range.begin, range.end);
}

LabelledImages TrainingImages::images(ImageRange range) const {
  std::vector<std::int32_t> indices(static_cast<std::size_t>(range.end - range.begin));
  std::iota(indices.begin(), indices.end(), 0);
  LabelledImages some;
  examples(range).gather(indices, some.images, some.labels);
  return some;
}

std::uint64_t TrainingImages::fingerprint(ImageRange range) const {
  if (own_.labels.empty()) return inoculate::fingerprint(slice(set_, range.begin, range.end));
  const Labels labels(own_.labels.begin() + range.begin, own_.labels.begin() + range.end);
  return inoculate::fingerprint(own_.images.middleRows(range.begin, range.end - range.begin),
                                labels);
}

void TrainingImages::warn(ImageRange range) const {
  if (own_.labels.empty()) warn_of_training_data(slice(set_, range.begin, range.end));
}

void add_training_images(Command command, TrainingSources& sources) {
  add_data_option(command, sources.images.data);
  add_images_option(command, sources.images, {});
  Option test =
      command
          .add_option("--test-images", sources.test_images,
                      std::string("Images of your own to judge the result by, as --images takes "
                                  "them; if not given the data set's test images") +
                          (sources.holds_out ? ", and with --images those held out" : ""))
          .check(refuse_empty);
  command.add_option("--test-labels", sources.test_labels, "Their labels, as --labels")
      .check(refuse_empty)
      .needs(test);
}

std::vector<FileOption> training_inputs(const TrainingSources& sources, Split split) {
  ImageOptions training = sources.images;
  training.split = split == Split::kTrain ? "train" : "test";
  std::vector<FileOption> files = image_inputs(training);
  if (!has_test(sources)) return files;
  for (FileOption& file : image_inputs(test_options(sources))) {
    if (file.option == "--images" || file.option == "--labels") file.option.insert(2, "test-");
    files.push_back(std::move(file));
  }
  return files;
}

TrainingImages load_training_images(const TrainingSources& sources, const ModelSpec& model,
                                    const PictureRule& rule) {
  if (!sources.images.images.empty()) {
    return TrainingImages(load_labelled_images(sources.images, model, rule));
  }
  Dataset set =
      load_split(find_data(sources.images.data), Split::kTrain, {model.input, model.classes});
  require_labels(set.labels, model.classes, "train images");
  return TrainingImages(std::move(set));
}

LabelledImages load_test_images(const TrainingSources& sources, const ModelSpec& model,
                                const PictureRule& rule) {
  if (!has_test(sources)) return {};
  return load_labelled_images(test_options(sources), model, rule);
}

}  // namespace inoculate
