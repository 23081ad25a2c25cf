#include "native/fit_model.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include "base/error.h"
#include "fit/decision_tree.h"
#include "fit/linear_fit.h"
#include "model/neighbours_file.h"
#include "native/commands.h"
#include "native/output.h"
#include "native/progress.h"
#include "native/text.h"

namespace inoculate {
namespace {

constexpr int kMost = 1'000'000'000;

JsonModel fit_linear_model(const FitSettings& settings, const LabelledImages& data,
                           const Shape& input, int classes, Progress& progress) {
  LinearFitOptions options;
  const bool is_svm = settings.kind == "svm";
  options.loss = is_svm ? LinearLoss::kSquaredHinge : LinearLoss::kLogistic;
  options.c = settings.c.value_or(is_svm ? kSvmC : kLogisticC);
  options.steps = settings.steps.value_or(options.steps);
  LinearFit fit = fit_linear(data.images, data.labels, input, classes, options,
                             [&](int step, double /*largest*/) {
                               progress.step(step, options.steps);
                               return true;
                             });
  progress.done(std::to_string(fit.steps) + " steps, objective " + fixed(fit.objective, 6));
  if (!fit.converged) {
    tell_warning("the optimiser has not ended after " + std::to_string(fit.steps) +
                 " steps; allow it more by --steps, or give a smaller --c");
  }
  return {std::move(fit.model), {}, {}};
}

JsonModel fit_tree_model(const FitSettings& settings, const LabelledImages& data,
                         const Shape& input, int classes, Progress& progress) {
  Tree tree = fit_tree(
      data.images, data.labels, input, classes,
      {settings.depth.value_or(0), settings.leaves.value_or(0), settings.leaf_images.value_or(1)});
  progress.done(std::to_string(tree.nodes.size() / 2 + 1) + " leaves");
  return {std::move(tree), {}, {}};
}

}  // namespace

void add_fit_options(Command command, FitSettings& settings) {
  command
      .add_option("--c", settings.c,
                  "logistic, svm: weight of the images' loss against the size of the weights; if "
                  "not given " +
                      number(kLogisticC) + " and " + number(kSvmC))
      .number_within(1e-9, 1e9);
  const auto add = [&](const char* name, std::optional<int>& value, const std::string& text,
                       int least) { command.add_option(name, value, text).within(least, kMost); };
  add("--steps", settings.steps, "logistic, svm: of L-BFGS, at most; if not given 1000", 1);
  add("--depth", settings.depth, "tree: questions on the way to a leaf, at most", 1);
  add("--leaves", settings.leaves, "tree: leaves at most; the best questions are asked first", 2);
  add("--leaf-images", settings.leaf_images, "tree: training images of a leaf, at least", 1);
  add("--neighbours", settings.neighbours,
      "knn: how many are asked; if not given " + std::to_string(Neighbours{}.k), 1);
}

void require_heeded(const FitSettings& settings) {
  const auto refuse = [&](const char* option, bool given, std::initializer_list<const char*> of) {
    const auto heeds = [&](const char* kind) { return settings.kind == kind; };
    if (!given || std::any_of(of.begin(), of.end(), heeds)) return;
    throw UsageError(std::string(option) + " means nothing for the kind " + settings.kind);
  };
  refuse("--c", settings.c.has_value(), {"logistic", "svm"});
  refuse("--steps", settings.steps.has_value(), {"logistic", "svm"});
  refuse("--depth", settings.depth.has_value(), {"tree"});
  refuse("--leaves", settings.leaves.has_value(), {"tree"});
  refuse("--leaf-images", settings.leaf_images.has_value(), {"tree"});
  refuse("--neighbours", settings.neighbours.has_value(), {"knn"});
}

FittedModel fit_model(const FitSettings& settings, LabelledImages data, const Shape& input,
                      int classes) {
  const Labels& labels = data.labels;
  if (std::all_of(labels.begin(), labels.end(),
                  [&](std::int32_t label) { return label == labels.front(); })) {
    throw Error("the training images are all of class " + std::to_string(labels.front()) +
                "; a classifier is fitted on two classes or more");
  }
  Progress progress(std::cerr, stderr_style());
  progress.begin(settings.kind);
  if (settings.kind == "knn") {
    const int k = settings.neighbours.value_or(Neighbours{}.k);
    if (static_cast<std::size_t>(k) > labels.size()) {
      throw UsageError("--neighbours " + std::to_string(k) + ": there are only " +
                       std::to_string(labels.size()) + " training images");
    }
    progress.pause();
    return Neighbours{input, classes, k, std::move(data.images), std::move(data.labels)};
  }
  if (settings.kind == "tree") return fit_tree_model(settings, data, input, classes, progress);
  return fit_linear_model(settings, data, input, classes, progress);
}

Bytes file_of(const FittedModel& model, std::map<std::string, std::string> metadata) {
  if (const auto* neighbours = std::get_if<Neighbours>(&model)) {
    return write_neighbours(*neighbours, std::move(metadata));
  }
  JsonModel json = std::get<JsonModel>(model);
  json.metadata = std::move(metadata);
  return write_model_json(json);
}

std::unique_ptr<Classifier> classifier_of(FittedModel model, const std::string& name) {
  if (auto* neighbours = std::get_if<Neighbours>(&model)) {
    return std::make_unique<NeighboursClassifier>(std::move(*neighbours), name);
  }
  return classifier_of(std::get<JsonModel>(std::move(model)), name);
}

}  // namespace inoculate
