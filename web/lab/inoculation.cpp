#include "web/lab/inoculation.h"

#include <algorithm>
#include <numeric>

#include "attack/fgsm.h"
#include "model/network_classifier.h"
#include "model/network_trainable.h"

namespace inoculate::page {
namespace {

// The uses of one seed beside those of the trainer.
constexpr std::uint64_t kDigitsStream = 101;

// `image` moved by whole pixels; what comes in at the edges is black.
void shift(Eigen::Ref<Eigen::RowVectorXf> image, Shape shape, int dx, int dy) {
  const Eigen::RowVectorXf from = image;
  for (int y = 0; y < shape.h; ++y) {
    for (int x = 0; x < shape.w; ++x) {
      const int u = x - dx, v = y - dy;
      const bool inside = u >= 0 && u < shape.w && v >= 0 && v < shape.h;
      image[y * shape.w + x] = inside ? from[v * shape.w + u] : 0;
    }
  }
}

// `count` digits in random order, each once before any comes again, shifted.
void draw_digits(const Dataset& digits, int count, std::uint64_t seed, Matrix& images,
                 Labels& labels) {
  Rng rng(seed, kDigitsStream);
  std::vector<std::int32_t> order(static_cast<std::size_t>(digits.size()));
  std::iota(order.begin(), order.end(), 0);
  rng.shuffle(order);
  std::vector<std::int32_t> chosen;
  for (int i = 0; i < count; ++i) {
    chosen.push_back(order[static_cast<std::size_t>(i % digits.size())]);
  }
  gather(digits, chosen, images, labels);
  for (int i = digits.size(); i < count; ++i) {
    const bool along_x = rng.below(2) == 0;
    const int by = rng.below(2) == 0 ? -1 : 1;
    shift(images.row(i), digits.shape, along_x ? by : 0, along_x ? 0 : by);
  }
}

TrainingOptions training_options(const InoculationSettings& settings) {
  TrainingOptions options;
  options.epochs = settings.epochs;
  options.learning_rate = settings.learning_rate;
  options.seed = settings.seed;
  return options;
}

ExampleSource lessons_of(const Matrix& images, const Labels& labels, int size) {
  ExampleSource source = examples_of(images, labels);
  source.size = size;  // the images are made when the first epoch begins
  return source;
}

}  // namespace

Inoculation::Inoculation(Network& network, const Dataset& digits,
                         const InoculationSettings& settings)
    : network_(network),
      settings_(settings),
      trainer_(trainable(network),
               lessons_of(lessons_, lesson_labels_, settings.count * (settings.mix_clean ? 2 : 1)),
               training_options(settings)) {
  draw_digits(digits, settings.count, settings.seed, clean_, clean_labels_);
}

void Inoculation::make_adversaries() {
  FgsmOptions fgsm_options;
  fgsm_options.threat.epsilon = settings_.epsilon;
  const Matrix adversaries = fgsm(NetworkClassifier(network_), clean_, clean_labels_, fgsm_options);
  lessons_.resize((settings_.mix_clean ? 2 : 1) * clean_.rows(), clean_.cols());
  lessons_.topRows(clean_.rows()) = adversaries;
  lesson_labels_ = clean_labels_;
  if (settings_.mix_clean) {
    lessons_.bottomRows(clean_.rows()) = clean_;
    lesson_labels_.insert(lesson_labels_.end(), clean_labels_.begin(), clean_labels_.end());
  }
}

TrainingProgress Inoculation::step() {
  if (adversaries_due_) make_adversaries();
  const TrainingProgress progress = trainer_.step();
  adversaries_due_ = settings_.fresh && progress.epoch_ended();
  return progress;
}

}  // namespace inoculate::page
