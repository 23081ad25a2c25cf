#include "web/picture/reading.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/error.h"
#include "base/finite.h"
#include "nn/softmax.h"
#include "web/texts/digits.h"

namespace inoculate::page {

Reading reading_of(std::span<const float> logits) {
  assert(logits.size() == kDigits);
  if (!all_finite(logits.data(), kDigits)) {
    throw Error(texts::refusals::answer_not_finite);
  }
  Reading reading;
  softmax(reading.probabilities.data(), logits.data(), 1, kDigits);
  std::iota(reading.ranking.begin(), reading.ranking.end(), 0);
  std::stable_sort(reading.ranking.begin(), reading.ranking.end(), [&](int a, int b) {
    return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
  });
  return reading;
}

Reading read_picture(const Classifier& model, std::span<const float> picture) {
  assert(picture.size() == static_cast<std::size_t>(model.spec().input.size()));
  const Eigen::Map<const Matrix> image(picture.data(), 1, model.spec().input.size());
  const Matrix logits = model.logits(image);
  return reading_of({logits.data(), kDigits});
}

std::string top_three(const Reading& reading) {
  std::string text;
  for (int place = 0; place < 3; ++place) {
    const int digit = reading.ranking[static_cast<std::size_t>(place)];
    if (place > 0) text += ", ";
    text += texts::guess(digit, percent_text(reading.probability(digit)));
  }
  return text;
}

std::string percent_text(double share) {
  if (share > 0 && share < 0.0005) return texts::percent_below;
  if (share < 1 && share >= 0.9995) return texts::percent_above;
  return texts::percent(100 * share);
}

}  // namespace inoculate::page
