// inoculate robustness: models judged by several attacks at once, side by side.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "evaluate/alarms.h"
#include "evaluate/robustness.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/interrupt.h"
#include "native/mnist.h"
#include "native/model.h"
#include "native/png.h"
#include "native/progress.h"
#include "native/text.h"
#include "native/threat_options.h"
#include "pictures/curves.h"

namespace inoculate {
namespace {

struct Options {
  std::vector<std::string> models;
  std::string data;
  float epsilon = 0.1F;
  std::string norm = "linf";
  std::string attacks = "standard";
  int count = 1000;
  bool cascade = false;
  std::string curve;
};

// One model with all that was found of it.
struct Judged {
  std::string name;
  Verdict verdict;
  std::vector<Alarm> alarms;
  std::vector<double> curve;
};

std::string share_text(int part, int n) {
  const Interval interval = wilson_interval(part, n);
  return percent(static_cast<double>(part) / n) + " [" + fixed(100 * interval.low, 2) + ", " +
         fixed(100 * interval.high, 2) + "]";
}

Verdict judge(const Network& network, const LabelledImages& test,
              const std::vector<JudgedAttack>& suite, const JudgeOptions& options,
              const std::string& name) {
  const InterruptGuard guard;
  Progress progress(std::cerr, stderr_style());
  std::string running;
  Verdict verdict = judge_robustness(network, test.images, test.labels, suite, options,
                                     [&](const std::string& attack, const AttackProgress& p) {
                                       if (attack != running) progress.begin(name + " " + attack);
                                       running = attack;
                                       progress.step(p.done, p.total);
                                       return !InterruptGuard::interrupted();
                                     });
  progress.pause();
  if (verdict.cancelled) throw Interrupted("interrupted; nothing was written");
  return verdict;
}

// Epsilons of the curve: to 0.5 in L-inf as the book has it, to 5 in L2.
std::vector<float> curve_epsilons(Norm norm) {
  std::vector<float> epsilons;
  for (int i = 0; i <= 20; ++i) {
    epsilons.push_back(static_cast<float>(i) * (norm == Norm::kLinf ? 0.025F : 0.25F));
  }
  return epsilons;
}

void write_curves(const std::vector<Judged>& all, const std::vector<float>& epsilons,
                  const std::string& path) {
  std::string csv = "epsilon";
  for (const Judged& model : all) csv += "," + model.name;
  csv += "\n";
  std::vector<double> x(epsilons.begin(), epsilons.end());
  for (std::size_t i = 0; i < x.size(); ++i) {
    csv += fixed(x[i], 3);
    for (const Judged& model : all) csv += "," + fixed(model.curve[i], 4);
    csv += "\n";
  }
  write_file_atomically(path + ".csv", Bytes(csv.begin(), csv.end()));
  Chart chart{"Accuracy under PGD, 20 steps", "epsilon", "accuracy", {}, std::pair{0.0, 1.0}};
  for (const Judged& model : all) chart.curves.push_back({model.name, model.curve, x});
  write_file_atomically(path + ".png", write_png(draw_charts({chart})));
}

void print_models(const std::vector<Judged>& all, bool cascade) {
  std::vector<std::vector<std::string>> rows{{"accuracy [95 % interval]"}, {"clean"}};
  for (const Judged& model : all) {
    rows[0].push_back(model.name);
    rows[1].push_back(share_text(model.verdict.clean, model.verdict.n));
  }
  const Verdict& first = all.front().verdict;
  for (std::size_t k = 0; k < first.attacks.size(); ++k) {
    rows.push_back({(cascade && k > 0 ? "then " : "") + first.attacks[k].name});
    for (const Judged& model : all) {
      rows.back().push_back(share_text(model.verdict.attacks[k].withstood, model.verdict.n));
    }
  }
  rows.push_back({"worst case"});
  for (const Judged& model : all) {
    rows.back().push_back(share_text(model.verdict.worst_case, model.verdict.n));
  }
  print_table(std::cout, rows);
}

void print_costs(const Judged& model) {
  std::vector<std::vector<std::string>> rows{{"attack on " + model.name, "images", "mean distance",
                                              "forward an image", "gradient an image", "seconds"}};
  for (const AttackScore& s : model.verdict.attacks) {
    const double tried = std::max(1, s.tried);
    rows.push_back({s.name, std::to_string(s.tried),
                    s.withstood == s.tried ? "-" : fixed(s.mean_distance, 4),
                    fixed(static_cast<double>(s.forward_calls) / tried, 1),
                    fixed(static_cast<double>(s.gradient_calls) / tried, 1), fixed(s.seconds, 1)});
  }
  std::cout << '\n';
  print_table(std::cout, rows);
}

Json to_json(const Judged& model) {
  const Verdict& v = model.verdict;
  const auto interval = [](const Interval& i) { return Json{i.low, i.high}; };
  Json json{{"model", model.name},
            {"n", v.n},
            {"clean", static_cast<double>(v.clean) / v.n},
            {"clean_interval", interval(v.clean_interval())},
            {"worst_case", v.worst_case_accuracy()},
            {"worst_case_interval", interval(v.worst_case_interval())},
            {"attacks", Json::array()},
            {"alarms", Json::array()}};
  for (std::size_t k = 0; k < v.attacks.size(); ++k) {
    const AttackScore& s = v.attacks[k];
    json["attacks"].push_back({{"attack", s.name},
                               {"tried", s.tried},
                               {"withstood", s.withstood},
                               {"accuracy", v.accuracy_after(k)},
                               {"mean_distance", s.mean_distance},
                               {"forward_calls", s.forward_calls},
                               {"gradient_calls", s.gradient_calls},
                               {"seconds", s.seconds}});
  }
  for (const Alarm& a : model.alarms)
    json["alarms"].push_back({{"name", a.name}, {"text", a.text}});
  if (!model.curve.empty()) json["curve"] = model.curve;
  return json;
}

std::string stem(const std::string& path) { return std::filesystem::path(path).stem().string(); }

void robustness(const Options& options, const CommonOptions& common) {
  if (!options.curve.empty()) {
    for (const char* ending : {".csv", ".png"}) require_writable(options.curve + ending);
  }
  const Norm norm = options.norm == "linf" ? Norm::kLinf : Norm::kL2;
  std::vector<JudgedAttack> suite;
  try {
    suite = attack_suite(options.attacks, norm);
  } catch (const Error& error) {
    throw UsageError("--attacks " + options.attacks + ": " + error.what());
  }
  std::vector<Network> networks;
  for (const std::string& path : options.models) networks.push_back(load_model(path));
  const Dataset all_test = load_split(find_data(options.data), Split::kTest);
  const LabelledImages test =
      all_images(options.count > 0 ? select(all_test, 0, options.count) : all_test);
  JudgeOptions judging;
  judging.threat.norm = norm;
  judging.threat.epsilon = options.epsilon;
  judging.seed = common.seed;
  judging.cascade = options.cascade;

  const std::vector<float> epsilons = curve_epsilons(norm);
  std::vector<Judged> all;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    Judged judged{stem(options.models[i]), {}, {}, {}};
    judged.verdict = judge(networks[i], test, suite, judging, judged.name);
    judged.alarms =
        find_alarms(networks[i], test.images, test.labels, suite, judged.verdict, judging);
    if (!options.curve.empty()) {
      judged.curve =
          robustness_curve(networks[i], test.images, test.labels, norm, epsilons, common.seed);
    }
    all.push_back(std::move(judged));
  }
  if (!options.curve.empty()) write_curves(all, epsilons, options.curve);
  if (common.json) {
    Json json{{"norm", options.norm},
              {"epsilon", options.epsilon},
              {"suite", options.attacks},
              {"seed", common.seed},
              {"models", Json::array()}};
    for (const Judged& model : all) json["models"].push_back(to_json(model));
    std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    return;
  }
  std::cout << (norm == Norm::kLinf ? "L-inf" : "L2") << ", epsilon "
            << number(static_cast<double>(options.epsilon)) << ", " << options.attacks
            << " attacks, " << test.images.rows() << " test images, seed " << common.seed << "\n\n";
  print_models(all, options.cascade);
  for (const Judged& model : all) print_costs(model);
  for (const Judged& model : all) {
    for (const Alarm& a : model.alarms) {
      std::cout << "\nALARM " << model.name << ": " << a.name << ": " << a.text << '\n';
    }
    if (model.alarms.empty()) std::cout << "\nno alarm: " << model.name << '\n';
  }
}

}  // namespace

void add_robustness(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *app.add_subcommand(
      "robustness", "Judge models by several attacks and by the worst of them for each image");
  command.add_option("--model", options->models, "Weights (.safetensors); several are compared")
      ->required();
  add_data_option(command, options->data);
  command.add_option("--epsilon", options->epsilon, "Size of the perturbation, in pixels of 0..1")
      ->check(number_within(0, 1000))
      ->capture_default_str();
  command.add_option("--norm", options->norm, "Norm of the perturbation: linf or l2")
      ->check(CLI::IsMember({"linf", "l2"}))
      ->capture_default_str();
  command
      .add_option("--attacks", options->attacks,
                  "standard (APGD, targeted APGD, DeepFool, Square), quick, or names with commas")
      ->capture_default_str();
  command.add_option("--count", options->count, "Only the first test images; 0: all")
      ->check(CLI::Range(0, kMostImages))
      ->capture_default_str();
  command.add_flag("--cascade", options->cascade,
                   "Attack only what withstood the attacks before; the worst case is the same");
  command.add_option("--curve", options->curve,
                     "Write accuracy over epsilon to this name with .csv and .png");
  add_common_options(command, common);
  command.callback([options, &common] { robustness(*options, common); });
}

}  // namespace inoculate
