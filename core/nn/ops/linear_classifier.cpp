// LinearClassifier and Scaler of ai.onnx.ml: what skl2onnx makes of scikit-learn's linear models.
#include <algorithm>
#include <cmath>

#include "nn/ops/scikit_learn.h"

namespace inoculate {
namespace {

// The logarithm of the logistic function: logits whose softmax are the logistic's values, divided
// by their sum as scikit-learn divides them.
void log_logistic(const Pass& p) {
  for (std::size_t i = 0; i < p.n * p.out_size(); ++i) {
    const float x = p.in[0][i];
    p.out[i] = std::min(x, 0.0F) - std::log1p(std::exp(-std::abs(x)));
  }
}

void log_logistic_backward(const Pass& p) {
  for (std::size_t i = 0; i < p.n * p.out_size(); ++i) {
    p.d_in[0][i] += p.d_out[i] / (1 + std::exp(p.in[0][i]));
  }
}

const Kernel kLogLogistic{
    .forward = log_logistic, .backward = log_logistic_backward, .reads_in = true};

const std::vector<float>& numbers(const Import& import, const char* name) {
  static const std::vector<float> none;
  const OnnxAttribute* attribute = import.node().attribute(name);
  return attribute == nullptr ? none : attribute->numbers;
}

Value features_of(Import& import) {
  Value x = import.file_order(import.value(0));
  import.require(x.rank() == 2 && x.batch() == 0, "is given something else than [N, features]");
  return x;
}

}  // namespace

// coefficients [classes, features], intercepts [classes].
Value read_linear_classifier(Import& import) {
  const Value x = features_of(import);
  const auto features = static_cast<std::size_t>(x.dim(1));
  const std::vector<float>& coefficients = numbers(import, "coefficients");
  const std::size_t classes = coefficients.size() / features;
  import.require(classes >= 2 && classes * features == coefficients.size(),
                 "has coefficients of another size than two classes or more by its features");
  std::vector<float> bias = numbers(import, "intercepts");
  if (bias.empty()) bias.resize(classes);
  import.require(bias.size() == classes, "has another number of intercepts than of classes");
  const Sizes labels = import.integers("classlabels_ints");
  for (std::size_t k = 0; k < labels.size(); ++k) {
    import.require(labels.size() == classes && labels[k] == static_cast<std::int64_t>(k),
                   "has classes of other numbers than 0, 1, 2 and so on; export it fitted on such");
  }
  std::vector<float> kernel(coefficients.size());
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    kernel[i % features * classes + i / features] = coefficients[i];
  }
  Value scores = import.add(kDense, {x}, {x.dim(0), static_cast<std::int64_t>(classes)}, x.order,
                            {}, {import.weight("kernel", kernel), import.weight("bias", bias)});
  const std::string form = import.text("post_transform", "NONE");
  // Scores, and what a softmax is made of, are logits as they are.
  if (form == "NONE" || form == "SOFTMAX") return scores;
  import.require(form == "LOGISTIC", "gives its scores in a form that is not supported");
  return import.add(kLogLogistic, {scores}, scores.dims, scores.order);
}

// (x - offset) * scale, each one number or one a feature.
Value read_scaler(Import& import) {
  const Value x = features_of(import);
  const auto features = static_cast<std::size_t>(x.dim(1));
  const auto list = [&](const char* name, float otherwise) {
    std::vector<float> values = numbers(import, name);
    if (values.empty()) values = {otherwise};
    if (values.size() == 1) values.resize(features, values.front());
    import.require(values.size() == features, "has another number of scales than of features");
    return values;
  };
  const std::vector<float> offset = list("offset", 0), scale = list("scale", 1);
  std::vector<float> shift(features);
  for (std::size_t i = 0; i < features; ++i) {
    shift[i] = static_cast<float>(-static_cast<double>(offset[i]) * static_cast<double>(scale[i]));
  }
  return import.add(kAffine, {x}, x.dims, x.order, {},
                    {import.weight("scale", scale), import.weight("shift", shift)});
}

}  // namespace inoculate
