#include "attack/margin.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace inoculate {
namespace {

int likeliest_but(int left_out, const float* logits, int classes) {
  int best = left_out == 0 ? 1 : 0;
  for (int k = 0; k < classes; ++k) {
    if (k != left_out && logits[k] > logits[best]) best = k;
  }
  return best;
}

// Of logits[of] - logits[goal].
void set_difference(float* d, int of, int goal, int classes) {
  std::fill_n(d, classes, 0.0F);
  d[of] = 1;
  d[goal] = -1;
}

double log_odds(float probability) {
  const double p = static_cast<double>(probability);
  return std::log(p / std::max(1 - p, 0x1p-25));
}

}  // namespace

int goal_of(const Criterion& criterion, const float* logits, int classes, int label) {
  return criterion.target ? *criterion.target : likeliest_but(label, logits, classes);
}

float gap_to(int goal, float confidence, const float* logits, int classes, float* d) {
  const int rival = likeliest_but(goal, logits, classes);
  const float top = logits[rival];
  double sum = 0;  // of the others' exponentials over the rival's
  for (int k = 0; k < classes; ++k) {
    if (k != goal) sum += std::exp(static_cast<double>(logits[k] - top));
  }
  const double behind = static_cast<double>(top - logits[goal]);
  const double unsure = log_odds(confidence) + behind + std::log(sum);
  if (unsure <= behind) {
    if (d != nullptr) set_difference(d, rival, goal, classes);
    return static_cast<float>(behind);
  }
  for (int k = 0; d != nullptr && k < classes; ++k) {
    d[k] = k == goal ? -1.0F
                     : static_cast<float>(std::exp(static_cast<double>(logits[k] - top)) / sum);
  }
  return static_cast<float>(unsure);
}

float margin(const Criterion& criterion, const float* logits, int classes, int label, float* d) {
  const int goal = goal_of(criterion, logits, classes, label);
  if (criterion.confidence > 0) return gap_to(goal, criterion.confidence, logits, classes, d);
  const int against = criterion.target ? likeliest_but(goal, logits, classes) : label;
  if (d != nullptr) set_difference(d, against, goal, classes);
  return logits[against] - logits[goal];
}

std::vector<Labels> wrong_classes(const Matrix& logits, const Labels& labels) {
  std::vector<Labels> all;
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    Labels order(static_cast<std::size_t>(logits.cols()));
    std::iota(order.begin(), order.end(), 0);
    std::erase(order, labels[static_cast<std::size_t>(i)]);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return logits(i, a) > logits(i, b); });
    all.push_back(order);
  }
  return all;
}

}  // namespace inoculate
