// Evidence that labelled images are not such as a network learnt from: turned, in other units, or
// of another data set altogether.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "model/classifier.h"
#include "train/examples.h"

namespace inoculate {

/// Whether `correct` of `n` > 0 images are too few for the images to be of the kind that a network
/// of so many classes learnt from. Judged by the 95 % interval: either surely less than halfway
/// from chance to all, or surely 10 points below `promised`, the accuracy (0..1) that its training
/// ended with.
bool reads_poorly(int correct, int n, int classes, std::optional<double> promised = {});

/// How the same images are read better: what was done to them, and how many of those tried are
/// read rightly then.
struct BetterReading {
  std::string change;  ///< "mirrored", "transposed and inverted"
  int correct = 0;
  int as_they_are = 0;  ///< how many without the change
  int n = 0;
};

/// Shows the network up to `most` of the images, taken evenly from all, in every way that people's
/// files come in: mirrored, upside down, turned, transposed (square images only), inverted, and
/// stretched to the whole range where they use less than half of it. Gives the way that is read
/// best, if that is surely better than the images as they are, and not poorly; else none.
std::optional<BetterReading> find_better_reading(const Classifier& model,
                                                 const ExampleSource& source, int most = 300);

/// One sentence or two on images of which `correct` are read rightly: that these are too few, what
/// may be the cause, and what changes to the images make of it. None if they are not too few
/// (reads_poorly) and no change makes them surely better.
std::optional<std::string> doubt_data(const Classifier& model, const ExampleSource& source,
                                      int correct);

/// The same where `correct` of `n` > 0 images are read rightly and what changes make of them is
/// known, or found by `find_better`, which is asked only where it matters.
std::optional<std::string> doubt_reading(
    const ModelSpec& model, int correct, int n,
    const std::function<std::optional<BetterReading>()>& find_better);

}  // namespace inoculate
