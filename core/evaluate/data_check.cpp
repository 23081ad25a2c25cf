#include "evaluate/data_check.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "evaluate/interval.h"

namespace inoculate {
namespace {

// How far below what was promised an accuracy may lie before the images are in doubt.
constexpr double kPromiseSlack = 0.1;
// Images of which more are read rightly are not tried in other ways: nothing is wrong with them.
constexpr double kWellRead = 0.75;

// Images are tried up to so many pixels, or as many images if they are large.
constexpr int kFloats = 1 << 22, kFewest = 20;

// A symmetry of the square: first rows and columns change places, then the image is mirrored left
// to right and upside down.
struct Symmetry {
  const char* name;
  bool transposed;
  bool mirrored;
  bool flipped;
};

constexpr std::array kSymmetries{
    Symmetry{"", false, false, false},
    Symmetry{"mirrored", false, true, false},
    Symmetry{"upside down", false, false, true},
    Symmetry{"turned by 180 degrees", false, true, true},
    Symmetry{"transposed (rows for columns, as EMNIST's files are)", true, false, false},
    Symmetry{"turned clockwise by 90 degrees", true, true, false},
    Symmetry{"turned anticlockwise by 90 degrees", true, false, true},
    Symmetry{"transposed along the other diagonal", true, true, true}};

Matrix apply(const Symmetry& symmetry, const Matrix& images, Shape shape) {
  Matrix out(images.rows(), images.cols());
  for (int y = 0; y < shape.h; ++y) {
    for (int x = 0; x < shape.w; ++x) {
      int from_y = symmetry.flipped ? shape.h - 1 - y : y;
      int from_x = symmetry.mirrored ? shape.w - 1 - x : x;
      if (symmetry.transposed) std::swap(from_y, from_x);
      for (int c = 0; c < shape.c; ++c) {
        out.col((y * shape.w + x) * shape.c + c) =
            images.col((from_y * shape.w + from_x) * shape.c + c);
      }
    }
  }
  return out;
}

int count_right(const Classifier& model, const Matrix& images, const Labels& labels) {
  const Labels read = most_likely(model.logits(images));
  int right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += read[i] == labels[i];
  return right;
}

std::string percent(int part, int whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100.0 * part / whole);
  return text;
}

}  // namespace

bool reads_poorly(int correct, int n, int classes, std::optional<double> promised) {
  const double most = wilson_interval(correct, n).high;
  return most < (1 + 1.0 / classes) / 2 || (promised && most < *promised - kPromiseSlack);
}

std::optional<BetterReading> find_better_reading(const Classifier& model,
                                                 const ExampleSource& source, int most) {
  const Shape shape = model.spec().input;
  const int n = std::min({most, source.size, std::max(kFewest, kFloats / shape.size())});
  if (n <= 0) return {};
  std::vector<std::int32_t> indices;
  for (int i = 0; i < n; ++i) {
    indices.push_back(static_cast<std::int32_t>(std::int64_t{source.size} * i / n));
  }
  Matrix images;
  Labels labels;
  source.gather(indices, images, labels);

  const int as_they_are = count_right(model, images, labels);
  const float brightest = images.maxCoeff();
  std::optional<BetterReading> best;
  for (const bool stretched : {false, true}) {
    if (stretched && !(brightest > 0 && brightest < 0.5F)) continue;
    for (const bool inverted : {false, true}) {
      for (const Symmetry& symmetry : kSymmetries) {
        if (symmetry.transposed && shape.h != shape.w) continue;
        Matrix changed = apply(symmetry, images, shape);
        if (stretched) changed /= brightest;
        if (inverted) changed = 1 - changed.array();
        std::string change = symmetry.name;
        const auto add = [&](const char* what) {
          change += (change.empty() ? "" : ", ") + std::string(what);
        };
        if (inverted) add("inverted (dark for light)");
        if (stretched) add("stretched to pixels of 0 to 255");
        const int correct = count_right(model, changed, labels);
        if (!best || correct > best->correct) best = BetterReading{change, correct, as_they_are, n};
      }
    }
  }
  const bool better = wilson_interval(best->correct, n).low > wilson_interval(as_they_are, n).high;
  if (!better || reads_poorly(best->correct, n, model.spec().classes)) return {};
  return best;
}

std::optional<std::string> doubt_data(const Classifier& model, const ExampleSource& source,
                                      int correct) {
  return doubt_reading(model.spec(), correct, source.size,
                       [&] { return find_better_reading(model, source); });
}

std::optional<std::string> doubt_reading(
    const ModelSpec& model, int correct, int n,
    const std::function<std::optional<BetterReading>()>& find_better) {
  const std::optional<double> promised = model.promised_accuracy;
  const int classes = model.classes;
  const bool poorly = reads_poorly(correct, n, classes, promised);
  if (!poorly && correct > kWellRead * n) return {};
  // Too few images to tell from their number alone (turned by 180 degrees, 0, 1 and 8 are still
  // read) may yet be read so much better otherwise that this tells it.
  const std::optional<BetterReading> better = find_better();
  if (!poorly && !better) return {};
  std::string text =
      "only " + percent(correct, n) + " of the " + std::to_string(n) + " images are read correctly";
  if (promised) {
    char figure[32];
    std::snprintf(figure, sizeof figure, "%.1f %%", 100 * *promised);
    text += ", where the model's file promises " + std::string(figure);
  } else {
    text += " (chance: " + percent(1, classes) + ")";
  }
  if (better) {
    return text + "; " + better->change + ", " + percent(better->correct, better->n) + " of " +
           std::to_string(better->n) +
           " are: the files are laid out otherwise than those the model learnt from";
  }
  return text +
         "; mirroring, turning, inverting and stretching them helps nothing: they may be "
         "adversaries or of another data set (Fashion-MNIST's files have MNIST's names), the "
         "labels those of other images, or the model made for something else";
}

}  // namespace inoculate
