// A network and images to be judged, and attacks that say beforehand what they fool.
#pragma once

#include <string>
#include <vector>

#include "evaluate/alarms.h"
#include "evaluate/robustness.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"

namespace inoculate {

constexpr int kImages = 30;

/// A network with images of which it reads all but the first three right.
struct Scene {
  Network network;
  Matrix images;
  Labels labels;
  JudgeOptions options;

  explicit Scene(Network judged = random_network(tiny_network(0)))
      : network(std::move(judged)),
        images(RandomData(1).images(kImages, network.input_size())),
        labels(most_likely(NetworkClassifier(network).logits(images))) {
    for (std::size_t i = 0; i < 3; ++i) labels[i] = (labels[i] + 1) % 10;
    options.threat.epsilon = 0.02F;
  }
  Verdict judge(const std::vector<JudgedAttack>& suite) const {
    return judge_robustness(NetworkClassifier(network), images, labels, suite, options);
  }
  std::vector<std::string> alarms(const std::vector<JudgedAttack>& suite) const {
    std::vector<std::string> names;
    for (const Alarm& a :
         find_alarms(NetworkClassifier(network), images, labels, suite, judge(suite), options)) {
      names.push_back(a.name);
    }
    return names;
  }
};

/// Says by which attack an image falls: a stand-in for a method, whose adversaries are the images
/// themselves or, for every `stride`-th of its images, an image of another class.
template <int stride>
AttackResult fooling_every(const AttackTask& task, const AttackOptions&, Rng&,
                           const OnAttackProgress&) {
  AttackResult result;
  result.adversaries = task.images;
  for (int i = 0; i < task.size(); ++i) {
    result.success.push_back(i % stride == 0);
    result.distances.push_back(0.01F);
    result.calls.push_back({1, 2});
  }
  return result;
}

inline const AttackMethod kHalf{"half",          "", "", {Norm::kLinf}, Knowledge::kGradients, 0,
                                fooling_every<2>};
inline const AttackMethod kThird{
    "third", "", "", {Norm::kLinf}, Knowledge::kProbabilities, 0, fooling_every<3>};

}  // namespace inoculate
