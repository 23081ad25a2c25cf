// The shared network and test images of the sample, for tests of what attacks reach on real digits.
#pragma once

#include "attack/carlini_wagner.h"
#include "attack/registry.h"
#include "catch.h"
#include "data/dataset.h"
#include "golden_files.h"
#include "model/network_classifier.h"
#include "paths.h"
#include "train/model_file.h"

namespace inoculate {

// As many as show that it works where all takes longer; the native build says what share it is of.
#if defined(INOCULATE_SANITIZED) || defined(__EMSCRIPTEN__)
inline constexpr int kStandardImages = 20;
#else
inline constexpr int kStandardImages = 120;
#endif

/// The first `count` test images of the sample that assets/standard.safetensors reads rightly.
struct StandardScene {
  Network network;
  NetworkClassifier model{network};
  Matrix images;
  Labels labels;

  explicit StandardScene(int count) : network(load_network()) {
    const std::string base = in_sample("/t10k-");
    const std::string pixels = base + "images-idx3-ubyte", classes = base + "labels-idx1-ubyte";
    const Dataset all =
        slice(make_dataset(read_whole_file(pixels), pixels, read_whole_file(classes), classes), 0,
              count + count / 10 + 5);
    std::vector<std::int32_t> indices(static_cast<std::size_t>(all.size()));
    for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<std::int32_t>(i);
    Matrix every;
    gather(all, indices, every, labels);
    const Labels read = most_likely(model.logits(every));
    std::vector<int> rows;
    for (std::size_t i = 0; i < read.size() && rows.size() < static_cast<std::size_t>(count); ++i) {
      if (read[i] == labels[i]) rows.push_back(static_cast<int>(i));
    }
    images = rows_of(every, rows);
    labels = labels_of(labels, rows);
    REQUIRE(images.rows() == count);
  }

  AttackTask task(const ThreatModel& threat, const Criterion& criterion = {}) const {
    return {model, images, labels, threat, criterion};
  }

 private:
  static Network load_network() {
    const std::string path = in_source("/assets/standard.safetensors");
    return network_of(parse_safetensors(read_whole_file(path), path), path);
  }
};

/// The attack of that name with its own settings, but Carlini and Wagner's, which has large steps:
/// a fifteenth of its work.
inline AttackResult run_attack(const AttackTask& task, const std::string& name) {
  if (name == "cw") {
    CarliniWagnerOptions quick;
    quick.first_constant = 1;
    quick.searches = 5;
    quick.steps = 120;
    quick.step_size = 0.05F;
    return carlini_wagner(task, quick);
  }
  const AttackMethod* method = find_attack(name);
  REQUIRE(method != nullptr);
  Rng rng(1);
  return method->run(task, {}, rng, nullptr);
}

}  // namespace inoculate
