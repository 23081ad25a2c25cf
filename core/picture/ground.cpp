#include "picture/ground.h"

#include <Eigen/Dense>
#include <cmath>

namespace inoculate {
namespace {

constexpr int kTerms = 6;
using Terms = Eigen::Matrix<double, kTerms, 1>;

struct Sample {
  Terms terms;
  double value;
};

// Coordinates from -1 to 1 over the picture.
Terms terms_at(const Plane& plane, int x, int y) {
  const double u = 2.0 * (x + 0.5) / plane.width - 1;
  const double v = 2.0 * (y + 0.5) / plane.height - 1;
  Terms terms;
  terms << 1, u, v, u * u, u * v, v * v;
  return terms;
}

// The coefficients over the samples that differ from `before` by no more than `reach`.
Terms fit(const std::vector<Sample>& samples, const Terms& before, double reach) {
  Eigen::Matrix<double, kTerms, kTerms> normal = Eigen::Matrix<double, kTerms, kTerms>::Zero();
  Terms right = Terms::Zero();
  double used = 0;
  for (const Sample& sample : samples) {
    if (std::abs(sample.value - before.dot(sample.terms)) > reach) continue;
    normal += sample.terms * sample.terms.transpose();
    right += sample.value * sample.terms;
    ++used;
  }
  if (used < 2 * kTerms) return before;
  // A little weight on a flat ground decides what few samples do not.
  for (int i = 1; i < kTerms; ++i) normal(i, i) += 1e-3 * used;
  return normal.ldlt().solve(right);
}

double spread(const std::vector<Sample>& samples, const Terms& ground) {
  std::vector<float> distances;
  for (const Sample& sample : samples) {
    distances.push_back(static_cast<float>(std::abs(sample.value - ground.dot(sample.terms))));
  }
  return 1.4826 * quantile(std::move(distances), 0.5);
}

}  // namespace

Plane fit_ground(const Plane& channel) {
  const int width = channel.width, height = channel.height;
  const int step = 1 + std::max(width, height) / 128;
  const int rim = std::max(1, std::min(width, height) / 14);
  std::vector<Sample> border, all;
  std::vector<float> values;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool outside = x < rim || y < rim || x >= width - rim || y >= height - rim;
      if (x % step != 0 || y % step != 0) continue;
      all.push_back({terms_at(channel, x, y), channel.at(x, y)});
      if (!outside) continue;
      border.push_back(all.back());
      values.push_back(channel.at(x, y));
    }
  }
  Terms ground = Terms::Zero();
  ground[0] = quantile(values, 0.5);
  constexpr double kLeast = 6, kDeviations = 3;
  for (int round = 0; round < 6; ++round) {
    const double reach = std::max(kLeast, kDeviations * spread(border, ground));
    ground = fit(border, ground, reach);
  }
  for (int round = 0; round < 6; ++round) {
    const double reach =
        std::max(kLeast, kDeviations * std::min(spread(border, ground), spread(all, ground)));
    ground = fit(all, ground, reach);
  }
  Plane out(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      out.at(x, y) = static_cast<float>(ground.dot(terms_at(channel, x, y)));
    }
  }
  return out;
}

}  // namespace inoculate
