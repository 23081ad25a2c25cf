// Signs that a network only looks robust: gradients that hide, attacks that fail for their own
// reasons.
//
// Athalye, Carlini & Wagner, "Obfuscated Gradients Give a False Sense of Security", 2018, section
// 3.1; Carlini et al., "On Evaluating Adversarial Robustness", 2019, section 5.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluate/robustness.h"

namespace inoculate {

/// A sign to look for: its key, what would be seen, and what that would mean.
struct AlarmKind {
  const char* name;
  const char* sign;
  const char* meaning;
};

/// All of them.
std::span<const AlarmKind> alarm_kinds();

/// Whether a judgement of such a model by this suite can show the sign: black boxes can only beat
/// white boxes where both are there (in a cascade where they come last, since what they fool is
/// attacked no more), and PGD is only asked in L-inf and L2, where there is an epsilon to keep
/// to; some need gradients, others logits.
bool can_ring(const AlarmKind& kind, const ModelSpec& model, const std::vector<JudgedAttack>& suite,
              const JudgeOptions& options);

/// One sign, in words: what was seen, and what it means.
struct Alarm {
  std::string name;  ///< a key such as "black-box-beats-white-box"
  std::string text;
};

/// What a few looks at a model itself show, of each of the first images.
struct Looks {
  int n = 0;                   ///< images looked at
  bool probabilities = false;  ///< whether the logits of all of them look like probabilities
  int dead = 0;                ///< images without any gradient
  /// How many of them FGSM fools, PGD, and PGD at twice epsilon.
  struct Attacked {
    int fgsm = 0, pgd = 0, pgd_further = 0;
  };
  std::optional<Attacked> attacked;  ///< where PGD can be asked
};

/// Looks at a model on at most `probes` images, the first of those to be judged; at one that gives
/// no gradients there is nothing to see.
std::optional<Looks> look_at(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                             const JudgeOptions& options, int probes = 200);

/// What of all signs the verdict and the looks show; `doubt` says what doubt_data() does, and is
/// asked only where images are read poorly. Small differences, within what chance makes, ring
/// nothing.
std::vector<Alarm> find_alarms(const ModelSpec& model, const std::vector<JudgedAttack>& suite,
                               const Verdict& verdict, const JudgeOptions& options,
                               const std::optional<Looks>& looks,
                               const std::function<std::optional<std::string>()>& doubt);

/// Looks for all of them in a verdict on these images, and by looks of its own at the model.
std::vector<Alarm> find_alarms(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                               const std::vector<JudgedAttack>& suite, const Verdict& verdict,
                               const JudgeOptions& options, int probes = 200);

}  // namespace inoculate
