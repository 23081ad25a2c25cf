#include "web/attack/live_attack.h"

#include <cassert>

#include "attack/fgsm.h"
#include "attack/pgd.h"
#include "base/rng.h"

namespace inoculate::page {
namespace {

// Steps that together could go twice as far as epsilon, as foolbox's ten of a fifth.
constexpr float kBimReach = 2;

constexpr int kScanStep = 10;  // thousandths of epsilon

Picture with_line(const Picture& picture, const std::vector<Stroke>& line) {
  Picture changed = picture;
  draw_strokes(changed, kPictureSide, line);
  return changed;
}

Matrix bim(const AttackTask& task, const AttackSettings& settings) {
  PgdOptions options = bim_options();
  options.loss = settings.loss;
  options.steps = settings.steps;
  options.step_size = kBimReach / static_cast<float>(settings.steps);
  Rng rng(settings.seed);  // it takes no random numbers
  return pgd_iterates(task, options, rng);
}

}  // namespace

Picture live_adversary(const Classifier& model, const Picture& picture, int label,
                       const AttackSettings& settings, float epsilon) {
  assert(page_method(settings.method).live());
  if (settings.method == kLineAttack) return with_line(picture, settings.line);

  const Eigen::Map<const Matrix> image(picture.data(), 1, kPictureSize);
  const Labels labels{label};
  AttackTask task{model, image, labels, {}, {}};
  task.threat.epsilon = epsilon;
  if (settings.target) task.criterion.target = *settings.target;
  const Matrix adversary =
      settings.method == "fgsm" ? fgsm(task, settings.loss).adversaries : bim(task, settings);
  return {adversary.data(), adversary.data() + kPictureSize};
}

AttackCalls live_calls(const AttackSettings& settings) {
  const PageMethod& method = page_method(settings.method);
  return {0, method.has(kStepsKnob) ? settings.steps : method.gradients ? 1 : 0};
}

AttackOutcome attack_live(const Classifier& model, const Picture& picture, int label,
                          const AttackSettings& settings) {
  return judge(model, picture, label,
               live_adversary(model, picture, label, settings, settings.epsilon),
               live_calls(settings), settings);
}

std::optional<float> smallest_epsilon(const Classifier& model, const Picture& picture, int label,
                                      const AttackSettings& settings) {
  const auto succeeds = [&](float epsilon) {
    const Picture adversary = as_saved(live_adversary(model, picture, label, settings, epsilon),
                                       picture, settings, epsilon);
    return is_success(read_picture(model, adversary), label, settings);
  };
  const auto thousandths = [](int k) { return static_cast<float>(k) / 1000; };
  for (int high = 0; thousandths(high) <= kLargestEpsilon; high += kScanStep) {
    if (!succeeds(thousandths(high))) continue;
    int low = high - kScanStep;
    while (high > 0 && high - low > 1) {
      const int middle = (low + high) / 2;
      (succeeds(thousandths(middle)) ? high : low) = middle;
    }
    return thousandths(high);
  }
  return std::nullopt;
}

}  // namespace inoculate::page
