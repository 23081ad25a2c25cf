#include "picture/ink.h"

#include <Eigen/Dense>
#include <cmath>

#include "picture/ground.h"

namespace inoculate {
namespace {

// Ink of a lower contrast than this (of 255) is not told from the steps of 8 bits.
constexpr float kFaintest = 10;
// And it stands out from noise by this many standard deviations. The largest thousandth of normal
// noise lies 3.4 out, and rounding to 8 bits can make faint noise look a third smaller.
constexpr float kDeviations = 5;

struct Levelled {
  Channels difference;  // from the ground, as if the whole page had the light of its middle
  bool uneven = false;
};

Levelled level(const Channels& channels) {
  Levelled out;
  for (std::size_t c = 0; c < 3; ++c) {
    const Plane ground = fit_ground(channels[c]);
    const float low = quantile(ground.values, 0.02), middle = quantile(ground.values, 0.5),
                high = quantile(ground.values, 0.98);
    // Light multiplies ink and paper alike. A dark ground tells too little of the light.
    constexpr float kDark = 24;
    const bool uneven = high - low > 30 && middle > kDark;
    out.uneven |= uneven;
    out.difference[c] = Plane(ground.width, ground.height);
    for (std::size_t i = 0; i < ground.values.size(); ++i) {
      const float light = std::clamp(ground.values[i] / std::max(middle, 1.0F), 0.3F, 3.0F);
      out.difference[c].values[i] =
          (channels[c].values[i] - ground.values[i]) / (uneven ? light : 1.0F);
    }
  }
  return out;
}

Eigen::Vector3f color_at(const Channels& channels, std::size_t i) {
  return {channels[0].values[i], channels[1].values[i], channels[2].values[i]};
}

// The mixture of channels in which the picture differs most from its ground, with the sign that
// makes ink positive: there is less of it than of ground, but it lies farther out.
Eigen::Vector3f ink_direction(const Channels& difference) {
  Eigen::Matrix3f moments = Eigen::Matrix3f::Zero();
  const std::size_t pixels = difference[0].values.size();
  for (std::size_t i = 0; i < pixels; ++i) {
    const Eigen::Vector3f d = color_at(difference, i);
    moments += d * d.transpose() / static_cast<float>(pixels);
  }
  Eigen::Vector3f direction(1, 1, 1);
  for (int round = 0; round < 50; ++round) {
    const Eigen::Vector3f next = moments * direction;
    if (next.norm() < 1e-6F) break;
    direction = next.normalized();
  }
  direction.normalize();
  double skew = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    skew += std::pow(static_cast<double>(direction.dot(color_at(difference, i))), 3);
  }
  return skew < 0 ? Eigen::Vector3f(-direction) : direction;
}

// The mean of the largest thousandth of the values: ink, if there is any.
float strongest(std::vector<float> values) {
  const std::size_t count = std::max<std::size_t>(4, values.size() / 1000);
  if (values.size() <= count) return 0;
  std::nth_element(values.begin(), values.end() - static_cast<std::ptrdiff_t>(count), values.end());
  double sum = 0;
  for (std::size_t i = values.size() - count; i < values.size(); ++i) sum += values[i];
  return static_cast<float>(sum / static_cast<double>(count));
}

}  // namespace

Ink find_ink(const Channels& channels) {
  const Levelled levelled = level(channels);
  const Eigen::Vector3f direction = ink_direction(levelled.difference);
  Ink ink;
  ink.amount = Plane(channels[0].width, channels[0].height);
  ink.dark = direction.sum() < 0;
  ink.levelled = levelled.uneven;
  std::vector<float> distance;
  for (std::size_t i = 0; i < ink.amount.values.size(); ++i) {
    ink.amount.values[i] = direction.dot(color_at(levelled.difference, i));
    distance.push_back(std::abs(ink.amount.values[i]));
  }
  ink.noise = 1.4826F * quantile(std::move(distance), 0.5);
  const float top = strongest(ink.amount.values);
  if (top < std::max(kFaintest, kDeviations * ink.noise)) {
    std::fill(ink.amount.values.begin(), ink.amount.values.end(), 0.0F);
    return ink;
  }
  std::vector<float> strokes;
  for (const float value : ink.amount.values) {
    if (value > top / 2) strokes.push_back(value);
  }
  ink.contrast = quantile(std::move(strokes), 0.6);
  for (float& value : ink.amount.values) value /= ink.contrast;
  ink.noise /= ink.contrast;
  return ink;
}

}  // namespace inoculate
