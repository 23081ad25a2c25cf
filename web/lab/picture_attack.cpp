#include "web/lab/picture_attack.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "attack/deepfool.h"
#include "attack/jsma.h"
#include "attack/line.h"
#include "attack/nes.h"
#include "attack/noise.h"
#include "attack/pgd.h"
#include "attack/spatial.h"
#include "attack/square.h"
#include "web/attack/live_attack.h"
#include "web/json/json_reader.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

// The attack behind a method of the page. These are named one by one, because attack/registry.h
// would bring all other attacks into the module, and with them the engine for networks of files.
const AttackMethod& engine_of(const PageMethod& method) {
  static const std::array engines{pgd_method(),    deepfool_method(), jsma_pairs_method(),
                                  square_method(), nes_method(),      uniform_noise_method(),
                                  line_method(),   spatial_method()};
  return *std::find_if(engines.begin(), engines.end(),
                       [&](const AttackMethod& m) { return method.engine == std::string(m.name); });
}

constexpr float kPgdReach = 2.5F;  // Madry et al. 2018: the steps together, in epsilons
constexpr std::size_t kMostEpsilons = 100;

ThreatModel threat_of(const PageMethod& method, const AttackSettings& settings, float epsilon) {
  ThreatModel threat;
  threat.norm = method.norm;
  threat.epsilon = method.has(kEpsilonKnob)  ? epsilon
                   : method.has(kPixelsKnob) ? static_cast<float>(settings.pixel_budget)
                                             : std::numeric_limits<float>::infinity();
  return threat;
}

AttackOptions options_of(const PageMethod& method, const AttackSettings& settings, float epsilon) {
  AttackOptions options;
  options.loss = settings.loss;
  if (method.has(kQueriesKnob)) options.queries = settings.queries;
  if (method.has(kStepsKnob)) {
    options.steps = settings.steps;
    options.step_size = kPgdReach * epsilon / static_cast<float>(settings.steps);
  }
  return options;
}

}  // namespace

Json to_json(const PictureAttack& attack) {
  return {{"settings", to_json(attack.settings)},
          {"picture", attack.picture},
          {"label", attack.label},
          {"epsilons", attack.epsilons}};
}

PictureAttack picture_attack(const Json& json) {
  PictureAttack attack;
  JsonReader reader(json, "attack");
  const Json* settings = reader.find("settings");
  if (settings == nullptr) reader.fail(texts::messages::no_settings);
  attack.settings = attack_settings(*settings);
  if (attack.settings.method == kLineAttack) reader.fail(texts::messages::line_by_hand);
  reader.numbers("picture", attack.picture, 0, 1, kPictureSize);
  if (attack.picture.size() != kPictureSize) reader.fail(texts::messages::picture_size);
  reader.integer("label", attack.label, 0, kDigits - 1);
  reader.numbers("epsilons", attack.epsilons, 0, kLargestEpsilon, kMostEpsilons);
  if (attack.epsilons.empty()) reader.fail(texts::scripts::no_epsilons);
  reader.finish();
  return attack;
}

Adversary attack_picture(const Classifier& model, const PictureAttack& attack, float epsilon,
                         const OnAttackProgress& on_progress) {
  const PageMethod& method = page_method(attack.settings.method);
  if (method.live()) {
    return {live_adversary(model, attack.picture, attack.label, attack.settings, epsilon),
            live_calls(attack.settings)};
  }
  const Eigen::Map<const Matrix> image(attack.picture.data(), 1, kPictureSize);
  const Labels labels{attack.label};
  AttackTask task{model, image, labels, threat_of(method, attack.settings, epsilon), {}};
  if (attack.settings.target) {
    task.criterion.target = *attack.settings.target;
  }
  Rng rng(attack.settings.seed);
  const AttackResult result =
      engine_of(method).run(task, options_of(method, attack.settings, epsilon), rng, on_progress);
  const float* pixels = result.adversaries.data();
  return {{pixels, pixels + kPictureSize}, result.calls[0]};
}

}  // namespace inoculate::page
