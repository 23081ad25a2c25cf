// The labelled images of a training run: of a data set, or the user's own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "native/image_options.h"
#include "native/mnist.h"
#include "train/examples.h"

namespace inoculate {

/// Labelled images in an order that does not change: of a data set as it has them (bytes), or the
/// user's own (floats) shuffled, always alike, since a folder has one class after the other.
class TrainingImages {
 public:
  explicit TrainingImages(Dataset set) : set_(std::move(set)) {}
  explicit TrainingImages(LabelledImages own);

  int size() const { return own_.labels.empty() ? set_.size() : rows_size(); }
  /// Those of a range; they refer to this.
  ExampleSource examples(ImageRange range) const;
  LabelledImages images(ImageRange range) const;
  std::uint64_t fingerprint(ImageRange range) const;
  /// Warns of digits that lie wrongly (native/data_warnings.h).
  void warn(ImageRange range) const;

 private:
  int rows_size() const { return static_cast<int>(own_.labels.size()); }

  Dataset set_;
  LabelledImages own_;
};

/// What a run learns from and is judged by.
struct TrainingSources {
  ImageOptions images;                   ///< --data, or --images with --labels
  std::string test_images, test_labels;  ///< --test-images, --test-labels
  /// Whether without --test-images some of --images are held out, instead of the data set's test
  /// images judging those of --images too.
  bool holds_out = false;
};

/// Adds --data, --images, --labels, --test-images and --test-labels.
void add_training_images(Command command, TrainingSources& sources);

/// The files of both; `split` is that of the data set which is learnt from.
std::vector<FileOption> training_inputs(const TrainingSources& sources,
                                        Split split = Split::kTrain);

/// The images to learn from, such as `model` takes. Throws Error and UsageError as load_images
/// does.
TrainingImages load_training_images(const TrainingSources& sources, const ModelSpec& model,
                                    const PictureRule& rule);

/// Those to judge by: of --test-images, or the test images of the data set; none where some of
/// --images are to be held out.
LabelledImages load_test_images(const TrainingSources& sources, const ModelSpec& model,
                                const PictureRule& rule);

}  // namespace inoculate
