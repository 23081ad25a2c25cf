#include "native/robustness_json.h"

#include "native/threat_options.h"

namespace inoculate {
namespace {

Json to_json(const Interval& interval) { return {interval.low, interval.high}; }

double share(int images, const Verdict& v) { return static_cast<double>(images) / v.n; }

Json to_json(const JudgedModel& model) {
  const Verdict& v = model.verdict;
  Json json{
      {"model", model.name},
      {"path", model.spec.name},
      {"n", v.n},
      {"clean", static_cast<double>(v.clean) / v.n},
      {"clean_interval", to_json(v.clean_interval())},
      {"judged", !v.nothing_to_judge()},
      {"worst_case", v.nothing_to_judge() ? Json() : Json(v.worst_case_accuracy())},
      {"worst_case_interval", v.nothing_to_judge() ? Json() : to_json(v.worst_case_interval())},
      {"stored_worst_case", v.nothing_to_judge() ? Json() : Json(share(v.stored_worst_case, v))},
      {"stored_worst_case_interval",
       v.nothing_to_judge() ? Json() : to_json(wilson_interval(v.stored_worst_case, v.n))},
      {"attacks", Json::array()},
      {"alarms", Json::array()}};
  for (std::size_t k = 0; k < v.attacks.size(); ++k) {
    const AttackScore& s = v.attacks[k];
    json["attacks"].push_back({{"attack", s.name},
                               {"tried", s.tried},
                               {"withstood", s.withstood},
                               {"accuracy", v.accuracy_after(k)},
                               {"stored_withstood", s.stored_withstood},
                               {"stored_accuracy", share(s.stored_withstood, v)},
                               {"mean_distance", s.mean_distance},
                               {"forward_calls", s.forward_calls},
                               {"gradient_calls", s.gradient_calls},
                               {"seconds", s.seconds}});
  }
  for (const Alarm& a : model.alarms) {
    json["alarms"].push_back({{"name", a.name}, {"text", a.text}});
  }
  if (!model.curve.empty()) json["curve"] = model.curve;
  if (model.proven) {
    const Proven& proven = *model.proven;
    json["certified"] = share(proven.certified, v);
    json["certified_interval"] = to_json(wilson_interval(proven.certified, v.n));
    json["open"] = share(v.worst_case - proven.certified, v);
    if (!proven.curve.empty()) json["certified_curve"] = proven.curve;
  }
  return json;
}

}  // namespace

Json to_json(const RobustnessRun& run) {
  Json json{{"norm", norm_name(run.judging.threat.norm)},
            {"epsilon", run.judging.threat.epsilon},
            {"suite", run.suite_name},
            {"seed", run.judging.seed},
            {"quantised", run.judging.quantise},
            {"gaps", judgement_gaps(run)}};
  if (run.certificate != nullptr) json["certified_by"] = run.certificate->name;
  if (!run.epsilons.empty()) json["curve_epsilons"] = run.epsilons;
  json["models"] = Json::array();
  for (const JudgedModel& model : run.models) json["models"].push_back(to_json(model));
  return json;
}

}  // namespace inoculate
