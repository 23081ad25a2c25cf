#include "native/robustness_text.h"

#include <algorithm>
#include <ostream>

#include "native/files.h"
#include "native/png.h"
#include "native/text.h"
#include "native/threat_options.h"
#include "pictures/curves.h"

namespace inoculate {
namespace {

// The share that is left after an attack; none where there was nothing to attack.
std::string left_text(const Verdict& verdict, int left) {
  return verdict.nothing_to_judge() ? "-" : share_text(left, verdict.n);
}

void print_models(std::ostream& out, const RobustnessRun& run) {
  std::vector<std::vector<std::string>> rows{{"accuracy [95 % interval]"}, {"clean"}};
  for (const JudgedModel& model : run.models) {
    rows[0].push_back(model.name);
    rows[1].push_back(share_text(model.verdict.clean, model.verdict.n));
  }
  const auto add = [&](const std::string& what, const auto& left) {
    rows.push_back({what});
    for (const JudgedModel& model : run.models) {
      rows.back().push_back(left_text(model.verdict, left(model.verdict)));
    }
  };
  // The same as they are stored; adversaries on levels already do not change by that.
  const auto add_both = [&](const std::string& what, const auto& left, const auto& stored_left) {
    add(what, left);
    if (!run.judging.quantise) add("  as 8-bit pictures", stored_left);
  };
  for (std::size_t k = 0; k < run.suite.size(); ++k) {
    add_both((run.judging.cascade && k > 0 ? "then " : "") + std::string(run.suite[k].method->name),
             [k](const Verdict& v) { return v.attacks[k].withstood; },
             [k](const Verdict& v) { return v.attacks[k].stored_withstood; });
  }
  if (run.certificate != nullptr) {
    rows.push_back({certified_words(run)});
    for (const JudgedModel& model : run.models) {
      rows.back().push_back(share_text(model.proven->certified, model.verdict.n));
    }
  }
  add_both(
      "worst case", [](const Verdict& v) { return v.worst_case; },
      [](const Verdict& v) { return v.stored_worst_case; });
  print_table(out, rows);
}

void print_costs(std::ostream& out, const JudgedModel& model) {
  std::vector<std::vector<std::string>> rows{{"attack on " + model.name, "images", "mean distance",
                                              "forward an image", "gradient an image", "seconds"}};
  for (const AttackScore& s : model.verdict.attacks) {
    const double tried = std::max(1, s.tried);
    rows.push_back({s.name, std::to_string(s.tried),
                    s.withstood == s.tried ? "-" : fixed(s.mean_distance, 4),
                    fixed(static_cast<double>(s.forward_calls) / tried, 1),
                    fixed(static_cast<double>(s.gradient_calls) / tried, 1), fixed(s.seconds, 1)});
  }
  out << '\n';
  print_table(out, rows);
}

}  // namespace

std::string settings_text(const RobustnessRun& run) {
  const ThreatModel& threat = run.judging.threat;
  return norm_words(threat.norm) + ", epsilon " + number(static_cast<double>(threat.epsilon)) +
         (run.judging.quantise ? ", on 256 levels, " : ", ") + run.suite_name + " attacks, " +
         std::to_string(run.n) + " " + image_words(run) + ", seed " +
         std::to_string(run.judging.seed);
}

void print_robustness(std::ostream& out, const RobustnessRun& run) {
  out << settings_text(run) << "\n\n";
  print_models(out, run);
  for (const JudgedModel& model : run.models) print_costs(out, model);
  for (const JudgedModel& model : run.models) {
    for (const Alarm& a : model.alarms) {
      out << "\nALARM " << model.name << ": " << a.name << ": " << a.text << '\n';
    }
    if (model.verdict.nothing_to_judge()) {
      out << "\nnothing to judge: " << model.name << " reads none of the images correctly\n";
    } else if (model.alarms.empty()) {
      out << "\nno alarm: " << model.name << '\n';
    }
  }
  for (const JudgedModel& model : run.models) {
    if (!model.proven) continue;
    const int broken = model.verdict.n - model.verdict.worst_case;
    out << '\n'
        << model.name << ": proven " << model.proven->certified << ", broken " << broken
        << ", open " << model.verdict.worst_case - model.proven->certified << " of "
        << model.verdict.n << " images\n";
  }
  for (const std::string& gap : judgement_gaps(run)) out << '\n' << gap << '\n';
}

void write_curves(const RobustnessRun& run, const std::string& path) {
  std::string csv = "epsilon";
  for (const JudgedModel& model : run.models) csv += "," + model.name;
  for (const JudgedModel& model : run.models) {
    if (model.proven) csv += "," + model.name + " certified";
  }
  csv += "\n";
  const std::vector<double> x(run.epsilons.begin(), run.epsilons.end());
  for (std::size_t i = 0; i < x.size(); ++i) {
    csv += fixed(x[i], 3);
    for (const JudgedModel& model : run.models) csv += "," + fixed(model.curve[i], 4);
    for (const JudgedModel& model : run.models) {
      if (model.proven) csv += "," + fixed(model.proven->curve[i], 4);
    }
    csv += "\n";
  }
  write_file_atomically(path + ".csv", Bytes(csv.begin(), csv.end()));
  Chart chart{std::string("Accuracy under ") + curve_attack(run.judging.threat.norm) + ", 20 steps",
              "epsilon",
              "accuracy",
              {},
              std::pair{0.0, 1.0}};
  for (const JudgedModel& model : run.models) {
    chart.curves.push_back({model.name, model.curve, x});
  }
  for (const JudgedModel& model : run.models) {
    if (model.proven) chart.curves.push_back({model.name + " certified", model.proven->curve, x});
  }
  write_file_atomically(path + ".png", write_png(draw_charts({chart})));
}

}  // namespace inoculate
