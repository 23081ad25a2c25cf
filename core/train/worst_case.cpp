#include "train/worst_case.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/sign.h"

namespace inoculate {
namespace {

// The two halves of an image's bounds.
struct Box {
  const float *centres, *radii;

  Box(const float* bounds, int image, int features)
      : centres(bounds + std::ptrdiff_t{2} * image * features), radii(centres + features) {}
};

// The layer of features that are the logits is a kernel of ones and zeros.
float weight(const LastLayer& last, int feature, int c) {
  if (last.kernel == nullptr) return feature == c ? 1.0F : 0.0F;
  return last.kernel[std::ptrdiff_t{feature} * last.classes + c];
}

}  // namespace

void worst_case_logits(float* worst, const float* bounds, const LastLayer& last,
                       const Labels& labels) {
  const int classes = last.classes;
  parallel_for(static_cast<int>(labels.size()), [&](int i) {
    const int label = labels[static_cast<std::size_t>(i)];
    const Box box(bounds, i, last.features);
    float* row = worst + std::ptrdiff_t{i} * classes;
    for (int c = 0; c < classes; ++c) {
      row[c] = last.bias == nullptr ? 0 : last.bias[c] - last.bias[label];
    }
    for (int k = 0; k < last.features; ++k) {
      const float own = weight(last, k, label);
      for (int c = 0; c < classes; ++c) {
        const float more = weight(last, k, c) - own;
        row[c] += box.centres[k] * more + box.radii[k] * std::abs(more);
      }
    }
  });
}

void worst_case_backward(float* d_bounds, float* d_kernel, float* d_bias, const float* d_worst,
                         const float* bounds, const LastLayer& last, const Labels& labels) {
  const int n = static_cast<int>(labels.size()), classes = last.classes;
  const auto label_of = [&](int i) { return labels[static_cast<std::size_t>(i)]; };
  // Each feature's numbers are one task's, so that every sum runs over the images in order.
  parallel_for(last.features, [&](int k) {
    for (int i = 0; i < n; ++i) {
      const int label = label_of(i);
      const Box box(bounds, i, last.features);
      const float* d = d_worst + std::ptrdiff_t{i} * classes;
      const float own = weight(last, k, label), centre = box.centres[k], radius = box.radii[k];
      float d_centre = 0, d_radius = 0, of_label = 0;
      for (int c = 0; c < classes; ++c) {
        const float more = weight(last, k, c) - own;
        d_centre += d[c] * more;
        d_radius += d[c] * std::abs(more);
        const float d_more = d[c] * (centre + radius * sign_of(more));
        of_label += d_more;
        if (d_kernel != nullptr) d_kernel[std::ptrdiff_t{k} * classes + c] += d_more;
      }
      if (d_kernel != nullptr) d_kernel[std::ptrdiff_t{k} * classes + label] -= of_label;
      float* to = d_bounds + std::ptrdiff_t{2} * i * last.features;
      to[k] = d_centre;
      to[last.features + k] = d_radius;
    }
  });
  for (int i = 0; i < n && d_bias != nullptr; ++i) {
    for (int c = 0; c < classes; ++c) {
      d_bias[c] += d_worst[i * classes + c];
      d_bias[label_of(i)] -= d_worst[i * classes + c];
    }
  }
}

void margin_rows(Matrix& rows, const LastLayer& last, const Labels& labels) {
  const int each = last.classes - 1;
  rows.resize(static_cast<Eigen::Index>(labels.size()) * each, last.features);
  parallel_for(static_cast<int>(rows.rows()), [&](int row) {
    const int label = labels[static_cast<std::size_t>(row / each)];
    const int c = margin_class(row % each, label);
    for (int k = 0; k < last.features; ++k) {
      rows(row, k) = weight(last, k, c) - weight(last, k, label);
    }
  });
}

void margin_rows_backward(float* d_kernel, const Matrix& d_rows, const LastLayer& last,
                          const Labels& labels) {
  if (d_kernel == nullptr) return;
  const int each = last.classes - 1;
  parallel_for(last.features, [&](int k) {
    float* d = d_kernel + std::ptrdiff_t{k} * last.classes;
    for (int row = 0; row < static_cast<int>(d_rows.rows()); ++row) {
      const int label = labels[static_cast<std::size_t>(row / each)];
      d[margin_class(row % each, label)] += d_rows(row, k);
      d[label] -= d_rows(row, k);
    }
  });
}

int count_certified(const float* worst, int classes, const Labels& labels) {
  int certified = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const float* row = worst + i * static_cast<std::size_t>(classes);
    bool holds = true;
    for (int c = 0; c < classes; ++c) holds = holds && (c == labels[i] || row[c] < 0);
    certified += holds ? 1 : 0;
  }
  return certified;
}

}  // namespace inoculate
