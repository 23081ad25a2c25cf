#include "web/app/attack_json.h"

#include "web/lab/json_reader.h"

namespace inoculate::page {

bool is_live_attack(const std::string& method) {
  return method == "fgsm" || method == "bim" || method == kLineAttack;
}

Json to_json(const AttackSettings& s) {
  return {{"method", s.method},
          {"epsilon", s.epsilon},
          {"steps", s.steps},
          {"target", s.target ? Json(*s.target) : Json()},
          {"loss", s.loss == Loss::kCrossEntropy ? "crossentropy" : "mse"},
          {"seed", s.seed}};
}

AttackSettings attack_settings(const Json& json) {
  AttackSettings s;
  JsonReader reader(json, "attack");
  reader.string("method", s.method);
  if (!is_live_attack(s.method)) reader.fail("method must be fgsm, bim or line");
  reader.number("epsilon", s.epsilon, 0, kLargestEpsilon);
  reader.integer("steps", s.steps, 1, kMostSteps);
  int target = -1;
  reader.integer("target", target, 0, 9);
  if (target >= 0) s.target = target;
  std::string loss = "crossentropy";
  reader.string("loss", loss);
  if (loss != "crossentropy" && loss != "mse") reader.fail("loss must be crossentropy or mse");
  s.loss = loss == "mse" ? Loss::kMeanSquaredError : Loss::kCrossEntropy;
  reader.integer("seed", s.seed);
  reader.finish();
  return s;
}

Json to_json(const Reading& reading) {
  return {{"digit", reading.best()},
          {"confidence", reading.confidence()},
          {"probabilities", reading.probabilities}};
}

Json to_json(const AttackOutcome& outcome) {
  return {{"label", outcome.label},
          {"success", outcome.success},
          {"prediction", to_json(outcome.adversary.reading)},
          {"probabilities", outcome.adversary.reading.probabilities},
          {"noise", to_json(outcome.noise.reading)},
          {"linf", outcome.largest_change},
          {"l2", outcome.l2}};
}

}  // namespace inoculate::page
