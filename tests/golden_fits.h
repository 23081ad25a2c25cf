// The images that scikit-learn was fitted on for tests/golden/fits, and those it was asked.
#pragma once

#include "data/idx.h"
#include "golden_images.h"
#include "paths.h"

namespace inoculate {

struct FitData {
  Matrix images;  // [2000, 784]
  Labels labels;
};

/// The first 2,000 images of the sample that are not golden ones (every seventh).
inline FitData fit_data() {
  const IdxImages all =
      parse_idx_images(read_whole_file(in_sample("/sample-images-idx3-ubyte")), "the sample");
  const Labels labels =
      parse_idx_labels(read_whole_file(in_sample("/sample-labels-idx1-ubyte")), "the sample");
  FitData data{Matrix(2000, 784), {}};
  for (std::size_t i = 0; data.labels.size() < 2000; ++i) {
    if (i % 7 == 0) continue;
    const auto row = static_cast<Eigen::Index>(data.labels.size());
    for (Eigen::Index p = 0; p < 784; ++p) {
      data.images(row, p) =
          static_cast<float>(all.pixels[784 * i + static_cast<std::size_t>(p)]) / 255;
    }
    data.labels.push_back(labels[i]);
  }
  return data;
}

/// What scikit-learn's estimator reads in the first 1,000 golden images.
inline Labels golden_readings(const std::string& estimator) {
  Labels labels;
  for (const char digit :
       golden_json("fits/summary.json").at(estimator).at("labels").get<std::string>()) {
    labels.push_back(digit - '0');
  }
  return labels;
}

/// How many of two lists of readings are the same.
inline int agreeing(const Labels& a, const Labels& b) {
  int same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) same += a[i] == b.at(i);
  return same;
}

}  // namespace inoculate
